/* SPDX-License-Identifier: Apache-2.0 */
/* files.h: which files of the working folder have changed. */
#ifndef CLUTCH_WORKER_FILES_H
#define CLUTCH_WORKER_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Receives one changed file: its path below the working folder and its size. */
typedef void files_row_fn(void *user, const char *name, uint64_t size_bytes);

/* In a sandbox, in its working folder; again in a copy that has another. Returns 0, or -1 with errno. */
int files_prepare(void);

/* Calls row, unless NULL, for each regular file that is new or changed since the last call, in order
 * of names. False when there was more to look at than the limits allow. */
bool files_changed(files_row_fn *row, void *user);

#endif
