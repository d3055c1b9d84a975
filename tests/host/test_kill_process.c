/* SPDX-License-Identifier: Apache-2.0 */
/* test_kill_process.c: the template, or single sandboxes, are killed at random moments while a host works on
 * many of them: calls fail with typed errors at most, and nothing acknowledged is lost.
 *
 * CLUTCH_KILLS says how many sandboxes are killed, by default 150, and a tenth of it how many templates. */
#include "support.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

enum { THREADS = 4, SLOTS = 2, RUNS_MAX = 150 };

/* One sandbox, used by one thread. n is a variable and the file n has the same; values only grow. */
struct slot {
    clutch_sandbox *sandbox;
    unsigned now, saved, saving, file, writing;
    bool is_running, is_archived; /* as far as is known */
    bool acked[RUNS_MAX];
};

struct worker {
    clutch_engine *engine;
    struct slot slots[SLOTS];
    unsigned seed;
    pthread_t thread;
    char fault[1024]; /* what was wrong, for the thread that may complain */
};

static atomic_bool ending;
static bool templates_die;
static atomic_uint runs, saves, faults, lost;

#define must(worker, claim, ...)                                                                   \
    do {                                                                                           \
        if (!(claim)) {                                                                            \
            snprintf((worker)->fault, sizeof(worker)->fault, __VA_ARGS__);                         \
            return false;                                                                          \
        }                                                                                          \
    } while (0)

/* What a call may fail with because a process was killed; the last two when that was a template which had
 * not yet begun to serve. */
static bool is_expected(int code)
{
    faults += code != 0;
    return code == 0 || code == CLUTCH_E_ENDED || code == CLUTCH_E_TEMPLATE ||
           (templates_die && (code == CLUTCH_E_WORKER || code == CLUTCH_E_SYSTEM));
}

/* ---- Acts; each returns false when something is wrong ---- */

/* *number is what the code printed, or -1 when it did not come to its end. */
static bool ask(struct worker *worker, struct slot *slot, const char *code, long *number)
{
    clutch_error error;
    clutch_result *result;
    *number = -1;
    int failed = clutch_sandbox_run(slot->sandbox, code, strlen(code), NULL, &result, &error);
    must(worker, is_expected(failed), "running %s: %s", code, error.message);
    if (failed) {
        slot->is_running = false;
        return true;
    }
    bool fine = result->outcome == CLUTCH_OUTCOME_OK, killed = result->outcome == CLUTCH_OUTCOME_KILLED;
    bool recorded = result->recorded;
    if (fine)
        *number = result->output_count ? atol(result->output[0].text) : 0;
    slot->is_running = !result->sandbox_ended;
    lost += killed;
    if (!fine && !killed)
        snprintf(worker->fault, sizeof worker->fault, "%s: %s", code, result->error);
    clutch_result_free(result);
    must(worker, recorded, "%s is not in the records", code);
    return fine || killed;
}

static bool do_create(struct worker *worker, struct slot *slot)
{
    clutch_error error;
    memset(slot, 0, sizeof *slot);
    int code = clutch_sandbox_create(worker->engine, NULL, &slot->sandbox, &error);
    must(worker, is_expected(code), "creating: %s", error.message);
    slot->is_running = code == 0;
    return true;
}

static bool do_work(struct worker *worker, struct slot *slot)
{
    char code[200];
    unsigned value = ++slot->writing;
    long done;
    snprintf(code, sizeof code,
             "n = %u\nimport os\nwith open('n.part', 'w') as f: f.write(str(n))\nos.replace('n.part', 'n')\n"
             "print(n)", value);
    if (!ask(worker, slot, code, &done))
        return false;
    if (done != (long)value)
        return true;
    slot->now = slot->file = value;
    slot->acked[value] = true;
    runs++;
    return true;
}

