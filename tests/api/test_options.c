/* SPDX-License-Identifier: Apache-2.0 */
/* test_options.c: values of options that cannot be used, and ones at the very bound. */
#include "support.h"

/* A text of so many bytes, valid until the next call. */
static char *filled(size_t length, char c)
{
    static char *text;
    free(text);
    text = malloc(length + 1);
    assert_non_null(text);
    memset(text, c, length);
    text[length] = 0;
    return text;
}

/* ---- The engine's ---- */

static void refuse_engine(const clutch_engine_options *options, int code, const char *word)
{
    clutch_engine *engine = UNTOUCHED;
    clutch_error error;
    assert_refused(clutch_engine_open(options, &engine, &error), code, &error);
    assert_holds(error.message, word);
    assert_ptr_equal(engine, UNTOUCHED);
    assert_int_equal(clutch_engine_open(options, &engine, NULL), code);
}

static void paths_of_an_engine_are_neither_empty_nor_endless(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        const char *path = i == 0 ? "" : filled(4096, 'x');
        clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
        options.environment = path;
        refuse_engine(&options, CLUTCH_E_INVALID, "environment");
        clutch_engine_options_init(&options);
        options.worker_path = path;
        refuse_engine(&options, CLUTCH_E_INVALID, "worker_path");
        clutch_engine_options_init(&options);
        options.state_dir = path;
        refuse_engine(&options, CLUTCH_E_INVALID, "state_dir");
    }
}

static void a_state_dir_must_be_an_existing_folder(void **state)
{
    (void)state;
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    options.state_dir = "/nonexistent";
    refuse_engine(&options, CLUTCH_E_INVALID, "/nonexistent");
    options.state_dir = "/etc/passwd";
    refuse_engine(&options, CLUTCH_E_INVALID, "/etc/passwd");
}

static void a_preload_list_has_bounds(void **state)
{
    (void)state;
    const char *list[258] = {""};
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    options.preload = list;
    refuse_engine(&options, CLUTCH_E_INVALID, "empty");
    list[0] = filled(256, 'm');
    refuse_engine(&options, CLUTCH_E_INVALID, "255");
    for (size_t i = 0; i < 257; i++)
        list[i] = "json";
    refuse_engine(&options, CLUTCH_E_INVALID, "256");
    list[256] = NULL;
    clutch_engine *engine;
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_engine_open(&options, &engine, &error), &error);
    clutch_engine_close(engine);
}

static void out_pointers_must_be_given(void **state)
{
    (void)state;
    clutch_error error;
    clutch_sandbox *sandbox = fresh();
    clutch_sandbox *other = UNTOUCHED;
    clutch_result *result = UNTOUCHED;
    assert_refused(clutch_engine_open(NULL, NULL, &error), CLUTCH_E_INVALID, &error);
    assert_refused(clutch_sandbox_create(the_engine(), NULL, NULL, &error), CLUTCH_E_INVALID, &error);
    assert_refused(clutch_sandbox_create(NULL, NULL, &other, &error), CLUTCH_E_INVALID, &error);
    assert_refused(clutch_sandbox_run(sandbox, "1", 1, NULL, NULL, &error), CLUTCH_E_INVALID, &error);
    assert_refused(clutch_sandbox_run(NULL, "1", 1, NULL, &result, &error), CLUTCH_E_INVALID, &error);
    assert_refused(clutch_execution_start(sandbox, "1", 1, NULL, NULL, &error), CLUTCH_E_INVALID, &error);
    assert_refused(clutch_sandbox_status(sandbox, NULL, &error), CLUTCH_E_INVALID, &error);
    assert_true(other == UNTOUCHED && result == UNTOUCHED);
    clutch_sandbox_destroy(sandbox);
}

/* ---- The sandbox's ---- */

static void refuse_sandbox(const clutch_sandbox_options *options, const char *word)
{
    clutch_sandbox *sandbox = UNTOUCHED;
    clutch_error error;
    assert_refused(clutch_sandbox_create(the_engine(), options, &sandbox, &error), CLUTCH_E_INVALID,
                   &error);
    assert_holds(error.message, word);
    assert_ptr_equal(sandbox, UNTOUCHED);
    assert_int_equal(clutch_sandbox_create(the_engine(), options, &sandbox, NULL), CLUTCH_E_INVALID);
}

static void accept_sandbox(const clutch_sandbox_options *options)
{
    clutch_sandbox *sandbox = NULL;
    clutch_error error = ERROR_UNTOUCHED;
    int code = clutch_sandbox_create(the_engine(), options, &sandbox, &error);
    assert_worked(code, &error);
    clutch_sandbox_destroy(sandbox);
    assert_int_equal(clutch_sandbox_create(the_engine(), options, &sandbox, NULL), 0);
    clutch_sandbox_destroy(sandbox);
}

static void an_id_is_a_uuid_of_36_characters(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "1",
        "123e4567e89b42d3a456426614174000",
        "123e4567-e89b-42d3-a456-42661417400",
        "123e4567-e89b-42d3-a456-4266141740000",
        "123e4567-e89b-42d3-a456-42661417400g",
        "123e4567-e89b-42d3-a4564-26614174000",
        "123e4567-e89b-42d3-a456_426614174000",
        "{123e4567-e89b-42d3-a456-426614174000}",
        "123e4567-e89b-42d3-a456-426614174000\n",
        "../../../../../../../../../etc/passwd",
        "line\nbreak\r\x01\x7f\xff\xfe",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
        options.id = bad[i];
        refuse_sandbox(&options, "UUID");
    }
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.id = filled(100000, '1');
    refuse_sandbox(&options, "UUID");
}

