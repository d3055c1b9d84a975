/* SPDX-License-Identifier: Apache-2.0 */
/* test_session_keep.c: what a sandbox has after it was stopped, archived, moved, and what it may then do. */
#include "sessions.h"

#include <fcntl.h>
#include <sys/stat.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* Two engines with pandas, each on a folder of its own; the second one allows less. */
static const char *here_folder, *there_folder;
static clutch_engine *here, *there;

enum { THERE_WALL_MS = 400 };

static clutch_engine *open_with_pandas(const char *folder, const clutch_limits *limits)
{
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    options.state_dir = folder;
    options.limits = limits;
    clutch_engine *engine = NULL;
    clutch_error error;
    if (clutch_engine_open(&options, &engine, &error) != 0)
        fail_msg("an engine with pandas: %s", error.message);
    return engine;
}

static void open_there(void)
{
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.wall_ms = THERE_WALL_MS;
    limits.memory_bytes = (uint64_t)1 << 30;
    there = open_with_pandas(there_folder, &limits);
}

static int open_engines(void **state)
{
    (void)state;
    here_folder = lasting_folder();
    there_folder = lasting_folder();
    here = open_with_pandas(here_folder, NULL);
    open_there();
    return 0;
}

static void the_engines_end(void **state)
{
    (void)state;
    clutch_engine_close(here);
    clutch_engine_close(there);
    remove_tree(here_folder);
    remove_tree(there_folder);
}

/* ---- Everything ---- */

static const char fill[] =
    "import json as j, numpy as np, os, pandas as pd, random, sys, xml.dom.minidom\n"
    "os.makedirs('lib/deep'); open('lib/own.py', 'w').write('v = 7')\n"
    "open('data.csv', 'w').write('a,b\\n1,2\\n'); os.chmod('data.csv', 0o640); os.mkdir('empty')\n"
    "os.symlink('data.csv', 'link'); open('lib/deep/zeros', 'wb').write(bytes(100000))\n"
    "sys.path.append(os.path.abspath('lib')); import own\n"
    "os.environ['ADDED'] = 'by code'; del os.environ['GIVEN2']\n"
    "df = pd.DataFrame({'a': np.arange(50000.), 'b': ['x', 'y'] * 25000}); view = df\n"
    "series = pd.Series([1, None], dtype='Int64'); big = np.arange(300000).reshape(3, -1)\n"
    "k = 5\n"
    "def f(a, *, b=2): return a + b + k\n"
    "double = lambda a: a * 2\n"
    "class Account:\n"
    "  rate = 3\n"
    "  def __init__(self, sum): self.sum = sum\n"
    "  def grown(self): return self.sum * self.rate\n"
    "class Savings(Account):\n"
    "  def grown(self): return super().grown() + 1\n"
    "account = Savings(10)\n"
    "def counting():\n"
    "  n = 0\n"
    "  def more():\n"
    "    nonlocal n\n"
    "    n += 1\n"
    "    return n\n"
    "  return more\n"
    "more = counting(); more()\n"
    "shared = [1]; pair = (shared, shared); loop = []; loop.append(loop)\n"
    "random.seed(5); random.random(); np.random.seed(6)\n"
    "same = random.Random(); same.setstate(random.getstate())\n"
    "same2 = np.random.RandomState(); same2.set_state(np.random.get_state())\n";

static const char *const claims[] = {
    "df.a.sum() == 1249975000. and (df.b[::2] == 'x').all() and df.shape == (50000, 2)",
    "view is df",
    "series.sum() == 1 and str(series.dtype) == 'Int64'",
    "big[2, -1] == 299999 and big.flags.writeable",
    "f(1) == 8 and f.__globals__ is globals()",
    "double(4) == 8",
    "account.grown() == 31 and type(account) is Savings and Savings.__mro__[1] is Account",
    "more() == 2 and more() == 3",
    "pair[0] is pair[1] is shared and loop[0] is loop",
    "j.dumps([1]) == '[1]' and xml.dom.minidom.parseString('<a/>')",
    "own.v == 7 and sys.path[-1] == os.path.abspath('lib')",
    "os.environ['ADDED'] == 'by code' and os.environ['GIVEN'] == 'by host' and 'GIVEN2' not in os.environ",
    "random.random() == same.random() and np.random.random() == same2.random_sample()",
    "open('data.csv').read() == 'a,b\\n1,2\\n' and os.stat('data.csv').st_mode & 0o777 == 0o640",
    "os.listdir('empty') == [] and os.readlink('link') == 'data.csv'",
    "open('lib/deep/zeros', 'rb').read() == bytes(100000)",
};

