/* SPDX-License-Identifier: Apache-2.0 */
/* block.c: the lines typed at the prompt that make up one execution.
 *
 * Only the library, which asks Python, knows whether the lines are a whole statement, but "for x
 * in y:" with one line below it is one, and more lines may be meant to follow. So the logical
 * lines are counted here. A mistake, as with quotes inside an f-string's braces, costs one blank
 * line more or less. */
#include "block.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

void block_add(struct block *block, const char *line, size_t length)
{
    if (length > 0 && line[length - 1] == '\n')
        length--;
    block->text = memory_grow(block->text, block->length + length + 2);
    memcpy(block->text + block->length, line, length);
    block->length += length;
    block->text[block->length++] = '\n';
    block->text[block->length] = '\0';
}

void block_clear(struct block *block)
{
    free(block->text);
    *block = (struct block){NULL, 0};
}

static bool is_blank(const char *text, const char *end)
{
    while (text < end && strchr(" \t\f\r\n", *text) != NULL && *text != '\0')
        text++;
    return text == end;
}

bool block_is_blank(const struct block *block)
{
    return is_blank(block->text, block->text + block->length);
}

static bool last_line_is_blank(const struct block *block)
{
    const char *end = block->text + block->length;
    const char *line = end - 1;
    while (line > block->text && line[-1] != '\n')
        line--;
    return is_blank(line, end);
}

static bool is_triple(const char *text, const char *end, char quote)
{
    return end - text >= 3 && text[0] == quote && text[1] == quote && text[2] == quote;
}

/* Returns the first character after the string literal that begins at text with a quote, or end
 * when it is not closed. */
static const char *skip_string(const char *text, const char *end)
{
    char quote = *text;
    bool triple = is_triple(text, end, quote);
    for (text += triple ? 3 : 1; text < end; text++) {
        if (*text == '\\') {
            text++;
        } else if (!triple && (*text == quote || *text == '\n')) {
            return *text == quote ? text + 1 : text;
        } else if (triple && is_triple(text, end, quote)) {
            return text + 3;
        }
    }
    return end;
}

/* Counts the logical lines that have ended, those with nothing but a comment left out. */
static size_t count_logical_lines(const char *text, const char *end)
{
    size_t lines = 0;
    size_t depth = 0;
    bool something = false;
    while (text < end) {
        char c = *text;
        if (c == '\'' || c == '"') {
            text = skip_string(text, end);
            something = true;
            continue;
        }
        if (c == '#') {
            while (text < end && *text != '\n')
                text++;
            continue;
        }
        if (c == '\\') {
            text++; /* the newline after it ends nothing */
        } else if (c == '\n' && depth == 0) {
            lines += something;
            something = false;
        } else if (c != '\0' && strchr("([{", c) != NULL) {
            depth++;
        } else if (c != '\0' && strchr(")]}", c) != NULL && depth > 0) {
            depth--;
        }
        if (c == '\0' || strchr(" \t\f\r\n", c) == NULL)
            something = true;
        text++;
    }
    return lines;
}

bool block_is_due(const struct block *block)
{
    if (last_line_is_blank(block))
        return true;
    return count_logical_lines(block->text, block->text + block->length) <= 1;
}
