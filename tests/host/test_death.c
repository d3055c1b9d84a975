/* SPDX-License-Identifier: Apache-2.0 */
/* test_death.c: a host killed with SIGKILL leaves no process and no folder of ours after one second. */
#include "support.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

static const char *const nothing[] = {NULL};

/* Runs in a process of its own, a host that will be killed. A fault ends it with a status. */
typedef void host_fn(void);

static void must(int code, int line)
{
    if (code < 0)
        _exit(line & 0xff);
}
#define MUST(call) must(call, __LINE__)

static clutch_engine *open_engine(const char *const *preload)
{
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    options.preload = preload;
    clutch_engine *engine = NULL;
    MUST(clutch_engine_open(&options, &engine, NULL));
    return engine;
}

static clutch_sandbox *hatch(clutch_engine *engine)
{
    clutch_sandbox *sandbox = NULL;
    MUST(clutch_sandbox_create(engine, NULL, &sandbox, NULL));
    return sandbox;
}

static void launch(clutch_sandbox *sandbox, const char *code)
{
    clutch_execution *execution = NULL;
    MUST(clutch_execution_start(sandbox, code, strlen(code), NULL, &execution, NULL));
}

/* Starts a host, waits until it says that it is ready, or so many milliseconds, and kills it. */
static void kill_host(host_fn *body, int after_ms)
{
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t host = fork();
    if (host == 0) {
        close(ready[0]);
        body();
        (void)!write(ready[1], "r", 1);
        for (;;)
            pause();
    }
    close(ready[1]);
    char byte = 0;
    if (after_ms >= 0)
        sleep_ms((unsigned)after_ms);
    else
        assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    assert_int_equal(waitpid(host, NULL, WNOHANG), 0); /* it has not failed */
    kill(host, SIGKILL);
    int status;
    assert_int_equal(waitpid(host, &status, 0), host);
    assert_true(WIFSIGNALED(status));
    assert_true(no_orphan_is_left(1000));
}

static bool folder_is_empty(void *folder)
{
    return entry_count(folder) == 0;
}

static void assert_no_folder_is_left(void)
{
    assert_true(eventually(folder_is_empty, getenv("TMPDIR"), 1000));
}

/* ---- Hosts ---- */

static void with_idle_sandboxes(void)
{
    clutch_engine *engine = open_engine(nothing);
    for (int i = 0; i < 5; i++)
        hatch(engine);
}

static void with_busy_sandboxes(void)
{
    static const char *const codes[] = {
        "while True: pass",
        "import itertools; sum(itertools.repeat(1))",
        "while True: print('flood' * 1000)",
        "import time\nwhile True:\n    try: time.sleep(1000)\n    except BaseException: pass",
        "import signal, ctypes\n"
        "for n in range(1, 65): ctypes.CDLL(None).signal(n, ctypes.c_void_p(1))\n"
        "while True: signal.pause()",
        "import threading\nfor i in range(20): threading.Thread(target=threading.Event().wait).start()\n"
        "while True: pass",
        "open('a file', 'w').write('x' * 1000)\nimport os\nos.makedirs('a/b/c')\nwhile True: pass",
    };
    clutch_engine *engine = open_engine(nothing);
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        launch(hatch(engine), codes[i]);
    sleep_ms(150);
}

static void with_a_stopped_sandbox(void)
{
    clutch_engine *engine = open_engine(nothing);
    clutch_sandbox *sandbox = hatch(engine);
    launch(sandbox, "while True: pass");
    kill(clutch_sandbox_pid(sandbox), SIGSTOP);
}

static void with_child_processes(void)
{
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.processes = true;
    clutch_sandbox *sandbox = NULL;
    MUST(clutch_sandbox_create(open_engine(nothing), &options, &sandbox, NULL));
    static const char code[] = "import subprocess\n"
                               "for i in range(3):\n"
                               "    subprocess.Popen(['/bin/sleep', '1000'])\n"
                               "subprocess.Popen(['/bin/sh', '-c', 'trap \"\" HUP TERM INT; '\n"
                               "                 '/bin/sleep 999 & '\n"
                               "                 'while :; do /bin/sleep 1; done'])\n";
    clutch_result *result = NULL;
    MUST(clutch_sandbox_run(sandbox, code, strlen(code), NULL, &result, NULL));
    MUST(result->outcome == CLUTCH_OUTCOME_OK ? 0 : -1);
}

