/* SPDX-License-Identifier: Apache-2.0 */
/* text.c: UTF-8 that can be trusted. */
#include "base/text.h"

#include <stdint.h>

/* Length of the valid character at p, or 0. left is what remains of the text. */
static size_t character_length(const unsigned char *p, size_t left)
{
    if (p[0] < 0x80)
        return 1;
    size_t need = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || need > left)
        return 0;
    /* The second byte's range excludes overlong forms, surrogates and code points past U+10FFFF. */
    unsigned char low = p[0] == 0xe0 ? 0xa0 : p[0] == 0xf0 ? 0x90 : 0x80;
    unsigned char high = p[0] == 0xed ? 0x9f : p[0] == 0xf4 ? 0x8f : 0xbf;
    if (p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < need; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    return need;
}

size_t text_valid_prefix(const char *text, size_t length)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t at = 0;
    while (at < length) {
        size_t step = character_length(p + at, length - at);
        if (!step)
            break;
        at += step;
    }
    return at;
}

size_t text_cut_tail(const char *text, size_t length)
{
    for (size_t back = 1; back <= 3 && back <= length; back++) {
        unsigned char byte = (unsigned char)text[length - back];
        if ((byte & 0xc0) == 0x80)
            continue;
        size_t need = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 1;
        return byte <= 0xf4 && need > back ? back : 0;
    }
    return 0;
}

bool text_append_clean(struct buf *out, const char *text, size_t length)
{
    size_t at = 0;
    while (at < length) {
        size_t valid = text_valid_prefix(text + at, length - at);
        if (!buf_append(out, text + at, valid))
            return false;
        at += valid;
        if (at < length) {
            if (!buf_append(out, "\xef\xbf\xbd", 3))
                return false;
            at++;
        }
    }
    return true;
}

size_t text_cut(const char *text, size_t length, size_t maximum)
{
    if (length <= maximum)
        return length;
    while (maximum > 0 && ((unsigned char)text[maximum] & 0xc0) == 0x80)
        maximum--;
    return maximum;
}
