/* SPDX-License-Identifier: Apache-2.0 */
/* clock.h: monotonic time in nanoseconds, and deadlines as points of it. */
#ifndef CLUTCH_BASE_CLOCK_H
#define CLUTCH_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

#define CLOCK_MS ((uint64_t)1000000)
#define CLOCK_NEVER UINT64_MAX

static inline uint64_t clock_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* The point duration_ms after now_ns; CLOCK_NEVER when it lies beyond the clock's range. */
static inline uint64_t clock_after_ms(uint64_t now_ns, uint64_t duration_ms)
{
    if (duration_ms >= (CLOCK_NEVER - now_ns) / CLOCK_MS)
        return CLOCK_NEVER;
    return now_ns + duration_ms * CLOCK_MS;
}

/* A timeout for poll: milliseconds until the deadline, rounded up, -1 for never. */
static inline int clock_poll_ms(uint64_t deadline_ns, uint64_t now_ns)
{
    if (deadline_ns == CLOCK_NEVER)
        return -1;
    if (deadline_ns <= now_ns)
        return 0;
    uint64_t left_ms = (deadline_ns - now_ns + CLOCK_MS - 1) / CLOCK_MS;
    return left_ms > 1000000000 ? 1000000000 : (int)left_ms;
}

#endif
