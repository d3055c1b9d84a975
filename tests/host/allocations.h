/* SPDX-License-Identifier: Apache-2.0 */
/* allocations.h: a malloc for one test program, which counts, and fails when it is told to.
 *
 * It takes the C library's place for everything in the program. Sanitizers have a malloc of their own: with
 * them nothing is counted, and nothing fails. */
#ifndef CLUTCH_TESTS_ALLOCATIONS_H
#define CLUTCH_TESTS_ALLOCATIONS_H

#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

static long left __attribute__((unused)) = -1; /* allocations until one fails; -1: none does */
static bool failed __attribute__((unused)); /* one has */
/* Allocated and not freed. */
static _Atomic long live __attribute__((unused)), live_bytes __attribute__((unused));

#if !defined(__SANITIZE_ADDRESS__)

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void __libc_free(void *memory);

static bool fails(void)
{
    if (left < 0 || left-- > 0)
        return false;
    failed = true;
    errno = ENOMEM;
    return true;
}

static void *counted(void *memory)
{
    live += memory != NULL;
    live_bytes += (long)malloc_usable_size(memory);
    return memory;
}

static void uncounted(void *memory)
{
    live -= memory != NULL;
    live_bytes -= (long)malloc_usable_size(memory);
}

void *malloc(size_t size)
{
    return fails() ? NULL : counted(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
    return fails() ? NULL : counted(__libc_calloc(count, size));
}

void *realloc(void *memory, size_t size)
{
    if (fails())
        return NULL;
    uncounted(memory);
    void *grown = __libc_realloc(memory, size);
    counted(grown ? grown : memory);
    return grown;
}

void free(void *memory)
{
    uncounted(memory);
    __libc_free(memory);
}

#endif

#endif
