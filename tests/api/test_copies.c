/* SPDX-License-Identifier: Apache-2.0 */
/* test_copies.c: clones, snapshots and starting points. */
#include "support.h"

#define FRAME "import pandas as pd\ndf = pd.DataFrame({'a': range(100)})\nx = 1"

static clutch_sandbox *clone_of(clutch_sandbox *origin)
{
    clutch_sandbox *copy = UNTOUCHED;
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_sandbox_clone(origin, NULL, &copy, &error), &error);
    return copy;
}

static int try_clone(clutch_sandbox *origin, clutch_error *error)
{
    clutch_sandbox *copy = UNTOUCHED;
    int code = clutch_sandbox_clone(origin, NULL, &copy, error);
    assert_true(code == 0 || copy == UNTOUCHED);
    if (code == 0)
        clutch_sandbox_destroy(copy);
    return code;
}

static void snapshot(clutch_sandbox *sandbox, const char *name)
{
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_sandbox_snapshot(sandbox, name, &error), &error);
}

static clutch_sandbox *from_snapshot(const char *name)
{
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.snapshot = name;
    return create(the_engine(), &options);
}

static void forget(const char *name)
{
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_snapshot_delete(the_engine(), NULL, name, &error), &error);
}

static void put_file(clutch_sandbox *sandbox, const char *name, const char *text)
{
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_sandbox_write_file(sandbox, name, text, strlen(text), &error), &error);
}

/* ---- Clones ---- */

static void a_clone_has_all_and_both_go_on_apart(void **state)
{
    (void)state;
    clutch_sandbox *origin = fresh();
    do_run(origin, FRAME "\nf = lambda: x\nopen('file', 'w').write('before')");
    clutch_sandbox *copy = clone_of(origin);
    assert_text(answer(copy, "print(df.a.sum(), f(), open('file').read())"), "4950 1 before");
    do_run(copy, "x = 2; df = None; open('file', 'w').write('copy'); open('new', 'w').write('')");
    assert_text(answer(origin, "import os\nprint(f(), df.a.sum(), open('file').read(), os.listdir())"),
                "1 4950 before ['file']");
    do_run(origin, "open('file', 'w').write('origin')");
    assert_text(answer(copy, "import os\nprint(f(), open('file').read(), sorted(os.listdir()))"),
                "2 copy ['file', 'new']");
    put_file(copy, "host", "x");
    assert_text(answer(copy, "print(open('host').read())"), "x");
    assert_text(answer(origin, "print(os.path.exists('host'))"), "False");
    clutch_status *status = look_at(copy);
    assert_int_equal(status->state, CLUTCH_STATE_RUNNING);
    assert_int_equal(status->executions, 5);
    clutch_status_free(status);
    clutch_sandbox_destroy(origin);
    clutch_sandbox_destroy(copy);
}

static void a_clone_knows_its_origin_and_differs_from_it(void **state)
{
    (void)state;
    clutch_sandbox *origin = fresh();
    do_run(origin, "import random, numpy, tempfile; random.seed(1); numpy.random.seed(1)");
    clutch_sandbox *copy = clone_of(origin);
    static const char draw[] = "print(random.random(), numpy.random.rand())";
    char first[100];
    snprintf(first, sizeof first, "%s", answer(origin, draw));
    assert_string_not_equal(answer(copy, draw), first);
    assert_string_not_equal(clutch_sandbox_id(copy), clutch_sandbox_id(origin));
    assert_true(clutch_sandbox_pid(copy) != clutch_sandbox_pid(origin));
    clutch_sandbox_info *info;
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_sandbox_describe(copy, &info, &error), &error);
    assert_text(info->origin, clutch_sandbox_id(origin));
    clutch_sandbox_info_free(info);
    assert_text(answer(copy, "with tempfile.NamedTemporaryFile() as f: f.write(b'x')\nprint('written')"),
                "written");
    clutch_sandbox_destroy(origin);
    clutch_sandbox_destroy(copy);
}

/* Half a draw that is kept for the next one, a state that was never drawn from, a generator of the user's own
 * choice behind the functions of the module, and a time-based uuid. */
