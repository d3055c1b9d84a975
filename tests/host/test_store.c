/* SPDX-License-Identifier: Apache-2.0 */
/* test_store.c: the engine's records: what is written is found again, in order, and fast. */
#include "inside_store.h"

#include <sqlite3.h>

/* ---- Records ---- */

static void every_field_comes_back(void **state)
{
    (void)state;
    static const char *const labels[] = {"team=a=b", "empty=", NULL};
    static const char *const env[] = {"A=1", "B=\xff latin", NULL};
    static const clutch_left_out left[] = {{"f", "_io.TextIOWrapper", "open file"}, {"t", "Thread", "runs"}};
    struct store_sandbox in_ = sandbox_of(1);
    in_.info.owner = "owner";
    in_.info.labels = labels;
    in_.info.undo_depth = 3;
    in_.info.intervals = (clutch_intervals)CLUTCH_INTERVALS_DAYTONA;
    in_.info.intervals.auto_delete_s = CLUTCH_AT_ONCE;
    in_.info.origin = id_of(9);
    in_.info.repository_url = "https://example.org/r";
    in_.info.current_branch = "main";
    in_.env = env;
    in_.limits = (clutch_limits){.struct_size = sizeof in_.limits, .wall_ms = 7, .memory_bytes = UINT64_MAX};
    in_.network = CLUTCH_NETWORK_ALL;
    in_.rollback = CLUTCH_ROLLBACK_FAILURE;
    in_.processes = true;
    in_.workdir = "/somewhere";
    struct store *store = open_store(inside_folder);
    assert_fine(store_insert(store, &in_, &error), &error);
    struct store_session session = {
        .saved = true, .saved_bytes = 12, .python_version = "3.11.2", .left_out_count = 2, .left_out = left};
    clutch_change made;
    assert_fine(store_set_state(store, id_of(1), CLUTCH_STATE_STOPPED, "stop was called", &session, &made,
                                &error), &error);
    assert_int_equal(made.from, CLUTCH_STATE_RUNNING);
    store_close(store);
    store = open_store(inside_folder);
    struct store_sandbox *row = get(store, 1);
    assert_string_equal(row->info.owner, "owner");
    assert_string_equal(row->info.name, "name-00001");
    assert_string_equal(row->info.reason, "stop was called");
    assert_string_equal(row->info.labels[0], "team=a=b");
    assert_string_equal(row->info.labels[1], "empty=");
    assert_null(row->info.labels[2]);
    assert_string_equal(row->env[1], "B=\xff latin");
    assert_null(row->env[2]);
    assert_int_equal(row->info.undo_depth, 3);
    assert_int_equal(row->info.intervals.auto_stop_s, 900);
    assert_int_equal(row->info.intervals.auto_delete_s, CLUTCH_AT_ONCE);
    assert_string_equal(row->info.origin, id_of(9));
    assert_string_equal(row->info.current_branch, "main");
    assert_int_equal(row->limits.wall_ms, 7);
    assert_true(row->limits.memory_bytes == UINT64_MAX);
    assert_int_equal(row->limits.struct_size, sizeof(clutch_limits));
    assert_true(row->processes && row->network == CLUTCH_NETWORK_ALL);
    assert_int_equal(row->rollback, CLUTCH_ROLLBACK_FAILURE);
    assert_string_equal(row->workdir, "/somewhere");
    assert_string_equal(row->python_version, "3.11.2");
    assert_int_equal(row->info.saved_bytes, 12);
    assert_true(row->info.saved_ms == made.at_ms && row->info.changed_ms == made.at_ms);
    assert_int_equal(row->info.left_out_count, 2);
    assert_string_equal(row->info.left_out[0].type, "_io.TextIOWrapper");
    assert_string_equal(row->info.left_out[1].reason, "runs");
    store_sandbox_free(row);
    store_close(store);
}