static bool do_stop(struct worker *worker, struct slot *slot)
{
    clutch_error error;
    clutch_session_report *report;
    slot->saving = slot->now;
    int code = clutch_sandbox_stop(slot->sandbox, NULL, &report, &error);
    must(worker, code == 0, "stopping: %s", error.message);
    if (report->saved) {
        slot->saved = slot->now;
        saves++;
    }
    slot->saving = slot->saved;
    slot->is_running = false;
    clutch_session_report_free(report);
    return true;
}

static bool do_archive(struct worker *worker, struct slot *slot)
{
    clutch_error error;
    int code = clutch_sandbox_archive(slot->sandbox, &error);
    if (code == CLUTCH_E_STATE) /* a start that was cut short has left it FAILED, and it says so */
        return do_stop(worker, slot);
    must(worker, code == 0, "archiving: %s", error.message);
    slot->is_archived = true;
    return true;
}

static bool do_start(struct worker *worker, struct slot *slot)
{
    clutch_error error;
    long value, file;
    int code = clutch_sandbox_start(slot->sandbox, NULL, &error);
    must(worker, is_expected(code), "starting: %s", error.message);
    if (code)
        return true;
    slot->is_archived = false;
    slot->is_running = true;
    if (!ask(worker, slot, "print(globals().get('n', 0))", &value))
        return false;
    must(worker, value < 0 || value == slot->saved, "there is %ld instead of %u", value, slot->saved);
    slot->now = slot->saved;
    if (value < 0)
        return true;
    if (!ask(worker, slot, "import os\nprint(open('n').read() if os.path.exists('n') else 0)", &file))
        return false;
    must(worker, file < 0 || (file >= (long)slot->file && file <= (long)slot->writing),
         "the file has %ld instead of %u to %u", file, slot->file, slot->writing);
    return true;
}

static bool check_log(struct worker *worker, struct slot *slot)
{
    bool found[RUNS_MAX] = {false};
    clutch_error error;
    clutch_record_page *page;
    char *cursor = NULL;
    do {
        int code = clutch_sandbox_log(slot->sandbox, 200, cursor, &page, &error);
        must(worker, code == 0, "the log: %s", error.message);
        free(cursor);
        cursor = page->next_cursor ? strdup(page->next_cursor) : NULL;
        for (size_t i = 0; i < page->count; i++) {
            unsigned value;
            if (sscanf(page->records[i].code, "n = %u", &value) == 1 && value < RUNS_MAX)
                found[value] = page->records[i].outcome == CLUTCH_OUTCOME_OK;
        }
        clutch_record_page_free(page);
    } while (cursor);
    for (unsigned i = 0; i < RUNS_MAX; i++)
        must(worker, !slot->acked[i] || found[i], "execution %u is lost", i);
    return true;
}

static bool do_delete(struct worker *worker, struct slot *slot)
{
    clutch_error error;
    if (!check_log(worker, slot))
        return false;
    int code = clutch_sandbox_delete(slot->sandbox, &error);
    must(worker, code == 0, "deleting: %s", error.message);
    clutch_sandbox_release(slot->sandbox);
    slot->sandbox = NULL;
    return true;
}

static bool act(struct worker *worker, struct slot *slot)
{
    unsigned dice = (unsigned)rand_r(&worker->seed) % 100;
    if (!slot->sandbox)
        return do_create(worker, slot);
    if (dice < 4 || slot->writing + 2 > RUNS_MAX)
        return do_delete(worker, slot);
    if (slot->is_running)
        return dice < 70 ? do_work(worker, slot) : do_stop(worker, slot);
    if (slot->is_archived || dice < 80)
        return do_start(worker, slot);
    return do_archive(worker, slot);
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    while (!ending && !worker->fault[0])
        if (!act(worker, &worker->slots[rand_r(&worker->seed) % SLOTS]) && !worker->fault[0])
            strcpy(worker->fault, "something was wrong");
    return NULL;
}

/* ---- Killing ---- */

/* Templates are children of the process that watches this one; sandboxes, checkpoints and what holds the
 * namespaces are theirs. */