static void a_clone_draws_other_numbers_whatever_was_drawn_before(void **state)
{
    (void)state;
    static const char *const before[] = {"pass", "random.gauss(0, 1); numpy.random.standard_normal()",
                                         "numpy.random.set_state(numpy.random.get_state())",
                                         "numpy.random.mtrand.set_bit_generator(numpy.random.PCG64(1))",
                                         "uuid.uuid1()"};
    static const char draw[] = "print(random.gauss(0, 1), numpy.random.standard_normal())";
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
        clutch_sandbox *origin = fresh();
        do_run(origin, "import random, uuid, numpy, numpy.random");
        do_run(origin, before[i]);
        clutch_sandbox *copy = clone_of(origin), *second = clone_of(copy);
        char texts[3][200];
        snprintf(texts[0], sizeof texts[0], "%s", answer(origin, draw));
        snprintf(texts[1], sizeof texts[1], "%s", answer(copy, draw));
        snprintf(texts[2], sizeof texts[2], "%s", answer(second, draw));
        for (size_t j = 0; j < 3; j++) {
            double python, numpy, other_python, other_numpy;
            assert_int_equal(sscanf(texts[j], "%lf %lf", &python, &numpy), 2);
            assert_int_equal(sscanf(texts[(j + 1) % 3], "%lf %lf", &other_python, &other_numpy), 2);
            assert_true(python != other_python);
            assert_true(numpy != other_numpy);
        }
        clutch_sandbox_destroy(origin);
        clutch_sandbox_destroy(copy);
        clutch_sandbox_destroy(second);
    }
}

static void a_clone_is_interrupted_and_limited_like_any_sandbox(void **state)
{
    (void)state;
    clutch_sandbox *origin = fresh();
    do_run(origin, "kept = 1");
    clutch_sandbox *copy = clone_of(origin);
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.wall_ms = 200;
    clutch_execute_options options = CLUTCH_EXECUTE_OPTIONS_INIT;
    options.limits = &limits;
    clutch_result *result = run_with(copy, "import time\ntime.sleep(60)", &options);
    assert_outcome(result, CLUTCH_OUTCOME_TIMEOUT);
    assert_false(result->sandbox_ended);
    clutch_result_free(result);
    result = run(copy, "b = bytearray(1 << 40)");
    assert_outcome(result, CLUTCH_OUTCOME_MEMORY);
    clutch_result_free(result);
    result = run(copy, "import os\nos.abort()");
    assert_outcome(result, CLUTCH_OUTCOME_CRASHED);
    assert_int_equal(result->signal, 6);
    clutch_result_free(result);
    assert_text(answer(origin, "print(kept)"), "1");
    clutch_sandbox *again = clone_of(origin); /* which costs the origin its second thread, for a while */
    result = run_with(origin, "import time\ntime.sleep(60)", &options);
    assert_outcome(result, CLUTCH_OUTCOME_TIMEOUT);
    assert_false(result->sandbox_ended);
    clutch_result_free(result);
    clutch_sandbox_destroy(origin);
    clutch_sandbox_destroy(copy);
    clutch_sandbox_destroy(again);
}

/* All are in one pid namespace, so that each can name the others. */
static void a_clone_and_its_origin_cannot_signal_each_other(void **state)
{
    (void)state;
    clutch_sandbox *origin = fresh();
    do_run(origin, "import os\nkept = 1");
    snapshot(origin, "signals");
    clutch_sandbox *all[] = {origin, clone_of(origin), from_snapshot("signals"), from_snapshot("signals")};
    int pids[4];
    for (size_t i = 0; i < 4; i++)
        pids[i] = atoi(answer(all[i], "print(os.getpid())"));
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 4; j++)
            assert_text(answer(all[i], format("try: os.kill(%d, 0); print('reached')\n"
                                              "except PermissionError: print('refused')", pids[j])),
                        i == j ? "reached" : "refused");
    for (size_t i = 0; i < 4; i++)
        clutch_sandbox_destroy(all[i]);
    forget("signals");
}

static void clones_have_clones_and_outlive_their_origins(void **state)
{
    (void)state;
    clutch_sandbox *chain[5] = {fresh()};
    do_run(chain[0], "depth = 0; open('file0', 'w').write('0')");
    for (int i = 1; i < 5; i++) {
        chain[i] = clone_of(chain[i - 1]);
        do_run(chain[i], format("depth += 1; open('file%d', 'w').write('%d')", i, i));
        clutch_sandbox_destroy(chain[i - 1]);
        assert_text(answer(chain[i], "import os\nprint(depth, len(os.listdir()))"),
                    format("%d %d", i, i + 1));
    }
    clutch_sandbox_destroy(chain[4]);
}

