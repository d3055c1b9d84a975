/* SPDX-License-Identifier: Apache-2.0 */
/* intervals.h: the Daytona family's intervals: minutes, each with a number of its own for never. */
#ifndef HTTP_INTERVALS_H
#define HTTP_INTERVALS_H

#include <jansson.h>
#include <stdbool.h>

#include "clutch.h"

struct request;

struct interval {
    const char *name;
    json_int_t least; /* -1: never, and 0 is at once; 0: never, or the longest that there is */
    uint32_t never_s; /* what 0 stands for when least is 0 */
    uint32_t most_s;  /* what is more counts as this; 0: what is more than ten years is refused */
    size_t offset;    /* of the field in clutch_intervals */
};

extern const struct interval interval_stop, interval_archive, interval_delete;

/* False when the reply is made. */
bool intervals_set(struct request *request, const struct interval *interval, json_int_t minutes,
                   clutch_intervals *out);

/* Those that the body has, over what is there. False when the reply is made. */
bool intervals_read(struct request *request, const json_t *body, clutch_intervals *out);

#endif