static void files_are_for_their_owner_alone(void **state)
{
    (void)state;
    struct store *store = open_store(inside_folder);
    insert(store, 1);
    static const char *const names[] = {"clutch.db", "clutch.db-wal", "lock"};
    for (size_t i = 0; i < 3; i++) {
        struct stat about;
        assert_int_equal(stat(in(names[i]), &about), 0);
        assert_int_equal(about.st_mode & 0777, 0600);
    }
    store_close(store);
}

static void ids_and_names_are_unique_until_deleted(void **state)
{
    (void)state;
    struct store *store = open_store(NULL);
    insert(store, 1);
    struct store_sandbox same_id = sandbox_of(1), same_name = sandbox_of(2);
    same_id.info.name = "other";
    assert_fails(store_insert(store, &same_id, &error), CLUTCH_E_EXISTS, &error);
    assert_non_null(strstr(error.message, "id"));
    same_name.info.name = "name-00001";
    assert_fails(store_insert(store, &same_name, &error), CLUTCH_E_EXISTS, &error);
    assert_non_null(strstr(error.message, "name name-00001"));
    same_name.info.owner = "other";
    assert_fine(store_insert(store, &same_name, &error), &error);
    insert(store, 3);
    struct store_meta meta = {.name = "name-00001"};
    assert_fails(store_set_meta(store, id_of(3), &meta, &error), CLUTCH_E_EXISTS, &error);
    set_state(store, 1, CLUTCH_STATE_DELETED);
    assert_fine(store_set_meta(store, id_of(3), &meta, &error), &error);
    assert_fails(store_set_state(store, id_of(1), CLUTCH_STATE_STOPPED, "", NULL, NULL, &error),
                 CLUTCH_E_NOT_FOUND, &error);
    struct store_sandbox again = sandbox_of(1);
    again.info.name = "again";
    assert_fine(store_insert(store, &again, &error), &error);
    assert_state(store, 1, CLUTCH_STATE_RUNNING);
    assert_fine(store_remove(store, id_of(1), &error), &error);
    assert_fails(store_remove(store, id_of(1), &error), CLUTCH_E_NOT_FOUND, &error);
    store_close(store);
}

static void one_owner_cannot_find_anothers(void **state)
{
    (void)state;
    struct store *store = open_store(NULL);
    struct store_sandbox mine = sandbox_of(1), yours = sandbox_of(2), *row = NULL;
    mine.info.owner = "me";
    yours.info.owner = "you";
    mine.info.name = yours.info.name = "same";
    assert_fine(store_insert(store, &mine, &error), &error);
    assert_fine(store_insert(store, &yours, &error), &error);
    assert_fails(store_find(store, "me", id_of(2), &row, &error), CLUTCH_E_NOT_FOUND, &error);
    assert_fails(store_find(store, "nobody", "same", &row, &error), CLUTCH_E_NOT_FOUND, &error);
    assert_null(row);
    assert_fine(store_find(store, "you", "same", &row, &error), &error);
    assert_string_equal(row->info.id, id_of(2));
    store_sandbox_free(row);
    assert_fine(store_find(store, NULL, id_of(1), &row, &error), &error);
    store_sandbox_free(row);
    assert_fails(store_find(store, NULL, "same", &row, &error), CLUTCH_E_INVALID, &error);
    store_close(store);
}

/* ---- Executions and changes ---- */