static void check_everything(clutch_sandbox *sandbox, uint64_t executions)
{
    for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++) {
        clutch_result *result = run(sandbox, format("assert %s", claims[i]));
        if (result->outcome != CLUTCH_OUTCOME_OK)
            fail_msg("%s: %s", claims[i], result->error);
        assert_int_equal(result->serial, executions + i + 1);
        clutch_result_free(result);
    }
    do_run(sandbox, "more = counting(); more()"); /* as it was, for the next time */
}

static clutch_sandbox *with_everything(clutch_engine *engine)
{
    static const char *const env[] = {"GIVEN=by host", "GIVEN2=x", NULL};
    static const char *const labels[] = {"team=data", NULL};
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.env = env;
    options.labels = labels;
    clutch_sandbox *sandbox = create(engine, &options);
    do_run(sandbox, fill);
    return sandbox;
}

enum { CHECKS = sizeof claims / sizeof claims[0] + 1 };

static void a_stop_and_a_start_keep_everything(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = with_everything(here);
    for (unsigned round = 0; round < 2; round++) {
        clutch_session_report *stopped = stop_it(sandbox);
        assert_true(stopped->saved);
        assert_int_equal(stopped->left_out_count, 0);
        assert_int_equal(stopped->serial, 1 + round * CHECKS);
        assert_true(stopped->size_bytes > 50000 * 8);
        clutch_session_report *started = start_it(sandbox);
        assert_true(started->saved);
        assert_int_equal(started->left_out_count, 0);
        assert_int_equal(started->variables, stopped->variables);
        assert_int_equal(started->size_bytes, stopped->size_bytes);
        assert_text(started->python_version, clutch_engine_describe(here)->python_version);
        clutch_session_report_free(stopped);
        clutch_session_report_free(started);
        check_everything(sandbox, 1 + round * CHECKS);
    }
    clutch_sandbox_destroy(sandbox);
}