static void count_lacks(uint32_t level, const char *message, void *user)
{
    if (level == CLUTCH_LOG_WARNING && strstr(message, "lacks 2 of them"))
        ++*(_Atomic unsigned *)user;
}

static void files_that_a_clone_lacks_are_logged(void **state)
{
    (void)state;
    static const char *const none[] = {NULL};
    _Atomic unsigned lacks = 0;
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    options.preload = none;
    options.log = count_lacks;
    options.log_user = &lacks;
    clutch_engine *engine;
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_engine_open(&options, &engine, &error), &error);
    clutch_sandbox *origin = create(engine, NULL), *copy;
    do_run(origin, "import os; open('kept', 'w').close(); open('a', 'w').close(); os.link('a', 'b')");
    assert_worked(clutch_sandbox_clone(origin, NULL, &copy, &error), &error);
    assert_text(answer(copy, "print(os.listdir())"), "['kept']");
    assert_int_equal(lacks, 1);
    clutch_sandbox_destroy(copy);
    clutch_sandbox_destroy(origin);
    clutch_engine_close(engine);
}

static void one_process_can_be_cloned_a_dozen_times(void **state)
{
    (void)state;
    clutch_sandbox *origin = NULL;
    clutch_error error = ERROR_UNTOUCHED;
    for (int again = 0; again < 6; again++) { /* whichever of origin and copy finds out first */
        int made = 0, code;
        clutch_sandbox_destroy(origin);
        origin = fresh();
        while ((code = try_clone(origin, &error)) == 0 && made < 30)
            made++;
        assert_in_range(made, 12, 16);
        assert_refused(code, CLUTCH_E_UNCLONABLE, &error);
        for (int i = 0; i < 4; i++)
            assert_int_equal(try_clone(origin, NULL), CLUTCH_E_UNCLONABLE);
    }
    assert_text(answer(origin, "print('goes on')"), "goes on");
    pid_t template = clutch_engine_describe(the_engine())->template_pid;
    size_t before = children_of(template, NULL, 0);
    for (int i = 0; i < 20; i++)
        assert_refused(try_clone(origin, &error), CLUTCH_E_UNCLONABLE, &error);
    assert_in_range(children_of(template, NULL, 0), 0, before + 2); /* the last ones exit */
    assert_int_equal(clutch_sandbox_stop(origin, NULL, NULL, NULL), 0);
    assert_int_equal(clutch_sandbox_start(origin, NULL, NULL), 0);
    assert_int_equal(try_clone(origin, &error), 0);
    clutch_sandbox_destroy(origin);
}

static void threads_and_processes_that_live_are_named(void **state)
{
    (void)state;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.processes = true;
    clutch_sandbox *sandbox = create(the_engine(), &options);
    clutch_error error = ERROR_UNTOUCHED;
    do_run(sandbox, "import threading, _thread, subprocess\n"
                    "go = threading.Event()\n"
                    "threads = [threading.Thread(target=go.wait, name=n) for n in ('weaver', 'miller')]\n"
                    "for t in threads: t.start()");
    assert_refused(try_clone(sandbox, &error), CLUTCH_E_UNCLONABLE, &error);
    assert_holds(error.message, "weaver");
    assert_holds(error.message, "miller");
    assert_refused(clutch_sandbox_snapshot(sandbox, "never", &error), CLUTCH_E_UNCLONABLE, &error);
    do_run(sandbox, "go.set()\nfor t in threads: t.join()\ndel threads, t\n"
                    "lock = _thread.allocate_lock(); lock.acquire()\n"
                    "_ = _thread.start_new_thread(lock.acquire, ())\nimport time\n"
                    "while not _thread._count(): time.sleep(0.01)");
    assert_refused(try_clone(sandbox, &error), CLUTCH_E_UNCLONABLE, &error);
    assert_holds(error.message, "1 without a name");
    do_run(sandbox, "lock.release()\nwhile _thread._count(): time.sleep(0.01)\n"
                    "child = subprocess.Popen(['/bin/sleep', '100'])");
    assert_refused(try_clone(sandbox, &error), CLUTCH_E_UNCLONABLE, &error);
    assert_holds(error.message, "child processes");
    do_run(sandbox, "child.kill(); child.wait()");
    assert_int_equal(try_clone(sandbox, &error), 0);
    do_run(sandbox, "import ctypes\nlibc = ctypes.CDLL(None); thread = ctypes.c_ulong()\n"
                    "libc.pthread_create(ctypes.byref(thread), None, libc.pause, None)");
    assert_refused(try_clone(sandbox, &error), CLUTCH_E_UNCLONABLE, &error); /* Python knows nothing of it */
    assert_holds(error.message, "1 of native code");
    clutch_sandbox_destroy(sandbox);
}

