/* SPDX-License-Identifier: Apache-2.0 */
/* test_records.c: what is known of sandboxes, to whom, and for how long. */
#include "sessions.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

static const char *folder;
static clutch_engine *engine;

static int open_engine(void **state)
{
    (void)state;
    folder = lasting_folder();
    engine = engine_on(folder);
    return 0;
}

static void open_again(void)
{
    clutch_engine_close(engine);
    engine = engine_on(folder);
}

static void the_engine_ends(void **state)
{
    (void)state;
    end_engine(engine);
}

static clutch_sandbox *named(const char *owner, const char *name)
{
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.owner = owner;
    options.name = name;
    return create(engine, &options);
}

static clutch_sandbox_page *list(const clutch_list_options *options)
{
    clutch_sandbox_page *page = NULL;
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_engine_list(engine, options, &page, &error), &error);
    return page;
}

/* The names on a page, with a blank after each. */
static const char *names(const clutch_list_options *options)
{
    clutch_sandbox_page *page = list(options);
    const char *text = "";
    for (size_t i = 0; i < page->count; i++)
        text = format("%s%s ", text, page->sandboxes[i]->name);
    clutch_sandbox_page_free(page);
    return text;
}

/* What is not told to the store by the API: only while no engine has the folder. */
static void change_records(const char *sql)
{
    sqlite3 *db;
    char *fault = NULL;
    assert_int_equal(sqlite3_open(format("%s/clutch.db", folder), &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &fault) != SQLITE_OK)
        fail_msg("%s: %s", sql, fault);
    sqlite3_close(db);
}

/* ---- Ensure and open ---- */

static clutch_sandbox *ensure(const clutch_sandbox_options *options, uint32_t ready)
{
    clutch_sandbox *sandbox = NULL;
    clutch_session_report *report = NULL;
    clutch_error error = ERROR_UNTOUCHED;
    uint64_t begun_ms = now_ms();
    assert_worked(clutch_sandbox_ensure(engine, options, &sandbox, &report, &error), &error);
    assert_int_equal(report->ready, ready);
    assert_in_range(report->took_ns, 1, (now_ms() - begun_ms + 1) * 1000000);
    clutch_session_report_free(report);
    assert_state(sandbox, CLUTCH_STATE_RUNNING);
    return sandbox;
}

static void ensure_makes_a_sandbox_run_and_tells_how(void **state)
{
    (void)state;
    static const char *const labels[] = {"made=first", NULL}, *const others[] = {"made=later", NULL};
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.name = "ensured";
    options.owner = "ada";
    options.labels = labels;
    clutch_sandbox *first = ensure(&options, CLUTCH_READY_CREATED);
    do_run(first, "word = 'kept'");
    options.labels = others; /* from here on, only owner and name count */
    clutch_sandbox *sandbox = ensure(&options, CLUTCH_READY_FOUND);
    clutch_sandbox_release(sandbox);
    do_pause(first);
    clutch_sandbox_release(ensure(&options, CLUTCH_READY_RESUMED));
    do_stop(first);
    clutch_sandbox_release(ensure(&options, CLUTCH_READY_STARTED));
    do_stop(first);
    do_archive(first);
    sandbox = ensure(&options, CLUTCH_READY_RESTORED);
    assert_text(clutch_sandbox_id(sandbox), clutch_sandbox_id(first));
    assert_text(clutch_sandbox_label(sandbox, "made"), "first");
    assert_text(answer(sandbox, "print(word)"), "kept");
    do_delete(first);
    clutch_sandbox_release(sandbox);
    sandbox = ensure(&options, CLUTCH_READY_CREATED);
    assert_string_not_equal(clutch_sandbox_id(sandbox), clutch_sandbox_id(first));
    clutch_sandbox_release(first);
    clutch_sandbox_destroy(sandbox);
}