static void an_archive_keeps_everything_and_is_smaller(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = with_everything(here);
    const char *home = format("%s/%s", here_folder, clutch_sandbox_id(sandbox));
    const char *archive = format("%s/archives/%s.clutch", here_folder, clutch_sandbox_id(sandbox));
    clutch_session_report *stopped = stop_it(sandbox);
    do_archive(sandbox);
    struct stat about;
    assert_int_equal(stat(archive, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_in_range((uint64_t)about.st_size, 1, stopped->size_bytes / 2);
    assert_false(file_exists(home));
    clutch_session_report_free(stopped);
    do_start(sandbox);
    assert_false(file_exists(archive));
    check_everything(sandbox, 1);
    clutch_sandbox_destroy(sandbox);
}

static void an_engine_closed_after_a_stop_hands_everything_to_the_next(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = with_everything(here);
    const char *id = format("%s", clutch_sandbox_id(sandbox));
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_engine_stop_all(here, NULL, &error), &error);
    assert_state(sandbox, CLUTCH_STATE_STOPPED);
    clutch_engine_close(here);
    clutch_sandbox_release(sandbox);
    here = open_with_pandas(here_folder, NULL);
    sandbox = open_it(here, NULL, id);
    assert_state(sandbox, CLUTCH_STATE_STOPPED);
    assert_text(clutch_sandbox_label(sandbox, "team"), "data");
    do_start(sandbox);
    check_everything(sandbox, 1);
    clutch_sandbox_destroy(sandbox);
}

static void an_engine_closed_without_a_stop_keeps_files_and_the_last_stop(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = create(here, NULL);
    const char *id = format("%s", clutch_sandbox_id(sandbox));
    do_run(sandbox, "x = 'saved'");
    do_stop(sandbox);
    do_start(sandbox);
    do_run(sandbox, "x = 'not saved'; open('file', 'w').write('written')");
    clutch_engine_close(here);
    clutch_sandbox_release(sandbox);
    here = open_with_pandas(here_folder, NULL);
    sandbox = open_it(here, NULL, id);
    assert_state(sandbox, CLUTCH_STATE_STOPPED);
    assert_holds(reason_of(sandbox), "closed without stopping");
    do_start(sandbox);
    assert_text(answer(sandbox, "print(x, open('file').read())"), "saved written");
    clutch_sandbox_destroy(sandbox);
}

/* ---- What cannot be kept ---- */

static void check_left_out(size_t count, const clutch_left_out *left_out)
{
    static const clutch_left_out expected[] = {
        {"opened", "_io.TextIOWrapper", "an open file"}, {"thread", "threading.Thread", "a thread"},
        {"generator", "generator", "a generator"},       {"ends", "tuple", "socket"},
        {"holder", "dict", "it holds a _thread.lock"},   {"refuses", "Refuses", "ValueError: not me"},
    };
    assert_int_equal(count, sizeof expected / sizeof expected[0]);
    for (size_t i = 0; i < count; i++) {
        assert_text(left_out[i].name, expected[i].name);
        assert_text(left_out[i].type, expected[i].type);
        assert_holds(left_out[i].reason, expected[i].reason);
    }
}

static void what_cannot_be_kept_is_named_at_stop_and_start_and_costs_nothing_else(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = create(here, NULL);
    do_run(sandbox, "import socket, threading, time\n"
                    "before = ['fine']\n"
                    "opened = open('log.txt', 'w')\n"
                    "thread = threading.Thread(target=time.sleep, args=(100,), daemon=True); thread.start()\n"
                    "generator = (i for i in 'ab')\n"
                    "ends = socket.socketpair()\n"
                    "holder = {'lock': threading.Lock()}\n"
                    "class Refuses:\n"
                    "  def __reduce__(self): raise ValueError('not me')\n"
                    "refuses = Refuses()\n"
                    "after = [before]");
    clutch_session_report *stopped = stop_it(sandbox);
    assert_true(stopped->saved);
    check_left_out(stopped->left_out_count, stopped->left_out);
    clutch_session_report_free(stopped);
    clutch_sandbox_info *info = describe(sandbox);
    check_left_out(info->left_out_count, info->left_out);
    assert_true(info->saved_ms > 0 && info->saved_bytes > 0);
    clutch_sandbox_info_free(info);
    clutch_session_report *started = start_it(sandbox);
    check_left_out(started->left_out_count, started->left_out);
    clutch_session_report_free(started);
    assert_text(answer(sandbox, "print(before, after[0] is before, Refuses.__name__, 'opened' in globals())"),
                "['fine'] True Refuses False");
    clutch_sandbox_destroy(sandbox);
}

static void what_cannot_come_back_is_named_at_the_start(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = create(here, NULL);
    const char *outside = format("%s/outside", there_folder);
    do_run(sandbox, format("import os\n"
                           "class Picky:\n"
                           "  def __setstate__(self, state): raise ValueError('not again')\n"
                           "picky = Picky(); picky.a = 1\n"
                           "class Poison:\n"
                           "  def __reduce__(self): return open, ('%s', 'w')\n"
                           "poison = Poison()\n"
                           "class Crime:\n"
                           "  def __reduce__(self): return os.fork, ()\n"
                           "crime = [Crime()]\n"
                           "fine = [1]", outside));
    clutch_session_report *report = stop_it(sandbox);
    assert_int_equal(report->left_out_count, 0);
    clutch_session_report_free(report);
    report = start_it(sandbox);
    assert_holds(left_out(report, "picky"), "not again");
    assert_non_null(left_out(report, "poison"));
    assert_non_null(left_out(report, "crime"));
    assert_false(file_exists(outside));
    clutch_session_report_free(report);
    assert_text(answer(sandbox, "print(fine, Picky.__name__, os.getpid() > 1)"), "[1] Picky True");
    clutch_sandbox_destroy(sandbox);
}

/* ---- Ways to stop ---- */

static void a_stop_that_discards_leaves_what_was_saved_before(void **state)
{
    (void)state;
    clutch_stop_options options = CLUTCH_STOP_OPTIONS_INIT;
    options.discard = true;
    clutch_sandbox *sandbox = create(here, NULL);
    do_run(sandbox, "x = 'first'");
    do_stop(sandbox);
    do_start(sandbox);
    do_run(sandbox, "x = 'second'; open('file', 'w').write('kept')");
    clutch_session_report *report;
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_sandbox_stop(sandbox, &options, &report, &error), &error);
    assert_false(report->saved);
    assert_holds(report->why_not_saved, "discard");
    clutch_session_report_free(report);
    do_start(sandbox);
    assert_text(answer(sandbox, "print(x, open('file').read())"), "first kept");
    clutch_sandbox_destroy(sandbox);
}

