/* SPDX-License-Identifier: Apache-2.0 */
/* args.c: what people type (durations, sizes, lists) as numbers and arrays.
 *
 * Numbers are read by hand and not by strtod, which also takes signs, hexadecimal, "inf" and "nan",
 * and the decimal comma of some locales. */
#include "args.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "clutch.h"
#include "memory.h"

/* A number with what is behind its point in thousandths, rounded up. */
struct decimal {
    uint64_t whole;
    uint32_t thousandths; /* 0..1000 */
    bool fraction;        /* it had a point */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Returns what follows the number, or NULL when there is none or it is above whole_max. */
static const char *read_decimal(const char *text, uint64_t whole_max, struct decimal *out)
{
    struct decimal number = {0, 0, false};
    size_t digits = 0;
    for (; is_digit(*text); text++, digits++) {
        number.whole = number.whole * 10 + (uint64_t)(*text - '0');
        if (number.whole > whole_max)
            return NULL;
    }
    if (*text == '.') {
        number.fraction = true;
        uint32_t unit = 100;
        bool more = false;
        for (text++; is_digit(*text); text++, digits++, unit /= 10) {
            number.thousandths += (uint32_t)(*text - '0') * unit;
            if (unit == 0 && *text != '0')
                more = true;
        }
        number.thousandths += more;
    }
    if (digits == 0)
        return NULL;
    *out = number;
    return text;
}

bool args_duration(const char *text, uint64_t *out_ms)
{
    if (strcmp(text, "none") == 0) {
        *out_ms = CLUTCH_UNLIMITED;
        return true;
    }
    struct decimal number;
    const char *rest = read_decimal(text, ARGS_SECONDS_MAX, &number);
    if (rest == NULL || *rest != '\0')
        return false;
    uint64_t ms = number.whole * 1000 + number.thousandths;
    if (ms == 0 || ms > ARGS_SECONDS_MAX * UINT64_C(1000))
        return false;
    *out_ms = ms;
    return true;
}

/* Returns the unit that a suffix names, or 0. */
static uint64_t size_unit(const char *suffix)
{
    if (*suffix == '\0' || strcasecmp(suffix, "B") == 0)
        return 1;
    const char *letters = "kmgt";
    const char *letter = strchr(letters, *suffix | 0x20);
    if (letter == NULL)
        return 0;
    const char *tail = suffix + 1;
    if (*tail != '\0' && strcasecmp(tail, "B") != 0 && strcasecmp(tail, "iB") != 0)
        return 0;
    return UINT64_C(1) << (10 * (letter - letters + 1));
}

bool args_size(const char *text, uint64_t *out_bytes)
{
    if (strcmp(text, "none") == 0) {
        *out_bytes = CLUTCH_UNLIMITED;
        return true;
    }
    struct decimal number;
    const char *suffix = read_decimal(text, ARGS_BYTES_MAX, &number);
    if (suffix == NULL)
        return false;
    uint64_t unit = size_unit(suffix);
    if (unit == 0 || (unit == 1 && number.fraction))
        return false;
    if (number.whole > ARGS_BYTES_MAX / unit)
        return false;
    uint64_t bytes = number.whole * unit + number.thousandths * unit / 1000;
    if (bytes == 0 || bytes > ARGS_BYTES_MAX)
        return false;
    *out_bytes = bytes;
    return true;
}

void args_list_add(struct args_list *list, const char *text, size_t length)
{
    list->items = memory_grow(list->items, (list->count + 2) * sizeof *list->items);
    list->items[list->count++] = memory_copy(text, length);
    list->items[list->count] = NULL;
}

void args_list_clear(struct args_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (struct args_list){NULL, 0};
}