static void ensure_goes_by_id_without_a_name_and_needs_one_of_them(void **state)
{
    (void)state;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.id = "0a0a0a0a-bbbb-4ccc-8ddd-eeeeeeeeeeee";
    clutch_sandbox *sandbox = ensure(&options, CLUTCH_READY_CREATED);
    assert_text(clutch_sandbox_id(sandbox), options.id);
    clutch_sandbox_release(ensure(&options, CLUTCH_READY_FOUND));
    clutch_sandbox_destroy(sandbox);
    clutch_error error;
    sandbox = UNTOUCHED;
    assert_refused(clutch_sandbox_ensure(engine, NULL, &sandbox, NULL, &error), CLUTCH_E_INVALID, &error);
    assert_ptr_equal(sandbox, UNTOUCHED);
}

static void several_handles_lead_to_one_sandbox_by_id_and_by_name(void **state)
{
    (void)state;
    clutch_sandbox *first = named("ada", "several");
    clutch_sandbox *by_name = open_it(engine, "ada", "several");
    clutch_sandbox *by_id = open_it(engine, "ada", clutch_sandbox_id(first));
    clutch_sandbox *of_any = open_it(engine, NULL, "several");
    do_run(by_name, "word = 'one'");
    assert_text(answer(by_id, "print(word)"), "one");
    clutch_sandbox_release(first);
    clutch_sandbox_release(by_name);
    assert_text(answer(of_any, "print(word)"), "one");
    do_stop(by_id);
    assert_state(of_any, CLUTCH_STATE_STOPPED);
    clutch_sandbox_release(by_id);
    clutch_sandbox_release(of_any);
    by_id = open_it(engine, NULL, "several"); /* the records alone lead to it now */
    do_start(by_id);
    assert_text(answer(by_id, "print(word)"), "one");
    clutch_sandbox_destroy(by_id);
}

static void an_id_may_be_written_in_capitals(void **state)
{
    (void)state;
    static const char given[] = "AB3E4567-E89B-42D3-A456-426614174000";
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.id = given;
    clutch_sandbox *sandbox = create(engine, &options), *again;
    clutch_error error = ERROR_UNTOUCHED;
    assert_text(clutch_sandbox_id(sandbox), "ab3e4567-e89b-42d3-a456-426614174000");
    again = open_it(engine, NULL, given);
    assert_text(clutch_sandbox_id(again), clutch_sandbox_id(sandbox));
    clutch_sandbox_release(again);
    assert_worked(clutch_sandbox_ensure(engine, &options, &again, NULL, &error), &error);
    assert_text(clutch_sandbox_id(again), clutch_sandbox_id(sandbox));
    clutch_sandbox_release(again);
    clutch_sandbox_destroy(sandbox);
}

static void a_sandbox_goes_on_without_any_handle(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = named(NULL, "left alone");
    pid_t pid = clutch_sandbox_pid(sandbox);
    do_run(sandbox, "word = 'kept'");
    clutch_sandbox_release(sandbox);
    assert_true(is_alive(pid));
    sandbox = open_it(engine, NULL, "left alone");
    assert_int_equal(clutch_sandbox_pid(sandbox), pid);
    assert_text(answer(sandbox, "print(word)"), "kept");
    clutch_sandbox_destroy(sandbox);
}

/* ---- Owners ---- */

/* The message of a refusal to open, with the name that was asked for left out. */
static const char *refusal(const char *owner, const char *id_or_name)
{
    clutch_sandbox *sandbox = UNTOUCHED;
    clutch_error error;
    assert_refused(clutch_sandbox_open(engine, owner, id_or_name, &sandbox, &error), CLUTCH_E_NOT_FOUND,
                   &error);
    assert_ptr_equal(sandbox, UNTOUCHED);
    const char *at = strstr(error.message, id_or_name);
    return at ? format("%.*s*%s", (int)(at - error.message), error.message, at + strlen(id_or_name))
              : format("%s", error.message);
}