/* What was made ready for them is taken back. */
static void copies_that_were_refused_leave_nothing(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    pid_t template = clutch_engine_describe(the_engine())->template_pid;
    clutch_error error = ERROR_UNTOUCHED;
    do_run(sandbox, "import threading\ngo = threading.Event()\n"
                    "thread = threading.Thread(target=go.wait); thread.start()");
    size_t before = children_of(template, NULL, 0);
    for (int i = 0; i < 20; i++)
        assert_refused(try_clone(sandbox, &error), CLUTCH_E_UNCLONABLE, &error);
    assert_in_range(children_of(template, NULL, 0), before, before + 2); /* the last has exited */
    do_run(sandbox, "go.set(); thread.join()");
    for (int i = 0; i < 5; i++)
        assert_int_equal(try_clone(sandbox, &error), 0);
    assert_in_range(children_of(template, NULL, 0), before, before + 2);
    clutch_sandbox_destroy(sandbox);
}

static void what_cannot_be_copied_says_so(void **state)
{
    (void)state;
    clutch_error error = ERROR_UNTOUCHED;
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.disk_bytes = 1 << 20;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.limits = &limits;
    clutch_sandbox *sandbox = create(the_engine(), &options);
    assert_refused(try_clone(sandbox, &error), CLUTCH_E_UNSUPPORTED, &error);
    clutch_sandbox_destroy(sandbox);

    static const char *const disable[] = {"clone_door", NULL};
    clutch_engine_options bare = CLUTCH_ENGINE_OPTIONS_INIT;
    bare.disable = disable;
    clutch_engine *engine = open_bare(&bare);
    sandbox = create(engine, NULL);
    assert_refused(try_clone(sandbox, &error), CLUTCH_E_UNSUPPORTED, &error);
    assert_holds(error.message, "clone_door");
    clutch_sandbox_destroy(sandbox);
    clutch_engine_close(engine);

    sandbox = fresh();
    clutch_sandbox_options more = CLUTCH_SANDBOX_OPTIONS_INIT;
    more.processes = true;
    clutch_sandbox *copy = UNTOUCHED;
    assert_refused(clutch_sandbox_clone(sandbox, &more, &copy, &error), CLUTCH_E_INVALID, &error);
    assert_ptr_equal(copy, UNTOUCHED);
    clutch_sandbox_destroy(sandbox);
}

/* ---- Snapshots ---- */

static void a_snapshot_outlives_its_sandbox_and_gives_many(void **state)
{
    (void)state;
    enum { MANY = 20 };
    clutch_sandbox *origin = fresh(), *copies[MANY];
    do_run(origin, FRAME "\nopen('file', 'w').write('kept')");
    snapshot(origin, "base");
    clutch_error error = ERROR_UNTOUCHED;
    assert_refused(clutch_sandbox_snapshot(origin, "base", &error), CLUTCH_E_EXISTS, &error);
    do_run(origin, "x = 'later'; open('file', 'w').write('later')");
    clutch_sandbox_destroy(origin);
    for (int i = 0; i < MANY; i++) {
        copies[i] = from_snapshot("base");
        do_run(copies[i], format("x += %d; open('own%d', 'w').write('')", i, i));
    }
    for (int i = 0; i < MANY; i++)
        assert_text(
            answer(copies[i], "import os\nprint(df.a.sum(), x, open('file').read(), len(os.listdir()))"),
            format("4950 %d kept 2", i + 1));
    forget("base");
    assert_text(answer(copies[7], "print(x)"), "8");
    for (int i = 0; i < MANY; i++)
        clutch_sandbox_destroy(copies[i]);
    assert_refused(clutch_snapshot_delete(the_engine(), NULL, "base", &error), CLUTCH_E_NOT_FOUND, &error);
    assert_int_equal(home_count(clutch_engine_describe(the_engine())->state_dir), 1); /* snapshots */
}

