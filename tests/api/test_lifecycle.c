/* SPDX-License-Identifier: Apache-2.0 */
/* test_lifecycle.c: what every act does in every state, and what is told of it. */
#include "sessions.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>

/* ---- The engine of these tests: it can be held in the middle of a change ---- */

/* The thread that makes a change to this state waits there until it is let go. */
static struct {
    uint32_t state;
    sem_t arrived, go;
} gate;

enum { HEARD_MAX = 64 };
static struct {
    char id[37];
    pthread_mutex_t lock;
    size_t count;
    struct heard {
        uint32_t from, to;
        char reason[128];
        int64_t at_ms;
    } rows[HEARD_MAX];
} heard = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void hear(const clutch_change *change, void *user)
{
    assert_ptr_equal(user, &heard);
    pthread_mutex_lock(&heard.lock);
    bool first = heard.id[0] == 0;
    if (first)
        snprintf(heard.id, sizeof heard.id, "%s", change->id);
    if (strcmp(heard.id, change->id) == 0 && heard.count < HEARD_MAX) {
        struct heard *row = &heard.rows[heard.count++];
        *row = (struct heard){.from = change->from, .to = change->to, .at_ms = change->at_ms};
        snprintf(row->reason, sizeof row->reason, "%s", change->reason);
    }
    pthread_mutex_unlock(&heard.lock);
    if (gate.state && gate.state == change->to) {
        sem_post(&gate.arrived);
        sem_wait(&gate.go);
    }
}

/* From here on, the changes of the next sandbox that changes. */
static void hear_anew(void)
{
    pthread_mutex_lock(&heard.lock);
    heard.id[0] = 0;
    heard.count = 0;
    pthread_mutex_unlock(&heard.lock);
}

static clutch_engine *engine;

static int open_engine(void **state)
{
    (void)state;
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    options.state_dir = lasting_folder();
    options.on_change = hear;
    options.change_user = &heard;
    engine = open_bare(&options);
    sem_init(&gate.arrived, 0, 0);
    sem_init(&gate.go, 0, 0);
    return 0;
}

static void the_engine_ends_and_leaves_nothing_but_its_records(void **state)
{
    (void)state;
    end_engine(engine);
}

static clutch_sandbox *new_sandbox(void)
{
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.undo_depth = 1;
    return create(engine, &options);
}

/* ---- The table ---- */

enum { ROWS_STATES = 6 };
static const uint32_t states[ROWS_STATES] = {CLUTCH_STATE_RUNNING,  CLUTCH_STATE_PAUSED,
                                             CLUTCH_STATE_STOPPED,  CLUTCH_STATE_ARCHIVED,
                                             CLUTCH_STATE_FAILED,   CLUTCH_STATE_DELETED};

/* What a refusal offers instead. */
static const char *const offers[ROWS_STATES] = {
    "is running and cannot be %s; allowed now: stop, pause, delete, clone, snapshot, undo",
    "is paused and cannot be %s; allowed now: start, stop, resume, delete",
    "is stopped and cannot be %s; allowed now: start, archive, delete, undo",
    "is archived and cannot be %s; allowed now: start, delete",
    "is failed and cannot be %s; allowed now: start, stop, delete",
    "is deleted and cannot be %s; allowed now: nothing",
};

static int do_act_start(clutch_sandbox *sandbox, clutch_error *error)
{
    return clutch_sandbox_start(sandbox, NULL, error);
}

static int do_act_stop(clutch_sandbox *sandbox, clutch_error *error)
{
    return clutch_sandbox_stop(sandbox, NULL, NULL, error);
}

static int do_act_clone(clutch_sandbox *sandbox, clutch_error *error)
{
    clutch_sandbox *other = UNTOUCHED;
    int code = clutch_sandbox_clone(sandbox, NULL, &other, error);
    if (code == 0)
        clutch_sandbox_destroy(other);
    else
        assert_ptr_equal(other, UNTOUCHED);
    return code;
}

static int do_act_snapshot(clutch_sandbox *sandbox, clutch_error *error)
{
    int code = clutch_sandbox_snapshot(sandbox, "of the table", error);
    return code ? code : clutch_snapshot_delete(engine, "", "of the table", error);
}

