/* SPDX-License-Identifier: Apache-2.0 */
/* support.c: running the tests of one program, and shorthands for calls that have to work. */
#include "support.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

enum { SUPPORT_TIMEOUT_S = 280, SUPPORT_TESTS_MAX = 100 };

static size_t descriptors_at_first;
static clutch_engine *shared_engine;

bool support_sanitized(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_UNDEFINED__)
    return true;
#else
    return false;
#endif
}

/* ---- Running ---- */

static void no_process_folder_or_descriptor_is_left(void **state)
{
    (void)state;
    close_the_engine();
    assert_true(no_orphan_is_left(2000));
    assert_int_equal(entry_count(getenv("TMPDIR")), 0);
    assert_int_equal(descriptor_count(), descriptors_at_first);
}

/* In the child, which is the host. */
static int run_as_host(const char *name, const struct CMUnitTest *tests, size_t count)
{
    struct CMUnitTest all[SUPPORT_TESTS_MAX];
    if (count >= SUPPORT_TESTS_MAX)
        return 1;
    memcpy(all, tests, count * sizeof *all);
    all[count] = (struct CMUnitTest)TEST(no_process_folder_or_descriptor_is_left);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    descriptors_at_first = descriptor_count();
    return _cmocka_run_group_tests(name, all, count + 1, NULL, NULL);
}

/* Reaps whatever ends until the host does. Returns its status. */
static int attend(pid_t host)
{
    uint64_t deadline_ms = now_ms() + SUPPORT_TIMEOUT_S * 1000;
    for (;;) {
        int status;
        pid_t ended = waitpid(-1, &status, WNOHANG);
        if (ended == host)
            return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        if (ended > 0)
            continue;
        if (now_ms() > deadline_ms) {
            printf("Bail out! no end after %d s\n", SUPPORT_TIMEOUT_S);
            kill(host, SIGKILL);
            return 1;
        }
        sleep_ms(2);
    }
}

/* What a host that failed may have left. */
static void clear_away(const char *folder)
{
    pid_t left[64];
    uint64_t deadline_ms = now_ms() + 2000;
    for (;;) {
        size_t count = children_of(getpid(), left, 64);
        if (count == 0 || now_ms() > deadline_ms)
            break;
        for (size_t i = 0; i < count; i++)
            kill(left[i], SIGKILL);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            continue;
    }
    remove_tree(folder);
}

int support_run(const char *name, const struct CMUnitTest *tests, size_t count)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    unsetenv("TMPDIR");
    char folder[] = "/tmp/clutch-test-XXXXXX";
    if (!mkdtemp(folder))
        return 1;
    setenv("TMPDIR", folder, 1);
    pid_t watcher = getpid();
    pid_t host = fork();
    if (host == 0) {
        prctl(PR_SET_CHILD_SUBREAPER, 0);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != watcher)
            _exit(1);
        exit(run_as_host(name, tests, count));
    }
    int status = host < 0 ? 1 : attend(host);
    clear_away(folder);
    return status;
}

/* ---- Engines and sandboxes ---- */

clutch_engine *the_engine(void)
{
    clutch_error error;
    if (!shared_engine && clutch_engine_open(NULL, &shared_engine, &error) != 0)
        fail_msg("an engine with all defaults: %s", error.message);
    return shared_engine;
}

void close_the_engine(void)
{
    clutch_engine_close(shared_engine);
    shared_engine = NULL;
}

clutch_engine *open_bare(const clutch_engine_options *options)
{
    static const char *const nothing[] = {NULL};
    clutch_engine_options bare = CLUTCH_ENGINE_OPTIONS_INIT;
    if (options)
        bare = *options;
    bare.preload = nothing;
    clutch_engine *engine = NULL;
    clutch_error error;
    if (clutch_engine_open(&bare, &engine, &error) != 0)
        fail_msg("an engine without preloads: %s", error.message);
    return engine;
}

clutch_sandbox *create(clutch_engine *engine, const clutch_sandbox_options *options)
{
    clutch_sandbox *sandbox = NULL;
    clutch_error error;
    if (clutch_sandbox_create(engine, options, &sandbox, &error) != 0)
        fail_msg("a sandbox: %s", error.message);
    return sandbox;
}

clutch_sandbox *fresh(void)
{
    return create(the_engine(), NULL);
}