static void a_snapshot_is_its_owners(void **state)
{
    (void)state;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.owner = "ann";
    clutch_sandbox *sandbox = create(the_engine(), &options), *copy = UNTOUCHED;
    clutch_error error = ERROR_UNTOUCHED;
    do_run(sandbox, "x = 'secret'");
    snapshot(sandbox, "mine");
    options.snapshot = "mine";
    options.owner = "ben";
    assert_refused(clutch_sandbox_create(the_engine(), &options, &copy, &error), CLUTCH_E_NOT_FOUND, &error);
    assert_refused(clutch_snapshot_delete(the_engine(), "ben", "mine", &error), CLUTCH_E_NOT_FOUND, &error);
    options.owner = "ann";
    copy = create(the_engine(), &options);
    assert_text(answer(copy, "print(x)"), "secret");
    clutch_sandbox_destroy(copy);
    clutch_sandbox_destroy(sandbox);
    assert_int_equal(clutch_snapshot_delete(the_engine(), "ann", "mine", &error), 0);
}

static void a_copy_that_is_stopped_starts_in_its_own_folder(void **state)
{
    (void)state;
    clutch_sandbox *origin = fresh();
    do_run(origin, "x = 1; open('file', 'w').write('1')");
    clutch_sandbox *copy = clone_of(origin);
    do_run(copy, "x = 2; open('file', 'w').write('2')");
    assert_int_equal(clutch_sandbox_stop(copy, NULL, NULL, NULL), 0);
    assert_int_equal(clutch_sandbox_stop(origin, NULL, NULL, NULL), 0);
    assert_int_equal(clutch_sandbox_start(copy, NULL, NULL), 0);
    assert_int_equal(clutch_sandbox_start(origin, NULL, NULL), 0);
    assert_text(answer(copy, "print(x, open('file').read())"), "2 2");
    assert_text(answer(origin, "print(x, open('file').read())"), "1 1");
    clutch_sandbox_destroy(origin);
    clutch_sandbox_destroy(copy);
}

/* ---- Starting points ---- */

static void a_starting_point_is_made_ready_once(void **state)
{
    (void)state;
    static const char *const preload[] = {"decimal", "json", NULL};
    char folder[] = "/tmp/clutch-point-XXXXXX";
    assert_non_null(mkdtemp(folder));
    FILE *file = fopen(format("%s/data.csv", folder), "w");
    assert_non_null(file);
    fputs("a\n1\n2\n", file);
    fclose(file);
    clutch_starting_point point = CLUTCH_STARTING_POINT_INIT;
    point.name = "warm";
    point.preload = preload;
    point.files = folder;
    point.setup = "import time, pandas\nmade = time.time_ns()\ndf = pandas.read_csv('data.csv')";
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_engine_define(the_engine(), &point, &error), &error);
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.starting_point = "warm";
    clutch_sandbox *first = create(the_engine(), &options), *second = create(the_engine(), &options);
    char made[40];
    snprintf(made, sizeof made, "%s", answer(first, "import sys\nprint(made)"));
    assert_text(answer(second, "print(made)"), made);
    assert_text(answer(second, "import sys\nprint('decimal' in sys.modules, df.a.sum())"), "True 3");
    clutch_result *result = run(first, "1/0");
    assert_int_equal(result->serial, 2); /* what made it ready does not count */
    clutch_result_free(result);
    point.setup = "made = 'anew'";
    assert_worked(clutch_engine_define(the_engine(), &point, &error), &error);
    clutch_sandbox *third = create(the_engine(), &options);
    assert_text(answer(third, "print(made)"), "anew");
    clutch_sandbox_destroy(first);
    clutch_sandbox_destroy(second);
    clutch_sandbox_destroy(third);
    unlink(format("%s/data.csv", folder));
    rmdir(folder);
}