static void a_stop_gives_up_saving_after_its_time(void **state)
{
    (void)state;
    static const char *const codes[] = {
        "import time\nclass Slow:\n  def __reduce__(self):\n    time.sleep(20)\nslow = Slow()",
        "import itertools\nclass Slow:\n  def __reduce__(self):\n    sum(itertools.repeat(1))\nslow = Slow()",
    };
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        clutch_stop_options options = CLUTCH_STOP_OPTIONS_INIT;
        clutch_sandbox *sandbox = create(here, NULL);
        do_run(sandbox, "x = 'first'");
        do_stop(sandbox);
        do_start(sandbox);
        do_run(sandbox, "x = 'second'");
        do_run(sandbox, codes[i]);
        options.timeout_ms = 200;
        clutch_session_report *report;
        clutch_error error = ERROR_UNTOUCHED;
        uint64_t begun_ms = now_ms();
        assert_worked(clutch_sandbox_stop(sandbox, &options, &report, &error), &error);
        assert_in_range(now_ms() - begun_ms, 200, 200 + 500 + 1000);
        assert_false(report->saved);
        assert_true(strlen(report->why_not_saved) > 10);
        clutch_session_report_free(report);
        assert_state(sandbox, CLUTCH_STATE_STOPPED);
        do_start(sandbox);
        assert_text(answer(sandbox, "print(x)"), "first");
        clutch_sandbox_destroy(sandbox);
    }
}

/* ---- Folders ---- */

