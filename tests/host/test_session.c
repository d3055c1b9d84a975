/* SPDX-License-Identifier: Apache-2.0 */
/* test_session.c: what a sandbox's variables come to when they are saved and brought back in another. */
#include "support.h"

#include <sys/mman.h>

#include "host/session.h"
#include "session_cases.h"

enum { ALLOWED_MS = 60000 };

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static int new_file(void)
{
    int fd = memfd_create("session", MFD_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static clutch_session_report *save(clutch_sandbox *sandbox, int fd, int level)
{
    clutch_session_report *report = NULL;
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(session_save(sandbox, fd, level, ALLOWED_MS, &report, &error), &error);
    return report;
}

static clutch_session_report *restore(clutch_sandbox *sandbox, int fd)
{
    clutch_session_report *report = NULL;
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(session_restore(sandbox, fd, ALLOWED_MS, &report, &error), &error);
    sandbox->serial = report->serial;
    return report;
}

/* Saves, ends the sandbox, and brings it back in another. */
static clutch_sandbox *move(clutch_sandbox *sandbox, clutch_session_report **report)
{
    int fd = new_file();
    clutch_session_report *saved = save(sandbox, fd, 1), *restored;
    clutch_sandbox_destroy(sandbox);
    clutch_sandbox *other = fresh();
    restored = restore(other, fd);
    if (restored->left_out_count > saved->left_out_count)
        fail_msg("%s was lost: %s", restored->left_out[0].name, restored->left_out[0].reason);
    assert_int_equal(saved->variables, restored->variables);
    assert_int_equal(saved->size_bytes, restored->size_bytes);
    assert_int_equal(saved->left_out_count, restored->left_out_count);
    close(fd);
    clutch_session_report_free(saved);
    if (report)
        *report = restored;
    else
        clutch_session_report_free(restored);
    return other;
}

static void check_kept(const struct session_case *cases, size_t count, const char *before)
{
    for (size_t i = 0; i < count; i++) {
        clutch_sandbox *sandbox = fresh();
        clutch_session_report *report;
        do_run(sandbox, before);
        do_run(sandbox, cases[i].code);
        sandbox = move(sandbox, &report);
        if (report->left_out_count)
            fail_msg("%s: %s", cases[i].code, report->left_out[0].reason);
        clutch_result *result = run(sandbox, format("assert %s", cases[i].claim));
        if (result->outcome != CLUTCH_OUTCOME_OK)
            fail_msg("%s: %s: %s", cases[i].code, cases[i].claim, result->error);
        clutch_result_free(result);
        clutch_session_report_free(report);
        clutch_sandbox_destroy(sandbox);
    }
}

static void every_kind_of_value_is_kept(void **state)
{
    (void)state;
    check_kept(session_kept, COUNT(session_kept), "");
}

static void arrays_and_frames_are_kept(void **state)
{
    (void)state;
    check_kept(session_kept_numpy, COUNT(session_kept_numpy), "import numpy as np, pandas as pd");
}

static void all_values_together_are_kept(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_session_report *report;
    for (size_t i = 0; i < COUNT(session_kept); i++) {
        do_run(sandbox, session_kept[i].code);
        do_run(sandbox, format("v%zu = x", i));
    }
    sandbox = move(sandbox, &report);
    assert_int_equal(report->left_out_count, 0);
    for (size_t i = 0; i < COUNT(session_kept); i++)
        assert_text(answer(sandbox, format("print('v%zu' in globals())", i)), "True");
    clutch_session_report_free(report);
    clutch_sandbox_destroy(sandbox);
}

static void what_cannot_be_kept_costs_no_other_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(session_lost); i++) {
        clutch_sandbox *sandbox = fresh();
        clutch_session_report *report;
        do_run(sandbox, "before = [1]");
        do_run(sandbox, session_lost[i].code);
        do_run(sandbox, "after = [before]");
        sandbox = move(sandbox, &report);
        if (report->left_out_count != 1 || strcmp(report->left_out[0].name, "x") != 0 ||
            strcmp(report->left_out[0].type, session_lost[i].type) != 0 ||
            !strstr(report->left_out[0].reason, session_lost[i].reason))
            fail_msg("%s: %zu left out: %s %s: %s", session_lost[i].code, report->left_out_count,
                     report->left_out_count ? report->left_out[0].name : "",
                     report->left_out_count ? report->left_out[0].type : "",
                     report->left_out_count ? report->left_out[0].reason : "");
        assert_text(answer(sandbox, "print(after[0] is before, 'x' in globals())"), "True False");
        clutch_session_report_free(report);
        clutch_sandbox_destroy(sandbox);
    }
}