clutch_result *run_with(clutch_sandbox *sandbox, const char *code,
                        const clutch_execute_options *options)
{
    clutch_result *result = NULL;
    clutch_error error;
    if (clutch_sandbox_run(sandbox, code, strlen(code), options, &result, &error) != 0)
        fail_msg("running %.200s: %s", code, error.message);
    return result;
}

clutch_result *run(clutch_sandbox *sandbox, const char *code)
{
    return run_with(sandbox, code, NULL);
}

void do_run(clutch_sandbox *sandbox, const char *code)
{
    clutch_result *result = run(sandbox, code);
    assert_outcome(result, CLUTCH_OUTCOME_OK);
    clutch_result_free(result);
}

const char *answer(clutch_sandbox *sandbox, const char *code)
{
    static char text[1 << 16];
    clutch_result *result = run(sandbox, code);
    assert_outcome(result, CLUTCH_OUTCOME_OK);
    if (result->output_count != 1)
        fail_msg("%zu elements of output instead of one from: %s", result->output_count, code);
    snprintf(text, sizeof text, "%s", result->output[0].text);
    clutch_result_free(result);
    return text;
}

clutch_execution *start(clutch_sandbox *sandbox, const char *code)
{
    clutch_execution *execution = NULL;
    clutch_error error;
    if (clutch_execution_start(sandbox, code, strlen(code), NULL, &execution, &error) != 0)
        fail_msg("starting %.200s: %s", code, error.message);
    return execution;
}

clutch_result *wait_for(clutch_execution *execution)
{
    clutch_result *result = NULL;
    clutch_error error;
    if (clutch_execution_wait(execution, UINT64_MAX, &result, &error) != 0)
        fail_msg("waiting for an execution: %s", error.message);
    clutch_execution_free(execution);
    return result;
}

clutch_status *look_at(clutch_sandbox *sandbox)
{
    clutch_status *status = NULL;
    clutch_error error;
    if (clutch_sandbox_status(sandbox, &status, &error) != 0)
        fail_msg("a status: %s", error.message);
    return status;
}

/* ---- Claims ---- */

void support_assert_text(const char *actual, const char *expected, const char *file, int line)
{
    if (actual == expected || (actual && expected && strcmp(actual, expected) == 0))
        return;
    print_error("%.2000s is not %.2000s\n", actual ? actual : "NULL", expected ? expected : "NULL");
    _fail(file, line);
}

void support_assert_holds(const char *text, const char *part, const char *file, int line)
{
    if (text && strstr(text, part))
        return;
    print_error("%.2000s does not hold %s\n", text ? text : "NULL", part);
    _fail(file, line);
}

void support_assert_outcome(const clutch_result *result, uint32_t outcome, const char *file, int line)
{
    if (result->outcome == outcome)
        return;
    print_error("the outcome is %s and not %s: %.2000s\n", clutch_outcome_name(result->outcome),
                clutch_outcome_name(outcome), result->error ? result->error : "no error");
    _fail(file, line);
}

/* Length of a text that is one line of printable ASCII and whole multi-byte characters; 0 otherwise. */
static size_t line_length(const char *text)
{
    size_t at = 0;
    while (text[at]) {
        unsigned char c = (unsigned char)text[at++];
        size_t rest = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc2 ? 1 : 0;
        if (c < 0x20 || c == 0x7f || (c >= 0x80 && rest == 0) || c > 0xf4)
            return 0;
        while (rest-- > 0)
            if (((unsigned char)text[at++] & 0xc0) != 0x80)
                return 0;
    }
    return at;
}

void support_assert_refused(int code, int expected, const clutch_error *error, const char *file,
                            int line)
{
    if (code != expected) {
        print_error("the call gave %s instead of %s: %s\n", clutch_error_name(code),
                    clutch_error_name(expected), code < 0 ? error->message : "");
        _fail(file, line);
    }
    if (error->code != code || line_length(error->message) < 10) {
        print_error("the error is %d \"%s\"\n", error->code, error->message);
        _fail(file, line);
    }
}

void support_assert_worked(int code, const clutch_error *error, const char *file, int line)
{
    static const clutch_error untouched = ERROR_UNTOUCHED;
    if (code >= 0 && memcmp(error, &untouched, sizeof untouched) == 0)
        return;
    print_error("the call gave %d and wrote %s\n", code, error->message);
    _fail(file, line);
}