static void files_of_a_limited_disk_last(void **state)
{
    (void)state;
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    limits.disk_bytes = 4 << 20;
    options.limits = &limits;
    clutch_sandbox *sandbox = create(here, &options);
    do_run(sandbox, "import os; os.makedirs('a/b'); open('a/b/file', 'w').write('one'); word = 'kept'");
    do_stop(sandbox);
    do_start(sandbox);
    assert_text(answer(sandbox, "print(open('a/b/file').read(), word)"), "one kept");
    do_run(sandbox, "open('a/b/file', 'w').write('two'); open('second', 'w').write('x'); os.mkdir('empty')");
    do_stop(sandbox);
    do_archive(sandbox);
    do_start(sandbox);
    assert_text(answer(sandbox, "print(open('a/b/file').read(), sorted(os.listdir()))"),
                "two ['a', 'empty', 'second']");
    do_run(sandbox, "os.remove('second'); os.rmdir('empty')");
    do_stop(sandbox);
    do_start(sandbox);
    assert_text(answer(sandbox, "print(os.listdir())"), "['a']");
    clutch_result *result = run(sandbox, "open('large', 'wb').write(bytes(8 << 20))");
    assert_int_equal(result->limit, CLUTCH_LIMIT_DISK);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void a_folder_of_the_hosts_is_worked_in_again_and_never_packed_or_removed(void **state)
{
    (void)state;
    const char *folder = lasting_folder();
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.workdir = folder;
    clutch_sandbox *sandbox = create(here, &options);
    do_run(sandbox, "open('file', 'w').write('one')");
    do_stop(sandbox);
    do_archive(sandbox);
    assert_true(file_exists(format("%s/file", folder)));
    write_file(format("%s/file", folder), "the host's");
    do_start(sandbox);
    assert_text(clutch_sandbox_workdir(sandbox), folder);
    assert_text(answer(sandbox, "import os; print(os.getcwd(), open('file').read())"),
                format("%s the host's", folder));
    clutch_sandbox_destroy(sandbox);
    assert_true(file_exists(format("%s/file", folder)));
    remove_tree(folder);
}

/* ---- Archives that move ---- */

static void copy(const char *from, const char *to, size_t length, size_t changed_at)
{
    static char content[4 << 20];
    FILE *file = fopen(from, "rbe");
    assert_non_null(file);
    size_t size = fread(content, 1, sizeof content, file);
    fclose(file);
    assert_in_range(size, 1, sizeof content - 1);
    if (changed_at < size)
        content[changed_at] ^= 0x55;
    file = fopen(to, "wbe");
    assert_non_null(file);
    if (length > size)
        length = size;
    assert_int_equal(fwrite(content, 1, length, file), length);
    fclose(file);
}

static size_t size_of(const char *path)
{
    struct stat about;
    assert_int_equal(stat(path, &about), 0);
    return (size_t)about.st_size;
}

static clutch_sandbox *import_it(const char *path, const char *owner, const char *name)
{
    clutch_sandbox *sandbox = NULL;
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_sandbox_import(there, path, owner, name, &sandbox, &error), &error);
    return sandbox;
}

static void refuse_import(const char *path, const char *name, int code)
{
    clutch_sandbox *sandbox = UNTOUCHED;
    clutch_error error;
    assert_refused(clutch_sandbox_import(there, path, NULL, name, &sandbox, &error), code, &error);
    assert_ptr_equal(sandbox, UNTOUCHED);
}

/* An archive's path of a sandbox with everything; the sandbox is deleted. */
static const char *archived(clutch_sandbox *sandbox)
{
    const char *path = format("%s/moved.clutch", here_folder);
    do_stop(sandbox);
    do_archive(sandbox);
    copy(format("%s/archives/%s.clutch", here_folder, clutch_sandbox_id(sandbox)), path, SIZE_MAX, SIZE_MAX);
    clutch_sandbox_destroy(sandbox);
    return path;
}

static void an_import_keeps_everything(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = with_everything(here);
    const char *id = format("%s", clutch_sandbox_id(sandbox)), *path = archived(sandbox);
    sandbox = import_it(path, "ada", "moved");
    assert_true(file_exists(path));
    assert_text(clutch_sandbox_id(sandbox), id);
    assert_text(clutch_sandbox_owner(sandbox), "ada");
    assert_text(clutch_sandbox_name(sandbox), "moved");
    assert_text(clutch_sandbox_label(sandbox, "team"), "data");
    assert_state(sandbox, CLUTCH_STATE_ARCHIVED);
    refuse_import(path, "another name", CLUTCH_E_EXISTS); /* the id is in use */
    refuse_import(path, format("%0300d", 0), CLUTCH_E_INVALID); /* and no fault of the archive's */
    do_start(sandbox);
    check_everything(sandbox, 1);
    clutch_sandbox_destroy(sandbox);
    sandbox = import_it(path, NULL, NULL);
    assert_text(clutch_sandbox_name(sandbox), id);
    assert_text(clutch_sandbox_owner(sandbox), "");
    clutch_sandbox_destroy(sandbox);
    refuse_import(format("%s/none.clutch", here_folder), NULL, CLUTCH_E_NOT_FOUND);
    remove(path);
}

