/* SPDX-License-Identifier: Apache-2.0 */
/* daytona_list.c: the Daytona family: which sandboxes there are.
 *
 * The library filters by owner, labels, name and state, and keeps the order. What else is asked for is left
 * out of its pages here, so that a page may have fewer items than its limit though another one follows. */
#include "daytona_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daytona_object.h"
#include "daytona_rules.h"
#include "labels.h"
#include "pages.h"
#include "request.h"

static bool refuse(struct request *request, const char *name, const char *wanted)
{
    reply_error(request, 400, "%s must be %s", name, wanted);
    return false;
}

/* ---- What the library filters ---- */

/* Names with commas between them; the parameter may also come several times. */
static bool read_states(struct request *request, uint32_t *states, bool *none)
{
    bool given = false;
    for (size_t i = 0; i < request->address.pair_count; i++) {
        const char *at = request->address.pairs[i].value;
        if (strcmp(request->address.pairs[i].name, "states") != 0)
            continue;
        for (given = true; *at != '\0'; at += *at == ',') {
            char name[32];
            size_t length = strcspn(at, ",");
            snprintf(name, sizeof name, "%.*s", (int)length, at);
            int64_t bits = rules_states(name);
            if (bits < 0)
                return refuse(request, "states", "names of states with commas between them");
            *states |= (uint32_t)bits;
            at += length;
        }
    }
    *none = given && *states == 0;
    return true;
}

static bool read_labels(struct request *request, char ***labels)
{
    const char *text = request_query(request, "labels");
    if (text == NULL)
        return true;
    json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    if (object != NULL)
        *labels = labels_read(request, object, NULL);
    else
        (void)refuse(request, "labels", "an object of texts, as JSON");
    json_decref(object);
    return *labels != NULL;
}

static bool read_order(struct request *request, clutch_list_options *options)
{
    static const struct {
        const char *name;
        uint32_t order;
    } orders[] = {{"lastActivityAt", CLUTCH_ORDER_ACTIVITY}, {"lastEventAt", CLUTCH_ORDER_ACTIVITY},
                  {"createdAt", CLUTCH_ORDER_CREATED},       {"updatedAt", CLUTCH_ORDER_UPDATED},
                  {"name", CLUTCH_ORDER_NAME}};
    const char *sort = request_query(request, "sort"), *order = request_query(request, "order");
    size_t count = sizeof orders / sizeof orders[0], i = 0;
    while (sort != NULL && i < count && strcmp(orders[i].name, sort) != 0)
        i++;
    if (i == count)
        return refuse(request, "sort", "lastActivityAt, lastEventAt, createdAt, updatedAt or name");
    if (order != NULL && strcmp(order, "asc") != 0 && strcmp(order, "desc") != 0)
        return refuse(request, "order", "asc or desc");
    options->order = orders[i].order;
    bool ascending = order != NULL && strcmp(order, "asc") == 0;
    options->ascending = options->order == CLUTCH_ORDER_NAME ? !ascending && order != NULL : ascending;
    return true;
}

/* ---- What is left out here ---- */

/* A number or a time that something must not be below or above. */
struct bound {
    const char *name;  /* in the query */
    const char *field; /* of the object */
    bool is_time, least;
};

static const struct bound bounds[] = {
    {"minCpu", "cpu", false, true},
    {"maxCpu", "cpu", false, false},
    {"minMemoryGiB", "memory", false, true},
    {"maxMemoryGiB", "memory", false, false},
    {"minDiskGiB", "disk", false, true},
    {"maxDiskGiB", "disk", false, false},
    {"createdAtAfter", "createdAt", true, true},
    {"createdAtBefore", "createdAt", true, false},
    {"lastEventAfter", "lastActivityAt", true, true},
    {"lastEventBefore", "lastActivityAt", true, false},
};

static const struct {
    const char *name, *field;
} choices[] = {{"snapshots", "snapshot"}, {"regionIds", "target"}};

