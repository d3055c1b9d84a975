/* SPDX-License-Identifier: Apache-2.0 */
/* format.c: texts of others, times and sizes as people and terminals can take them. */
#include "format.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Bytes of the character at text; 0 when a terminal could take it for an order: the control
 * characters of ASCII, and those from U+0080 to U+009F. */
static size_t harmless_bytes(const char *text)
{
    unsigned char first = (unsigned char)text[0], second = first ? (unsigned char)text[1] : 0;
    if (first < ' ' || first == 0x7f || (first == 0xc2 && second < 0xa0))
        return 0;
    size_t length = 1;
    while (((unsigned char)text[length] & 0xc0) == 0x80)
        length++;
    return length;
}

char *format_line(char *out, size_t size, const char *text)
{
    size_t used = 0, room = size - sizeof "...";
    bool space = false;
    while (*text != '\0') {
        size_t length = harmless_bytes(text);
        if (used + length + 1 > room) {
            strcpy(out + used, "...");
            return out;
        }
        if (length > 0)
            memcpy(out + used, text, length);
        else if (!space)
            out[used] = ' ';
        used += length > 0 ? length : !space;
        space = length == 0;
        text += length > 0 ? length : 1;
    }
    out[used] = '\0';
    return out;
}

char *format_time(char *out, size_t size, int64_t ms)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm local;
    if (ms <= 0 || localtime_r(&seconds, &local) == NULL ||
        strftime(out, size, "%Y-%m-%d %H:%M:%S", &local) == 0)
        snprintf(out, size, "-");
    return out;
}

char *format_time_utc(char *out, size_t size, int64_t ms)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm utc;
    size_t length = 0;
    if (ms > 0 && gmtime_r(&seconds, &utc) != NULL)
        length = strftime(out, size, "%Y-%m-%dT%H:%M:%S", &utc);
    if (length > 0)
        snprintf(out + length, size - length, ".%03dZ", (int)(ms % 1000));
    else
        *out = '\0';
    return out;
}

char *format_size(char *out, size_t size, uint64_t bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    double value = (double)bytes;
    size_t unit = 0;
    for (; value >= 999.95 && unit + 1 < sizeof units / sizeof units[0]; unit++)
        value /= 1000;
    snprintf(out, size, bytes == 0 ? "-" : unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
    return out;
}