static void an_owner_can_neither_name_nor_see_nor_touch_anothers(void **state)
{
    (void)state;
    clutch_sandbox *hers = named("ada", "secret");
    do_run(hers, "word = 'hers'");
    const char *unknown = refusal("bob", "0b0b0b0b-bbbb-4ccc-8ddd-eeeeeeeeeeee");
    assert_text(refusal("bob", clutch_sandbox_id(hers)), unknown);
    assert_text(refusal("bob", "secret"), refusal("bob", "no such name"));
    assert_text(refusal("", "secret"), refusal("", "no such name"));
    clutch_list_options options = CLUTCH_LIST_OPTIONS_INIT;
    options.owner = "bob";
    assert_text(names(&options), "");
    options.owner = "ada";
    assert_text(names(&options), "secret ");
    clutch_sandbox_options wanted = CLUTCH_SANDBOX_OPTIONS_INIT;
    wanted.owner = "bob";
    wanted.name = "secret";
    clutch_sandbox *his = ensure(&wanted, CLUTCH_READY_CREATED);
    assert_string_not_equal(clutch_sandbox_id(his), clutch_sandbox_id(hers));
    assert_text(answer(his, "print('word' in globals())"), "False");
    clutch_sandbox *any = UNTOUCHED;
    clutch_error error;
    assert_refused(clutch_sandbox_open(engine, NULL, "secret", &any, &error), CLUTCH_E_INVALID, &error);
    assert_refused(clutch_sandbox_snapshot(hers, "", &error), CLUTCH_E_INVALID, &error);
    clutch_sandbox *mine = open_it(engine, "bob", "secret");
    assert_text(clutch_sandbox_id(mine), clutch_sandbox_id(his));
    clutch_sandbox_release(mine);
    clutch_sandbox_destroy(his);
    assert_text(answer(hers, "print(word)"), "hers");
    clutch_sandbox_destroy(hers);
}

static void an_owner_cannot_begin_with_or_remove_anothers_snapshot(void **state)
{
    (void)state;
    clutch_sandbox *hers = named("ada", "source");
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_sandbox_snapshot(hers, "point", &error), &error);
    assert_refused(clutch_snapshot_delete(engine, "bob", "point", &error), CLUTCH_E_NOT_FOUND, &error);
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.owner = "bob";
    options.snapshot = "point";
    clutch_sandbox *his = UNTOUCHED;
    assert_refused(clutch_sandbox_create(engine, &options, &his, &error), CLUTCH_E_NOT_FOUND, &error);
    assert_ptr_equal(his, UNTOUCHED);
    error = (clutch_error)ERROR_UNTOUCHED;
    assert_worked(clutch_snapshot_delete(engine, "ada", "point", &error), &error);
    clutch_sandbox_destroy(hers);
}

/* ---- Labels, intervals, times ---- */

static void labels_are_replaced_as_a_whole(void **state)
{
    (void)state;
    static const char *const first[] = {"team=data", "stage=test", NULL};
    static const char *const second[] = {"team=ops", "empty=", NULL};
    static const char *const bad[] = {"no equals sign", NULL}, *const none[] = {NULL};
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.labels = first;
    clutch_sandbox *sandbox = create(engine, &options), *other = NULL;
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_sandbox_set_labels(sandbox, second, &error), &error);
    assert_refused(clutch_sandbox_set_labels(sandbox, bad, &error), CLUTCH_E_INVALID, &error);
    other = open_it(engine, NULL, clutch_sandbox_id(sandbox));
    assert_text(clutch_sandbox_label(other, "team"), "ops");
    assert_text(clutch_sandbox_label(other, "stage"), NULL);
    clutch_sandbox_info *info = describe(sandbox);
    assert_text(info->labels[0], "team=ops");
    assert_text(info->labels[1], "empty=");
    assert_null(info->labels[2]);
    clutch_sandbox_info_free(info);
    error = (clutch_error)ERROR_UNTOUCHED;
    assert_worked(clutch_sandbox_set_labels(sandbox, none, &error), &error);
    assert_text(clutch_sandbox_label(other, "team"), NULL);
    clutch_sandbox_release(other);
    clutch_sandbox_destroy(sandbox);
}

