/* SPDX-License-Identifier: Apache-2.0 */
/* test_heal.c: what becomes of an engine when its template, or what holds the namespaces, is killed. */
#include "support.h"

#include <pthread.h>
#include <signal.h>

static void kill_template(clutch_engine *engine)
{
    pid_t template = clutch_engine_describe(engine)->template_pid;
    assert_int_equal(kill(template, SIGKILL), 0);
    assert_true(dies(template, 1000));
}

static void running_executions_end_with_a_typed_outcome(void **state)
{
    (void)state;
    clutch_engine *engine = open_bare(NULL);
    clutch_sandbox *sandboxes[5];
    clutch_execution *executions[5];
    for (int i = 0; i < 5; i++) {
        sandboxes[i] = create(engine, NULL);
        executions[i] = start(sandboxes[i], "print('before', flush=True)\nwhile True: pass");
    }
    sleep_ms(100);
    kill_template(engine);
    for (int i = 0; i < 5; i++) {
        clutch_result *result = wait_for(executions[i]);
        assert_outcome(result, CLUTCH_OUTCOME_KILLED);
        assert_true(result->sandbox_ended);
        assert_text(result->output[0].text, "before");
        assert_holds(result->error, "template");
        clutch_result_free(result);
        clutch_error error;
        clutch_result *none = UNTOUCHED;
        assert_refused(clutch_sandbox_run(sandboxes[i], "1", 1, NULL, &none, &error), CLUTCH_E_ENDED,
                       &error);
        clutch_sandbox_destroy(sandboxes[i]);
    }
    clutch_engine_close(engine);
}

static bool has_no_pid(void *sandbox)
{
    return clutch_sandbox_pid(sandbox) == 0;
}

static void idle_sandboxes_are_seen_as_stopped(void **state)
{
    (void)state;
    clutch_engine *engine = open_bare(NULL);
    clutch_sandbox *sandbox = create(engine, NULL);
    pid_t child = clutch_sandbox_pid(sandbox);
    kill_template(engine);
    assert_true(dies(child, 1000));
    assert_true(eventually(has_no_pid, sandbox, 1000));
    clutch_status *status = look_at(sandbox);
    assert_int_equal(status->state, CLUTCH_STATE_STOPPED);
    assert_true(status->memory_bytes == 0);
    clutch_status_free(status);
    clutch_sandbox_destroy(sandbox);
    clutch_engine_close(engine);
}

struct warnings {
    int count;
    char last[512];
};

static void count_warnings(uint32_t level, const char *message, void *user)
{
    struct warnings *warnings = user;
    if (level != CLUTCH_LOG_WARNING)
        return;
    warnings->count++;
    snprintf(warnings->last, sizeof warnings->last, "%s", message);
}

static void the_next_create_heals_the_engine(void **state)
{
    (void)state;
    struct warnings warnings = {0};
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    options.log = count_warnings;
    options.log_user = &warnings;
    clutch_engine *engine = open_bare(&options);
    for (int round = 1; round <= 3; round++) {
        pid_t before = clutch_engine_describe(engine)->template_pid;
        clutch_sandbox *old = round == 2 ? NULL : create(engine, NULL);
        kill_template(engine);
        clutch_sandbox *sandbox = create(engine, NULL);
        assert_text(answer(sandbox, "print('alive')"), "alive");
        assert_int_not_equal(clutch_engine_describe(engine)->template_pid, before);
        assert_int_equal(warnings.count, round);
        assert_holds(warnings.last, "template");
        clutch_sandbox_destroy(sandbox);
        clutch_sandbox_destroy(old);
    }
    clutch_engine_close(engine);
}

static void folders_given_by_the_host_survive_the_template(void **state)
{
    (void)state;
    const char *folder = make_folder();
    write_file(format("%s/kept", folder), "kept");
    clutch_engine *engine = open_bare(NULL);
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.workdir = folder;
    clutch_sandbox *sandbox = create(engine, &options);
    kill_template(engine);
    clutch_sandbox *other = create(engine, &options);
    assert_text(answer(other, "print(open('kept').read())"), "kept");
    clutch_sandbox_destroy(sandbox);
    clutch_sandbox_destroy(other);
    clutch_engine_close(engine);
    assert_true(file_exists(format("%s/kept", folder)));
    remove_tree(folder);
}

static void a_stopped_template_delays_neither_destroy_nor_close(void **state)
{
    (void)state;
    clutch_engine *engine = open_bare(NULL);
    clutch_sandbox *sandbox = create(engine, NULL);
    pid_t template = clutch_engine_describe(engine)->template_pid;
    for (int closing = 0; closing < 2; closing++) {
        assert_int_equal(kill(template, SIGSTOP), 0);
        uint64_t deadline_ms = now_ms() + 1000;
        while (process_state(template) != 'T' && now_ms() < deadline_ms)
            sleep_ms(1);
        assert_int_equal(process_state(template), 'T');
        uint64_t begun_ms = now_ms();
        if (closing)
            clutch_engine_close(engine);
        else
            clutch_sandbox_destroy(sandbox);
        assert_true(now_ms() - begun_ms < 1500);
    }
    assert_false(is_alive(template));
}

/* What a create may say when the template is killed under it: as it serves, as it starts, or as its child
 * looks for it. */
static bool is_about_the_template(int code)
{
    return code == CLUTCH_E_TEMPLATE || code == CLUTCH_E_WORKER || code == CLUTCH_E_SYSTEM;
}