static int do_act_undo(clutch_sandbox *sandbox, clutch_error *error)
{
    return clutch_sandbox_undo(sandbox, 1, NULL, error);
}

static int do_act_execute(clutch_sandbox *sandbox, clutch_error *error)
{
    clutch_result *result;
    int code = clutch_sandbox_run(sandbox, "print(word)", 11, NULL, &result, error);
    if (code)
        return code;
    assert_text(result->output_count ? result->output[0].text : result->error, "kept");
    clutch_result_free(result);
    return 0;
}

static int do_act_file(clutch_sandbox *sandbox, clutch_error *error)
{
    char *text;
    size_t length;
    int code = clutch_sandbox_read_file(sandbox, "word.txt", 100, &text, &length, error);
    if (code)
        return code;
    assert_text(text, "kept");
    clutch_free(text);
    return clutch_sandbox_write_file(sandbox, "word.txt", "kept", 4, error);
}

static int do_act_status(clutch_sandbox *sandbox, clutch_error *error)
{
    clutch_status *status;
    int code = clutch_sandbox_status(sandbox, &status, error);
    if (code == 0)
        assert_int_equal(status->state, state_of(sandbox));
    if (code == 0)
        clutch_status_free(status);
    return code;
}

static int do_act_describe(clutch_sandbox *sandbox, clutch_error *error)
{
    clutch_sandbox_info *info;
    int code = clutch_sandbox_describe(sandbox, &info, error);
    if (code)
        return code;
    assert_int_equal(info->live,
                     info->state == CLUTCH_STATE_RUNNING || info->state == CLUTCH_STATE_PAUSED);
    clutch_sandbox_info_free(info);
    return 0;
}

#define TO(state) {0, CLUTCH_STATE_##state}
#define NO(code, state) {CLUTCH_E_##code, CLUTCH_STATE_##state}
#define IN_EACH_STATE                                                                              \
    {TO(RUNNING), TO(PAUSED), TO(STOPPED), TO(ARCHIVED), TO(FAILED), TO(DELETED)}
#define ONLY_IN_RUNNING                                                                            \
    {TO(RUNNING),          NO(STATE, PAUSED), NO(STATE, STOPPED),                                  \
     NO(STATE, ARCHIVED),  NO(STATE, FAILED), NO(STATE, DELETED)}

static const struct act {
    const char *word, *past; /* past: as a refusal says it */
    int (*act)(clutch_sandbox *sandbox, clutch_error *error);
    struct expected {
        int code;
        uint32_t after;
    } from[ROWS_STATES]; /* running, paused, stopped, archived, failed, deleted */
} acts[] = {
    {"start", "started", do_act_start,
     {TO(RUNNING), TO(RUNNING), TO(RUNNING), TO(RUNNING), TO(RUNNING), NO(STATE, DELETED)}},
    {"stop", "stopped", do_act_stop,
     {TO(STOPPED), TO(STOPPED), TO(STOPPED), TO(ARCHIVED), TO(STOPPED), TO(DELETED)}},
    {"pause", "paused", clutch_sandbox_pause,
     {TO(PAUSED), TO(PAUSED), NO(STATE, STOPPED), NO(STATE, ARCHIVED), NO(STATE, FAILED),
      NO(STATE, DELETED)}},
    {"resume", "resumed", clutch_sandbox_resume,
     {TO(RUNNING), TO(RUNNING), NO(STATE, STOPPED), NO(STATE, ARCHIVED), NO(STATE, FAILED),
      NO(STATE, DELETED)}},
    {"archive", "archived", clutch_sandbox_archive,
     {NO(STATE, RUNNING), NO(STATE, PAUSED), TO(ARCHIVED), TO(ARCHIVED), NO(STATE, FAILED),
      NO(STATE, DELETED)}},
    {"delete", "deleted", clutch_sandbox_delete,
     {TO(DELETED), TO(DELETED), TO(DELETED), TO(DELETED), TO(DELETED), TO(DELETED)}},
    {"clone", "copied", do_act_clone, ONLY_IN_RUNNING},
    {"snapshot", "copied", do_act_snapshot, ONLY_IN_RUNNING},
    {"undo", "rolled back", do_act_undo,
     {TO(RUNNING), NO(STATE, PAUSED), NO(NOT_FOUND, STOPPED), NO(STATE, ARCHIVED), NO(STATE, FAILED),
      NO(STATE, DELETED)}},
    {"execute", NULL, do_act_execute,
     {TO(RUNNING), TO(RUNNING), NO(ENDED, STOPPED), NO(ENDED, ARCHIVED), NO(ENDED, FAILED),
      NO(ENDED, DELETED)}},
    {"file call", NULL, do_act_file,
     {TO(RUNNING), TO(PAUSED), TO(STOPPED), NO(STATE, ARCHIVED), TO(FAILED), NO(STATE, DELETED)}},
    {"status", NULL, do_act_status, IN_EACH_STATE},
    {"describe", NULL, do_act_describe, IN_EACH_STATE},
};