static void an_info_says_what_happened_when(void **state)
{
    (void)state;
    clutch_intervals intervals = CLUTCH_INTERVALS_DAYTONA;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.intervals = &intervals;
    options.undo_depth = 3;
    int64_t begun_ms = wall_clock_ms();
    clutch_sandbox *sandbox = create(engine, &options);
    clutch_sandbox_info *made = describe(sandbox);
    assert_in_range(made->created_ms, begun_ms, wall_clock_ms());
    assert_in_range(made->changed_ms, made->created_ms, wall_clock_ms());
    assert_int_equal(made->saved_ms, 0);
    assert_int_equal(made->executions, 0);
    assert_int_equal(made->undo_depth, 3);
    assert_int_equal(made->intervals.auto_stop_s, 900);
    assert_text(made->name, clutch_sandbox_id(sandbox));
    assert_text(made->origin, "");
    assert_text(made->repository_url, "");
    assert_true(made->live);
    sleep_ms(20);
    do_run(sandbox, "pass");
    clutch_intervals none = CLUTCH_INTERVALS_INIT;
    none.auto_delete_s = 86400;
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_sandbox_set_intervals(sandbox, &none, &error), &error);
    clutch_sandbox_info *used = describe(sandbox);
    assert_true(used->activity_ms >= made->created_ms + 20);
    assert_int_equal(used->created_ms, made->created_ms);
    assert_int_equal(used->executions, 1);
    assert_int_equal(used->intervals.auto_stop_s, 0);
    assert_int_equal(used->intervals.auto_delete_s, 86400);
    do_stop(sandbox);
    clutch_sandbox_info *stopped = describe(sandbox);
    assert_in_range(stopped->saved_ms, used->activity_ms, wall_clock_ms());
    assert_in_range(stopped->changed_ms, used->activity_ms, wall_clock_ms());
    assert_true(stopped->updated_ms >= used->updated_ms && stopped->saved_bytes > 0);
    assert_false(stopped->live);
    clutch_sandbox_info_free(made);
    clutch_sandbox_info_free(used);
    clutch_sandbox_info_free(stopped);
    clutch_sandbox_destroy(sandbox);
}

/* ---- Lists ---- */

/* Four with different states, labels and names, of the owner "lists". */
static void make_four(clutch_sandbox *four[4])
{
    static const char *const owned_names[] = {"b_one", "a_two", "bXthree", "a four%"};
    static const char *const labels[][3] = {
        {"team=data", "kind=x", NULL}, {"team=data", NULL}, {"kind=x", NULL}, {"team=ops", NULL}};
    for (size_t i = 0; i < 4; i++) {
        clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
        options.owner = "lists";
        options.name = owned_names[i];
        options.labels = labels[i];
        four[i] = create(engine, &options);
        sleep_ms(3);
    }
    do_pause(four[1]);
    do_stop(four[2]);
    do_stop(four[3]);
    do_archive(four[3]);
    sleep_ms(3);
}

static void a_list_is_filtered_by_all_that_is_given(void **state)
{
    (void)state;
    static const char *const data[] = {"team=data", NULL}, *const both[] = {"team=data", "kind=x", NULL};
    clutch_sandbox *four[4];
    make_four(four);
    clutch_list_options options = CLUTCH_LIST_OPTIONS_INIT;
    options.owner = "lists";
    options.order = CLUTCH_ORDER_NAME;
    assert_text(names(&options), "a four% a_two bXthree b_one ");
    options.labels = data;
    assert_text(names(&options), "a_two b_one ");
    options.labels = both;
    assert_text(names(&options), "b_one ");
    options.labels = NULL;
    options.name_prefix = "b_";
    assert_text(names(&options), "b_one ");
    options.name_prefix = "%";
    assert_text(names(&options), "");
    options.name_prefix = NULL;
    options.states = 1u << CLUTCH_STATE_PAUSED | 1u << CLUTCH_STATE_ARCHIVED;
    assert_text(names(&options), "a four% a_two ");
    options.name_prefix = "a_";
    assert_text(names(&options), "a_two ");
    do_delete(four[1]);
    assert_text(names(&options), "");
    clutch_list_options deleted = CLUTCH_LIST_OPTIONS_INIT;
    deleted.owner = "lists";
    deleted.states = 1u << CLUTCH_STATE_DELETED;
    assert_text(names(&deleted), "a_two ");
    for (size_t i = 0; i < 4; i++)
        clutch_sandbox_destroy(four[i]);
    deleted.states = 0;
    assert_text(names(&deleted), "");
}