static void an_imported_sandbox_may_no_more_than_its_new_engine_allows(void **state)
{
    (void)state;
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    limits.wall_ms = 50000;
    limits.memory_bytes = (uint64_t)3 << 30;
    limits.output_bytes = 1000;
    options.limits = &limits;
    options.network = CLUTCH_NETWORK_ALL;
    options.processes = true;
    static const char use[] = "import socket, subprocess\n"
                              "socket.socket().close(); subprocess.run(['/bin/true'], check=True) and None";
    clutch_sandbox *sandbox = create(here, &options);
    do_run(sandbox, use);
    do_stop(sandbox);
    do_archive(sandbox);
    do_start(sandbox); /* in its own engine it may what it might */
    do_run(sandbox, use);
    const char *path = archived(sandbox);
    sandbox = import_it(path, NULL, NULL);
    do_start(sandbox);
    clutch_result *result = run(sandbox, "socket.socket()");
    assert_text(result->exception_type, "PermissionError");
    clutch_result_free(result);
    result = run(sandbox, "subprocess.run(['/bin/true'])");
    assert_text(result->exception_type, "PermissionError");
    clutch_result_free(result);
    result = run(sandbox, "while True: pass");
    assert_outcome(result, CLUTCH_OUTCOME_TIMEOUT);
    assert_int_equal(result->limit_value, THERE_WALL_MS);
    clutch_result_free(result);
    result = run(sandbox, "x = bytes(1200 << 20)");
    assert_outcome(result, CLUTCH_OUTCOME_MEMORY);
    assert_int_equal(result->limit_value, (uint64_t)1 << 30);
    clutch_result_free(result);
    result = run(sandbox, "print('x' * 5000)"); /* what it had less of stays so */
    assert_int_equal(result->limit_value, 1000);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
    remove(path);
}

/* ---- Damage ---- */

static clutch_sandbox *small(clutch_engine *engine)
{
    clutch_sandbox *sandbox = create(engine, NULL);
    do_run(sandbox, "word = 'kept'; data = bytes(range(256)) * 8; open('file', 'w').write('kept')");
    return sandbox;
}

/* Refused when it is imported, or else when it is started. */
static void refuse_damaged(const char *path, const char *what, size_t at)
{
    clutch_sandbox *sandbox = NULL;
    clutch_error error;
    int code = clutch_sandbox_import(there, path, NULL, NULL, &sandbox, &error);
    if (code == 0) {
        code = clutch_sandbox_start(sandbox, NULL, &error);
        assert_int_equal(clutch_sandbox_pid(sandbox), 0);
        clutch_sandbox_destroy(sandbox);
    }
    if (code != CLUTCH_E_DAMAGED && code != CLUTCH_E_NEWER)
        fail_msg("an archive %s at %zu gave %s", what, at, clutch_error_name(code));
}

/* What a start says of a file, after it was left out. */
static void check_named(clutch_sandbox *sandbox)
{
    clutch_sandbox_info *info = describe(sandbox);
    assert_int_equal(info->left_out_count, 2);
    assert_text(info->left_out[0].name, "file first");
    clutch_sandbox_info_free(info);
    clutch_session_report *report = start_it(sandbox);
    assert_holds(left_out(report, "file first"), "more than one name");
    assert_holds(left_out(report, "file second"), "more than one name");
    clutch_session_report_free(report);
    assert_text(answer(sandbox, "print(os.listdir(), x)"), "['kept'] 1");
    clutch_sandbox_destroy(sandbox);
}

static void files_that_no_copy_has_are_named(void **state)
{
    (void)state;
    static const char files[] = "import os; x = 1; open('kept', 'w').close(); open('first', 'w').close()\n"
                                "os.link('first', 'second')";
    clutch_sandbox *sandbox = create(here, NULL);
    do_run(sandbox, files);
    do_stop(sandbox);
    do_archive(sandbox);
    check_named(sandbox);
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    limits.disk_bytes = 4 << 20;
    options.limits = &limits;
    sandbox = create(here, &options);
    do_run(sandbox, files);
    clutch_session_report *report = stop_it(sandbox);
    assert_holds(left_out(report, "file first"), "more than one name");
    assert_holds(left_out(report, "file second"), "more than one name");
    clutch_session_report_free(report);
    check_named(sandbox);
}

