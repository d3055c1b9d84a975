/* SPDX-License-Identifier: Apache-2.0 */
/* test_output.c: elements of output, as they are printed and in the result. */
#include "support.h"

struct seen {
    size_t count, broken;
    clutch_output elements[8];
    uint64_t at_ms[8];
    char text[8][64];
    uint64_t bytes, checksum;
};

static uint64_t checksum(uint64_t sum, const clutch_output *element)
{
    for (size_t i = 0; i < element->length; i++)
        sum = sum * 31 + (unsigned char)element->text[i];
    return sum * 31 + element->stream;
}

static void see(const clutch_output *element, void *user)
{
    struct seen *seen = user;
    if (seen->count < 8) {
        seen->elements[seen->count] = *element;
        seen->at_ms[seen->count] = now_ms();
        snprintf(seen->text[seen->count], 64, "%s", element->text);
    }
    seen->broken += element->text[element->length] != 0;
    seen->count++;
    seen->bytes += element->length;
    seen->checksum = checksum(seen->checksum, element);
}

static clutch_result *run_seen(clutch_sandbox *sandbox, const char *code, const clutch_limits *limits,
                               struct seen *seen)
{
    *seen = (struct seen){0};
    clutch_execute_options options = CLUTCH_EXECUTE_OPTIONS_INIT;
    options.limits = limits;
    options.on_output = see;
    options.user = seen;
    clutch_result *result = run_with(sandbox, code, &options);
    uint64_t bytes = 0, sum = 0;
    for (size_t i = 0; i < result->output_count; i++) {
        bytes += result->output[i].length;
        sum = checksum(sum, &result->output[i]);
        assert_int_equal(result->output[i].text[result->output[i].length], 0);
    }
    assert_int_equal(seen->count, result->output_count);
    assert_true(seen->bytes == bytes && seen->checksum == sum);
    assert_int_equal(seen->broken, 0);
    return result;
}

