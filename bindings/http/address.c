/* SPDX-License-Identifier: Apache-2.0 */
/* address.c: a request's target, decoded. */
#include "address.h"

#include <stdlib.h>
#include <string.h>

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* How long a character's code is by its first byte; 0 for what begins none. */
static size_t width(unsigned char c)
{
    return c < 0x80 ? 1 : c < 0xC2 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 0;
}

bool address_is_utf8(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    while (*at != '\0') {
        size_t bytes = width(*at);
        for (size_t i = 1; i < bytes; i++)
            if ((at[i] & 0xC0) != 0x80)
                return false;
        bool overlong = (at[0] == 0xE0 && at[1] < 0xA0) || (at[0] == 0xF0 && at[1] < 0x90);
        bool surrogate = at[0] == 0xED && at[1] >= 0xA0;
        bool beyond = at[0] == 0xF4 && at[1] >= 0x90;
        if (bytes == 0 || overlong || surrogate || beyond)
            return false;
        at += bytes;
    }
    return true;
}

/* In place; the text never gets longer. */
static bool decode(char *text, bool plus_is_space)
{
    char *to = text;
    for (const char *from = text; *from != '\0'; from++) {
        if (*from != '%') {
            *to++ = plus_is_space && *from == '+' ? ' ' : *from;
            continue;
        }
        int high = digit(from[1]), low = high < 0 ? -1 : digit(from[2]);
        if (low < 0 || high + low == 0)
            return false;
        *to++ = (char)(high << 4 | low);
        from += 2;
    }
    *to = '\0';
    return address_is_utf8(text);
}

/* Slashes part words; one at the end, or two of them, make an empty word. */
static bool read_path(struct address *address, char *path)
{
    while (path != NULL) {
        char *slash = strchr(path, '/');
        if (slash != NULL)
            *slash++ = '\0';
        if (address->word_count == ADDRESS_WORDS_MAX || !decode(path, false))
            return false;
        address->words[address->word_count++] = path;
        path = slash;
    }
    return true;
}

static bool read_query(struct address *address, char *query)
{
    char *rest = NULL;
    for (char *pair = strtok_r(query, "&", &rest); pair != NULL; pair = strtok_r(NULL, "&", &rest)) {
        char *value = strchr(pair, '=');
        if (value != NULL)
            *value++ = '\0';
        else
            value = pair + strlen(pair);
        if (address->pair_count == ADDRESS_PAIRS_MAX || !decode(pair, true) || !decode(value, true))
            return false;
        address->pairs[address->pair_count].name = pair;
        address->pairs[address->pair_count++].value = value;
    }
    return true;
}

bool address_read(struct address *address, const char *target)
{
    *address = (struct address){.text = strdup(target)};
    if (address->text == NULL)
        return false;
    char *path = address->text, *query = strchr(path, '?');
    if (query != NULL)
        *query++ = '\0';
    char *authority = strstr(path, "://");
    if (*path != '/' && authority != NULL)
        path = strchr(authority + 3, '/');
    if (path == NULL || *path != '/')
        return false;
    return read_path(address, path + 1) && (query == NULL || read_query(address, query));
}

void address_clear(struct address *address)
{
    free(address->text);
    *address = (struct address){0};
}

const char *address_query(const struct address *address, const char *name)
{
    for (size_t i = 0; i < address->pair_count; i++)
        if (strcmp(address->pairs[i].name, name) == 0)
            return address->pairs[i].value;
    return NULL;
}