static void executions_are_listed_newest_first(void **state)
{
    (void)state;
    const char *folders[] = {NULL, inside_folder};
    for (size_t i = 0; i < 2; i++) {
        struct store *store = open_store(folders[i]);
        insert(store, 1);
        for (unsigned serial = 1; serial <= 120; serial++)
            assert_fine(add(store, 1, serial, say("x = %u", serial)), &error);
        unsigned expected = 120, pages = 0;
        char cursor[1024] = "";
        do {
            clutch_record_page *page = log_of(store, 1, 0, *cursor ? cursor : NULL);
            for (size_t j = 0; j < page->count; j++, expected--) {
                assert_int_equal(page->records[j].serial, expected);
                assert_string_equal(page->records[j].code, say("x = %u", expected));
                assert_int_equal(page->records[j].code_length, strlen(say("x = %u", expected)));
                assert_string_equal(page->records[j].output_preview, "printed");
                assert_string_equal(page->records[j].kind, "python");
                assert_string_equal(page->records[j].source, "api");
                assert_string_equal(page->records[j].error, "");
            }
            snprintf(cursor, sizeof cursor, "%s", page->next_cursor ? page->next_cursor : "");
            free(page);
            pages++;
        } while (*cursor);
        assert_int_equal(pages, 3);
        assert_int_equal(expected, 0);
        assert_int_equal(store_roll_back(store, id_of(1), 119, &error), 2);
        assert_int_equal(store_roll_back(store, id_of(1), 119, &error), 0);
        set_state(store, 1, CLUTCH_STATE_DELETED);
        clutch_record_page *page = log_of(store, 1, 3, NULL);
        assert_true(page->records[0].rolled_back && page->records[1].rolled_back);
        assert_false(page->records[2].rolled_back);
        free(page);
        struct store_sandbox *row = get(store, 1);
        assert_int_equal(row->info.executions, 120);
        store_sandbox_free(row);
        store_close(store);
    }
}

static void previews_are_cut_at_16_kib_and_marked(void **state)
{
    (void)state;
    struct store *store = open_store(NULL);
    insert(store, 1);
    static char euros[6000 * 3 + 1];
    for (size_t i = 0; i < 6000; i++)
        memcpy(euros + 3 * i, "\xe2\x82\xac", 3);
    clutch_output output[] = {{"a\0b", 3, 1}, {euros, 18000, 1}};
    struct store_execution execution = {.serial = 1, .code = "", .output = output, .output_count = 2};
    assert_fine(store_add_execution(store, id_of(1), &execution, &error), &error);
    output[1].length = 16380;
    assert_fine(store_add_execution(store, id_of(1), &execution, &error), &error);
    clutch_record_page *page = log_of(store, 1, 0, NULL);
    assert_int_equal(page->count, 2);
    assert_int_equal(strlen(page->records[0].output_preview), 16384); /* "a b", a newline, 5,460 euros */
    const char *preview = page->records[1].output_preview;
    size_t length = strlen(preview);
    assert_true(length <= 16384 && length > 16380 - 14);
    assert_string_equal(preview + length - 14, "\xe2\x80\xa6[truncated]");
    assert_memory_equal(preview + length - 17, "\xe2\x82\xac", 3);
    free(page);
    store_close(store);
}

static void memory_keeps_the_newest_executions(void **state)
{
    (void)state;
    struct store *store = open_store(NULL);
    for (unsigned number = 1; number <= 12; number++) {
        insert(store, number);
        for (unsigned serial = 1; serial <= 1100; serial++)
            assert_fine(add(store, number, serial, "pass"), &error);
    }
    size_t counts[13] = {0}, all = 0;
    for (unsigned number = 1; number <= 12; number++) {
        char cursor[1024] = "";
        do {
            clutch_record_page *page = log_of(store, number, 200, *cursor ? cursor : NULL);
            if (!*cursor && page->count)
                assert_int_equal(page->records[0].serial, 1100);
            counts[number] += page->count;
            snprintf(cursor, sizeof cursor, "%s", page->next_cursor ? page->next_cursor : "");
            free(page);
        } while (*cursor);
        all += counts[number];
    }
    assert_int_equal(counts[12], 1000);
    assert_true(all <= 10000 && all > 8000);
    store_close(store);
}

static void memory_is_bounded_for_large_codes(void **state)
{
    (void)state;
    struct store *store = open_store(NULL);
    insert(store, 1);
    size_t size = 8 << 20;
    char *code = malloc(size);
    memset(code, '#', size);
    struct store_execution execution = {.code = code, .code_length = size};
    sqlite3_memory_highwater(1);
    for (execution.serial = 1; execution.serial <= 100; execution.serial++)
        assert_fine(store_add_execution(store, id_of(1), &execution, &error), &error);
    print_message("# at most %lld MiB\n", (long long)sqlite3_memory_highwater(0) >> 20);
    assert_true(sqlite3_memory_highwater(0) < 200 << 20);
    clutch_record_page *page = log_of(store, 1, 1, NULL);
    assert_int_equal(page->records[0].serial, 100);
    free(page);
    free(code);
    store_close(store);
}