static void a_list_has_the_order_that_is_wanted(void **state)
{
    (void)state;
    static const char *const labels[] = {"a=b", NULL};
    clutch_sandbox *four[4];
    clutch_error error = ERROR_UNTOUCHED;
    make_four(four);
    assert_worked(clutch_sandbox_touch(four[0], &error), &error);
    sleep_ms(3);
    assert_worked(clutch_sandbox_set_labels(four[1], labels, &error), &error);
    clutch_list_options options = CLUTCH_LIST_OPTIONS_INIT;
    options.owner = "lists";
    assert_text(names(&options), "b_one a four% bXthree a_two "); /* by activity */
    options.order = CLUTCH_ORDER_CREATED;
    assert_text(names(&options), "a four% bXthree a_two b_one ");
    options.ascending = true;
    assert_text(names(&options), "b_one a_two bXthree a four% ");
    options.order = CLUTCH_ORDER_UPDATED;
    options.ascending = false;
    assert_int_equal(strncmp(names(&options), "a_two ", 6), 0);
    options.order = CLUTCH_ORDER_NAME;
    options.ascending = true;
    assert_text(names(&options), "b_one bXthree a_two a four% ");
    for (size_t i = 0; i < 4; i++)
        clutch_sandbox_destroy(four[i]);
}

static void a_list_refuses_what_it_cannot_do(void **state)
{
    (void)state;
    clutch_sandbox_page *page = UNTOUCHED;
    clutch_error error;
    clutch_list_options options = CLUTCH_LIST_OPTIONS_INIT;
    options.limit = 201;
    assert_refused(clutch_engine_list(engine, &options, &page, &error), CLUTCH_E_INVALID, &error);
    options.limit = 0;
    options.order = 4;
    assert_refused(clutch_engine_list(engine, &options, &page, &error), CLUTCH_E_INVALID, &error);
    options.order = 0;
    static const char *const cursors[] = {"", "nonsense", "0", "'; DROP TABLE sandboxes"};
    for (size_t i = 0; i < sizeof cursors / sizeof cursors[0]; i++) {
        options.cursor = cursors[i];
        assert_refused(clutch_engine_list(engine, &options, &page, &error), CLUTCH_E_INVALID, &error);
    }
    assert_ptr_equal(page, UNTOUCHED);
}

static void a_dead_process_is_listed_as_not_live(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = named("dead", "dead");
    clutch_list_options options = CLUTCH_LIST_OPTIONS_INIT;
    options.owner = "dead";
    clutch_sandbox_page *page = list(&options);
    assert_true(page->sandboxes[0]->live);
    clutch_sandbox_page_free(page);
    kill(clutch_sandbox_pid(sandbox), SIGKILL);
    for (unsigned tries = 0; clutch_sandbox_pid(sandbox) && tries < 1000; tries++)
        sleep_ms(2);
    page = list(&options);
    assert_int_equal(page->sandboxes[0]->state, CLUTCH_STATE_RUNNING); /* nobody has looked */
    assert_false(page->sandboxes[0]->live);
    clutch_sandbox_page_free(page);
    assert_state(sandbox, CLUTCH_STATE_STOPPED);
    clutch_sandbox_destroy(sandbox);
}

enum { MADE = 40, ALL = 1000 };

/* Few are made by the engine; the records of the others are copies of one. */
static void make_a_thousand(void)
{
    for (unsigned i = 0; i < MADE; i++) {
        clutch_sandbox *sandbox = named("crowd", format("made %u", i));
        clutch_stop_options options = CLUTCH_STOP_OPTIONS_INIT;
        clutch_error error = ERROR_UNTOUCHED;
        options.discard = true;
        assert_worked(clutch_sandbox_stop(sandbox, &options, NULL, &error), &error);
        clutch_sandbox_release(sandbox);
    }
    clutch_engine_close(engine);
    change_records("CREATE TEMP TABLE copy AS SELECT * FROM sandboxes WHERE owner = 'crowd' LIMIT 1;"
                   "CREATE TEMP TABLE numbers AS WITH RECURSIVE n(i) AS"
                   " (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 960) SELECT i FROM n;"
                   "UPDATE copy SET key = (SELECT max(key) FROM sandboxes);"
                   "CREATE TEMP TABLE copies AS SELECT copy.*, numbers.i AS i FROM copy, numbers;"
                   "UPDATE copies SET key = key + i, activity_ms = activity_ms - i % 7,"
                   " id = printf('%08x-0000-4000-8000-000000000000', i), name = printf('copy %d', i);"
                   "ALTER TABLE copies DROP COLUMN i;"
                   "INSERT INTO sandboxes SELECT * FROM copies;");
    engine = engine_on(folder);
}

