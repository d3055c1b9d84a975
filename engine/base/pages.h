/* SPDX-License-Identifier: Apache-2.0 */
/* pages.h: tells which pages of big buffers of this process were written, as the kernel saw it.
 *
 * Linux 6.7 can write-protect pages so that the first write to one only clears a mark and goes on
 * (userfaultfd, UFFD_FEATURE_WP_ASYNC), and can hand out and set those marks again in one walk of
 * the page table (PAGEMAP_SCAN). Where that is missing, or a range cannot be protected, everything
 * here answers "not known": the caller then reads the memory itself.
 *
 * One round is: pages_sweep, then any number of pages_clean and pages_track, then pages_expire.
 * The marks are set before a caller reads what it will compare with, so a write that comes while it
 * reads is seen by the next round. One thread only; the state is the process's. */
#ifndef CLUTCH_BASE_PAGES_H
#define CLUTCH_BASE_PAGES_H

#include <stdbool.h>
#include <stddef.h>

/* Opens the two descriptors, close-on-exec. For a process to do before it forbids itself
 * userfaultfd(2) or the opening of /proc/self/pagemap; afterwards ioctl(2) on them is enough. False
 * where the kernel or the machine's policy does not give it, which needs no other care. */
bool pages_open(void);

/* In a child made by fork(2): the descriptors inherited belong to the parent's memory, and the
 * marks are gone. Opens new ones and protects every known range again, on the word of the caller
 * that nothing was written since the parent's last sweep. */
void pages_reopen(void);

/* Closes the descriptors and forgets every range: from here on nothing is known. */
void pages_disable(void);

/* True while writes are tracked. */
bool pages_enabled(void);

/* Begins a round: finds what was written since the last one, and sets the marks again. */
void pages_sweep(void);

/* Sees to it that the pages which [start, start + length) touches are tracked from here on, and
 * through this round's end. False if some of them cannot be. */
bool pages_track(const void *start, size_t length);

/* How many of the bytes from start on lie on pages that were tracked at the sweep and at the one
 * before it, and not written between the two: length if all do, 0 if the first does not. */
size_t pages_clean(const void *start, size_t length);

/* True if the memory is found to belong to a file or to be shared with other processes, which may
 * write to it unseen; it is never tracked. Some of its pages are asked about, and only one that has
 * been read can tell. */
bool pages_is_shared(const void *start, size_t length);

/* Ends a round: lets go of the ranges that no pages_track has named in it. */
void pages_expire(void);

#endif