static void memory_keeps_the_newest_of_sandboxes_that_run_in_turns(void **state)
{
    (void)state;
    enum { SANDBOXES = 3, EACH = 1500 };
    struct store *store = open_store(NULL);
    for (unsigned number = 1; number <= SANDBOXES; number++)
        insert(store, number);
    for (unsigned serial = 1; serial <= EACH; serial++)
        for (unsigned number = 1; number <= SANDBOXES; number++)
            assert_fine(add(store, number, serial, "pass"), &error);
    for (unsigned number = 1; number <= SANDBOXES; number++) {
        char cursor[1024] = "";
        size_t count = 0;
        do {
            clutch_record_page *page = log_of(store, number, 200, *cursor ? cursor : NULL);
            for (size_t i = 0; i < page->count; i++)
                assert_int_equal(page->records[i].serial, EACH - count - i);
            count += page->count;
            snprintf(cursor, sizeof cursor, "%s", page->next_cursor ? page->next_cursor : "");
            free(page);
        } while (*cursor);
        assert_int_equal(count, 1000);
    }
    store_close(store);
}

static void changes_are_listed_newest_first(void **state)
{
    (void)state;
    struct store *store = open_store(NULL);
    insert(store, 1);
    set_state(store, 1, CLUTCH_STATE_PAUSED);
    set_state(store, 1, CLUTCH_STATE_RUNNING);
    clutch_change_page *page = NULL, *next = NULL;
    assert_fine(store_changes(store, id_of(1), 2, NULL, &page, &error), &error);
    assert_int_equal(page->count, 2);
    assert_int_equal(page->changes[0].from, CLUTCH_STATE_PAUSED);
    assert_string_equal(page->changes[0].id, id_of(1));
    assert_string_equal(page->changes[0].reason, "asked");
    assert_fine(store_changes(store, id_of(1), 2, page->next_cursor, &next, &error), &error);
    assert_int_equal(next->count, 1);
    assert_int_equal(next->changes[0].from, 0);
    assert_null(next->next_cursor);
    clutch_record_page *records = NULL;
    assert_fails(store_log(store, id_of(1), 0, page->next_cursor, &records, &error), CLUTCH_E_INVALID,
                 &error);
    free(page);
    free(next);
    store_close(store);
}

/* ---- Lists ---- */

static void walk(struct store *store, uint32_t order, bool ascending, unsigned count)
{
    clutch_list_options options = CLUTCH_LIST_OPTIONS_INIT;
    options.order = order;
    options.ascending = ascending;
    options.limit = 7;
    char cursor[1024] = "", last[64] = "";
    unsigned seen = 0;
    bool rises = (order == CLUTCH_ORDER_NAME) != ascending;
    do {
        options.cursor = *cursor ? cursor : NULL;
        clutch_sandbox_page *page = list(store, &options);
        for (size_t i = 0; i < page->count; i++, seen++) {
            const char *name = page->sandboxes[i]->name;
            if (*last)
                assert_true((strcmp(name, last) > 0) == rises);
            snprintf(last, sizeof last, "%s", name);
        }
        snprintf(cursor, sizeof cursor, "%s", page->next_cursor ? page->next_cursor : "");
        store_page_free(page);
    } while (*cursor);
    assert_int_equal(seen, count);
}

static void pages_cover_all_in_every_order(void **state)
{
    (void)state;
    struct store *store = open_store(NULL);
    for (unsigned number = 1; number <= 50; number++)
        insert(store, number);
    for (uint32_t order = 0; order < 4; order++) {
        walk(store, order, false, 50);
        walk(store, order, true, 50);
    }
    store_close(store);
}

