/* SPDX-License-Identifier: Apache-2.0 */
/* intervals.c: the Daytona family's intervals: minutes, each with a number of its own for never. */
#include "intervals.h"

#include <stddef.h>
#include <string.h>

#include "request.h"

enum { MONTH_S = 30 * 86400, MINUTES_MAX = 10 * 366 * 24 * 60 };

const struct interval interval_stop = {"autoStopInterval", 0, 0, 0,
                                       offsetof(clutch_intervals, auto_stop_s)};
const struct interval interval_archive = {"autoArchiveInterval", 0, MONTH_S, MONTH_S,
                                          offsetof(clutch_intervals, auto_archive_s)};
const struct interval interval_delete = {"autoDeleteInterval", -1, 0, 0,
                                         offsetof(clutch_intervals, auto_delete_s)};

bool intervals_set(struct request *request, const struct interval *interval, json_int_t minutes,
                   clutch_intervals *out)
{
    uint32_t seconds;
    if (minutes < interval->least || minutes > MINUTES_MAX) {
        reply_error(request, 400, "%s must be whole minutes from %d to %d", interval->name,
                    (int)interval->least, MINUTES_MAX);
        return false;
    }
    if (interval->least < 0 && minutes <= 0)
        seconds = minutes < 0 ? 0 : CLUTCH_AT_ONCE;
    else
        seconds = minutes == 0 ? interval->never_s : (uint32_t)minutes * 60;
    if (interval->most_s != 0 && seconds > interval->most_s)
        seconds = interval->most_s;
    memcpy((char *)out + interval->offset, &seconds, sizeof seconds);
    return true;
}

static bool read_one(struct request *request, const json_t *body, const struct interval *interval,
                     clutch_intervals *out)
{
    const json_t *value = json_object_get(body, interval->name);
    if (value == NULL || json_is_null(value))
        return true;
    if (json_is_integer(value))
        return intervals_set(request, interval, json_integer_value(value), out);
    reply_error(request, 400, "%s must be whole minutes", interval->name);
    return false;
}

bool intervals_read(struct request *request, const json_t *body, clutch_intervals *out)
{
    return read_one(request, body, &interval_stop, out) && read_one(request, body, &interval_archive, out) &&
           read_one(request, body, &interval_delete, out);
}