/* Goes through all pages; each sandbox is there once, and between the pages something changes. */
static void go_through(uint32_t order, bool ascending, uint32_t limit)
{
    static bool seen[ALL];
    clutch_list_options options = CLUTCH_LIST_OPTIONS_INIT;
    options.owner = "crowd";
    options.order = order;
    options.ascending = ascending;
    options.limit = limit;
    memset(seen, 0, sizeof seen);
    size_t count = 0, pages = 0;
    char cursor[512], last[64] = "";
    for (bool more = true; more; pages++) {
        clutch_sandbox_page *page = list(&options);
        for (size_t i = 0; i < page->count; i++) {
            const char *name = page->sandboxes[i]->name;
            unsigned at;
            if (sscanf(name, "made %u", &at) != 1) {
                assert_int_equal(sscanf(name, "copy %u", &at), 1);
                at += MADE - 1;
            }
            assert_false(seen[at]);
            seen[at] = true;
            assert_true(order != CLUTCH_ORDER_NAME || !last[0] || (strcmp(name, last) > 0) == !ascending);
            snprintf(last, sizeof last, "%s", name);
        }
        assert_true(page->count == (limit ? limit : 50) || !page->next_cursor);
        count += page->count;
        more = page->next_cursor != NULL;
        if (more)
            snprintf(cursor, sizeof cursor, "%s", page->next_cursor);
        clutch_sandbox_page_free(page);
        options.cursor = cursor;
        clutch_sandbox *newcomer = pages == 2 ? named("crowd 2", "newcomer") : NULL;
        clutch_sandbox_destroy(newcomer);
    }
    assert_int_equal(count, ALL);
}

static void pages_hold_each_of_a_thousand_sandboxes_once(void **state)
{
    (void)state;
    make_a_thousand();
    uint64_t begun_ms = now_ms();
    for (uint32_t order = 0; order <= CLUTCH_ORDER_NAME; order++) {
        go_through(order, false, 0);
        go_through(order, true, 200);
    }
    assert_in_range(now_ms() - begun_ms, 0, support_sanitized() ? 20000 : 4000);
    clutch_list_options options = CLUTCH_LIST_OPTIONS_INIT;
    options.owner = "crowd";
    options.limit = 7;
    clutch_sandbox_page *page = list(&options);
    options.cursor = page->next_cursor;
    options.order = CLUTCH_ORDER_NAME;
    clutch_sandbox_page *other = UNTOUCHED;
    clutch_error error;
    assert_refused(clutch_engine_list(engine, &options, &other, &error), CLUTCH_E_INVALID, &error);
    clutch_sandbox_page_free(page);
    clutch_sandbox *copy = open_it(engine, "crowd", "copy 500");
    do_start(copy); /* it has nothing saved, but it runs */
    assert_text(answer(copy, "print(1)"), "1");
    clutch_sandbox_destroy(copy);
    clutch_engine_close(engine);
    change_records("DELETE FROM sandboxes WHERE owner = 'crowd'");
    engine = engine_on(folder);
}

/* ---- How long ---- */

static size_t log_count(clutch_sandbox *sandbox)
{
    clutch_record_page *page = NULL;
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_sandbox_log(sandbox, 0, NULL, &page, &error), &error);
    size_t count = page->count;
    clutch_record_page_free(page);
    return count;
}

static bool is_purged(void *sandbox)
{
    return log_count(sandbox) == 1;
}

static void executions_are_kept_for_thirty_days(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = named(NULL, "old");
    do_run(sandbox, "x = 1");
    do_run(sandbox, "x = 2");
    do_stop(sandbox);
    clutch_sandbox_release(sandbox);
    clutch_engine_close(engine);
    change_records("UPDATE executions SET created_ms = created_ms - 29 * 86400000 WHERE serial = 1");
    engine = engine_on(folder);
    sandbox = open_it(engine, NULL, "old");
    sleep_ms(100);
    assert_int_equal(log_count(sandbox), 2);
    clutch_sandbox_release(sandbox);
    clutch_engine_close(engine);
    change_records("UPDATE executions SET created_ms = created_ms - 86400000 - 3600000 WHERE serial = 1");
    engine = engine_on(folder);
    sandbox = open_it(engine, NULL, "old");
    assert_true(eventually(is_purged, sandbox, 2000));
    assert_state(sandbox, CLUTCH_STATE_STOPPED);
    clutch_sandbox_destroy(sandbox);
}

