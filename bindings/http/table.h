/* SPDX-License-Identifier: Apache-2.0 */
/* table.h: a hash table from texts to things. Not for texts that a stranger chooses. */
#ifndef HTTP_TABLE_H
#define HTTP_TABLE_H

#include <stdbool.h>
#include <stddef.h>

/* Begins as all zeros. */
struct table {
    struct table_entry **rows;
    size_t row_count, count;
};

/* NULL when there is none. */
void *table_find(const struct table *table, const char *key);

/* The key is copied; in place of an older thing of that key. False when memory runs out. */
bool table_put(struct table *table, const char *key, void *value);

/* Returns what was there, or NULL. */
void *table_take(struct table *table, const char *key);

/* Calls visit with each thing; it must not change the table. */
void table_each(const struct table *table, void (*visit)(void *value, void *user), void *user);

/* Frees the table, not the things in it. */
void table_clear(struct table *table);

#endif