static void pages_stay_right_while_rows_come_and_go(void **state)
{
    (void)state;
    struct store *store = open_store(NULL);
    for (unsigned number = 1; number <= 30; number++)
        insert(store, number);
    clutch_list_options options = CLUTCH_LIST_OPTIONS_INIT;
    options.order = CLUTCH_ORDER_CREATED;
    options.limit = 10;
    clutch_sandbox_page *first = list(store, &options);
    assert_string_equal(first->sandboxes[9]->name, "name-00021");
    insert(store, 31);
    assert_fine(store_remove(store, id_of(25), &error), &error);
    assert_fine(store_remove(store, id_of(21), &error), &error);
    options.cursor = first->next_cursor;
    clutch_sandbox_page *second = list(store, &options);
    assert_string_equal(second->sandboxes[0]->name, "name-00020");
    assert_string_equal(second->sandboxes[9]->name, "name-00011");
    store_page_free(first);
    store_page_free(second);
    store_close(store);
}

static void filters_must_all_match(void **state)
{
    (void)state;
    struct store *store = open_store(NULL);
    for (unsigned number = 1; number <= 40; number++) {
        struct store_sandbox sandbox = sandbox_of(number);
        const char *const labels[] = {say("even=%u", number % 2 == 0),
                                      say("third=%u", number % 3 == 0), NULL};
        sandbox.info.labels = labels;
        sandbox.info.owner = number <= 20 ? "me" : "you";
        assert_fine(store_insert(store, &sandbox, &error), &error);
    }
    set_state(store, 6, CLUTCH_STATE_STOPPED);
    set_state(store, 12, CLUTCH_STATE_DELETED);
    static const char *const sixth[] = {"even=1", "third=1", NULL}, *const no[] = {"even", NULL};
    clutch_list_options options = CLUTCH_LIST_OPTIONS_INIT;
    options.labels = sixth;
    struct {
        const char *owner;
        uint32_t states;
        const char *prefix;
        const char *const *labels;
        size_t expected;
    } cases[] = {
        {NULL, 0, NULL, sixth, 5},
        {"me", 0, NULL, sixth, 2},
        {"me", 1 << CLUTCH_STATE_STOPPED, NULL, sixth, 1},
        {"me", 1 << CLUTCH_STATE_DELETED, NULL, sixth, 1},
        {"me", 1 << CLUTCH_STATE_DELETED | 1 << CLUTCH_STATE_STOPPED, NULL, NULL, 2},
        {NULL, 0, "name-0003", NULL, 10},
        {"you", 0, "name-0002", NULL, 9},
        {NULL, 0, NULL, no, 0},
        {"nobody", 0, NULL, NULL, 0},
        {NULL, 0, NULL, NULL, 39},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        options.owner = cases[i].owner;
        options.states = cases[i].states;
        options.name_prefix = cases[i].prefix;
        options.labels = cases[i].labels;
        clutch_sandbox_page *page = list(store, &options);
        if (page->count != cases[i].expected)
            print_error("case %zu\n", i);
        assert_int_equal(page->count, cases[i].expected);
        store_page_free(page);
    }
    static const char *const replaced[] = {"even=no", NULL};
    struct store_meta meta = {.labels = replaced};
    assert_fine(store_set_meta(store, id_of(18), &meta, &error), &error);
    options = (clutch_list_options)CLUTCH_LIST_OPTIONS_INIT;
    options.labels = replaced;
    clutch_sandbox_page *page = list(store, &options);
    assert_int_equal(page->count, 1);
    store_page_free(page);
    store_close(store);
}