#undef TO
#undef NO

/* Saved variables that cannot be read make a start fail; then they are put back, so that the next works. */
static void make_fail(clutch_sandbox *sandbox)
{
    const char *session = format("%s/%s/session", clutch_engine_describe(engine)->state_dir,
                                 clutch_sandbox_id(sandbox));
    const char *aside = format("%s.aside", session);
    clutch_error error;
    do_stop(sandbox);
    assert_int_equal(rename(session, aside), 0);
    write_file(session, "these are no variables");
    assert_refused(clutch_sandbox_start(sandbox, NULL, &error), CLUTCH_E_DAMAGED, &error);
    assert_int_equal(rename(aside, session), 0);
}

/* With the variable `word` and the file word.txt, both "kept", and an execution to undo. */
static clutch_sandbox *sandbox_in(uint32_t wanted)
{
    clutch_sandbox *sandbox = new_sandbox();
    do_run(sandbox, "word = 'kept'\nopen('word.txt', 'w').write(word) and None");
    do_run(sandbox, "pass");
    switch (wanted) {
    case CLUTCH_STATE_PAUSED:
        do_pause(sandbox);
        break;
    case CLUTCH_STATE_STOPPED:
        do_stop(sandbox);
        break;
    case CLUTCH_STATE_ARCHIVED:
        do_stop(sandbox);
        do_archive(sandbox);
        break;
    case CLUTCH_STATE_FAILED:
        make_fail(sandbox);
        break;
    case CLUTCH_STATE_DELETED:
        do_delete(sandbox);
        break;
    default:
        break;
    }
    assert_state(sandbox, wanted);
    return sandbox;
}

static void check_refusal(const struct act *act, size_t from, int code, const clutch_error *error)
{
    assert_refused(code, act->from[from].code, error);
    if (code != CLUTCH_E_STATE && code != CLUTCH_E_ENDED)
        return;
    if (act->past)
        assert_holds(error->message, format(offers[from], act->past));
    else if (code == CLUTCH_E_ENDED && states[from] == CLUTCH_STATE_DELETED)
        assert_holds(error->message, "has ended: create another one");
    else
        assert_holds(error->message, format("is %s", clutch_state_name(states[from])));
}

static void check_act(const struct act *act, size_t from)
{
    clutch_sandbox *sandbox = sandbox_in(states[from]);
    clutch_error error = ERROR_UNTOUCHED;
    const struct expected *expected = &act->from[from];
    int code = act->act(sandbox, &error);
    if (code != expected->code || state_of(sandbox) != expected->after)
        fail_msg("%s when %s gave %s and %s: %s", act->word, clutch_state_name(states[from]),
                 clutch_error_name(code), clutch_state_name(state_of(sandbox)),
                 code ? error.message : "no error");
    if (code)
        check_refusal(act, from, code, &error);
    else
        assert_worked(code, &error);
    if (expected->after == CLUTCH_STATE_RUNNING && strcmp(act->word, "undo") != 0)
        assert_int_equal(do_act_execute(sandbox, &error), 0);
    clutch_sandbox_destroy(sandbox);
}

static void every_act_does_in_every_state_what_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++)
        for (size_t from = 0; from < ROWS_STATES; from++)
            check_act(&acts[i], from);
}

/* ---- Between two states ---- */

struct aside {
    int (*act)(clutch_sandbox *sandbox, clutch_error *error);
    clutch_sandbox *sandbox;
    pthread_t thread;
    int code;
    bool done;
    clutch_error error;
};

