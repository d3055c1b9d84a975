/* SPDX-License-Identifier: Apache-2.0 */
/* measure.c: samples of one figure, and where they are written. */
#include "measure.h"

#include <stdlib.h>
#include <time.h>

double measure_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

struct samples measure_new(const char *figure, const char *subject, const char *unit)
{
    return (struct samples){.figure = figure, .subject = subject, .unit = unit};
}

void measure_add(struct samples *samples, double value)
{
    if (samples->count == samples->capacity) {
        samples->capacity = samples->capacity ? 2 * samples->capacity : 256;
        samples->values = realloc(samples->values, samples->capacity * sizeof(double));
        if (!samples->values)
            abort();
    }
    samples->values[samples->count++] = value;
}

static int by_value(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

double measure_quantile(struct samples *samples, double share)
{
    if (samples->count == 0)
        return 0;
    qsort(samples->values, samples->count, sizeof(double), by_value);
    return samples->values[(size_t)(share * (double)(samples->count - 1))];
}

void measure_report(struct samples *samples, struct samples *base, FILE *log)
{
    double p50 = measure_quantile(samples, 0.5), p99 = measure_quantile(samples, 0.99);
    fprintf(log,
            "{\"figure\": \"%s\", \"subject\": \"%s\", \"unit\": \"%s\", \"p50\": %.2f, \"p99\": %.2f, "
            "\"n\": %zu}\n",
            samples->figure, samples->subject, samples->unit, p50, p99, samples->count);
    printf("%-18s %-10s %10.1f %10.1f %-4s", samples->figure, samples->subject, p50, p99, samples->unit);
    if (base)
        printf("  %7.3g x %s", p50 / measure_quantile(base, 0.5), base->subject);
    printf("\n");
    fflush(stdout);
}