static void what_is_no_cursor_is_refused(void **state)
{
    (void)state;
    struct store *store = open_store(NULL);
    for (unsigned number = 1; number <= 3; number++)
        insert(store, number);
    clutch_list_options options = CLUTCH_LIST_OPTIONS_INIT;
    options.limit = 1;
    clutch_sandbox_page *page = list(store, &options), *none = NULL;
    char good[1024];
    snprintf(good, sizeof good, "%s", page->next_cursor);
    store_page_free(page);
    for (size_t i = 0; good[i]; i++) { /* each byte changed, and cut at each */
        char bad[1024];
        snprintf(bad, sizeof bad, "%s", good);
        bad[i] = bad[i] == '7' ? '6' : '7';
        options.cursor = bad;
        assert_fails(store_list(store, &options, NULL, &none, &error), CLUTCH_E_INVALID, &error);
        snprintf(bad, sizeof bad, "%.*s", (int)i, good);
        assert_fails(store_list(store, &options, NULL, &none, &error), CLUTCH_E_INVALID, &error);
    }
    options.cursor = good;
    options.order = CLUTCH_ORDER_NAME;
    assert_fails(store_list(store, &options, NULL, &none, &error), CLUTCH_E_INVALID, &error);
    options = (clutch_list_options)CLUTCH_LIST_OPTIONS_INIT;
    options.limit = 201;
    assert_fails(store_list(store, &options, NULL, &none, &error), CLUTCH_E_INVALID, &error);
    options.limit = 0;
    options.order = 9;
    assert_fails(store_list(store, &options, NULL, &none, &error), CLUTCH_E_INVALID, &error);
    assert_null(none);
    store_close(store);
}

static void words_are_derived(void **state)
{
    (void)state;
    assert_string_equal(store_word(CLUTCH_STATE_RUNNING, 1), "running");
    assert_string_equal(store_word(CLUTCH_STATE_PAUSED, 0), "stale");
    assert_string_equal(store_word(CLUTCH_STATE_RUNNING, -1), "unknown");
    assert_string_equal(store_word(CLUTCH_STATE_ARCHIVED, 1), "stopped");
}

/* ---- Time ---- */

static struct store_time test_now;

static struct store_time tell(void *user)
{
    (void)user;
    return test_now;
}

static void a_clock_set_back_changes_no_order_and_no_age(void **state)
{
    (void)state;
    struct store *store = open_store(inside_folder);
    test_now = (struct store_time){.wall_ms = 1700000000000, .boot_ms = 1000};
    store_set_clock(store, tell, NULL);
    insert(store, 1);
    assert_fine(add(store, 1, 1, "first"), &error);
    struct store_time since = store_now(store);
    test_now.wall_ms -= 86400000;
    test_now.boot_ms += 500;
    assert_int_equal(store_elapsed_ms(store, &since), 500);
    assert_fine(add(store, 1, 2, "second"), &error);
    insert(store, 2);
    clutch_record_page *page = log_of(store, 1, 0, NULL);
    assert_int_equal(page->records[0].serial, 2);
    free(page);
    clutch_list_options options = CLUTCH_LIST_OPTIONS_INIT;
    options.order = CLUTCH_ORDER_CREATED;
    clutch_sandbox_page *sandboxes = list(store, &options);
    assert_string_equal(sandboxes->sandboxes[0]->id, id_of(2));
    store_page_free(sandboxes);
    /* A clock that jumps years ahead makes nothing old. */
    test_now.wall_ms += INT64_C(4000000000000);
    test_now.boot_ms += 120000;
    assert_fine(store_purge(store, &error), &error);
    page = log_of(store, 1, 0, NULL);
    assert_int_equal(page->count, 2);
    free(page);
    struct store_time other_boot = {.wall_ms = test_now.wall_ms + 5, .boot_ms = 0, .boot = 77};
    assert_int_equal(store_elapsed_ms(store, &other_boot), 0);
    store_close(store);
}

