/* SPDX-License-Identifier: Apache-2.0 */
/* test_sandbox.c: names, folders and environment of a sandbox. */
#include "support.h"

#include <ctype.h>
#include <sys/stat.h>

/* ---- Names ---- */

static void an_id_is_a_random_uuid(void **state)
{
    (void)state;
    clutch_sandbox *sandboxes[20];
    for (int i = 0; i < 20; i++) {
        sandboxes[i] = fresh();
        const char *id = clutch_sandbox_id(sandboxes[i]);
        assert_int_equal(strlen(id), 36);
        for (int at = 0; at < 36; at++) {
            bool dash = at == 8 || at == 13 || at == 18 || at == 23;
            assert_true(dash ? id[at] == '-' : isxdigit(id[at]) && !isupper(id[at]));
        }
        assert_int_equal(id[14], '4');
        assert_non_null(strchr("89ab", id[19]));
        for (int j = 0; j < i; j++)
            assert_string_not_equal(id, clutch_sandbox_id(sandboxes[j]));
    }
    for (int i = 0; i < 20; i++)
        clutch_sandbox_destroy(sandboxes[i]);
}

static void refuse_as_existing(const clutch_sandbox_options *options)
{
    clutch_sandbox *sandbox = UNTOUCHED;
    clutch_error error;
    assert_refused(clutch_sandbox_create(the_engine(), options, &sandbox, &error), CLUTCH_E_EXISTS,
                   &error);
    assert_ptr_equal(sandbox, UNTOUCHED);
}

static void ids_and_names_are_unique_while_their_sandbox_is(void **state)
{
    (void)state;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT, other = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.id = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
    options.name = "Ada";
    clutch_sandbox *sandbox = create(the_engine(), &options);
    refuse_as_existing(&options);
    other.id = "AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEEE";
    refuse_as_existing(&other);
    clutch_sandbox_options_init(&other);
    other.name = "Ada";
    refuse_as_existing(&other);
    other.name = "ada";
    clutch_sandbox *lower = create(the_engine(), &other);
    assert_text(answer(sandbox, "print('not disturbed')"), "not disturbed");
    clutch_sandbox_destroy(lower);
    clutch_sandbox_destroy(sandbox);
    sandbox = create(the_engine(), &options);
    clutch_sandbox_destroy(sandbox);
}

static void a_name_is_taken_also_by_a_sandbox_that_has_ended(void **state)
{
    (void)state;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.name = "ended";
    clutch_sandbox *sandbox = create(the_engine(), &options);
    clutch_result_free(run(sandbox, "import os; os._exit(0)"));
    refuse_as_existing(&options);
    clutch_sandbox_destroy(sandbox);
    sandbox = create(the_engine(), &options);
    clutch_sandbox_destroy(sandbox);
}

static void name_owner_and_labels_are_kept(void **state)
{
    (void)state;
    static const char *const labels[] = {"team=data", "empty=", "team2=x=y", "TEAM=DATA", NULL};
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.name = "Grüße";
    options.owner = "user-7";
    options.labels = labels;
    clutch_sandbox *sandbox = create(the_engine(), &options);
    assert_text(clutch_sandbox_name(sandbox), "Grüße");
    assert_text(clutch_sandbox_owner(sandbox), "user-7");
    assert_text(clutch_sandbox_label(sandbox, "team"), "data");
    assert_text(clutch_sandbox_label(sandbox, "empty"), "");
    assert_text(clutch_sandbox_label(sandbox, "team2"), "x=y");
    assert_text(clutch_sandbox_label(sandbox, "TEAM"), "DATA");
    assert_text(clutch_sandbox_label(sandbox, "tea"), NULL);
    assert_text(clutch_sandbox_label(sandbox, "team="), NULL);
    assert_text(clutch_sandbox_label(sandbox, "none"), NULL);
    clutch_sandbox_destroy(sandbox);
}

/* ---- Folders ---- */

