/* SPDX-License-Identifier: Apache-2.0 */
/* test_json.c: replies as the seed services write them: names, nulls, absences and escapes. */
#include "support.h"

#include <jansson.h>
#include <locale.h>
#include <sys/wait.h>

static json_t *parse(char *text)
{
    json_error_t fault;
    assert_null(strchr(text, '\n'));
    json_t *object = json_loads(text, JSON_ALLOW_NUL, &fault);
    if (!object)
        fail_msg("%s: %.500s", fault.text, text);
    clutch_free(text);
    return object;
}

static json_t *result_json(const clutch_result *result)
{
    char *text = NULL;
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_result_json(result, &text, &error), &error);
    return parse(text);
}

static json_t *status_json(const clutch_status *status)
{
    char *text = NULL;
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_status_json(status, &text, &error), &error);
    return parse(text);
}

/* The object has exactly these keys, given as one text of words. */
static void assert_keys(json_t *object, const char *keys)
{
    assert_true(json_is_object(object));
    size_t expected = 0;
    char *copy = strdup(keys), *rest = NULL;
    for (char *key = strtok_r(copy, " ", &rest); key; key = strtok_r(NULL, " ", &rest), expected++)
        if (!json_object_get(object, key))
            fail_msg("%s is missing in %s", key, json_dumps(object, 0));
    free(copy);
    if (json_object_size(object) != expected)
        fail_msg("there is more than %s in %s", keys, json_dumps(object, 0));
}

