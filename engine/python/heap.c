/* SPDX-License-Identifier: Apache-2.0 */
/* heap.c: the template's heap, on few and large pages.
 *
 * fork(2) copies page tables, entry by entry: it takes as long as there are pages. So the arenas from which
 * CPython takes small objects lie in one region instead of being mapped one by one, and when all is
 * imported the kernel is asked to put that region, and malloc's heap, onto pages of 2 MiB. A sandbox
 * that writes to one of these gets a copy of 4 KiB of it, as before.
 *
 * Whoever first writes to a huge page that a child shares gets it in small ones for good, the template as
 * well. So this comes last, after all that the template forks for itself or allocates. And what is free
 * between its objects is taken out of use: new objects then come one after the other instead of each
 * costing a copy of another page. */
#include "python/heap.h"

#include <Python.h>

#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1 */
#endif

#define HUGE_BYTES ((uintptr_t)2 << 20)
#define REGION_BYTES ((uintptr_t)1 << 30) /* of addresses; what is not used of it is given back */

/* Arenas are taken one after the other until the template is warm. The GIL is held by who calls. */
static uintptr_t region, region_at, region_end;

static uintptr_t round_up(uintptr_t address)
{
    return (address + HUGE_BYTES - 1) & ~(HUGE_BYTES - 1);
}

static void *map(size_t size)
{
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    void *mapped = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, -1, 0);
    return mapped == MAP_FAILED ? NULL : mapped;
}

static void *take_arena(void *context, size_t size)
{
    (void)context;
    if (size > region_end - region_at)
        return map(size);
    uintptr_t arena = region_at;
    region_at += size;
    return (void *)arena;
}

static void give_arena(void *context, void *arena, size_t size)
{
    (void)context;
    if ((uintptr_t)arena >= region && (uintptr_t)arena < region_end)
        madvise(arena, size, MADV_DONTNEED);
    else
        munmap(arena, size);
}

void heap_prepare(void)
{
    static PyObjectArenaAllocator arenas = {NULL, take_arena, give_arena};
    void *mapped = map(REGION_BYTES + HUGE_BYTES);
    if (!mapped)
        return; /* arenas are mapped one by one, as CPython itself does */
    region = region_at = round_up((uintptr_t)mapped);
    region_end = region + REGION_BYTES;
    PyObject_SetArenaAllocator(&arenas);
}

/* The last huge page is filled up with addresses that nothing uses. */
static void close_region(void)
{
    uintptr_t end = round_up(region_at);
    if (end < region_end)
        munmap((void *)end, region_end - end);
    region_end = region_at = end;
}

/* The whole huge pages of mappings: of the region, of malloc's heap, and of a few more. */
enum { RANGES = 16 };
static struct range {
    uintptr_t begin, end;
} ranges[RANGES];
static size_t range_count;

/* Copies that are made of a page of it when it is written to are to stay small, in sandboxes as well. */
static void keep_small(bool small)
{
    if (region)
        madvise((void *)region, region_end - region, small ? MADV_NOHUGEPAGE : MADV_HUGEPAGE);
}

/* What is written below and above the whole huge pages of a mapping stays as it is. */
static void collapse_all(void)
{
    for (size_t i = 0; i < range_count; i++)
        madvise((void *)ranges[i].begin, ranges[i].end - ranges[i].begin, MADV_COLLAPSE);
    keep_small(true);
}

/* What malloc has free below the end of its heap is allocated and forgotten. */
static void fill_malloc(void)
{
    enum { LARGEST = 64 * 1024, LARGE = 1024, SMALLEST = 24, STEP = 16 };
    malloc_trim(0);
    struct mallinfo2 heap = mallinfo2();
    const uintptr_t top = (uintptr_t)sbrk(0) - heap.keepcost;
    size_t left = heap.fordblks - heap.keepcost;
    for (size_t size = LARGEST; size >= SMALLEST; size = size > LARGE ? size / 8 * 7 : size - STEP) {
        void *block = malloc(size);
        for (; block && (uintptr_t)block < top && left >= size; left -= size)
            block = malloc(size);
        free(block);
    }
}

/* The same for CPython's own allocator: first its free pools, which any size may take, then the free
 * blocks of each size. */
static void fill_objects(void)
{
    enum { LARGEST = 512, STEP = 16 };
    const uintptr_t used = region_at;
    size_t left = used - region;
    for (; region_at == used; left -= LARGEST)
        if (left < LARGEST || !PyObject_Malloc(LARGEST))
            return;
    for (size_t size = LARGEST; size > 0; size -= STEP) {
        void *block = PyObject_Malloc(size);
        for (; block && (uintptr_t)block < used && left >= size; left -= size)
            block = PyObject_Malloc(size);
        PyObject_Free(block);
    }
}

void heap_settle(void)
{
    char line[512];
    fill_malloc();
    if (region)
        fill_objects();
    if (region)
        close_region();
    FILE *maps = fopen("/proc/self/maps", "re");
    while (maps && fgets(line, sizeof line, maps)) {
        uintptr_t begin, end;
        char rights[5], name[8] = "";
        unsigned long inode;
        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s %*x %*x:%*x %lu %7s", &begin, &end, rights, &inode,
                   name) >= 4 &&
            inode == 0 && strcmp(rights, "rw-p") == 0 && strcmp(name, "[stack]") != 0 &&
            round_up(begin) + HUGE_BYTES <= end && range_count < RANGES)
            ranges[range_count++] = (struct range){round_up(begin), end & ~(HUGE_BYTES - 1)};
    }
    if (maps)
        fclose(maps);
    collapse_all();
}

/* Where settling again has come to. */
static struct {
    size_t range;
    uintptr_t at; /* in that range; 0: at its beginning */
    unsigned round;
    bool missed; /* something in this round */
} settling;

void heap_settle_again(void)
{
    memset(&settling, 0, sizeof settling);
}

bool heap_settle_more(void)
{
    enum { ROUNDS = 20 };
    if (settling.range == range_count) {
        if (!settling.missed || ++settling.round == ROUNDS)
            return false;
        settling.range = 0;
        settling.missed = false;
    }
    const struct range *range = &ranges[settling.range];
    if (settling.at == 0)
        settling.at = range->begin;
    keep_small(false);
    if (madvise((void *)settling.at, HUGE_BYTES, MADV_COLLAPSE) != 0 && errno == EAGAIN)
        settling.missed = true;
    keep_small(true);
    settling.at += HUGE_BYTES;
    if (settling.at == range->end) {
        settling.range++;
        settling.at = 0;
    }
    return true;
}