static void *do_aside(void *argument)
{
    struct aside *aside = argument;
    aside->code = aside->act(aside->sandbox, &aside->error);
    __atomic_store_n(&aside->done, true, __ATOMIC_SEQ_CST);
    return NULL;
}

static void begin_aside(struct aside *aside)
{
    assert_int_equal(pthread_create(&aside->thread, NULL, do_aside, aside), 0);
}

static int end_aside(struct aside *aside)
{
    pthread_join(aside->thread, NULL);
    return aside->code;
}

/* While a sandbox passes by a state: it is seen there at once, runs no code, and everybody who wants to
 * change it waits for the end of what is going on. */
static void check_passing(clutch_sandbox *sandbox, uint32_t by, int files)
{
    uint64_t begun_ms = now_ms();
    clutch_status *status = look_at(sandbox);
    assert_int_equal(status->state, by);
    clutch_status_free(status);
    assert_state(sandbox, by);
    clutch_execution *execution = UNTOUCHED;
    clutch_error error;
    int code = clutch_execution_start(sandbox, "1", 1, NULL, &execution, &error);
    assert_refused(code, CLUTCH_E_BUSY, &error);
    assert_holds(error.message, clutch_state_name(by));
    clutch_entry *entries;
    size_t count;
    code = clutch_sandbox_list_files(sandbox, NULL, &entries, &count, &error);
    assert_int_equal(code, files);
    if (code == 0)
        clutch_free(entries);
    assert_in_range(now_ms() - begun_ms, 0, 500);
}

static void check_waits(clutch_sandbox *sandbox, uint32_t by, struct aside *passing, int files)
{
    gate.state = by;
    begin_aside(passing);
    sem_wait(&gate.arrived);
    gate.state = 0;
    check_passing(sandbox, by, files);
    struct aside stop = {.act = do_act_stop, .sandbox = sandbox};
    begin_aside(&stop);
    sleep_ms(30);
    assert_false(__atomic_load_n(&stop.done, __ATOMIC_SEQ_CST));
    sem_post(&gate.go);
    assert_int_equal(end_aside(passing), 0);
    assert_int_equal(end_aside(&stop), 0);
}

static void a_passing_state_is_seen_at_once_and_its_end_is_waited_for(void **state)
{
    (void)state;
    static const struct {
        uint32_t from, by, after_stop;
        int (*act)(clutch_sandbox *sandbox, clutch_error *error);
        int files; /* what a file call gives */
    } passages[] = {
        {CLUTCH_STATE_RUNNING, CLUTCH_STATE_STOPPING, CLUTCH_STATE_STOPPED, do_act_stop, 0},
        {CLUTCH_STATE_STOPPED, CLUTCH_STATE_STARTING, CLUTCH_STATE_STOPPED, do_act_start, 0},
        {CLUTCH_STATE_STOPPED, CLUTCH_STATE_ARCHIVING, CLUTCH_STATE_ARCHIVED, clutch_sandbox_archive,
         CLUTCH_E_STATE},
        {CLUTCH_STATE_ARCHIVED, CLUTCH_STATE_RESTORING, CLUTCH_STATE_STOPPED, do_act_start, CLUTCH_E_STATE},
        {CLUTCH_STATE_RUNNING, CLUTCH_STATE_DELETING, CLUTCH_STATE_DELETED, clutch_sandbox_delete,
         CLUTCH_E_STATE},
    };
    for (size_t i = 0; i < sizeof passages / sizeof passages[0]; i++) {
        clutch_sandbox *sandbox = sandbox_in(passages[i].from);
        struct aside passing = {.act = passages[i].act, .sandbox = sandbox};
        check_waits(sandbox, passages[i].by, &passing, passages[i].files);
        assert_state(sandbox, passages[i].after_stop);
        clutch_sandbox_destroy(sandbox);
    }
}

static int create_named(clutch_sandbox *ignored, clutch_error *error)
{
    (void)ignored;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.name = "being made";
    clutch_sandbox *sandbox;
    int code = clutch_sandbox_create(engine, &options, &sandbox, error);
    if (code == 0)
        clutch_sandbox_release(sandbox);
    return code;
}