static const char *text_at(json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* ---- The execute reply ---- */

static void a_fine_reply_has_no_error_and_an_output(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_result *result = run(sandbox, "print(1, 2)");
    json_t *reply = result_json(result);
    assert_keys(reply, "output execution_time_ms files dataframes");
    assert_int_equal(json_array_size(json_object_get(reply, "output")), 1);
    assert_text(json_string_value(json_array_get(json_object_get(reply, "output"), 0)), "1 2");
    assert_true(json_is_integer(json_object_get(reply, "execution_time_ms")));
    assert_int_equal(json_array_size(json_object_get(reply, "files")), 0);
    assert_int_equal(json_array_size(json_object_get(reply, "dataframes")), 0);
    json_decref(reply);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void no_output_is_an_empty_array_and_not_null(void **state)
{
    (void)state;
    clutch_result result = {.outcome = CLUTCH_OUTCOME_OK};
    json_t *reply = result_json(&result);
    assert_true(json_is_array(json_object_get(reply, "output")));
    json_decref(reply);
}

static void a_failed_reply_has_a_null_output_and_the_error(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_result *result = run(sandbox, "print('lost here')\n1/0");
    json_t *reply = result_json(result);
    assert_keys(reply, "output error execution_time_ms files dataframes");
    assert_true(json_is_null(json_object_get(reply, "output")));
    assert_text(text_at(reply, "error"),
                "executing Python code: ZeroDivisionError('division by zero')");
    json_decref(reply);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void an_exit_with_status_zero_is_no_error(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_result *result = run(sandbox, "print('bye')\nimport sys; sys.exit()");
    json_t *reply = result_json(result);
    assert_keys(reply, "output execution_time_ms files dataframes");
    assert_int_equal(json_array_size(json_object_get(reply, "output")), 1);
    json_decref(reply);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void files_have_name_url_and_mime_type(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_result *result = run(sandbox, "open('a \"b\".png', 'w').write('x')");
    json_t *reply = result_json(result);
    json_t *file = json_array_get(json_object_get(reply, "files"), 0);
    assert_keys(file, "name url mime_type");
    assert_text(text_at(file, "name"), "a \"b\".png");
    assert_text(text_at(file, "mime_type"), "image/png");
    assert_text(text_at(file, "url"),
                format("file://%s/a%%20%%22b%%22.png", clutch_sandbox_workdir(sandbox)));
    json_decref(reply);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void dataframes_of_an_execution_have_no_memory(void **state)
{
    (void)state;
    static const clutch_dataframe rows[] = {{"df", 3, 2, -1}, {"größer", INT64_MAX, 0, -1}};
    clutch_result result = {.dataframes = rows, .dataframe_count = 2};
    json_t *reply = result_json(&result), *list = json_object_get(reply, "dataframes");
    assert_int_equal(json_array_size(list), 2);
    for (size_t i = 0; i < 2; i++) {
        json_t *row = json_array_get(list, i);
        assert_keys(row, "name num_rows num_cols");
        assert_text(text_at(row, "name"), rows[i].name);
        assert_true(json_integer_value(json_object_get(row, "num_rows")) == rows[i].rows);
        assert_true(json_integer_value(json_object_get(row, "num_cols")) == rows[i].columns);
    }
    json_decref(reply);
}

static void the_time_is_in_whole_milliseconds(void **state)
{
    (void)state;
    static const uint64_t times[][2] = {{0, 0}, {999999, 0}, {1000000, 1}, {61234999999, 61234}};
    for (size_t i = 0; i < 4; i++) {
        clutch_result result = {.wall_ns = times[i][0]};
        json_t *reply = result_json(&result);
        assert_int_equal(json_integer_value(json_object_get(reply, "execution_time_ms")), times[i][1]);
        json_decref(reply);
    }
}

static void any_text_comes_back_as_it_was(void **state)
{
    (void)state;
    static const char every[] =
        "\x01\x02\t\n\r\x1f \"\\/\x7f\0äß\xe2\x80\xa8\xf0\x9f\xa6\x81\xf4\x8f\xbf\xbf";
    clutch_output element = {every, sizeof every - 1, CLUTCH_STDOUT};
    clutch_result result = {.output = &element, .output_count = 1};
    json_t *reply = result_json(&result);
    json_t *text = json_array_get(json_object_get(reply, "output"), 0);
    assert_int_equal(json_string_length(text), sizeof every - 1);
    assert_memory_equal(json_string_value(text), every, sizeof every);
    json_decref(reply);
}

static void the_real_output_goes_through_json_unchanged(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_result *result = run(sandbox, "print('\\0\\x1b[0m \"quotes\" \\\\ \\u2028 \\U0001F981')\n"
                                         "print(''.join(map(chr, range(0x300))))");
    json_t *reply = result_json(result), *output = json_object_get(reply, "output");
    assert_int_equal(json_array_size(output), result->output_count);
    for (size_t i = 0; i < result->output_count; i++) {
        json_t *text = json_array_get(output, i);
        assert_int_equal(json_string_length(text), result->output[i].length);
        assert_memory_equal(json_string_value(text), result->output[i].text, result->output[i].length);
    }
    json_decref(reply);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

/* ---- The status reply ---- */

static void a_running_sandbox_has_memory_and_dataframes(void **state)
{
    (void)state;
    static const clutch_dataframe rows[] = {{"df", 1462, 6, 123456}};
    clutch_status status = {.state = CLUTCH_STATE_RUNNING, .memory_bytes = 5200000, .dataframes = rows,
                            .dataframe_count = 1};
    json_t *reply = status_json(&status);
    assert_keys(reply, "status memory_usage dataframes");
    assert_text(text_at(reply, "status"), "running");
    assert_text(text_at(reply, "memory_usage"), "5.2 MB");
    json_t *row = json_array_get(json_object_get(reply, "dataframes"), 0);
    assert_keys(row, "name num_rows num_cols memory_usage_bytes");
    assert_int_equal(json_integer_value(json_object_get(row, "num_rows")), 1462);
    assert_int_equal(json_integer_value(json_object_get(row, "num_cols")), 6);
    assert_int_equal(json_integer_value(json_object_get(row, "memory_usage_bytes")), 123456);
    json_decref(reply);
}

static void a_running_sandbox_without_dataframes_has_an_empty_list(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_status *status = look_at(sandbox);
    json_t *reply = status_json(status);
    assert_keys(reply, "status memory_usage dataframes");
    assert_int_equal(json_array_size(json_object_get(reply, "dataframes")), 0);
    json_decref(reply);
    clutch_status_free(status);
    clutch_sandbox_destroy(sandbox);
}

static void a_stopped_sandbox_has_a_status_only(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_result_free(run(sandbox, "import os; os._exit(0)"));
    clutch_status *status = look_at(sandbox);
    json_t *reply = status_json(status);
    assert_keys(reply, "status");
    assert_text(text_at(reply, "status"), "stopped");
    json_decref(reply);
    clutch_status_free(status);
    clutch_sandbox_destroy(sandbox);
}

static void memory_is_written_for_people(void **state)
{
    (void)state;
    static const struct {
        uint64_t bytes;
        const char *text;
    } cases[] = {
        {0, "0 B"},
        {999, "999 B"},
        {1000, "1.0 kB"},
        {99949, "99.9 kB"},
        {99950, "100 kB"},
        {999499, "999 kB"},
        {999500, "1.0 MB"},
        {5242880, "5.2 MB"},
        {512000000, "512 MB"},
        {1500000000, "1.5 GB"},
        {2000000000000, "2.0 TB"},
        {5000000000000000, "5000 TB"},
        {UINT64_MAX, "18446744 TB"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        clutch_status status = {.state = CLUTCH_STATE_RUNNING, .memory_bytes = cases[i].bytes};
        json_t *reply = status_json(&status);
        assert_text(text_at(reply, "memory_usage"), cases[i].text);
        json_decref(reply);
    }
}

/* In a locale that writes a fraction with a comma, which the C library's own tool makes here. */
static void the_hosts_locale_does_not_show(void **state)
{
    (void)state;
    const char *folder = make_folder(), *source = format("%s/source", folder);
    write_file(source, "comment_char %\nescape_char /\nLC_NUMERIC\ndecimal_point \"<U002C>\"\n"
                       "thousands_sep \"<U002E>\"\ngrouping 3;3\nEND LC_NUMERIC\n");
    int status = system(format("localedef -c -i %s %s/comma >/dev/null 2>&1", source, folder));
    assert_true(WIFEXITED(status)); /* it warns of all that the source leaves out */
    setenv("LOCPATH", folder, 1);
    if (!setlocale(LC_NUMERIC, "comma")) {
        unsetenv("LOCPATH");
        remove_tree(folder);
        print_message("# localedef makes no locale on this machine\n");
        skip();
    }
    assert_text(format("%.1f", 1.5), "1,5");
    clutch_status status_of_5_mb = {.state = CLUTCH_STATE_RUNNING, .memory_bytes = 5200000};
    json_t *reply = status_json(&status_of_5_mb);
    setlocale(LC_NUMERIC, "C");
    unsetenv("LOCPATH");
    assert_text(text_at(reply, "memory_usage"), "5.2 MB");
    json_decref(reply);
    remove_tree(folder);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_fine_reply_has_no_error_and_an_output),
        TEST(no_output_is_an_empty_array_and_not_null),
        TEST(a_failed_reply_has_a_null_output_and_the_error),
        TEST(an_exit_with_status_zero_is_no_error),
        TEST(files_have_name_url_and_mime_type),
        TEST(dataframes_of_an_execution_have_no_memory),
        TEST(the_time_is_in_whole_milliseconds),
        TEST(any_text_comes_back_as_it_was),
        TEST(the_real_output_goes_through_json_unchanged),
        TEST(a_running_sandbox_has_memory_and_dataframes),
        TEST(a_running_sandbox_without_dataframes_has_an_empty_list),
        TEST(a_stopped_sandbox_has_a_status_only),
        TEST(memory_is_written_for_people),
        TEST(the_hosts_locale_does_not_show),
    };
    return RUN_TESTS(tests);
}