static void what_is_no_variable_is_kept_too(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    do_run(sandbox, "import os, sys, random, warnings\n"
                    "os.makedirs('sub', exist_ok=True); os.makedirs('lib', exist_ok=True)\n"
                    "sys.path.append('/some/where'); sys.path.insert(1, os.path.abspath('lib'))\n"
                    "os.environ['MINE'] = 'yes'; del os.environ['TMPDIR']\n"
                    "import numpy as np; np.random.seed(3); random.seed(4)\n"
                    "state = (random.getstate(), np.random.get_state()[1].tolist())\n"
                    "warnings.simplefilter('error', FutureWarning)\n"
                    "sys.setrecursionlimit(1234)\n"
                    "def f():\n    return 1/0\n");
    do_run(sandbox, "from __future__ import annotations");
    sandbox = move(sandbox, NULL);
    do_run(sandbox, "import sys\nassert sys.path[0] == os.getcwd(), sys.path\n"
                    "assert sys.path[1] == os.path.abspath('lib'), sys.path\n"
                    "assert sys.path[-1] == '/some/where'\n"
                    "assert os.environ['MINE'] == 'yes' and 'TMPDIR' not in os.environ\n"
                    "assert random.getstate() == state[0]\n"
                    "assert np.random.get_state()[1].tolist() == state[1]\n"
                    "assert warnings.filters[0][:3] == ('error', None, FutureWarning)\n"
                    "assert sys.getrecursionlimit() == 1234");
    do_run(sandbox, "def g(a: nowhere): pass\nassert g.__annotations__ == {'a': 'nowhere'}");
    clutch_result *result = run(sandbox, "f()");
    assert_holds(result->traceback, "return 1/0");
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void the_order_of_names_and_the_report_are_right(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_session_report *report;
    do_run(sandbox, "z = 1\ndef y(): pass\nimport json\nx = {}\nw = open('/dev/null')\n"
                    "a = 2.5\nv = (i for i in x)");
    sandbox = move(sandbox, &report);
    assert_int_equal(report->variables, 5);
    assert_int_equal(report->left_out_count, 2);
    assert_text(report->left_out[0].name, "w");
    assert_text(report->left_out[1].name, "v");
    assert_false(report->left_out_truncated);
    assert_text(answer(sandbox, "print([n for n in globals() if n[0] != '_'])"),
                "['z', 'y', 'json', 'x', 'a']");
    assert_true(report->serial > 0 && strncmp(report->python_version, "3.", 2) == 0);
    clutch_session_report_free(report);
    clutch_sandbox_destroy(sandbox);
}

static void frames_that_came_back_have_not_changed(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    do_run(sandbox, "import pandas as pd, numpy as np\ndf = pd.DataFrame({'a': np.arange(100000.)})\n"
                    "small = pd.DataFrame({'b': ['x']})");
    sandbox = move(sandbox, NULL);
    clutch_result *result = run(sandbox, "1 + 1");
    assert_int_equal(result->dataframe_count, 0);
    clutch_result_free(result);
    result = run(sandbox, "df.iloc[5, 0] = -1.");
    assert_int_equal(result->dataframe_count, 1);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void an_empty_session_and_one_that_goes_on(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    int fd = new_file();
    clutch_session_report *report = save(sandbox, fd, 1);
    assert_int_equal(report->variables, 0);
    clutch_session_report_free(report);
    do_run(sandbox, "x = [1]");
    assert_int_equal(ftruncate(fd, 0), 0);
    report = save(sandbox, fd, 0);
    assert_int_equal(report->variables, 1);
    clutch_session_report_free(report);
    assert_text(answer(sandbox, "x.append(2); print(x)"), "[1, 2]");
    close(fd);
    sandbox = move(move(sandbox, NULL), NULL);
    assert_text(answer(sandbox, "print(x)"), "[1, 2]");
    clutch_sandbox_destroy(sandbox);
}

static void a_thousand_names_that_cannot_be_kept_are_listed(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_session_report *report;
    do_run(sandbox, "for i in range(1100): globals()['g%d' % i + 'n' * 600] = (j for j in 'a')");
    sandbox = move(sandbox, &report);
    assert_int_equal(report->left_out_count, 1000);
    assert_true(report->left_out_truncated);
    clutch_session_report_free(report);
    clutch_sandbox_destroy(sandbox);
}

static void a_name_that_cannot_come_back_costs_only_what_shares_with_it(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    int fd = new_file();
    do_run(sandbox, "import os\nclass Picky:\n  def __reduce__(self): return (check, ())\n"
                    "def check():\n  if 'GONE' not in os.environ: raise ValueError('no GONE')\n"
                    "k = 3\nshared = [Picky()]\nalso = [shared]\nfine = [1]\ndef f(): return k\n"
                    "class C: pass\nc = C()");
    do_run(sandbox, "os.environ['GONE'] = '1'; frozen = dict(os.environ)");
    do_run(sandbox, "class Once:\n"
                    "  def __reduce__(self): return exec, ('import os; del os.environ[\"GONE\"]',)\n"
                    "aa = [Once()]\ndel globals()['aa']\nshared = [Once(), Picky()]\nalso = [shared]");
    clutch_session_report_free(save(sandbox, fd, 1));
    clutch_sandbox_destroy(sandbox);
    sandbox = fresh();
    clutch_session_report *report = restore(sandbox, fd);
    assert_int_equal(report->left_out_count, 2);
    assert_text(report->left_out[0].name, "shared");
    assert_holds(report->left_out[0].reason, "no GONE");
    assert_text(report->left_out[0].type, "list");
    assert_text(report->left_out[1].name, "also");
    assert_holds(report->left_out[1].reason, "shares");
    assert_text(answer(sandbox, "print(fine, f(), type(c) is C, f.__globals__ is globals())"),
                "[1] 3 True True");
    clutch_session_report_free(report);
    clutch_sandbox_destroy(sandbox);
    close(fd);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(every_kind_of_value_is_kept),
        TEST(arrays_and_frames_are_kept),
        TEST(all_values_together_are_kept),
        TEST(what_cannot_be_kept_costs_no_other_name),
        TEST(what_is_no_variable_is_kept_too),
        TEST(the_order_of_names_and_the_report_are_right),
        TEST(frames_that_came_back_have_not_changed),
        TEST(an_empty_session_and_one_that_goes_on),
        TEST(a_thousand_names_that_cannot_be_kept_are_listed),
        TEST(a_name_that_cannot_come_back_costs_only_what_shares_with_it),
    };
    return RUN_TESTS(tests);
}