static void with_three_engines(void)
{
    for (int i = 0; i < 3; i++)
        launch(hatch(open_engine(nothing)), "while True: pass");
}

static void while_it_warms_up(void)
{
    open_engine(NULL);
}

static void while_it_creates(void)
{
    clutch_engine *engine = open_engine(nothing);
    for (;;) {
        clutch_sandbox *sandbox = hatch(engine);
        launch(sandbox, "while True: pass");
    }
}

/* ---- Claims ---- */

static void a_killed_host_leaves_no_idle_sandbox(void **state)
{
    (void)state;
    kill_host(with_idle_sandboxes, -1);
    assert_no_folder_is_left();
}

static void a_killed_host_leaves_no_busy_sandbox(void **state)
{
    (void)state;
    kill_host(with_busy_sandboxes, -1);
    assert_no_folder_is_left();
}

static void a_killed_host_leaves_no_stopped_sandbox(void **state)
{
    (void)state;
    kill_host(with_a_stopped_sandbox, -1);
    assert_no_folder_is_left();
}

static void a_killed_host_leaves_no_process_that_a_sandbox_started(void **state)
{
    (void)state;
    kill_host(with_child_processes, -1);
    assert_no_folder_is_left();
}

static void a_killed_host_leaves_none_of_its_engines(void **state)
{
    (void)state;
    kill_host(with_three_engines, -1);
    assert_no_folder_is_left();
}

/* The folder of a host that died before its template could know of it stays, with nothing in it. */
static void remove_empty_folders(void)
{
    DIR *folders = opendir(getenv("TMPDIR"));
    struct dirent *entry;
    assert_non_null(folders);
    while ((entry = readdir(folders)))
        if (entry->d_name[0] != '.')
            assert_int_equal(unlinkat(dirfd(folders), entry->d_name, AT_REMOVEDIR), 0);
    closedir(folders);
}

/* At any moment of the start, from before the program runs to after it is warm. */
static void a_host_killed_while_its_engine_warms_up_leaves_no_process(void **state)
{
    (void)state;
    /* Here a host may not have told its template of the folder yet. */
    for (int after_ms = 0; after_ms < 100; after_ms += 23)
        kill_host(while_it_warms_up, after_ms);
    remove_empty_folders();
    for (int after_ms = 100; after_ms < 500; after_ms += 23) {
        kill_host(while_it_warms_up, after_ms);
        assert_no_folder_is_left();
    }
}

static void a_host_killed_while_it_creates_leaves_no_process(void **state)
{
    (void)state;
    for (int after_ms = 200; after_ms < 500; after_ms += 37)
        kill_host(while_it_creates, after_ms);
    assert_no_folder_is_left();
}

static void a_killed_sandboxs_own_processes_end_with_it(void **state)
{
    (void)state;
    clutch_engine *engine = open_bare(NULL);
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.processes = true;
    clutch_sandbox *sandbox = create(engine, &options);
    pid_t template = clutch_engine_describe(engine)->template_pid;
    do_run(sandbox, "import subprocess; p = subprocess.Popen(['/bin/sleep', '1000'])");
    pid_t sleeping = 0;
    assert_int_equal(children_of(clutch_sandbox_pid(sandbox), &sleeping, 1), 1);
    clutch_sandbox_destroy(sandbox);
    assert_true(dies(sleeping, 1000));
    clutch_engine_close(engine);
    assert_false(is_alive(template));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_killed_host_leaves_no_idle_sandbox),
        TEST(a_killed_host_leaves_no_busy_sandbox),
        TEST(a_killed_host_leaves_no_stopped_sandbox),
        TEST(a_killed_host_leaves_no_process_that_a_sandbox_started),
        TEST(a_killed_host_leaves_none_of_its_engines),
        TEST(a_host_killed_while_its_engine_warms_up_leaves_no_process),
        TEST(a_host_killed_while_it_creates_leaves_no_process),
        TEST(a_killed_sandboxs_own_processes_end_with_it),
    };
    return RUN_TESTS(tests);
}
