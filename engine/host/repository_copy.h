/* SPDX-License-Identifier: Apache-2.0 */
/* repository_copy.h: the cached bare copy of a repository, and working folders from it. */
#ifndef CLUTCH_HOST_REPOSITORY_COPY_H
#define CLUTCH_HOST_REPOSITORY_COPY_H

#include "host/repository_parts.h"

/* Whether there is a whole copy, of this very URL. With the lock. */
bool repository_copy_is_fit(const struct repository_job *job);

/* Whether it has the job's commit. With the lock. */
bool repository_copy_has(struct repository_job *job);

/* Makes the copy anew; it takes its name once it is whole. With the lock, alone. */
int repository_copy_make(struct repository_job *job, clutch_error *error);

/* Fetches what is new from the remote into a copy. With the lock, alone. */
int repository_copy_fetch(struct repository_job *job, const char *copy, clutch_error *error);

/* Makes the working folder from it. With the lock, shared. What a failure leaves is the caller's. */
int repository_copy_place(struct repository_job *job, clutch_error *error);

#endif