static void an_id_may_have_capitals_and_is_kept_in_lower_case(void **state)
{
    (void)state;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.id = "123E4567-E89B-42D3-A456-426614174ABC";
    clutch_sandbox *sandbox = create(the_engine(), &options);
    assert_text(clutch_sandbox_id(sandbox), "123e4567-e89b-42d3-a456-426614174abc");
    clutch_sandbox_destroy(sandbox);
}

static void names_and_owners_have_255_bytes_of_utf8(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
        const char **field = i == 0 ? &options.name : &options.owner;
        const char *word = i == 0 ? "name" : "owner";
        *field = filled(256, 'n');
        refuse_sandbox(&options, word);
        *field = "half a character \xc3";
        refuse_sandbox(&options, word);
        *field = "a surrogate \xed\xa0\x80";
        refuse_sandbox(&options, word);
        *field = filled(255, 'n');
        accept_sandbox(&options);
        *field = "Löwe \xf0\x9f\xa6\x81 with spaces / and slashes";
        accept_sandbox(&options);
    }
}

/* env and labels have the same form. */
static void pairs_are_checked(const char *word, bool labels)
{
    static const char *const bad[] = {"", "no equals sign", "=no key", "\xff\xff\nbroken"};
    static const char *list[4098];
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    *(labels ? &options.labels : &options.env) = list;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        list[0] = "FINE=yes";
        list[1] = bad[i];
        list[2] = NULL;
        refuse_sandbox(&options, word);
    }
    list[0] = "EMPTY=";
    list[1] = "EQUALS===";
    accept_sandbox(&options);
    for (size_t i = 0; i < 4097; i++)
        list[i] = "K=v";
    list[4097] = NULL;
    refuse_sandbox(&options, "4096");
    list[4096] = NULL;
    accept_sandbox(&options);
    char *large = filled((1 << 20) + 1, 'x');
    large[1] = '=';
    list[0] = large;
    list[1] = NULL;
    refuse_sandbox(&options, "1048576");
    large[1 << 20] = 0;
    accept_sandbox(&options);
}

static void environment_variables_are_checked(void **state)
{
    (void)state;
    pairs_are_checked("env", false);
}

static void labels_are_checked(void **state)
{
    (void)state;
    pairs_are_checked("labels", true);
}

static void a_workdir_must_be_an_existing_folder(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "/nonexistent", "/etc/passwd"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
        options.workdir = bad[i];
        refuse_sandbox(&options, "folder");
    }
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.workdir = filled(100000, 'x');
    refuse_sandbox(&options, "folder");
}

/* ---- The execution's ---- */

static void refuse_run(clutch_sandbox *sandbox, const char *code, size_t length,
                       const clutch_execute_options *options, const char *word)
{
    clutch_result *result = UNTOUCHED;
    clutch_execution *execution = UNTOUCHED;
    clutch_error error;
    assert_refused(clutch_sandbox_run(sandbox, code, length, options, &result, &error),
                   CLUTCH_E_INVALID, &error);
    assert_holds(error.message, word);
    assert_refused(clutch_execution_start(sandbox, code, length, options, &execution, &error),
                   CLUTCH_E_INVALID, &error);
    assert_true(result == UNTOUCHED && execution == UNTOUCHED);
    assert_int_equal(clutch_sandbox_run(sandbox, code, length, options, &result, NULL),
                     CLUTCH_E_INVALID);
}

static void execute_options_are_checked(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_execute_options options = CLUTCH_EXECUTE_OPTIONS_INIT;
    options.when_busy = 3;
    refuse_run(sandbox, "1", 1, &options, "when_busy");
    clutch_execute_options_init(&options);
    options.filename = filled(256, 'f');
    refuse_run(sandbox, "1", 1, &options, "255");
    options.filename = "broken \xff name";
    refuse_run(sandbox, "1", 1, &options, "UTF-8");
    refuse_run(sandbox, NULL, 1, NULL, "NULL");
    do_run(sandbox, "1");
    clutch_sandbox_destroy(sandbox);
}

static void a_file_name_of_255_bytes_is_shown_whole(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_execute_options options = CLUTCH_EXECUTE_OPTIONS_INIT;
    options.filename = filled(255, 'f');
    clutch_result *result = run_with(sandbox, "1/0", &options);
    assert_holds(result->traceback, options.filename);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void no_code_at_all_is_fine_code(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_result *result = NULL;
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_sandbox_run(sandbox, NULL, 0, NULL, &result, &error), &error);
    assert_outcome(result, CLUTCH_OUTCOME_OK);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(paths_of_an_engine_are_neither_empty_nor_endless),
        TEST(a_state_dir_must_be_an_existing_folder),
        TEST(a_preload_list_has_bounds),
        TEST(out_pointers_must_be_given),
        TEST(an_id_is_a_uuid_of_36_characters),
        TEST(an_id_may_have_capitals_and_is_kept_in_lower_case),
        TEST(names_and_owners_have_255_bytes_of_utf8),
        TEST(environment_variables_are_checked),
        TEST(labels_are_checked),
        TEST(a_workdir_must_be_an_existing_folder),
        TEST(execute_options_are_checked),
        TEST(a_file_name_of_255_bytes_is_shown_whole),
        TEST(no_code_at_all_is_fine_code),
    };
    return RUN_TESTS(tests);
}
