/* SPDX-License-Identifier: Apache-2.0 */
/* test_log.c: what is recorded of executions. */
#include "sessions.h"

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

static void the_engine_ends(void **state)
{
    (void)state;
    end_engine(engine);
}

static clutch_record_page *log_of(clutch_sandbox *sandbox, uint32_t limit, const char *cursor)
{
    clutch_record_page *page = NULL;
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_sandbox_log(sandbox, limit, cursor, &page, &error), &error);
    return page;
}

static void the_log_has_each_execution_the_newest_first(void **state)
{
    (void)state;
    clutch_execute_options options = CLUTCH_EXECUTE_OPTIONS_INIT;
    clutch_sandbox *sandbox = create(engine, NULL);
    int64_t begun_ms = wall_clock_ms();
    do_run(sandbox, "print('a'); print('b')\nimport time; time.sleep(0.02)");
    options.source = "dashboard";
    clutch_result *result = run_with(sandbox, "print('before'); 1/0", &options);
    assert_true(result->recorded);
    clutch_result_free(result);
    const char code[] = "x = 'a\0b'";
    clutch_error error;
    assert_int_equal(clutch_sandbox_run(sandbox, code, sizeof code - 1, NULL, &result, &error), 0);
    clutch_result_free(result);
    clutch_record_page *page = log_of(sandbox, 0, NULL);
    assert_int_equal(page->count, 3);
    assert_null(page->next_cursor);
    const clutch_record *third = &page->records[0], *second = &page->records[1], *first = &page->records[2];
    assert_int_equal(third->serial, 3);
    assert_int_equal(third->code_length, sizeof code - 1);
    assert_memory_equal(third->code, code, sizeof code);
    assert_text(second->source, "dashboard");
    assert_text(second->error, "executing Python code: ZeroDivisionError('division by zero')");
    assert_text(second->output_preview, "before");
    assert_int_equal(second->outcome, CLUTCH_OUTCOME_EXCEPTION);
    assert_int_equal(first->serial, 1);
    assert_text(first->kind, "python");
    assert_text(first->source, "api");
    assert_text(first->output_preview, "a\nb");
    assert_text(first->error, "");
    assert_int_equal(first->outcome, CLUTCH_OUTCOME_OK);
    assert_in_range(first->wall_ns, 20000000, 10000000000);
    assert_in_range(first->created_ms, begun_ms, second->created_ms - 20);
    assert_false(first->rolled_back);
    clutch_record_page_free(page);
    clutch_sandbox_destroy(sandbox);
}

static void a_preview_is_cut_with_a_mark_and_code_is_kept_in_full(void **state)
{
    (void)state;
    enum { CODE = 100000, PREVIEW = 16384 };
    static const char mark[] = "\xe2\x80\xa6[truncated]";
    static char code[CODE + 64];
    clutch_sandbox *sandbox = create(engine, NULL);
    do_run(sandbox, format("print('x' * %d, end='')", PREVIEW));
    do_run(sandbox, format("print('x' * %d, end='')", PREVIEW + 1));
    do_run(sandbox, "for i in range(20000): print('\u20ac')");
    size_t length = (size_t)sprintf(code, "y = 1 # ");
    memset(code + length, 'z', CODE);
    code[length + CODE] = 0;
    do_run(sandbox, code);
    clutch_record_page *page = log_of(sandbox, 10, NULL);
    assert_int_equal(page->count, 4);
    assert_int_equal(page->records[0].code_length, length + CODE);
    assert_text(page->records[0].code, code);
    assert_int_equal(strlen(page->records[3].output_preview), PREVIEW);
    assert_null(strstr(page->records[3].output_preview, mark));
    for (size_t i = 1; i <= 2; i++) {
        const char *preview = page->records[i].output_preview;
        size_t bytes = strlen(preview);
        assert_in_range(bytes, PREVIEW - 4, PREVIEW);
        assert_text(preview + bytes - strlen(mark), mark);
    }
    clutch_record_page_free(page);
    clutch_sandbox_destroy(sandbox);
}

static void the_log_has_pages(void **state)
{
    (void)state;
    enum { RUNS = 60 };
    clutch_sandbox *sandbox = create(engine, NULL);
    for (unsigned i = 0; i < RUNS; i++)
        do_run(sandbox, format("n = %u", i));
    clutch_record_page *page = log_of(sandbox, 0, NULL);
    assert_int_equal(page->count, 50);
    clutch_record_page_free(page);
    uint64_t next = RUNS;
    const char *cursor = NULL;
    do {
        page = log_of(sandbox, 7, cursor);
        for (size_t i = 0; i < page->count; i++)
            assert_int_equal(page->records[i].serial, next--);
        cursor = page->next_cursor ? format("%s", page->next_cursor) : NULL;
        clutch_record_page_free(page);
        if (next == RUNS - 7)
            do_run(sandbox, "'meanwhile'");
    } while (cursor);
    assert_int_equal(next, 0);
    page = UNTOUCHED;
    clutch_error error;
    assert_refused(clutch_sandbox_log(sandbox, 201, NULL, &page, &error), CLUTCH_E_INVALID, &error);
    assert_refused(clutch_sandbox_log(sandbox, 0, "nonsense", &page, &error), CLUTCH_E_INVALID, &error);
    assert_ptr_equal(page, UNTOUCHED);
    clutch_sandbox_destroy(sandbox);
}

static void what_was_rolled_back_is_marked(void **state)
{
    (void)state;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.undo_depth = 3;
    clutch_sandbox *sandbox = create(engine, &options);
    do_run(sandbox, "x = 1");
    clutch_result *result = run(sandbox, "x = 2; import ctypes; ctypes.string_at(0)");
    assert_outcome(result, CLUTCH_OUTCOME_CRASHED);
    assert_true(result->rolled_back && result->recorded && !result->sandbox_ended);
    clutch_result_free(result);
    do_run(sandbox, "assert x == 1; x = 3");
    do_run(sandbox, "x = 4");
    clutch_error error = ERROR_UNTOUCHED;
    clutch_undone undone;
    assert_worked(clutch_sandbox_undo(sandbox, 2, &undone, &error), &error);
    assert_text(answer(sandbox, "print(x)"), "1");
    static const bool expected[] = {false, true, true, true, false}; /* the newest first */
    clutch_record_page *page = log_of(sandbox, 0, NULL);
    assert_int_equal(page->count, 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(page->records[i].rolled_back, expected[i]);
    clutch_record_page_free(page);
    clutch_sandbox_destroy(sandbox);
}

static void the_log_is_there_after_stop_and_delete(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = create(engine, NULL);
    do_run(sandbox, "x = 1");
    do_stop(sandbox);
    clutch_record_page *page = log_of(sandbox, 0, NULL);
    assert_int_equal(page->count, 1);
    clutch_record_page_free(page);
    do_delete(sandbox);
    page = log_of(sandbox, 0, NULL);
    assert_int_equal(page->count, 1);
    assert_text(page->records[0].code, "x = 1");
    clutch_record_page_free(page);
    clutch_sandbox_release(sandbox);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_log_has_each_execution_the_newest_first, open_engine),
        TEST(a_preview_is_cut_with_a_mark_and_code_is_kept_in_full),
        TEST(the_log_has_pages),
        TEST(what_was_rolled_back_is_marked),
        TEST(the_log_is_there_after_stop_and_delete),
        TEST(the_engine_ends),
    };
    return RUN_TESTS(tests);
}