static size_t templates(pid_t *out, size_t maximum)
{
    size_t count = children_of(getppid(), out, maximum), kept = 0;
    for (size_t i = 0; i < count && i < maximum; i++)
        if (out[i] != getpid() && is_alive(out[i]))
            out[kept++] = out[i];
    return kept;
}

static void kill_template(unsigned *seed)
{
    pid_t found[16];
    size_t count = templates(found, 16);
    if (count)
        kill(found[(unsigned)rand_r(seed) % count], SIGKILL);
}

/* Killing that would end all of them. */
static bool holds_the_namespaces(pid_t pid)
{
    char name[32] = "";
    FILE *file = fopen(format("/proc/%d/comm", pid), "re");
    bool holds = file && fgets(name, sizeof name, file) && strcmp(name, "clutch-holder\n") == 0;
    if (file)
        fclose(file);
    return holds;
}

static void kill_a_sandbox(unsigned *seed)
{
    pid_t found[16], sandboxes[64];
    if (templates(found, 16) == 0)
        return;
    size_t count = children_of(found[0], sandboxes, 64);
    pid_t chosen = count ? sandboxes[(unsigned)rand_r(seed) % count] : 0;
    if (chosen && !holds_the_namespaces(chosen))
        kill(chosen, SIGKILL);
}

/* Each sandbox comes back with what was saved; then it goes. */
static bool finish(struct worker *worker)
{
    for (int i = 0; i < SLOTS; i++) {
        struct slot *slot = &worker->slots[i];
        if (!slot->sandbox)
            continue;
        if (slot->is_running && !do_stop(worker, slot))
            return false;
        if (!do_start(worker, slot))
            return false;
        must(worker, slot->is_running, "it could not be started in peace");
        if (!do_delete(worker, slot))
            return false;
    }
    return true;
}

static void kill_while_working(void (*kill_one)(unsigned *seed), unsigned kills, unsigned pause_ms)
{
    static struct worker workers[THREADS];
    const char *folder = make_folder();
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    options.state_dir = folder;
    clutch_engine *engine = open_bare(&options);
    unsigned seed = kills;
    memset(workers, 0, sizeof workers);
    ending = false;
    templates_die = kill_one == kill_template;
    runs = saves = faults = lost = 0;
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i].engine = engine;
        workers[i].seed = i;
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (unsigned i = 0; i < kills; i++) {
        sleep_ms(1 + (unsigned)rand_r(&seed) % pause_ms);
        kill_one(&seed);
    }
    ending = true;
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(workers[i].thread, NULL);
    for (unsigned i = 0; i < THREADS; i++)
        if (workers[i].fault[0] || !finish(&workers[i]))
            fail_msg("%s", workers[i].fault);
    print_message("# %u kills: %u runs and %u saves were fine, %u runs were lost, %u errors\n", kills,
                  (unsigned)runs, (unsigned)saves, (unsigned)lost, (unsigned)faults);
    assert_true(runs > kills / 4);
    assert_true(faults > 0);
    clutch_engine_close(engine);
    assert_int_equal(entry_count(format("%s/archives", folder)), 0);
    assert_true(entry_count(folder) <= 3); /* clutch.db, lock, archives */
    remove_tree(folder);
}

static unsigned kill_count(void)
{
    const char *text = getenv("CLUTCH_KILLS");
    return text ? (unsigned)atoi(text) : 150;
}

static void killing_sandboxes_loses_what_they_did_not_save_and_no_more(void **state)
{
    (void)state;
    kill_while_working(kill_a_sandbox, kill_count(), 20);
}

static void killing_the_template_loses_what_was_not_saved_and_no_more(void **state)
{
    (void)state;
    kill_while_working(kill_template, kill_count() / 10, 500);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(killing_sandboxes_loses_what_they_did_not_save_and_no_more),
        TEST(killing_the_template_loses_what_was_not_saved_and_no_more),
    };
    return RUN_TESTS(tests);
}