static void a_sandbox_that_is_being_created_is_creating(void **state)
{
    (void)state;
    struct aside passing = {.act = create_named};
    gate.state = CLUTCH_STATE_CREATING;
    begin_aside(&passing);
    sem_wait(&gate.arrived);
    gate.state = 0;
    clutch_sandbox *sandbox = open_it(engine, "", "being made");
    check_passing(sandbox, CLUTCH_STATE_CREATING, CLUTCH_E_NOT_FOUND);
    sem_post(&gate.go);
    assert_int_equal(end_aside(&passing), 0);
    assert_state(sandbox, CLUTCH_STATE_RUNNING);
    clutch_sandbox_destroy(sandbox);
}

/* ---- Start ---- */

static size_t change_count(clutch_sandbox *sandbox)
{
    clutch_change_page *page;
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_sandbox_changes(sandbox, 200, NULL, &page, &error), &error);
    size_t count = page->count;
    clutch_change_page_free(page);
    return count;
}

static void a_start_of_a_running_sandbox_changes_nothing(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = sandbox_in(CLUTCH_STATE_RUNNING);
    int32_t pid = clutch_sandbox_pid(sandbox);
    size_t changes = change_count(sandbox);
    clutch_session_report *report = start_it(sandbox);
    assert_int_equal(report->ready, CLUTCH_READY_FOUND);
    assert_int_equal(report->serial, 2);
    clutch_session_report_free(report);
    clutch_execution *execution = start(sandbox, "import time; time.sleep(0.3); print(word)");
    uint64_t begun_ms = now_ms();
    report = start_it(sandbox);
    assert_in_range(now_ms() - begun_ms, 0, 200);
    assert_int_equal(report->ready, CLUTCH_READY_FOUND);
    clutch_session_report_free(report);
    clutch_result *result = wait_for(execution);
    assert_outcome(result, CLUTCH_OUTCOME_OK);
    clutch_result_free(result);
    assert_int_equal(clutch_sandbox_pid(sandbox), pid);
    assert_int_equal(change_count(sandbox), changes);
    clutch_sandbox_destroy(sandbox);
}

/* One whose process has been killed from outside, and nobody has noticed; without checkpoints. */
static clutch_sandbox *lost(void)
{
    clutch_sandbox *sandbox = create(engine, NULL);
    kill(clutch_sandbox_pid(sandbox), SIGKILL);
    while (clutch_sandbox_pid(sandbox) != 0)
        usleep(1000);
    return sandbox;
}

static void a_lost_process_is_noticed_before_an_act_is_judged(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = lost(), *copy;
    clutch_error error;
    assert_refused(clutch_sandbox_resume(sandbox, &error), CLUTCH_E_STATE, &error);
    clutch_sandbox_destroy(sandbox);
    sandbox = lost();
    assert_refused(clutch_sandbox_clone(sandbox, NULL, &copy, &error), CLUTCH_E_STATE, &error);
    clutch_sandbox_destroy(sandbox);
    sandbox = lost();
    assert_refused(clutch_sandbox_snapshot(sandbox, "of none", &error), CLUTCH_E_STATE, &error);
    clutch_sandbox_destroy(sandbox);
    sandbox = lost();
    do_archive(sandbox);
    assert_state(sandbox, CLUTCH_STATE_ARCHIVED);
    clutch_sandbox_destroy(sandbox);
}

static void a_deleted_sandbox_is_not_said_to_have_files_after_a_start(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = sandbox_in(CLUTCH_STATE_DELETED);
    clutch_error error;
    assert_refused(clutch_sandbox_write_file(sandbox, "word", "", 0, &error), CLUTCH_E_STATE, &error);
    assert_null(strstr(error.message, "start"));
    clutch_sandbox_destroy(sandbox);
}

