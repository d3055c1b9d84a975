/* SPDX-License-Identifier: Apache-2.0 */
/* message.h: Python exceptions as one line for the host's errors. */
#ifndef CLUTCH_PYTHON_MESSAGE_H
#define CLUTCH_PYTHON_MESSAGE_H

#include <stddef.h>

/* Writes the formatted text and after it the type and text of the current exception, which is
 * cleared. GIL held. */
void message_of_exception(char *out, size_t size, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

#endif
