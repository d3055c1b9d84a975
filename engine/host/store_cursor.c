/* SPDX-License-Identifier: Apache-2.0 */
/* store_cursor.c: places in a list as text that callers hand back, and that may have been made up. */
#include "host/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "host/error.h"
#include "host/store_parts.h"

/* A cursor only says where to go on: a forged one shows nothing that its owner could not list. The sum
 * tells a cursor from a mistake. */
static uint32_t sum(const char *text, size_t length)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)text[i]) * 16777619u;
    return hash;
}

void store_parts_cursor(const struct store_place *place, char cursor[STORE_CURSOR_BYTES])
{
    int used = snprintf(cursor, STORE_CURSOR_BYTES, "%x.%" PRIx64 ".%" PRIx64 ".", place->kind,
                        (uint64_t)place->key, (uint64_t)place->number);
    for (const char *at = place->text; *at; at++)
        used += sprintf(cursor + used, "%02x", (unsigned char)*at);
    sprintf(cursor + used, ".%08x", sum(cursor, (size_t)used));
}

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse(const char *cursor, struct store_place *out)
{
    const char *last = strrchr(cursor, '.');
    unsigned given, kind;
    uint64_t key, number;
    int used = 0;
    if (!last || strlen(cursor) >= STORE_CURSOR_BYTES || strlen(last) != 9 ||
        sscanf(last, ".%8x", &given) != 1 || given != sum(cursor, (size_t)(last - cursor)) ||
        sscanf(cursor, "%8x.%16" SCNx64 ".%16" SCNx64 ".%n", &kind, &key, &number, &used) != 3 || !used ||
        cursor + used > last || (last - cursor - used) % 2 != 0)
        return false;
    size_t length = 0;
    for (const char *at = cursor + used; at < last; at += 2) {
        int high = digit(at[0]), low = digit(at[1]);
        if (high < 0 || low < 0 || length >= sizeof out->text - 1)
            return false;
        out->text[length++] = (char)(high << 4 | low);
    }
    out->text[length] = 0;
    out->kind = kind;
    out->key = (int64_t)key;
    out->number = (int64_t)number;
    return true;
}

int store_parts_uncursor(const char *cursor, uint32_t kind, struct store_place *out, clutch_error *error)
{
    if (parse(cursor, out) && out->kind == kind)
        return 0;
    return error_set(error, CLUTCH_E_INVALID, 0,
                     "the cursor is none of this list: use next_cursor of the page before, with the same "
                     "order");
}

int store_parts_limit(uint32_t limit, uint32_t *out, clutch_error *error)
{
    if (limit > 200)
        return error_set(error, CLUTCH_E_INVALID, 0, "a page of %u: 1 to 200 are allowed", limit);
    *out = limit ? limit : 50;
    return 0;
}