static void old_executions_go_after_their_days(void **state)
{
    (void)state;
    struct store *store = open_store(inside_folder);
    test_now = (struct store_time){.wall_ms = 1700000000000, .boot_ms = 1000};
    store_set_clock(store, tell, NULL);
    insert(store, 1);
    insert(store, 2);
    for (unsigned serial = 1; serial <= 600; serial++)
        assert_fine(add(store, 1, serial, "old"), &error);
    set_state(store, 2, CLUTCH_STATE_DELETED);
    const int64_t day_ms = 86400000;
    test_now.wall_ms += 29 * day_ms;
    test_now.boot_ms += 29 * day_ms;
    assert_fine(store_purge(store, &error), &error);
    assert_fine(add(store, 1, 601, "new"), &error);
    test_now.wall_ms += 2 * day_ms;
    test_now.boot_ms += 2 * day_ms;
    assert_fine(store_purge(store, &error), &error);
    assert_fine(store_purge(store, &error), &error);
    clutch_record_page *page = log_of(store, 1, 200, NULL);
    assert_int_equal(page->count, 1);
    free(page);
    struct store_sandbox *row = NULL;
    assert_fails(store_get(store, id_of(2), &row, &error), CLUTCH_E_NOT_FOUND, &error);
    assert_state(store, 1, CLUTCH_STATE_RUNNING);
    store_close(store);
}

/* ---- Ten thousand ---- */

/* The plans of the lists that hosts ask for use an index, in order. */
static void assert_plan(sqlite3 *db, const char *sql, const char *part, bool sorted)
{
    sqlite3_stmt *statement;
    char text[600] = "";
    assert_int_equal(sqlite3_prepare_v2(db, say("EXPLAIN QUERY PLAN %s", sql), -1, &statement, NULL), 0);
    while (sqlite3_step(statement) == SQLITE_ROW)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s; ", sqlite3_column_text(statement, 3));
    sqlite3_finalize(statement);
    if (!strstr(text, part) || (strstr(text, "TEMP B-TREE") != NULL) == sorted)
        print_error("%s: %s\n", sql, text);
    assert_non_null(strstr(text, part));
    assert_int_equal(strstr(text, "TEMP B-TREE") == NULL, sorted);
}

static void queries_use_their_indexes(void **state)
{
    (void)state;
    store_close(open_store(inside_folder));
    sqlite3 *db;
    assert_int_equal(sqlite3_open(in("clutch.db"), &db), SQLITE_OK);
    assert_plan(db, "SELECT * FROM sandboxes s WHERE 1 AND s.state <> 11 AND (s.activity_ms, s.key) < (1, 1)"
                    " ORDER BY s.activity_ms DESC, s.key DESC LIMIT 50", "sandboxes_activity", true);
    assert_plan(db, "SELECT * FROM sandboxes s WHERE s.owner = 'a' AND s.state <> 11"
                    " ORDER BY s.activity_ms DESC, s.key DESC LIMIT 50", "sandboxes_owner_activity", true);
    assert_plan(db, "SELECT * FROM sandboxes s WHERE s.owner = 'a' AND s.state <> 11"
                    " ORDER BY s.name ASC, s.key ASC LIMIT 50", "sandboxes_name", true);
    assert_plan(db, "SELECT * FROM sandboxes s WHERE 1 AND s.state <> 11"
                    " ORDER BY s.updated_ms DESC, s.key DESC LIMIT 50", "sandboxes_updated", true);
    assert_plan(db, "SELECT * FROM sandboxes s WHERE 1 AND s.state <> 11"
                    " ORDER BY s.name ASC, s.key ASC LIMIT 50", "sandboxes_every_name", true);
    assert_plan(db, "SELECT key FROM sandboxes WHERE id = 'x' AND state <> 11", "sandboxes_id", true);
    assert_plan(db, "SELECT key FROM sandboxes WHERE owner = 'x' AND name = 'y' AND state <> 11",
                "sandboxes_name", true);
    assert_plan(db, "SELECT * FROM executions WHERE sandbox = 1 AND key < 9 ORDER BY key DESC LIMIT 50",
                "executions_sandbox", true);
    sqlite3_close(db);
}

static double each_us(uint64_t start, unsigned count)
{
    return (double)(now_us() - start) / count;
}

