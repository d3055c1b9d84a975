/* SPDX-License-Identifier: Apache-2.0 */
/* sessions.h: tasks of a clutch subject: pausing, stopping, copying, undoing, and bigger templates. */
#ifndef CLUTCH_BENCH_SESSIONS_H
#define CLUTCH_BENCH_SESSIONS_H

void sessions_pause(const char *name, unsigned count);
void sessions_stop(const char *name, unsigned count);
void sessions_from_point(const char *name, unsigned count);
void sessions_copies(const char *name, unsigned count);
void sessions_template(const char *name, unsigned count);

#endif