/* It would be removed with the folder. */
static void what_cannot_be_read_is_not_left_out_of_an_archive(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = small(here);
    const char *home = format("%s/%s", here_folder, clutch_sandbox_id(sandbox));
    const char *session = format("%s/session", home), *work = format("%s/work", home);
    const char *aside = format("%s.aside", home);
    clutch_error error;
    do_stop(sandbox);
    assert_int_equal(rename(session, aside), 0);
    assert_refused(clutch_sandbox_archive(sandbox, &error), CLUTCH_E_DAMAGED, &error);
    assert_int_equal(symlink(aside, session), 0);
    assert_refused(clutch_sandbox_archive(sandbox, &error), CLUTCH_E_DISK, &error);
    assert_int_equal(rename(aside, session), 0);
    assert_int_equal(rename(work, aside), 0);
    write_file(work, "no folder");
    assert_refused(clutch_sandbox_archive(sandbox, &error), CLUTCH_E_DISK, &error);
    assert_state(sandbox, CLUTCH_STATE_STOPPED);
    assert_int_equal(remove(work), 0);
    assert_int_equal(rename(aside, work), 0);
    do_archive(sandbox);
    do_start(sandbox);
    assert_text(answer(sandbox, "print(word, open('file').read())"), "kept kept");
    clutch_sandbox_destroy(sandbox);
}

static void a_damaged_archive_is_refused_and_hurts_no_other(void **state)
{
    (void)state;
    enum { PLACES = 24 };
    clutch_sandbox *other = create(there, NULL);
    do_run(other, "word = 'of another'");
    const char *path = archived(small(here)), *bad = format("%s/bad.clutch", here_folder);
    size_t size = size_of(path);
    for (size_t i = 0; i < PLACES; i++) {
        size_t at = i < 8 ? i : i * size / PLACES;
        copy(path, bad, SIZE_MAX, at);
        refuse_damaged(bad, "changed", at);
        copy(path, bad, i * size / PLACES, SIZE_MAX);
        refuse_damaged(bad, "cut", i * size / PLACES);
    }
    copy(path, bad, SIZE_MAX, size - 1);
    refuse_damaged(bad, "changed", size - 1);
    copy(path, bad, size - 1, SIZE_MAX);
    refuse_damaged(bad, "cut", size - 1);
    assert_text(answer(other, "print(word)"), "of another");
    assert_int_equal(entry_count(format("%s/archives", there_folder)), 0);
    clutch_sandbox *sandbox = import_it(path, NULL, NULL);
    do_start(sandbox);
    assert_text(answer(sandbox, "print(word, open('file').read())"), "kept kept");
    clutch_sandbox_destroy(sandbox);
    clutch_sandbox_destroy(other);
    remove(path);
    remove(bad);
}

static void an_archive_that_is_damaged_where_it_lies_stays_archived(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = small(here);
    const char *archive = format("%s/archives/%s.clutch", here_folder, clutch_sandbox_id(sandbox));
    const char *aside = format("%s/aside", here_folder);
    do_stop(sandbox);
    do_archive(sandbox);
    copy(archive, aside, SIZE_MAX, SIZE_MAX);
    copy(aside, archive, SIZE_MAX, size_of(aside) / 2);
    clutch_error error;
    assert_refused(clutch_sandbox_start(sandbox, NULL, &error), CLUTCH_E_DAMAGED, &error);
    assert_holds(error.message, clutch_sandbox_id(sandbox));
    assert_state(sandbox, CLUTCH_STATE_ARCHIVED);
    assert_holds(reason_of(sandbox), "could not be restored");
    copy(aside, archive, SIZE_MAX, SIZE_MAX);
    do_start(sandbox);
    assert_text(answer(sandbox, "print(word, open('file').read())"), "kept kept");
    clutch_sandbox_destroy(sandbox);
    remove(aside);
}

