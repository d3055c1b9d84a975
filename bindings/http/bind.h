/* SPDX-License-Identifier: Apache-2.0 */
/* bind.h: a listening socket for an address such as 127.0.0.1:8080 or [::1]:8080. */
#ifndef HTTP_BIND_H
#define HTTP_BIND_H

#include <stddef.h>

/* Returns the socket, and in address what it is bound to; -1 after one line about what is wrong. */
int bind_listen(const char *wanted, char *address, size_t address_size, char *message, size_t size);

#endif
