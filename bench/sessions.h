/* SPDX-License-Identifier: Apache-2.0 */
/* sessions.h: what pausing, stopping, copying and undoing cost. */
#ifndef CLUTCH_BENCH_SESSIONS_H
#define CLUTCH_BENCH_SESSIONS_H

#include <stddef.h>
#include <stdio.h>

/* Works in a new folder beside the file of that path, which must be on a disk and not in memory for the
 * figures of stop and start to mean anything. template_kib is the anonymous memory of the template. */
void sessions_bench(const char *beside, size_t template_kib, FILE *log);

#endif
