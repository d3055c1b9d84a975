/* SPDX-License-Identifier: Apache-2.0 */
/* libraries.h: the template's shared libraries, in few mappings. */
#ifndef CLUTCH_PYTHON_LIBRARIES_H
#define CLUTCH_PYTHON_LIBRARIES_H

/* When the template is warm and has one thread, and no signal handler can run: brings what is loaded into
 * two mappings a library. What cannot be brought stays as it is. */
void libraries_merge(void);

#endif
