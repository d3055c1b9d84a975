/* SPDX-License-Identifier: Apache-2.0 */
/* memory.c: allocation that ends the program when there is none left. */
#include "memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "print.h"

static void end_without_memory(void)
{
    print_notice("no memory left");
    exit(STATUS_ENGINE);
}

void *memory_grow(void *block, size_t bytes)
{
    void *grown = realloc(block, bytes);
    if (grown == NULL)
        end_without_memory();
    return grown;
}

char *memory_copy(const char *bytes, size_t length)
{
    char *copy = memory_grow(NULL, length + 1);
    memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}

char *memory_format(const char *format, ...)
{
    char *text = NULL;
    va_list values;
    va_start(values, format);
    int length = vasprintf(&text, format, values);
    va_end(values);
    if (length < 0)
        end_without_memory();
    return text;
}