static void a_new_workdir_is_empty_private_and_removed(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    const char *folder = format("%s", clutch_sandbox_workdir(sandbox));
    struct stat about;
    assert_int_equal(stat(folder, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0700);
    assert_int_equal(entry_count(folder), 0);
    assert_text(answer(sandbox, "import os; print(os.getcwd())"), folder);
    do_run(sandbox, "import os\n"
                    "os.makedirs('a/b/c'); open('a/b/c/f', 'w').close(); os.symlink('/etc', 'etc')\n"
                    "os.mkdir('locked'); open('locked/f', 'w').close(); os.chmod('locked', 0)\n"
                    "os.mkfifo('fifo'); open(os.environ['TMPDIR'] + '/t', 'w').close()");
    clutch_sandbox_destroy(sandbox);
    assert_false(file_exists(folder));
    assert_true(file_exists("/etc/passwd"));
    assert_int_equal(home_count(clutch_engine_describe(the_engine())->state_dir), 0);
}

/* Deeper than a path can say, with more folders than one may open. */
static void a_deep_and_hostile_workdir_is_removed_too(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    do_run(sandbox, "import os\n"
                    "for i in range(3000):\n"
                    "    os.mkdir('d' * 100); os.chdir('d' * 100)\n"
                    "open('bottom', 'w').close()\n");
    clutch_sandbox_destroy(sandbox);
    assert_int_equal(home_count(clutch_engine_describe(the_engine())->state_dir), 0);
}

static void a_workdir_of_the_hosts_is_used_and_kept(void **state)
{
    (void)state;
    const char *folder = make_folder();
    write_file(format("%s/data.csv", folder), "a,b\n1,2\n");
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.workdir = folder;
    clutch_sandbox *sandbox = create(the_engine(), &options);
    assert_text(clutch_sandbox_workdir(sandbox), folder);
    assert_text(answer(sandbox, "import pandas as pd; print(len(pd.read_csv('data.csv')))"), "1");
    do_run(sandbox, "open('made.txt', 'w').write('by the sandbox')");
    clutch_sandbox_destroy(sandbox);
    assert_int_equal(entry_count(folder), 2);
    remove_tree(folder);
}

static void a_workdir_is_known_by_its_real_path(void **state)
{
    (void)state;
    const char *folder = make_folder();
    const char *alias = format("%s/alias", getenv("TMPDIR"));
    assert_int_equal(symlink(folder, alias), 0);
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.workdir = alias;
    clutch_sandbox *sandbox = create(the_engine(), &options);
    assert_text(clutch_sandbox_workdir(sandbox), folder);
    clutch_sandbox_destroy(sandbox);
    unlink(alias);
    remove_tree(folder);
}

static void a_relative_workdir_is_relative_to_the_hosts(void **state)
{
    (void)state;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.workdir = ".";
    char here[4096];
    assert_non_null(getcwd(here, sizeof here));
    clutch_sandbox *sandbox = create(the_engine(), &options);
    assert_text(clutch_sandbox_workdir(sandbox), here);
    clutch_sandbox_destroy(sandbox);
}

/* ---- Environment variables ---- */

static void the_environment_holds_what_the_host_gave_and_nothing_of_its_own(void **state)
{
    (void)state;
    setenv("CLUTCH_TEST_SECRET", "the host's secret", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "another one", 1);
    clutch_engine *engine = open_bare(NULL); /* opened while the secrets are there */
    static const char *const env[] = {"GIVEN=yes=no", "UMLAUT=Grüße", "EMPTY=", NULL};
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.env = env;
    clutch_sandbox *sandbox = create(engine, &options);
    assert_text(answer(sandbox, "import os; print(os.environ['GIVEN'], os.environ['UMLAUT'], "
                                "repr(os.environ['EMPTY']))"), "yes=no Grüße ''");
    /* Values that the host's environment holds too, by any way to look at them. */
    do_run(sandbox,
           "import os, ctypes\n"
           "c = ctypes.CDLL(None)\n"
           "environ = ctypes.POINTER(ctypes.c_char_p).in_dll(c, 'environ')\n"
           "everything = [repr(os.environ)]\n"
           "i = 0\n"
           "while environ[i]:\n"
           "    everything.append(environ[i].decode()); i += 1\n"
           "for path in ('/proc/self/environ', '/proc/self/cmdline'):\n"
           "    try:\n"
           "        everything.append(open(path).read())\n"
           "    except OSError: pass\n"
           "for text in everything:\n"
           "    assert 'SECRET' not in text and 'secret' not in text, text\n");
    clutch_sandbox_destroy(sandbox);
    clutch_engine_close(engine);
    unsetenv("CLUTCH_TEST_SECRET");
    unsetenv("AWS_SECRET_ACCESS_KEY");
}

/* All are forked from one process, which was told them. */
static void another_sandboxs_environment_is_nowhere_in_memory(void **state)
{
    (void)state;
    static const char look[] =
        "import ctypes, re\n"
        "sought, found = re.compile(b's[e]cret-of-'), 0\n" /* is not found itself */
        "for line in open('/proc/self/maps'):\n"
        "    where, rights, *_ = line.split()\n"
        "    low, high = (int(end, 16) for end in where.split('-'))\n"
        "    if rights.startswith('rw') and high - low < 1 << 28:\n"
        "        found += len(sought.findall(ctypes.string_at(low, high - low)))\n"
        "print(found)";
    static const size_t sizes[] = {100, 5000, 40000, 90000};
    clutch_engine *engine = open_bare(NULL);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char *padding = test_calloc(1, sizes[i] + 5);
        memcpy(padding, "PAD=", 4);
        memset(padding + 4, 'x', sizes[i]);
        const char *const env[] = {"FIRST=secret-of-ann", padding, "LAST=secret-of-ann", NULL};
        clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
        options.env = env;
        clutch_sandbox *first = create(engine, &options), *second = create(engine, NULL);
        assert_text(answer(second, look), "0");
        clutch_sandbox_destroy(first);
        clutch_sandbox_destroy(second);
        test_free(padding);
    }
    clutch_engine_close(engine);
}

