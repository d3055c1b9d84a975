/* SPDX-License-Identifier: Apache-2.0 */
/* references.h: what the kernel itself charges, for comparison. */
#ifndef CLUTCH_BENCH_REFERENCES_H
#define CLUTCH_BENCH_REFERENCES_H

#include <stddef.h>

/* A process with so much anonymous memory that forks when it is asked to; a descriptor to ask it by. It ends
 * when that is closed. */
int references_start_forker(size_t kib);

/* How long one fork of it took, until the child's first byte arrived; microseconds. */
double references_ask_forker(int forker);

/* A process that sends back what it gets, and how long that took. */
int references_start_echo(void);
double references_ask_echo(int echo);

/* Writing so many bytes to a file in a folder and syncing it, and reading them again; microseconds. */
double references_write(const char *folder, size_t bytes);
double references_read(const char *folder, size_t bytes);

#endif