/* The first process of the sandboxes' pid namespace; 0 where the machine gives none. */
static pid_t holder_of(clutch_engine *engine)
{
    pid_t children[16], holder = 0;
    size_t count = children_of(clutch_engine_describe(engine)->template_pid, children, 16);
    for (size_t i = 0; i < count && i < 16; i++) {
        char name[32] = "";
        FILE *file = fopen(format("/proc/%d/comm", children[i]), "re");
        if (file && fgets(name, sizeof name, file) && strcmp(name, "clutch-holder\n") == 0)
            holder = children[i];
        if (file)
            fclose(file);
    }
    return holder;
}

static void killing_what_holds_the_namespaces_heals_too(void **state)
{
    (void)state;
    clutch_engine *engine = open_bare(NULL);
    const char *state_dir = clutch_engine_describe(engine)->state_dir;
    for (int sandboxes = 0; sandboxes < 3; sandboxes++) {
        clutch_sandbox *old[2];
        clutch_execution *executions[2];
        pid_t template = clutch_engine_describe(engine)->template_pid, holder = holder_of(engine);
        if (!holder) {
            clutch_engine_close(engine);
            skip();
        }
        for (int i = 0; i < sandboxes; i++) {
            old[i] = create(engine, NULL);
            executions[i] = start(old[i], "while True: pass");
        }
        write_file(format("%s/kept", state_dir), "kept");
        assert_int_equal(kill(holder, SIGKILL), 0);
        assert_true(dies(template, 2000));
        assert_true(file_exists(format("%s/kept", state_dir)));
        clutch_sandbox *sandbox = create(engine, NULL);
        assert_text(answer(sandbox, "print('alive')"), "alive");
        for (int i = 0; i < sandboxes; i++) {
            clutch_result *result = wait_for(executions[i]);
            assert_outcome(result, CLUTCH_OUTCOME_KILLED);
            assert_true(result->sandbox_ended);
            clutch_result_free(result);
            clutch_sandbox_destroy(old[i]);
        }
        clutch_sandbox_destroy(sandbox);
    }
    clutch_engine_close(engine);
}

static void a_create_beside_the_death_of_the_holder_costs_a_typed_error_at_most(void **state)
{
    (void)state;
    clutch_engine *engine = open_bare(NULL);
    for (int round = 0; round < 5; round++) {
        pid_t template = clutch_engine_describe(engine)->template_pid, holder = holder_of(engine);
        if (!holder) {
            clutch_engine_close(engine);
            skip();
        }
        assert_int_equal(kill(holder, SIGKILL), 0);
        clutch_sandbox *sandbox = NULL;
        clutch_error error;
        int code = clutch_sandbox_create(engine, NULL, &sandbox, &error);
        if (code && !is_about_the_template(code))
            fail_msg("%s", error.message);
        clutch_sandbox_destroy(sandbox);
        assert_true(dies(template, 2000));
        sandbox = create(engine, NULL);
        do_run(sandbox, "1");
        clutch_sandbox_destroy(sandbox);
    }
    clutch_engine_close(engine);
}

struct creator {
    clutch_engine *engine;
    pthread_t thread;
    int created, wrong;
    clutch_error error;
    volatile bool *stop;
};

static void *create_again_and_again(void *argument)
{
    struct creator *creator = argument;
    while (!*creator->stop) {
        clutch_sandbox *sandbox = NULL;
        clutch_result *result = NULL;
        clutch_error error;
        int code = clutch_sandbox_create(creator->engine, NULL, &sandbox, &error);
        bool created = code == 0;
        creator->created += created;
        if (created)
            code = clutch_sandbox_run(sandbox, "1", 1, NULL, &result, &error);
        if (code != 0 && (created || !is_about_the_template(code))) {
            creator->wrong++;
            creator->error = error;
        }
        clutch_result_free(result);
        clutch_sandbox_destroy(sandbox);
    }
    return NULL;
}

static void a_template_killed_again_and_again_costs_typed_errors_at_most(void **state)
{
    (void)state;
    clutch_engine *engine = open_bare(NULL);
    struct creator creators[3];
    volatile bool stop = false;
    for (int i = 0; i < 3; i++) {
        creators[i] = (struct creator){.engine = engine, .stop = &stop};
        assert_int_equal(pthread_create(&creators[i].thread, NULL, create_again_and_again, &creators[i]),
                         0);
    }
    for (int i = 0; i < 12; i++) {
        sleep_ms(150 + 17 * (unsigned)i);
        pid_t self_and_templates[16];
        size_t count = children_of(getppid(), self_and_templates, 16);
        for (size_t j = 0; j < count; j++)
            if (self_and_templates[j] != getpid())
                kill(self_and_templates[j], SIGKILL);
    }
    stop = true;
    int created = 0;
    for (int i = 0; i < 3; i++) {
        pthread_join(creators[i].thread, NULL);
        if (creators[i].wrong)
            fail_msg("%d times: %s", creators[i].wrong, creators[i].error.message);
        created += creators[i].created;
    }
    assert_true(created > 20);
    clutch_sandbox *sandbox = create(engine, NULL);
    do_run(sandbox, "1");
    clutch_sandbox_destroy(sandbox);
    clutch_engine_close(engine);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(running_executions_end_with_a_typed_outcome),
        TEST(idle_sandboxes_are_seen_as_stopped),
        TEST(the_next_create_heals_the_engine),
        TEST(folders_given_by_the_host_survive_the_template),
        TEST(a_stopped_template_delays_neither_destroy_nor_close),
        TEST(killing_what_holds_the_namespaces_heals_too),
        TEST(a_create_beside_the_death_of_the_holder_costs_a_typed_error_at_most),
        TEST(a_template_killed_again_and_again_costs_typed_errors_at_most),
    };
    return RUN_TESTS(tests);
}
