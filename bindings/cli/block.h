/* SPDX-License-Identifier: Apache-2.0 */
/* block.h: the lines typed at the prompt that make up one execution. */
#ifndef CLI_BLOCK_H
#define CLI_BLOCK_H

#include <stdbool.h>
#include <stddef.h>

struct block {
    char *text;
    size_t length;
};

/* Adds a line, with or without its newline. */
void block_add(struct block *block, const char *line, size_t length);

void block_clear(struct block *block);

/* Whether the lines are worth trying, as at Python's own prompt: one logical line, which may
 * span several through brackets, quotes and backslashes, is tried at each end of a line; more
 * than one belong to a compound statement, which a blank line ends. */
bool block_is_due(const struct block *block);

/* Whether there is nothing but blanks and newlines in it. */
bool block_is_blank(const struct block *block);

#endif