/* Seconds since 1970 of an RFC 3339 time, or of a plain date. */
static bool read_time(const char *text, double *out)
{
    struct tm parts = {0};
    const char *rest = strptime(text, "%Y-%m-%d", &parts);
    if (rest == NULL)
        return false;
    double fraction = 0;
    long minutes = 0;
    if (*rest == 'T' || *rest == ' ') {
        rest = strptime(rest + 1, "%H:%M:%S", &parts);
        if (rest == NULL)
            return false;
        char *end = (char *)rest;
        if (*rest == '.')
            fraction = strtod(rest, &end);
        unsigned hour, minute;
        if ((*end == '+' || *end == '-') && sscanf(end + 1, "%2u:%2u", &hour, &minute) == 2)
            minutes = (*end == '-' ? -1 : 1) * (long)(hour * 60 + minute);
        else if (strcmp(end, "Z") != 0 && *end != '\0')
            return false;
    } else if (*rest != '\0') {
        return false;
    }
    *out = (double)timegm(&parts) - (double)minutes * 60 + fraction;
    return true;
}

static bool read_bound(const struct bound *bound, const char *text, double *out)
{
    char *end;
    if (bound->is_time)
        return read_time(text, out);
    *out = strtod(text, &end);
    return end != text && *end == '\0' && *out >= 0;
}

static bool check_bounds(struct request *request)
{
    double unused;
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        const char *text = request_query(request, bounds[i].name);
        if (text != NULL && !read_bound(&bounds[i], text, &unused))
            return refuse(request, bounds[i].name, bounds[i].is_time ? "a time such as 2026-01-31T12:00:00Z"
                                                                     : "a number that is not negative");
    }
    return true;
}

static bool is_within(const struct request *request, const json_t *object)
{
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        const char *text = request_query(request, bounds[i].name);
        const json_t *value = json_object_get(object, bounds[i].field);
        double limit, number = json_number_value(value);
        if (text == NULL || !read_bound(&bounds[i], text, &limit))
            continue;
        if (bounds[i].is_time && (!json_is_string(value) || !read_time(json_string_value(value), &number)))
            return false;
        if (bounds[i].least ? number < limit : number > limit)
            return false;
    }
    return true;
}

/* Whether the text is one of those with commas between them. */
static bool is_among(const char *text, const char *list)
{
    for (size_t length; *list != '\0'; list += length + (list[length] == ',')) {
        length = strcspn(list, ",");
        if (strlen(text) == length && memcmp(text, list, length) == 0)
            return true;
    }
    return false;
}

static bool is_flag(const struct request *request, const char *name, bool value)
{
    const char *text = request_query(request, name);
    return text == NULL || (strcmp(text, "true") == 0) == value;
}

static bool is_wanted(const struct request *request, const clutch_sandbox_info *info, const json_t *object)
{
    const char *id = request_query(request, "id");
    if (id != NULL && strncmp(info->id, id, strlen(id)) != 0)
        return false;
    for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++) {
        const char *list = request_query(request, choices[i].name);
        const char *value = json_string_value(json_object_get(object, choices[i].field));
        if (list != NULL && (value == NULL || !is_among(value, list)))
            return false;
    }
    return is_flag(request, "isPublic", false) &&
           is_flag(request, "isRecoverable", info->state == CLUTCH_STATE_FAILED) &&
           is_within(request, object);
}

/* ---- GET /sandbox ---- */

static void answer(struct request *request, json_t *items, const char *next_cursor)
{
    reply_json(request, 200, json_pack("{s:o,s:o}", "items", items, "nextCursor",
                                       next_cursor != NULL ? json_string(next_cursor) : json_null()));
}

static void list(struct request *request, const clutch_list_options *options)
{
    clutch_sandbox_page *page;
    clutch_error error;
    if (clutch_engine_list(request->server->engine, options, &page, &error) < 0) {
        reply_failure(request, &error);
        return;
    }
    json_t *items = json_array();
    for (size_t i = 0; i < page->count && items != NULL; i++) {
        json_t *object = daytona_object(request, page->sandboxes[i]);
        if (object == NULL || is_wanted(request, page->sandboxes[i], object))
            items = pages_append(items, object);
        else
            json_decref(object);
    }
    answer(request, items, page->next_cursor);
    clutch_sandbox_page_free(page);
}

void daytona_list(struct request *request)
{
    clutch_list_options options = CLUTCH_LIST_OPTIONS_INIT;
    char **labels = NULL;
    bool none = false;
    options.owner = request_owner(request);
    options.name_prefix = request_query(request, "name");
    options.cursor = request_query(request, "cursor");
    if (read_states(request, &options.states, &none) && read_order(request, &options) &&
        check_bounds(request) && pages_limit(request, 200, 100, &options.limit) &&
        read_labels(request, &labels)) {
        options.labels = (const char *const *)labels;
        if (none)
            answer(request, json_array(), NULL);
        else
            list(request, &options);
    }
    labels_free(labels);
}
