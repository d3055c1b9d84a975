/* SPDX-License-Identifier: Apache-2.0 */
/* measure.h: samples of one figure, and where they are written. */
#ifndef CLUTCH_BENCH_MEASURE_H
#define CLUTCH_BENCH_MEASURE_H

#include <stddef.h>
#include <stdio.h>

struct samples {
    const char *figure, *subject, *unit;
    double *values;
    size_t count, capacity;
};

/* Microseconds of the monotonic clock. */
double measure_now_us(void);

struct samples measure_new(const char *figure, const char *subject, const char *unit);
void measure_add(struct samples *samples, double value);

/* The value below which a share of the samples lies; sorts them. */
double measure_quantile(struct samples *samples, double share);

/* Writes one line of JSON to log, and a row to standard output with the ratio of its median to
 * base's, if base is not NULL. */
void measure_report(struct samples *samples, struct samples *base, FILE *log);

#endif
