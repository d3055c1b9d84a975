/* SPDX-License-Identifier: Apache-2.0 */
/* test_twins.c: sandboxes forked from one template differ, and do not see each other. */
#include "support.h"

enum { TWINS = 8, TEXT_BYTES = 256 };

/* Prints something different in each sandbox, or the claim is false. */
static void differ(const char *code)
{
    clutch_sandbox *sandboxes[TWINS];
    char answers[TWINS][TEXT_BYTES];
    for (int i = 0; i < TWINS; i++) {
        sandboxes[i] = fresh();
        snprintf(answers[i], TEXT_BYTES, "%s", answer(sandboxes[i], code));
        for (int j = 0; j < i; j++)
            if (strcmp(answers[i], answers[j]) == 0)
                fail_msg("two sandboxes answered %s to: %s", answers[i], code);
    }
    for (int i = 0; i < TWINS; i++)
        clutch_sandbox_destroy(sandboxes[i]);
}

static void random_differs(void **state)
{
    (void)state;
    differ("import random; print(random.random(), random.getrandbits(64))");
    differ("import random; print(random.Random().random())");
}

static void numpy_random_differs(void **state)
{
    (void)state;
    differ("import numpy; print(numpy.random.rand(3))");
    differ("import numpy; print(numpy.random.default_rng().integers(1 << 62))");
}

static void pandas_sample_differs(void **state)
{
    (void)state;
    differ("import pandas; print(pandas.Series(range(10**6)).sample(4).tolist())");
}

static void uuids_differ(void **state)
{
    (void)state;
    differ("import uuid; print(uuid.uuid4())");
    differ("import uuid; print(uuid.uuid1())");
}

static void secrets_and_urandom_differ(void **state)
{
    (void)state;
    differ("import secrets; print(secrets.token_hex())");
    differ("import os; print(os.urandom(16).hex())");
    differ("import tempfile; print(tempfile.mktemp(dir='/x'))");
    differ("import ssl; print(ssl.RAND_bytes(16).hex())");
}

static void pids_and_folders_differ(void **state)
{
    (void)state;
    differ("import os; print(os.getpid())");
    differ("import os; print(os.getcwd())");
    differ("import os; print(os.environ['TMPDIR'])");
    differ("import tempfile; print(tempfile.gettempdir())");
    differ("import threading; print(threading.main_thread().native_id)");
}

static void a_python_library_that_was_preloaded_differs_too(void **state)
{
    (void)state;
    static const char *const list[] = {"random", "uuid", "secrets", "tempfile", NULL};
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    options.preload = list;
    clutch_engine *engine = NULL;
    assert_int_equal(clutch_engine_open(&options, &engine, NULL), 0);
    char answers[TWINS][TEXT_BYTES];
    for (int i = 0; i < TWINS; i++) {
        clutch_sandbox *sandbox = create(engine, NULL);
        snprintf(answers[i], TEXT_BYTES, "%s",
                 answer(sandbox, "import random, tempfile; "
                                 "print(random.random(), next(tempfile._get_candidate_names()))"));
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(answers[i], answers[j]);
            assert_string_not_equal(strchr(answers[i], ' '), strchr(answers[j], ' '));
        }
        clutch_sandbox_destroy(sandbox);
    }
    clutch_engine_close(engine);
}

static void variables_are_a_sandboxs_own(void **state)
{
    (void)state;
    clutch_sandbox *sandboxes[TWINS];
    for (int i = 0; i < TWINS; i++) {
        sandboxes[i] = fresh();
        do_run(sandboxes[i], format("x = %d", i));
    }
    for (int i = 0; i < TWINS; i++) {
        assert_text(answer(sandboxes[i], "print(x)"), format("%d", i));
        clutch_result *result = run(sandboxes[i], "y");
        assert_text(result->exception_type, "NameError");
        clutch_result_free(result);
        do_run(sandboxes[(i + 1) % TWINS], "x += 0; y_of_another = 1");
    }
    for (int i = 0; i < TWINS; i++)
        clutch_sandbox_destroy(sandboxes[i]);
}

static void variables_last_from_one_execution_to_the_next(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    do_run(sandbox, "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2, 3]})\ndef f(): return df.a.sum()");
    clutch_result_free(run(sandbox, "1/0"));
    assert_text(answer(sandbox, "print(f())"), "6");
    clutch_sandbox_destroy(sandbox);
}

static void many_sandboxes_live_at_once_and_each_answers(void **state)
{
    (void)state;
    enum { MANY = 200 };
    static clutch_sandbox *sandboxes[MANY];
    for (int i = 0; i < MANY; i++) {
        sandboxes[i] = fresh();
        do_run(sandboxes[i], format("mine = %d", i));
    }
    for (int i = MANY - 1; i >= 0; i--)
        assert_text(answer(sandboxes[i], "print(mine)"), format("%d", i));
    for (int i = 0; i < MANY; i++)
        clutch_sandbox_destroy(sandboxes[i]);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(random_differs),
        TEST(numpy_random_differs),
        TEST(pandas_sample_differs),
        TEST(uuids_differ),
        TEST(secrets_and_urandom_differ),
        TEST(pids_and_folders_differ),
        TEST(a_python_library_that_was_preloaded_differs_too),
        TEST(variables_are_a_sandboxs_own),
        TEST(variables_last_from_one_execution_to_the_next),
        TEST(many_sandboxes_live_at_once_and_each_answers),
    };
    return RUN_TESTS(tests);
}
