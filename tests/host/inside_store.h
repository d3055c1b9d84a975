/* SPDX-License-Identifier: Apache-2.0 */
/* inside_store.h: what the tests of the store share. */
#ifndef CLUTCH_TESTS_INSIDE_STORE_H
#define CLUTCH_TESTS_INSIDE_STORE_H

#include "inside.h"

#include "host/store.h"

static clutch_error error;

static inline struct store *open_store(const char *folder)
{
    struct store *store = NULL;
    assert_fine(store_open(folder, 30, &store, &error), &error);
    assert_fine(store_take_over(store, &error), &error);
    return store;
}

static inline const char *id_of(unsigned number)
{
    return say("00000000-0000-4000-8000-%012u", number);
}

static inline struct store_sandbox sandbox_of(unsigned number)
{
    struct store_sandbox sandbox = {.info.id = id_of(number), .info.name = say("name-%05u", number)};
    sandbox.info.state = CLUTCH_STATE_RUNNING;
    sandbox.info.reason = "create was called";
    return sandbox;
}

static inline void insert(struct store *store, unsigned number)
{
    struct store_sandbox sandbox = sandbox_of(number);
    assert_fine(store_insert(store, &sandbox, &error), &error);
}

static inline void set_state(struct store *store, unsigned number, uint32_t state)
{
    assert_fine(store_set_state(store, id_of(number), state, "asked", NULL, NULL, &error), &error);
}

static inline struct store_sandbox *get(struct store *store, unsigned number)
{
    struct store_sandbox *row = NULL;
    assert_fine(store_get(store, id_of(number), &row, &error), &error);
    return row;
}

static inline void assert_state(struct store *store, unsigned number, uint32_t state)
{
    struct store_sandbox *row = get(store, number);
    assert_int_equal(row->info.state, state);
    store_sandbox_free(row);
}

static inline int add(struct store *store, unsigned number, uint64_t serial, const char *code)
{
    clutch_output output = {"printed", 7, CLUTCH_STDOUT};
    struct store_execution execution = {.serial = serial,
                                        .code = code,
                                        .code_length = strlen(code),
                                        .output = &output,
                                        .output_count = 1,
                                        .wall_ns = 5};
    return store_add_execution(store, id_of(number), &execution, &error);
}

static inline clutch_record_page *log_of(struct store *store, unsigned number, uint32_t limit,
                                         const char *cursor)
{
    clutch_record_page *page = NULL;
    assert_fine(store_log(store, id_of(number), limit, cursor, &page, &error), &error);
    return page;
}

static inline clutch_sandbox_page *list(struct store *store, const clutch_list_options *options)
{
    clutch_sandbox_page *page = NULL;
    assert_fine(store_list(store, options, NULL, &page, &error), &error);
    return page;
}

#endif
