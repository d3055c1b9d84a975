/* SPDX-License-Identifier: Apache-2.0 */
/* memory.h: allocation that ends the program when there is none left. The command owns its process;
 * the library, which does not, never does this. */
#ifndef CLI_MEMORY_H
#define CLI_MEMORY_H

#include <stddef.h>

/* As realloc. */
void *memory_grow(void *block, size_t bytes);

/* A copy of length bytes with a NUL after them. */
char *memory_copy(const char *bytes, size_t length);

/* As asprintf. */
char *memory_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