/* What made it ready has run under the same serials. */
static void a_sandbox_of_a_starting_point_is_interrupted_before_it_has_begun(void **state)
{
    (void)state;
    clutch_starting_point point = CLUTCH_STARTING_POINT_INIT;
    clutch_error error = ERROR_UNTOUCHED;
    point.name = "interrupted";
    point.setup = "x = 1";
    assert_worked(clutch_engine_define(the_engine(), &point, &error), &error);
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.starting_point = "interrupted";
    for (int i = 0; i < 40; i++) {
        clutch_sandbox *sandbox = create(the_engine(), &options);
        clutch_execution *execution = start(sandbox, "while True: pass");
        clutch_sandbox_cancel(sandbox);
        clutch_result *result = wait_for(execution);
        assert_outcome(result, CLUTCH_OUTCOME_CANCELLED);
        assert_false(result->sandbox_ended);
        clutch_result_free(result);
        clutch_sandbox_destroy(sandbox);
    }
}

/* The kernel counts their threads together, but none has to do with fewer because of the others. */
static void sandboxes_of_a_starting_point_have_their_own_threads(void **state)
{
    (void)state;
    enum { MANY = 40, THREADS = 8 };
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.threads = THREADS;
    clutch_starting_point point = CLUTCH_STARTING_POINT_INIT;
    point.name = "threads";
    point.limits = &limits;
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_engine_define(the_engine(), &point, &error), &error);
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.starting_point = point.name;
    clutch_sandbox *all[MANY];
    for (int i = 0; i < MANY; i++) {
        all[i] = create(the_engine(), &options);
        do_run(all[i], "x = 1");
    }
    for (int i = 0; i < MANY; i += MANY - 1) /* the first one, too, which all others were made of */
        assert_text(answer(all[i], "import threading\ngo = threading.Event()\nstarted = []\n"
                                   "try:\n  while len(started) < 100:\n"
                                   "    t = threading.Thread(target=go.wait); t.start(); started.append(t)\n"
                                   "except RuntimeError: pass\n"
                                   "go.set()\nprint(len(started))"),
                    format("%d", THREADS - 2)); /* and the two that each sandbox has */
    for (int i = 0; i < MANY; i++)
        clutch_sandbox_destroy(all[i]);
}

/* Their folders live in memory, of which each has its own: there is no copy to begin with. */
static void sandboxes_of_a_starting_point_have_their_own_disk(void **state)
{
    (void)state;
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.disk_bytes = 1 << 20;
    limits.threads = 8;
    clutch_starting_point point = CLUTCH_STARTING_POINT_INIT;
    point.name = "disk";
    point.limits = &limits;
    point.setup = "made = 1";
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_engine_define(the_engine(), &point, &error), &error);
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.starting_point = point.name;
    for (int i = 0; i < 3; i++) {
        clutch_sandbox *sandbox = create(the_engine(), &options);
        assert_text(answer(sandbox, "try:\n  open('file', 'wb').write(bytes(3 << 20)); print('written')\n"
                                    "except OSError as e: print(e.errno, made)"),
                    "28 1");
        assert_text(answer(sandbox, "import resource; print(resource.getrlimit(resource.RLIMIT_NPROC)[1])"),
                    "8");
        clutch_sandbox_destroy(sandbox);
    }
}

static void a_starting_point_that_fails_says_why(void **state)
{
    (void)state;
    clutch_starting_point point = CLUTCH_STARTING_POINT_INIT;
    clutch_error error = ERROR_UNTOUCHED;
    assert_refused(clutch_engine_define(the_engine(), &point, &error), CLUTCH_E_INVALID, &error);
    point.name = "broken";
    point.setup = "1/0";
    assert_int_equal(clutch_engine_define(the_engine(), &point, &error), 0);
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.starting_point = "broken";
    options.name = "from broken";
    clutch_sandbox *sandbox = UNTOUCHED;
    assert_refused(clutch_sandbox_create(the_engine(), &options, &sandbox, &error), CLUTCH_E_PRELOAD, &error);
    assert_holds(error.message, "ZeroDivisionError");
    options.starting_point = "no such";
    assert_refused(clutch_sandbox_create(the_engine(), &options, &sandbox, &error), CLUTCH_E_NOT_FOUND,
                   &error);
    assert_ptr_equal(sandbox, UNTOUCHED);
    point.setup = "fine = 1";
    assert_int_equal(clutch_engine_define(the_engine(), &point, &error), 0);
    options.starting_point = "broken";
    sandbox = create(the_engine(), &options);
    assert_text(answer(sandbox, "print(fine)"), "1");
    clutch_sandbox_destroy(sandbox);
}