static void a_newer_archive_is_refused_politely(void **state)
{
    (void)state;
    const char *path = archived(small(here));
    int fd = open(path, O_RDWR | O_CLOEXEC);
    char beginning[64];
    assert_int_equal(pread(fd, beginning, sizeof beginning, 0), sizeof beginning);
    char *version = memmem(beginning, sizeof beginning, "archive 0001", 12);
    assert_non_null(version);
    assert_int_equal(pwrite(fd, "archive 0002", 12, version - beginning), 12);
    close(fd);
    refuse_import(path, NULL, CLUTCH_E_NEWER);
    remove(path);
}

/* A file of saved variables begins with a magic text, the version, 12 bytes more, and their checksum. */
enum { SESSION_VERSION_AT = 8, SESSION_CHECKSUM_AT = 24 };

static void make_newer(const char *path)
{
    unsigned char beginning[SESSION_CHECKSUM_AT];
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(pread(fd, beginning, sizeof beginning, 0), sizeof beginning);
    beginning[SESSION_VERSION_AT]++;
    uint64_t checksum = XXH3_64bits(beginning, sizeof beginning);
    assert_int_equal(pwrite(fd, beginning, sizeof beginning, 0), sizeof beginning);
    assert_int_equal(pwrite(fd, &checksum, sizeof checksum, SESSION_CHECKSUM_AT), sizeof checksum);
    close(fd);
}

static void damaged_or_newer_variables_are_refused_and_stay_as_they_are(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = small(here);
    const char *session = format("%s/%s/session", here_folder, clutch_sandbox_id(sandbox));
    const char *aside = format("%s/aside", here_folder);
    do_stop(sandbox);
    copy(session, aside, SIZE_MAX, SIZE_MAX);
    size_t size = size_of(aside);
    clutch_error error;
    for (size_t i = 0; i < 16; i++) {
        bool cut = i % 2;
        size_t at = i * size / 16;
        copy(aside, session, cut ? at : SIZE_MAX, cut ? SIZE_MAX : at);
        assert_refused(clutch_sandbox_start(sandbox, NULL, &error), CLUTCH_E_DAMAGED, &error);
        assert_state(sandbox, CLUTCH_STATE_FAILED);
        assert_holds(error.message, clutch_sandbox_id(sandbox));
    }
    copy(aside, session, SIZE_MAX, SIZE_MAX);
    make_newer(session);
    assert_refused(clutch_sandbox_start(sandbox, NULL, &error), CLUTCH_E_NEWER, &error);
    assert_state(sandbox, CLUTCH_STATE_FAILED);
    copy(aside, session, SIZE_MAX, SIZE_MAX);
    do_start(sandbox);
    assert_text(answer(sandbox, "print(word, data == bytes(range(256)) * 8)"), "kept True");
    clutch_sandbox_destroy(sandbox);
    remove(aside);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_stop_and_a_start_keep_everything, open_engines),
        TEST(an_archive_keeps_everything_and_is_smaller),
        TEST(an_engine_closed_after_a_stop_hands_everything_to_the_next),
        TEST(an_engine_closed_without_a_stop_keeps_files_and_the_last_stop),
        TEST(what_cannot_be_kept_is_named_at_stop_and_start_and_costs_nothing_else),
        TEST(what_cannot_come_back_is_named_at_the_start),
        TEST(a_stop_that_discards_leaves_what_was_saved_before),
        TEST(a_stop_gives_up_saving_after_its_time),
        TEST(files_of_a_limited_disk_last),
        TEST(a_folder_of_the_hosts_is_worked_in_again_and_never_packed_or_removed),
        TEST(an_import_keeps_everything),
        TEST(an_imported_sandbox_may_no_more_than_its_new_engine_allows),
        TEST(files_that_no_copy_has_are_named),
        TEST(what_cannot_be_read_is_not_left_out_of_an_archive),
        TEST(a_damaged_archive_is_refused_and_hurts_no_other),
        TEST(an_archive_that_is_damaged_where_it_lies_stays_archived),
        TEST(a_newer_archive_is_refused_politely),
        TEST(damaged_or_newer_variables_are_refused_and_stay_as_they_are),
        TEST(the_engines_end),
    };
    return RUN_TESTS(tests);
}
