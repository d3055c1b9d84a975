/* SPDX-License-Identifier: Apache-2.0 */
/* table.c: a hash table from texts to things. */
#include "table.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct table_entry {
    struct table_entry *next;
    void *value;
    char key[];
};

static size_t hash(const char *key)
{
    uint64_t sum = UINT64_C(14695981039346656037);
    for (; *key != '\0'; key++)
        sum = (sum ^ (unsigned char)*key) * UINT64_C(1099511628211);
    return (size_t)(sum ^ sum >> 32);
}

/* Where the entry of the key hangs, or would. */
static struct table_entry **place(const struct table *table, const char *key)
{
    struct table_entry **at = &table->rows[hash(key) & (table->row_count - 1)];
    while (*at != NULL && strcmp((*at)->key, key) != 0)
        at = &(*at)->next;
    return at;
}

void *table_find(const struct table *table, const char *key)
{
    struct table_entry *entry = table->row_count > 0 ? *place(table, key) : NULL;
    return entry != NULL ? entry->value : NULL;
}

static bool grow(struct table *table)
{
    struct table wider = {NULL, table->row_count > 0 ? 2 * table->row_count : 64, table->count};
    wider.rows = calloc(wider.row_count, sizeof(struct table_entry *));
    if (wider.rows == NULL)
        return table->row_count > 0;
    for (size_t i = 0; i < table->row_count; i++)
        for (struct table_entry *entry = table->rows[i], *next; entry != NULL; entry = next) {
            next = entry->next;
            struct table_entry **row = &wider.rows[hash(entry->key) & (wider.row_count - 1)];
            entry->next = *row;
            *row = entry;
        }
    free(table->rows);
    *table = wider;
    return true;
}

bool table_put(struct table *table, const char *key, void *value)
{
    if (table->count >= table->row_count && !grow(table))
        return false;
    struct table_entry **at = place(table, key);
    if (*at != NULL) {
        (*at)->value = value;
        return true;
    }
    size_t size = strlen(key) + 1;
    struct table_entry *entry = malloc(sizeof *entry + size);
    if (entry == NULL)
        return false;
    entry->next = NULL;
    entry->value = value;
    memcpy(entry->key, key, size);
    *at = entry;
    table->count++;
    return true;
}

void *table_take(struct table *table, const char *key)
{
    if (table->row_count == 0)
        return NULL;
    struct table_entry **at = place(table, key), *entry = *at;
    if (entry == NULL)
        return NULL;
    void *value = entry->value;
    *at = entry->next;
    free(entry);
    table->count--;
    return value;
}

void table_each(const struct table *table, void (*visit)(void *value, void *user), void *user)
{
    for (size_t i = 0; i < table->row_count; i++)
        for (struct table_entry *entry = table->rows[i]; entry != NULL; entry = entry->next)
            visit(entry->value, user);
}

void table_clear(struct table *table)
{
    for (size_t i = 0; i < table->row_count; i++)
        for (struct table_entry *entry = table->rows[i], *next; entry != NULL; entry = next) {
            next = entry->next;
            free(entry);
        }
    free(table->rows);
    *table = (struct table){NULL, 0, 0};
}