/* ---- The door ---- */

/* What only the host can have done waits for an answer that nobody gives: the caller's loss. */
static void user_code_cannot_copy_itself(void **state)
{
    (void)state;
    static const char copy[] =
        "import ctypes, os\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "flags = {'same': 0x01208000 | 17, 'apart': 0x11228000 | 17, 'announce': 0x80008000 | 17}['%s']\n"
        "mark = %s\n"
        "call = [ctypes.c_ulong(v) for v in (56, flags, 0, 0, 0, 0, mark)]\n"
        "pid = libc.syscall(*call)\n"
        "if pid == 0: os._exit(0)\n"
        "print(pid, ctypes.get_errno())";
    static const char *const kinds[] = {"same", "apart", "announce"};
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.wall_ms = 300;
    limits.grace_ms = 100;
    clutch_execute_options options = CLUTCH_EXECUTE_OPTIONS_INIT;
    options.limits = &limits;
    for (size_t i = 0; i < 3; i++) {
        clutch_sandbox *sandbox = fresh();
        char code[1000];
        snprintf(code, sizeof code, copy, kinds[i], "0");
        assert_text(answer(sandbox, code), "-1 1");
        snprintf(code, sizeof code, copy, kinds[i], "0xc1d0 << 48 | 12345");
        clutch_result *result = run_with(sandbox, code, &options);
        assert_outcome(result, CLUTCH_OUTCOME_TIMEOUT);
        clutch_result_free(result);
        clutch_sandbox_destroy(sandbox);
    }
}

/* A process of the family that asks all the time gets nothing, and does not keep the host from copying. */
static void asking_at_the_door_all_the_time_gets_nothing(void **state)
{
    (void)state;
    static const char ask[] =
        "import ctypes, os, random, threading, time\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "def ask():\n"
        "    call = [ctypes.c_ulong(v) for v in (56, 0x80008000 | 17, 0, 0, 0, 0, 0xc1d0 << 48 | 7)]\n"
        "    global got\n"
        "    got = libc.syscall(*call), ctypes.get_errno()\n"
        "threading.Thread(target=ask, daemon=True).start()\n"
        "time.sleep(0.1)";
    clutch_sandbox *origin = fresh();
    do_run(origin, "x = 1");
    snapshot(origin, "asked");
    clutch_sandbox *hostile = from_snapshot("asked");
    do_run(hostile, ask);
    for (int i = 0; i < 3; i++) {
        clutch_sandbox *copy = from_snapshot("asked");
        assert_text(answer(copy, "print(x)"), "1");
        clutch_sandbox_destroy(copy);
    }
    assert_text(answer(hostile, "time.sleep(0.1); print(got)"), "(-1, 1)");
    clutch_sandbox_destroy(hostile);
    clutch_sandbox_destroy(origin);
    forget("asked");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_clone_has_all_and_both_go_on_apart),
        TEST(a_clone_knows_its_origin_and_differs_from_it),
        TEST(a_clone_draws_other_numbers_whatever_was_drawn_before),
        TEST(a_clone_is_interrupted_and_limited_like_any_sandbox),
        TEST(a_clone_and_its_origin_cannot_signal_each_other),
        TEST(clones_have_clones_and_outlive_their_origins),
        TEST(files_that_a_clone_lacks_are_logged),
        TEST(one_process_can_be_cloned_a_dozen_times),
        TEST(threads_and_processes_that_live_are_named),
        TEST(copies_that_were_refused_leave_nothing),
        TEST(what_cannot_be_copied_says_so),
        TEST(a_snapshot_outlives_its_sandbox_and_gives_many),
        TEST(a_snapshot_is_its_owners),
        TEST(a_copy_that_is_stopped_starts_in_its_own_folder),
        TEST(a_starting_point_is_made_ready_once),
        TEST(sandboxes_of_a_starting_point_have_their_own_threads),
        TEST(sandboxes_of_a_starting_point_have_their_own_disk),
        TEST(a_sandbox_of_a_starting_point_is_interrupted_before_it_has_begun),
        TEST(a_starting_point_that_fails_says_why),
        TEST(user_code_cannot_copy_itself),
        TEST(asking_at_the_door_all_the_time_gets_nothing),
    };
    return RUN_TESTS(tests);
}