static void all_is_listed_and_can_be_started_after_the_engine_was_closed(void **state)
{
    (void)state;
    static const uint32_t after[] = {CLUTCH_STATE_STOPPED, CLUTCH_STATE_STOPPED, CLUTCH_STATE_STOPPED,
                                     CLUTCH_STATE_ARCHIVED};
    static const char *const labels[] = {"team=data", NULL};
    clutch_sandbox *four[4];
    clutch_error error = ERROR_UNTOUCHED;
    make_four(four);
    do_run(four[0], "x = 1");
    assert_worked(clutch_sandbox_set_labels(four[3], labels, &error), &error);
    clutch_sandbox_info *before[4], *now[4];
    for (size_t i = 0; i < 4; i++) {
        before[i] = describe(four[i]);
        clutch_sandbox_release(four[i]);
    }
    open_again();
    clutch_list_options options = CLUTCH_LIST_OPTIONS_INIT;
    options.owner = "lists";
    options.order = CLUTCH_ORDER_CREATED;
    options.ascending = true;
    clutch_sandbox_page *page = list(&options);
    assert_int_equal(page->count, 4);
    for (size_t i = 0; i < 4; i++) {
        four[i] = open_it(engine, "lists", before[i]->name);
        now[i] = describe(four[i]);
        assert_text(page->sandboxes[i]->id, before[i]->id);
        assert_int_equal(page->sandboxes[i]->state, after[i]);
        assert_false(page->sandboxes[i]->live);
        assert_int_equal(now[i]->state, after[i]);
        assert_int_equal(now[i]->created_ms, before[i]->created_ms);
        assert_int_equal(now[i]->executions, before[i]->executions);
        do_start(four[i]);
        assert_text(answer(four[i], "print(1)"), "1");
    }
    assert_text(clutch_sandbox_label(four[3], "team"), "data");
    clutch_sandbox_page_free(page);
    assert_int_equal(log_count(four[0]), 2);
    for (size_t i = 0; i < 4; i++) {
        clutch_sandbox_info_free(before[i]);
        clutch_sandbox_info_free(now[i]);
        clutch_sandbox_destroy(four[i]);
    }
}

static void a_state_folder_belongs_to_one_engine_at_a_time(void **state)
{
    (void)state;
    static const char *const nothing[] = {NULL};
    clutch_sandbox *sandbox = named(NULL, "undisturbed");
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    options.preload = nothing;
    options.state_dir = folder;
    clutch_engine *second = UNTOUCHED;
    clutch_error error;
    uint64_t begun_ms = now_ms();
    assert_refused(clutch_engine_open(&options, &second, &error), CLUTCH_E_LOCKED, &error);
    assert_in_range(now_ms() - begun_ms, 0, 1000);
    assert_holds(error.message, folder);
    assert_ptr_equal(second, UNTOUCHED);
    assert_text(answer(sandbox, "print('going on')"), "going on");
    clutch_sandbox_destroy(sandbox);
    open_again();
}

static void what_cannot_be_recorded_says_so_and_is_not_lost(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = named(NULL, "full");
    do_run(sandbox, "x = 1");
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit before, none = {0, RLIM_INFINITY};
    getrlimit(RLIMIT_FSIZE, &before);
    none.rlim_max = before.rlim_max;
    setrlimit(RLIMIT_FSIZE, &none); /* of this process: no file can grow, as on a full disk */
    clutch_result *result = run(sandbox, "x = 2");
    clutch_error error;
    int stopped = clutch_sandbox_stop(sandbox, NULL, NULL, &error);
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_DFL);
    assert_outcome(result, CLUTCH_OUTCOME_OK);
    assert_false(result->recorded);
    clutch_result_free(result);
    assert_refused(stopped, CLUTCH_E_DISK, &error);
    assert_state(sandbox, CLUTCH_STATE_RUNNING);
    do_stop(sandbox);
    do_start(sandbox);
    assert_text(answer(sandbox, "print(x)"), "2");
    clutch_sandbox_destroy(sandbox);
}