static void a_report_tells_where_a_start_came_from(void **state)
{
    (void)state;
    static const struct {
        uint32_t from, ready;
    } rows[] = {
        {CLUTCH_STATE_RUNNING, CLUTCH_READY_FOUND},    {CLUTCH_STATE_PAUSED, CLUTCH_READY_RESUMED},
        {CLUTCH_STATE_STOPPED, CLUTCH_READY_STARTED},  {CLUTCH_STATE_FAILED, CLUTCH_READY_STARTED},
        {CLUTCH_STATE_ARCHIVED, CLUTCH_READY_RESTORED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        clutch_sandbox *sandbox = sandbox_in(rows[i].from);
        uint64_t begun_ms = now_ms();
        clutch_session_report *report = start_it(sandbox);
        assert_in_range(report->took_ns / 1000000, 0, now_ms() - begun_ms + 1);
        assert_int_equal(report->ready, rows[i].ready);
        assert_int_equal(report->serial, 2);
        clutch_session_report_free(report);
        assert_text(answer(sandbox, "print(word)"), "kept");
        clutch_sandbox_destroy(sandbox);
    }
}

static void a_start_that_fails_leaves_what_was_saved(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = sandbox_in(CLUTCH_STATE_FAILED);
    assert_holds(reason_of(sandbox), "damaged");
    assert_int_equal(clutch_sandbox_pid(sandbox), 0);
    do_stop(sandbox);
    assert_state(sandbox, CLUTCH_STATE_STOPPED);
    do_start(sandbox);
    assert_text(answer(sandbox, "print(word)"), "kept");
    clutch_sandbox_destroy(sandbox);
}

/* ---- Pause ---- */

/* Clock ticks that a process has used. */
static unsigned long used(pid_t pid)
{
    unsigned long user = 0, system = 0;
    FILE *file = fopen(format("/proc/%d/stat", (int)pid), "re");
    assert_non_null(file);
    int got = fscanf(file, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
                     &system);
    fclose(file);
    assert_int_equal(got, 2);
    return user + system;
}

static bool is_held(void *pid)
{
    return process_state(*(pid_t *)pid) == 'T';
}

static void a_paused_sandbox_keeps_its_memory_and_uses_no_processor(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = new_sandbox();
    do_run(sandbox, "import threading, time\n"
                    "def count():\n"
                    "    global turns\n"
                    "    while True: turns += 1\n"
                    "turns = 0\n"
                    "threading.Thread(target=count, daemon=True).start()");
    pid_t pid = clutch_sandbox_pid(sandbox);
    do_pause(sandbox);
    assert_true(eventually(is_held, &pid, 500));
    unsigned long before = used(pid);
    sleep_ms(150);
    assert_int_equal(used(pid), before);
    clutch_status *status = look_at(sandbox);
    assert_int_equal(status->state, CLUTCH_STATE_PAUSED);
    assert_true(status->memory_bytes > 0);
    clutch_status_free(status);
    assert_int_equal(process_state(pid), 'T');
    do_resume(sandbox);
    assert_text(answer(sandbox, "n = turns; time.sleep(0.1); print(turns > n > 0)"), "True");
    assert_int_equal(clutch_sandbox_pid(sandbox), pid);
    clutch_sandbox_destroy(sandbox);
}

static void a_sandbox_that_executes_cannot_be_paused(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = new_sandbox();
    clutch_execution *execution = start(sandbox, "import time; time.sleep(0.2)");
    clutch_error error = ERROR_UNTOUCHED;
    assert_refused(clutch_sandbox_pause(sandbox, &error), CLUTCH_E_BUSY, &error);
    error = (clutch_error)ERROR_UNTOUCHED;
    assert_worked(clutch_sandbox_resume(sandbox, &error), &error);
    assert_refused(clutch_sandbox_archive(sandbox, &error), CLUTCH_E_BUSY, &error);
    clutch_result *result = wait_for(execution);
    assert_outcome(result, CLUTCH_OUTCOME_OK);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

/* ---- Changes ---- */

static void every_change_has_a_time_and_a_reason_and_is_told(void **state)
{
    (void)state;
    static const struct {
        uint32_t from, to;
        const char *reason;
    } expected[] = {
        {0, CLUTCH_STATE_CREATING, ""},
        {CLUTCH_STATE_CREATING, CLUTCH_STATE_RUNNING, "create was called"},
        {CLUTCH_STATE_RUNNING, CLUTCH_STATE_PAUSED, "pause was called"},
        {CLUTCH_STATE_PAUSED, CLUTCH_STATE_RUNNING, "code is to run"},
        {CLUTCH_STATE_RUNNING, CLUTCH_STATE_PAUSED, "pause was called"},
        {CLUTCH_STATE_PAUSED, CLUTCH_STATE_RUNNING, "resume was called"},
        {CLUTCH_STATE_RUNNING, CLUTCH_STATE_STOPPING, "stop was called"},
        {CLUTCH_STATE_STOPPING, CLUTCH_STATE_STOPPED, "stop was called"},
        {CLUTCH_STATE_STOPPED, CLUTCH_STATE_STARTING, "start was called"},
        {CLUTCH_STATE_STARTING, CLUTCH_STATE_RUNNING, "start was called"},
        {CLUTCH_STATE_RUNNING, CLUTCH_STATE_STOPPING, "stop was called"},
        {CLUTCH_STATE_STOPPING, CLUTCH_STATE_STOPPED, "stop was called"},
        {CLUTCH_STATE_STOPPED, CLUTCH_STATE_ARCHIVING, "archive was called"},
        {CLUTCH_STATE_ARCHIVING, CLUTCH_STATE_ARCHIVED, "archive was called"},
        {CLUTCH_STATE_ARCHIVED, CLUTCH_STATE_RESTORING, "start was called"},
        {CLUTCH_STATE_RESTORING, CLUTCH_STATE_RUNNING, "start was called"},
        {CLUTCH_STATE_RUNNING, CLUTCH_STATE_DELETING, "delete was called"},
        {CLUTCH_STATE_DELETING, CLUTCH_STATE_DELETED, "delete was called"},
    };
    enum { COUNT = sizeof expected / sizeof expected[0] };
    struct timespec clock;
    clock_gettime(CLOCK_REALTIME, &clock);
    int64_t begun_ms = (int64_t)clock.tv_sec * 1000 + clock.tv_nsec / 1000000;
    hear_anew();
    clutch_sandbox *sandbox = new_sandbox();
    do_pause(sandbox);
    do_run(sandbox, "pass");
    do_pause(sandbox);
    do_resume(sandbox);
    do_stop(sandbox);
    do_start(sandbox);
    do_stop(sandbox);
    do_archive(sandbox);
    do_start(sandbox);
    do_delete(sandbox);
    clutch_change_page *page;
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_sandbox_changes(sandbox, 200, NULL, &page, &error), &error);
    assert_null(page->next_cursor);
    for (size_t i = 0; i < COUNT && i < page->count; i++) {
        const clutch_change *change = &page->changes[page->count - 1 - i];
        const struct heard *told = &heard.rows[i];
        assert_text(change->id, clutch_sandbox_id(sandbox));
        assert_int_equal(change->from, expected[i].from);
        assert_int_equal(change->to, expected[i].to);
        assert_holds(change->reason, expected[i].reason);
        assert_true(change->reason[0] != 0 || i == 0);
        assert_in_range(change->at_ms, begun_ms, begun_ms + 60000);
        assert_int_equal(told->from, change->from);
        assert_int_equal(told->to, change->to);
        assert_text(told->reason, change->reason);
        assert_int_equal(told->at_ms, change->at_ms);
    }
    assert_int_equal(page->count, COUNT);
    assert_int_equal(heard.count, COUNT);
    clutch_change_page_free(page);
    clutch_sandbox_release(sandbox);
}

static void states_have_words(void **state)
{
    (void)state;
    assert_text(clutch_state_name(CLUTCH_STATE_RUNNING), "running");
    assert_text(clutch_state_name(CLUTCH_STATE_RESTORING), "restoring");
    assert_text(clutch_state_name(0), "unknown");
    assert_text(clutch_state_name(99), "unknown");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(states_have_words, open_engine),
        TEST(every_act_does_in_every_state_what_the_table_says),
        TEST(a_passing_state_is_seen_at_once_and_its_end_is_waited_for),
        TEST(a_sandbox_that_is_being_created_is_creating),
        TEST(a_start_of_a_running_sandbox_changes_nothing),
        TEST(a_lost_process_is_noticed_before_an_act_is_judged),
        TEST(a_deleted_sandbox_is_not_said_to_have_files_after_a_start),
        TEST(a_report_tells_where_a_start_came_from),
        TEST(a_start_that_fails_leaves_what_was_saved),
        TEST(a_paused_sandbox_keeps_its_memory_and_uses_no_processor),
        TEST(a_sandbox_that_executes_cannot_be_paused),
        TEST(every_change_has_a_time_and_a_reason_and_is_told),
        TEST(the_engine_ends_and_leaves_nothing_but_its_records),
    };
    return RUN_TESTS(tests);
}
