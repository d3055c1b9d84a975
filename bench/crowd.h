/* SPDX-License-Identifier: Apache-2.0 */
/* crowd.h: tasks of a clutch subject with many sandboxes at once. */
#ifndef CLUTCH_BENCH_CROWD_H
#define CLUTCH_BENCH_CROWD_H

void crowd_live(const char *name, unsigned count);
void crowd_burst(const char *name, unsigned count);
void crowd_rate(const char *name, unsigned milliseconds);
void crowd_growth(const char *name, unsigned largest);
void crowd_busy(const char *name, unsigned live);

#endif