static void elements_come_in_order_with_their_stream(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    struct seen seen;
    clutch_result *result = run_seen(sandbox,
                                     "import sys\nprint('a\\nb')\nprint('err', file=sys.stderr)\n"
                                     "print('x', end='')\nprint()\nsys.stdout.write('1\\n2\\n')\n"
                                     "print(1, 2, sep='-')", NULL, &seen);
    static const char *const texts[] = {"a\nb", "err", "x", "", "1", "2", "1-2"};
    assert_int_equal(result->output_count, 7);
    for (size_t i = 0; i < 7; i++) {
        assert_text(result->output[i].text, texts[i]);
        assert_text(seen.text[i], texts[i]);
        assert_int_equal(result->output[i].stream, i == 1 ? CLUTCH_STDERR : CLUTCH_STDOUT);
    }
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void elements_arrive_while_the_code_runs(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    struct seen seen;
    clutch_result *result = run_seen(sandbox, "import time\nprint('first')\ntime.sleep(0.4)\nprint('second')",
                                     NULL, &seen);
    assert_in_range(seen.at_ms[1] - seen.at_ms[0], 350, 2000);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void the_callback_gets_output_of_code_that_fails(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    struct seen seen;
    clutch_result *result = run_seen(sandbox, "print('before')\n1/0", NULL, &seen);
    assert_int_equal(seen.count, 1);
    clutch_result_free(result);
    result = run_seen(sandbox, "print('last')\nimport os; os._exit(1)", NULL, &seen);
    assert_text(seen.text[0], "last");
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void text_may_hold_any_character(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    struct seen seen;
    clutch_result *result = run_seen(sandbox, "print('a\\0b')\nprint('\\ud800|\\U0010ffff')\n"
                                              "import os; os.write(1, b'\\xff\\xfe|\\xc3\\n')", NULL, &seen);
    assert_int_equal(result->output_count, 3);
    assert_int_equal(result->output[0].length, 3);
    assert_memory_equal(result->output[0].text, "a\0b", 4);
    assert_holds(result->output[1].text, "|\xf4\x8f\xbf\xbf");
    assert_text(result->output[2].text, "\xef\xbf\xbd\xef\xbf\xbd|\xef\xbf\xbd");
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

/* ---- Much of it ---- */

static void one_element_of_ten_mebibytes_is_whole(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.output_bytes = 12 << 20;
    struct seen seen;
    clutch_result *result = run_seen(sandbox, "print('ä' * (5 << 20))", &limits, &seen);
    assert_int_equal(result->output_count, 1);
    assert_int_equal(result->output[0].length, 10 << 20);
    assert_int_equal(result->omitted_bytes, 0);
    assert_memory_equal(result->output[0].text + (10 << 20) - 4, "ää", 4);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void a_hundred_thousand_elements_are_kept(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    struct seen seen;
    clutch_result *result = run_seen(sandbox, "for i in range(100000): print(i)", NULL, &seen);
    assert_int_equal(result->output_count, 100000);
    assert_text(result->output[99999].text, "99999");
    assert_int_equal(result->omitted_elements, 0);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void the_cap_cuts_with_an_exact_count(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        uint64_t cap, kept_bytes, kept_elements, omitted_bytes, omitted_elements;
    } cases[] = {
        {"print('1234567890')", 10, 10, 1, 0, 0},
        {"print('1234567890')", 9, 9, 1, 1, 1},
        {"print('1234567890')", 11, 10, 1, 0, 0},
        {"print('12345'); print('67890')", 10, 10, 2, 0, 0},
        {"print('12345'); print('67890'); print('x')", 10, 10, 2, 1, 1},
        {"print('12345'); print('67890'); print('xyz'); print('abc')", 9, 9, 2, 7, 3},
        {"print('ää')", 3, 2, 1, 2, 1},
        {"for i in range(1000): print('x' * 100)", 1050, 1050, 11, 98950, 990},
        {"print('x' * 100_000_000)", 1000, 1000, 1, 99999000, 1},
    };
    clutch_sandbox *sandbox = fresh();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        clutch_limits limits = CLUTCH_LIMITS_INIT;
        limits.output_bytes = cases[i].cap;
        struct seen seen;
        clutch_result *result = run_seen(sandbox, cases[i].code, &limits, &seen);
        assert_outcome(result, CLUTCH_OUTCOME_OK);
        assert_int_equal(seen.bytes, cases[i].kept_bytes);
        assert_int_equal(result->output_count, cases[i].kept_elements);
        assert_int_equal(result->omitted_bytes, cases[i].omitted_bytes);
        assert_int_equal(result->omitted_elements, cases[i].omitted_elements);
        bool cut = cases[i].omitted_elements > 0;
        assert_int_equal(result->limit, cut ? CLUTCH_LIMIT_OUTPUT : CLUTCH_LIMIT_NONE);
        assert_int_equal(result->limit_value, cut ? cases[i].cap : 0);
        assert_int_equal(result->limit_used,
                         cut ? cases[i].kept_bytes + cases[i].omitted_bytes : 0);
        clutch_result_free(result);
        assert_text(answer(sandbox, "print('not cut')"), "not cut");
    }
    clutch_sandbox_destroy(sandbox);
}

static void a_cut_output_stands_beside_a_failure(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.output_bytes = 5;
    struct seen seen;
    clutch_result *result = run_seen(sandbox, "print('1234567890')\n1/0", &limits, &seen);
    assert_outcome(result, CLUTCH_OUTCOME_EXCEPTION);
    assert_int_equal(result->limit, CLUTCH_LIMIT_OUTPUT);
    assert_int_equal(result->omitted_bytes, 5);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void no_cap_keeps_everything(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.output_bytes = CLUTCH_UNLIMITED;
    struct seen seen;
    clutch_result *result = run_seen(sandbox, "for i in range(30): print('x' * (1 << 20))", &limits, &seen);
    assert_int_equal(seen.bytes, 30 << 20);
    assert_int_equal(result->omitted_elements, 0);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void output_between_executions_belongs_to_the_next(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    do_run(sandbox, "import threading, time\n"
                    "def late():\n    time.sleep(0.1); print('from a thread')\n"
                    "t = threading.Thread(target=late); t.start()");
    sleep_ms(200);
    assert_text(answer(sandbox, "t.join()"), "from a thread");
    clutch_sandbox_destroy(sandbox);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(elements_come_in_order_with_their_stream),
        TEST(elements_arrive_while_the_code_runs),
        TEST(the_callback_gets_output_of_code_that_fails),
        TEST(text_may_hold_any_character),
        TEST(one_element_of_ten_mebibytes_is_whole),
        TEST(a_hundred_thousand_elements_are_kept),
        TEST(the_cap_cuts_with_an_exact_count),
        TEST(a_cut_output_stands_beside_a_failure),
        TEST(no_cap_keeps_everything),
        TEST(output_between_executions_belongs_to_the_next),
    };
    return RUN_TESTS(tests);
}