static void a_sandbox_whose_variables_find_no_place_on_the_disk_goes_on_running(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = named(NULL, "no place");
    const char *in_the_way = format("%s/%s/session.new", folder, clutch_sandbox_id(sandbox));
    do_run(sandbox, "x = 1");
    pid_t pid = clutch_sandbox_pid(sandbox);
    assert_int_equal(mkdir(in_the_way, 0700), 0);
    write_file(format("%s/full", in_the_way), "x");
    clutch_error error;
    assert_refused(clutch_sandbox_stop(sandbox, NULL, NULL, &error), CLUTCH_E_DISK, &error);
    assert_state(sandbox, CLUTCH_STATE_RUNNING);
    assert_int_equal(clutch_sandbox_pid(sandbox), pid);
    assert_text(answer(sandbox, "print(x)"), "1");
    remove_tree(in_the_way);
    do_stop(sandbox);
    do_start(sandbox);
    assert_text(answer(sandbox, "print(x)"), "1");
    clutch_sandbox_destroy(sandbox);
}

static void without_a_state_folder_all_of_it_is_there_in_memory(void **state)
{
    (void)state;
    static const char *const labels[] = {"team=data", NULL};
    clutch_engine *kept = engine;
    engine = open_bare(NULL);
    const char *own = format("%s", clutch_engine_describe(engine)->state_dir);
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.name = "passing";
    options.labels = labels;
    clutch_sandbox *sandbox = ensure(&options, CLUTCH_READY_CREATED);
    clutch_result *result = run(sandbox, "word = 'kept'; open('file', 'w').write(word)");
    assert_true(result->recorded);
    clutch_result_free(result);
    do_stop(sandbox);
    do_archive(sandbox);
    clutch_sandbox_release(sandbox);
    clutch_list_options wanted = CLUTCH_LIST_OPTIONS_INIT;
    wanted.labels = labels;
    assert_text(names(&wanted), "passing ");
    assert_false(file_exists(format("%s/clutch.db", own)));
    sandbox = ensure(&options, CLUTCH_READY_RESTORED);
    assert_text(answer(sandbox, "print(word, open('file').read())"), "kept kept");
    assert_int_equal(log_count(sandbox), 2);
    clutch_sandbox_release(sandbox);
    clutch_engine_close(engine);
    assert_false(file_exists(own));
    engine = kept;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(ensure_makes_a_sandbox_run_and_tells_how, open_engine),
        TEST(ensure_goes_by_id_without_a_name_and_needs_one_of_them),
        TEST(several_handles_lead_to_one_sandbox_by_id_and_by_name),
        TEST(an_id_may_be_written_in_capitals),
        TEST(a_sandbox_goes_on_without_any_handle),
        TEST(an_owner_can_neither_name_nor_see_nor_touch_anothers),
        TEST(an_owner_cannot_begin_with_or_remove_anothers_snapshot),
        TEST(labels_are_replaced_as_a_whole),
        TEST(an_info_says_what_happened_when),
        TEST(a_list_is_filtered_by_all_that_is_given),
        TEST(a_list_has_the_order_that_is_wanted),
        TEST(a_list_refuses_what_it_cannot_do),
        TEST(a_dead_process_is_listed_as_not_live),
        TEST(pages_hold_each_of_a_thousand_sandboxes_once),
        TEST(executions_are_kept_for_thirty_days),
        TEST(all_is_listed_and_can_be_started_after_the_engine_was_closed),
        TEST(a_state_folder_belongs_to_one_engine_at_a_time),
        TEST(what_cannot_be_recorded_says_so_and_is_not_lost),
        TEST(a_sandbox_whose_variables_find_no_place_on_the_disk_goes_on_running),
        TEST(without_a_state_folder_all_of_it_is_there_in_memory),
        TEST(the_engine_ends),
    };
    return RUN_TESTS(tests);
}