static void variables_are_seen_by_c_code_too(void **state)
{
    (void)state;
    static const char *const env[] = {"FOR_C=seen", "TZ=Asia/Kolkata", NULL};
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.env = env;
    clutch_sandbox *sandbox = create(the_engine(), &options);
    assert_text(answer(sandbox, "import ctypes; getenv = ctypes.CDLL(None).getenv\n"
                                "getenv.restype = ctypes.c_char_p; print(getenv(b'FOR_C').decode())"),
                "seen");
    clutch_sandbox_destroy(sandbox);
}

static void home_and_tmpdir_are_the_sandboxs_own(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    const char *state_dir = clutch_engine_describe(the_engine())->state_dir;
    const char *folder = answer(sandbox, "import os, tempfile\n"
                                         "assert tempfile.gettempdir() == os.environ['TMPDIR']\n"
                                         "assert os.path.isdir(os.environ['HOME'])\n"
                                         "print(os.environ['TMPDIR'])");
    assert_true(strncmp(folder, state_dir, strlen(state_dir)) == 0);
    assert_string_not_equal(folder, clutch_sandbox_workdir(sandbox));
    clutch_sandbox_destroy(sandbox);
}

/* ---- Creating and destroying ---- */

static void destroying_a_busy_sandbox_kills_it(void **state)
{
    (void)state;
    static const char *const codes[] = {"while True: pass", "import itertools; sum(itertools.repeat(1))",
                                        "import signal\nwhile True: signal.pause()"};
    for (int i = 0; i < 3; i++) {
        clutch_sandbox *sandbox = fresh();
        pid_t pid = clutch_sandbox_pid(sandbox);
        clutch_execution *execution = start(sandbox, codes[i]);
        sleep_ms(20);
        clutch_execution_free(execution);
        clutch_sandbox_destroy(sandbox);
        assert_false(is_alive(pid));
    }
}

/* The sandbox itself may see another number, in a namespace of its own. */
static void the_pid_is_that_of_the_process(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    pid_t pid = clutch_sandbox_pid(sandbox);
    assert_int_equal(parent_of(pid), clutch_engine_describe(the_engine())->template_pid);
    for (int tries = 0; tries < 200 && process_state(pid) != 'S'; tries++)
        usleep(10000); /* it says that it is ready before it goes to sleep */
    assert_int_equal(process_state(pid), 'S');
    clutch_execution *execution = start(sandbox, "while True: pass");
    sleep_ms(50);
    assert_int_equal(process_state(pid), 'R');
    clutch_execution_free(execution);
    assert_int_equal(clutch_sandbox_pid(sandbox), 0);
    clutch_sandbox_destroy(sandbox);
    assert_false(is_alive(pid));
}

static void no_user_code_runs_in_the_template(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    do_run(sandbox, "import sys, builtins, os\n"
                    "sys.marked = builtins.marked = True\n"
                    "os.environ['MARKED'] = 'yes'\n"
                    "import decimal; decimal.marked = True\n"
                    "import pandas; pandas.marked = True\n"
                    "sys.modules['json'] = None\n");
    clutch_sandbox *other = fresh();
    do_run(other, "import sys, builtins, os, decimal, pandas, json\n"
                  "assert not any(hasattr(m, 'marked') for m in (sys, builtins, decimal, pandas))\n"
                  "assert 'MARKED' not in os.environ\n");
    clutch_sandbox_destroy(sandbox);
    clutch_sandbox_destroy(other);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(an_id_is_a_random_uuid),
        TEST(ids_and_names_are_unique_while_their_sandbox_is),
        TEST(a_name_is_taken_also_by_a_sandbox_that_has_ended),
        TEST(name_owner_and_labels_are_kept),
        TEST(a_new_workdir_is_empty_private_and_removed),
        TEST(a_deep_and_hostile_workdir_is_removed_too),
        TEST(a_workdir_of_the_hosts_is_used_and_kept),
        TEST(a_workdir_is_known_by_its_real_path),
        TEST(a_relative_workdir_is_relative_to_the_hosts),
        TEST(the_environment_holds_what_the_host_gave_and_nothing_of_its_own),
        TEST(another_sandboxs_environment_is_nowhere_in_memory),
        TEST(variables_are_seen_by_c_code_too),
        TEST(home_and_tmpdir_are_the_sandboxs_own),
        TEST(destroying_a_busy_sandbox_kills_it),
        TEST(the_pid_is_that_of_the_process),
        TEST(no_user_code_runs_in_the_template),
    };
    return RUN_TESTS(tests);
}