static void ten_thousand_sandboxes_stay_fast(void **state)
{
    (void)state;
    struct store *store = open_store(inside_folder);
    uint64_t start = now_us();
    for (unsigned number = 1; number <= 10000; number++) {
        struct store_sandbox sandbox = sandbox_of(number);
        const char *const labels[] = {number % 100 ? "kind=plain" : "kind=rare", NULL};
        sandbox.info.labels = labels;
        sandbox.info.owner = say("owner-%u", number % 10);
        sandbox.info.state = CLUTCH_STATE_STOPPED;
        assert_fine(store_insert(store, &sandbox, &error), &error);
    }
    double insert_us = each_us(start, 10000);
    start = now_us();
    for (unsigned i = 0; i < 1000; i++)
        store_sandbox_free(get(store, 1 + i * 7919 % 10000));
    double get_us = each_us(start, 1000);
    static const char *const rare[] = {"kind=rare", NULL};
    clutch_list_options options = CLUTCH_LIST_OPTIONS_INIT;
    double list_us[6], worst_us = 0;
    for (unsigned i = 0; i < 6; i++) {
        options.order = i % 4;
        options.owner = i == 4 ? "owner-3" : NULL;
        options.labels = i == 5 ? rare : NULL;
        start = now_us();
        for (unsigned j = 0; j < 20; j++)
            store_page_free(list(store, &options));
        list_us[i] = each_us(start, 20);
        worst_us = list_us[i] > worst_us ? list_us[i] : worst_us;
    }
    start = now_us();
    for (unsigned i = 0; i < 2000; i++)
        assert_fine(add(store, 1, i + 1, "print(1)"), &error);
    double add_us = each_us(start, 2000);
    start = now_us();
    for (unsigned i = 1; i <= 20; i++)
        set_state(store, i, CLUTCH_STATE_STOPPED);
    double stop_us = each_us(start, 20);
    print_message("# per insert %.0f us, get %.0f us, execution %.0f us, stop (on the disk) %.0f us\n",
                  insert_us, get_us, add_us, stop_us);
    print_message("# page of 50 by activity %.0f us, created %.0f, updated %.0f, name %.0f, owner %.0f,"
                  " label %.0f\n", list_us[0], list_us[1], list_us[2], list_us[3], list_us[4], list_us[5]);
    assert_true(insert_us < 5000 && get_us < 1000 && worst_us < 50000);
    store_close(store);
    store = open_store(NULL);
    insert(store, 1);
    start = now_us();
    for (unsigned i = 0; i < 20000; i++)
        assert_fine(add(store, 1, i + 1, "print(1)"), &error);
    add_us = each_us(start, 20000);
    start = now_us();
    for (unsigned i = 0; i < 20000; i++)
        assert_fine(store_touch(store, id_of(1), i, &error), &error);
    double touch_us = each_us(start, 20000);
    start = now_us();
    for (unsigned i = 2; i < 5002; i++)
        insert(store, i);
    print_message("# in memory: execution %.2f us, touch %.2f us, insert %.1f us\n", add_us, touch_us,
                  each_us(start, 5000));
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_field_comes_back),
        TEST(files_are_for_their_owner_alone),
        TEST(ids_and_names_are_unique_until_deleted),
        TEST(one_owner_cannot_find_anothers),
        TEST(executions_are_listed_newest_first),
        TEST(previews_are_cut_at_16_kib_and_marked),
        TEST(memory_keeps_the_newest_executions),
        TEST(memory_keeps_the_newest_of_sandboxes_that_run_in_turns),
        TEST(memory_is_bounded_for_large_codes),
        TEST(changes_are_listed_newest_first),
        TEST(pages_cover_all_in_every_order),
        TEST(pages_stay_right_while_rows_come_and_go),
        TEST(filters_must_all_match),
        TEST(what_is_no_cursor_is_refused),
        TEST(words_are_derived),
        TEST(a_clock_set_back_changes_no_order_and_no_age),
        TEST(old_executions_go_after_their_days),
        TEST(queries_use_their_indexes),
        TEST(ten_thousand_sandboxes_stay_fast),
    };
    return cmocka_run_group_tests_name("host/test_store", tests, NULL, NULL);
}
