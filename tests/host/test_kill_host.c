/* SPDX-License-Identifier: Apache-2.0 */
/* test_kill_host.c: a host that works on many sandboxes at once is killed at random moments, again and again;
 * each time its successor on the same state folder finds all that was acknowledged, and nothing else.
 *
 * CLUTCH_KILLS says how often, by default 200; CLUTCH_SEED how it begins. */
#include "support.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "kill_model.h"

enum { THREADS = 4, SLOTS = 2, EARLY = 6, SOON_MS = 80, PATIENCE_MS = 60000 };

static struct model model;
static const char *folder;
static int tell_fd;

static unsigned setting(const char *name, unsigned otherwise)
{
    const char *text = getenv(name);
    return text ? (unsigned)atoi(text) : otherwise;
}

static void id_of(char out[37], uint32_t number)
{
    snprintf(out, 37, "00000000-0000-4000-8000-%012u", number);
}

/* ---- The host that will be killed ---- */

/* In place of cmocka's claims, which belong to the process that watches. */
#define must(claim, ...)                                                                           \
    do {                                                                                           \
        if (!(claim))                                                                              \
            broken(__LINE__, __VA_ARGS__);                                                         \
    } while (0)

static __attribute__((format(printf, 2, 3), noreturn)) void broken(int line, const char *pattern, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, pattern);
    vsnprintf(text, sizeof text, pattern, arguments);
    va_end(arguments);
    dprintf(STDOUT_FILENO, "# line %d: %s\n", line, text);
    _exit(1);
}

static void tell(uint32_t number, enum model_act act, bool done, uint32_t value)
{
    struct told told = {number, (uint16_t)act, done, value};
    must(write(tell_fd, &told, sizeof told) == sizeof told, "telling: %s", strerror(errno));
}

/* Runs code in a sandbox; the number it prints. */
static uint32_t ask(clutch_sandbox *sandbox, const char *code)
{
    clutch_error error;
    clutch_result *result;
    int failed = clutch_sandbox_run(sandbox, code, strlen(code), NULL, &result, &error);
    must(!failed, "running %s: %s", code, error.message);
    must(result->outcome == CLUTCH_OUTCOME_OK, "%s: %s", code, result->error);
    must(result->recorded, "%s is not in the records", code);
    uint32_t number = result->output_count ? (uint32_t)atoi(result->output[0].text) : 0;
    clutch_result_free(result);
    return number;
}

struct slot {
    clutch_sandbox *sandbox;
    uint32_t number, value;
    uint32_t state;
};

static void do_create(clutch_engine *engine, struct slot *slot, uint32_t number)
{
    char id[37];
    clutch_error error;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    id_of(id, number);
    options.id = id;
    tell(number, ACT_CREATE, false, 0);
    int failed = clutch_sandbox_create(engine, &options, &slot->sandbox, &error);
    must(!failed, "creating: %s", error.message);
    tell(number, ACT_CREATE, true, 0);
    slot->number = number;
    slot->value = 0;
    slot->state = CLUTCH_STATE_RUNNING;
}

static void do_work(struct slot *slot)
{
    char code[200];
    must(slot->value + 1 < MODEL_RUNS, "sandbox %u was used too often", slot->number);
    snprintf(code, sizeof code,
             "n = %u\nimport os\nwith open('n.part', 'w') as f: f.write(str(n))\nos.replace('n.part', 'n')",
             ++slot->value);
    tell(slot->number, ACT_RUN, false, slot->value);
    ask(slot->sandbox, code);
    tell(slot->number, ACT_RUN, true, slot->value);
}

static void do_stop(struct slot *slot)
{
    clutch_error error;
    clutch_session_report *report;
    tell(slot->number, ACT_STOP, false, slot->value);
    int failed = clutch_sandbox_stop(slot->sandbox, NULL, &report, &error);
    must(!failed, "stopping: %s", error.message);
    must(report->saved, "stopping: %s", report->why_not_saved);
    clutch_session_report_free(report);
    tell(slot->number, ACT_STOP, true, slot->value);
    slot->state = CLUTCH_STATE_STOPPED;
}

static void do_start(struct slot *slot)
{
    clutch_error error;
    tell(slot->number, ACT_START, false, 0);
    int failed = clutch_sandbox_start(slot->sandbox, NULL, &error);
    must(!failed, "starting: %s", error.message);
    uint32_t value = ask(slot->sandbox, "print(globals().get('n', 0))");
    must(value == slot->value, "sandbox %u has %u instead of %u", slot->number, value, slot->value);
    tell(slot->number, ACT_START, true, value);
    slot->state = CLUTCH_STATE_RUNNING;
}

static void do_archive(struct slot *slot)
{
    clutch_error error;
    tell(slot->number, ACT_ARCHIVE, false, 0);
    int failed = clutch_sandbox_archive(slot->sandbox, &error);
    must(!failed, "archiving: %s", error.message);
    tell(slot->number, ACT_ARCHIVE, true, 0);
    slot->state = CLUTCH_STATE_ARCHIVED;
}

static void do_delete(struct slot *slot)
{
    clutch_error error;
    tell(slot->number, ACT_DELETE, false, 0);
    int failed = clutch_sandbox_delete(slot->sandbox, &error);
    must(!failed, "deleting: %s", error.message);
    tell(slot->number, ACT_DELETE, true, 0);
    clutch_sandbox_release(slot->sandbox);
    slot->sandbox = NULL;
}

struct worker {
    clutch_engine *engine;
    struct slot slots[SLOTS];
    uint32_t next;
    unsigned seed;
    pthread_t thread;
};

static void *load(void *argument)
{
    struct worker *worker = argument;
    for (;;) {
        struct slot *slot = &worker->slots[rand_r(&worker->seed) % SLOTS];
        unsigned dice = (unsigned)rand_r(&worker->seed) % 100;
        if (!slot->sandbox) {
            must(worker->next < MODEL_SANDBOXES, "there are too many sandboxes");
            do_create(worker->engine, slot, worker->next);
            worker->next += THREADS;
        } else if (dice < 8 || slot->value + 20 > MODEL_RUNS) {
            do_delete(slot);
        } else if (slot->state == CLUTCH_STATE_RUNNING) {
            if (dice < 60)
                do_work(slot);
            else
                do_stop(slot);
        } else if (slot->state == CLUTCH_STATE_STOPPED && dice < 55) {
            do_archive(slot);
        } else {
            do_start(slot);
        }
    }
    return NULL;
}

/* ---- Its successor, which looks at what there is ---- */

static void check_log(clutch_sandbox *sandbox, const struct known *known, uint32_t number)
{
    bool found[MODEL_RUNS] = {false};
    clutch_record_page *page;
    clutch_error error;
    char *cursor = NULL;
    do {
        int failed = clutch_sandbox_log(sandbox, 200, cursor, &page, &error);
        must(!failed, "the log of %u: %s", number, error.message);
        free(cursor);
        cursor = page->next_cursor ? strdup(page->next_cursor) : NULL;
        for (size_t i = 0; i < page->count; i++) {
            unsigned value;
            if (sscanf(page->records[i].code, "n = %u", &value) == 1 && value < MODEL_RUNS)
                found[value] = true;
        }
        clutch_record_page_free(page);
    } while (cursor);
    for (unsigned value = 0; value < MODEL_RUNS; value++)
        must(!known->acked[value] || found[value], "execution %u of sandbox %u is lost", value, number);
}

static void check_state(clutch_sandbox *sandbox, const struct known *known, uint32_t number)
{
    clutch_sandbox_info *info;
    clutch_error error;
    int failed = clutch_sandbox_describe(sandbox, &info, &error);
    must(!failed, "describing %u: %s", number, error.message);
    uint32_t state = known->state == CLUTCH_STATE_RUNNING ? CLUTCH_STATE_STOPPED : known->state;
    bool rests = info->state == CLUTCH_STATE_STOPPED || info->state == CLUTCH_STATE_ARCHIVED;
    must(state ? info->state == state : rests, "sandbox %u is %s (%s) instead of %s", number,
         clutch_state_name(info->state), info->reason, clutch_state_name(state));
    must(!info->live, "sandbox %u has a process", number);
    clutch_sandbox_info_free(info);
}

/* Everything that was acknowledged of one sandbox is there; it runs afterwards. */
static void check(clutch_engine *engine, uint32_t number, struct slot *slot)
{
    const struct known *known = &model.known[number];
    char id[37];
    clutch_error error;
    id_of(id, number);
    slot->sandbox = NULL;
    int code = clutch_sandbox_open(engine, NULL, id, &slot->sandbox, &error);
    if (known->presence == GONE || code == CLUTCH_E_NOT_FOUND) {
        must(code == CLUTCH_E_NOT_FOUND, "sandbox %u was deleted and is there again", number);
        must(known->presence != HERE, "sandbox %u is lost: %s", number, error.message);
        tell(number, ACT_MISS, true, 0);
        return;
    }
    must(code == 0, "opening %u: %s", number, error.message);
    check_log(slot->sandbox, known, number);
    check_state(slot->sandbox, known, number);
    tell(number, ACT_START, false, 0);
    code = clutch_sandbox_start(slot->sandbox, NULL, &error);
    must(code == 0, "starting %u: %s", number, error.message);
    uint32_t value = ask(slot->sandbox, "print(globals().get('n', 0))");
    must(value == known->saved || value == known->saving, "sandbox %u has %u instead of %u or %u", number,
         value, known->saved, known->saving);
    uint32_t file = ask(slot->sandbox, "import os\nprint(open('n').read() if os.path.exists('n') else 0)");
    must(file == known->file || file == known->writing, "the file of %u has %u instead of %u or %u", number,
         file, known->file, known->writing);
    tell(number, ACT_START, true, value);
    slot->number = number;
    slot->value = known->writing; /* the next values are new ones */
    slot->state = CLUTCH_STATE_RUNNING;
    if (value != slot->value)
        do_work(slot);
}

static bool is_one_of(const char *name, const char *const *names)
{
    while (*names && strcmp(*names, name) != 0)
        names++;
    return *names != NULL;
}

static void check_folder(const char *path, const char *const *allowed, const struct slot *slots, size_t count)
{
    DIR *entries = opendir(path);
    must(entries || errno == ENOENT, "%s: %s", path, strerror(errno));
    struct dirent *entry;
    while (entries && (entry = readdir(entries))) {
        bool known = is_one_of(entry->d_name, allowed);
        char id[37];
        for (size_t i = 0; i < count && !known; i++) {
            id_of(id, slots[i].number);
            known = slots[i].sandbox && strcmp(entry->d_name, id) == 0;
        }
        must(known, "%s/%s was left behind", path, entry->d_name);
    }
    if (entries)
        closedir(entries);
}

/* All sandboxes run: that tells what may be in the state folder. */
static void check_folders(const struct slot *slots, size_t count)
{
    static const char *const top[] = {".",         "..",            "lock",     "spare",
                                      "clutch.db", "clutch.db-wal", "archives", NULL};
    static const char *const home[] = {".", "..", "work", "tmp", "session", NULL};
    static const char *const work[] = {".", "..", "n", "n.part", NULL};
    static const char *const none[] = {".", "..", NULL};
    char path[4096], id[37];
    check_folder(folder, top, slots, count);
    snprintf(path, sizeof path, "%s/archives", folder);
    check_folder(path, none, NULL, 0);
    for (size_t i = 0; i < count; i++) {
        if (!slots[i].sandbox)
            continue;
        id_of(id, slots[i].number);
        snprintf(path, sizeof path, "%s/%s", folder, id);
        check_folder(path, home, NULL, 0);
        snprintf(path, sizeof path, "%s/%s/work", folder, id);
        check_folder(path, work, NULL, 0);
    }
}

static clutch_engine *open_here(void)
{
    static const char *const nothing[] = {NULL};
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    clutch_engine *engine;
    clutch_error error;
    options.preload = nothing;
    options.state_dir = folder;
    int failed = clutch_engine_open(&options, &engine, &error);
    must(!failed, "opening: %s", error.message);
    return engine;
}

/* Returns how many of the slots have a sandbox, all of which run. */
static size_t check_all(clutch_engine *engine, struct slot *slots)
{
    size_t count = 0;
    for (uint32_t number = 1; number < model.end; number++) {
        uint8_t presence = model.known[number].presence;
        if (presence != PERHAPS && presence != HERE)
            continue;
        must(count < THREADS * SLOTS * 2, "there are too many sandboxes");
        check(engine, number, &slots[count]);
        count += slots[count].sandbox != NULL;
    }
    clutch_sandbox_page *page;
    clutch_error error;
    int failed = clutch_engine_list(engine, NULL, &page, &error);
    must(!failed, "listing: %s", error.message);
    must(page->count == count, "%zu sandboxes are listed instead of %zu", page->count, count);
    clutch_sandbox_page_free(page);
    check_folders(slots, count);
    return count;
}

static void live(unsigned round)
{
    static struct slot slots[THREADS * SLOTS * 2];
    static struct worker workers[THREADS];
    clutch_engine *engine = open_here();
    size_t count = check_all(engine, slots);
    tell(0, ACT_READY, true, 0);
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i].engine = engine;
        workers[i].seed = round * THREADS + i;
        workers[i].next = (model.end / THREADS + 1) * THREADS + i;
    }
    for (size_t i = 0; i < count; i++)
        if (i < THREADS * SLOTS)
            workers[i % THREADS].slots[i / THREADS] = slots[i];
        else
            do_delete(&slots[i]);
    for (unsigned i = 0; i < THREADS; i++)
        must(pthread_create(&workers[i].thread, NULL, load, &workers[i]) == 0, "no thread");
    pause();
    _exit(1);
}

/* The last one deletes everything. */
static void tidy_up(void)
{
    static struct slot slots[THREADS * SLOTS * 2];
    clutch_engine *engine = open_here();
    size_t count = check_all(engine, slots);
    for (size_t i = 0; i < count; i++)
        do_delete(&slots[i]);
    check_folders(slots, 0);
    clutch_engine_close(engine);
    _exit(0);
}

/* ---- Killing ---- */

/* Learns what is told until a host is ready, or time has passed. Returns whether it is ready. */
static bool listen_to(int fd, uint64_t until_ms)
{
    struct told told;
    bool ready = false;
    while (!ready) {
        ssize_t got = read(fd, &told, sizeof told);
        if (got == sizeof told) {
            model_learn(&model, &told);
            ready = told.act == ACT_READY;
        } else if (got == 0 || now_ms() >= until_ms) {
            break;
        } else {
            assert_int_equal(errno, EAGAIN);
            sleep_ms(1);
        }
    }
    return ready;
}

static pid_t spawn(unsigned round, bool last, int *fd)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    fcntl(ends[0], F_SETPIPE_SZ, 1 << 20);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        tell_fd = ends[1];
        if (last)
            tidy_up();
        live(round);
    }
    close(ends[1]);
    *fd = ends[0];
    return child;
}

static int bury(pid_t child, int fd)
{
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    while (listen_to(fd, UINT64_MAX))
        continue;
    close(fd);
    return status;
}

/* As a rule some time after it is ready; in some rounds at any moment before. */
static void kill_once(unsigned round, unsigned *seed, unsigned *ready_ms)
{
    int fd;
    uint64_t begun_ms = now_ms();
    pid_t child = spawn(round, false, &fd);
    if (round % EARLY == 0) {
        listen_to(fd, begun_ms + (unsigned)rand_r(seed) % (*ready_ms + 1));
    } else {
        if (!listen_to(fd, begun_ms + PATIENCE_MS))
            kill(child, SIGKILL); /* it has said why, or hangs */
        else
            *ready_ms = (unsigned)(now_ms() - begun_ms);
        listen_to(fd, now_ms() + (unsigned)rand_r(seed) % SOON_MS);
    }
    kill(child, SIGKILL);
    int status = bury(child, fd);
    if (!WIFSIGNALED(status) || now_ms() > begun_ms + PATIENCE_MS)
        fail_msg("round %u: the host did not last until it was killed", round);
}

static void nothing_acknowledged_is_lost_when_the_host_is_killed(void **state)
{
    (void)state;
    unsigned kills = setting("CLUTCH_KILLS", 200), seed = setting("CLUTCH_SEED", 1), ready_ms = 200;
    uint64_t begun_ms = now_ms();
    folder = make_folder();
    for (unsigned round = 1; round <= kills; round++) {
        kill_once(round, &seed, &ready_ms);
        if (round % 3 == 0) /* otherwise the next host comes while the last one's processes are ending */
            assert_true(no_orphan_is_left(5000));
    }
    int fd;
    pid_t last = spawn(0, true, &fd);
    assert_int_equal(bury(last, fd), 0);
    assert_true(no_orphan_is_left(5000));
    print_message("# %u kills in %u ms; held: %u runs, %u stops, %u starts, %u archives, %u deletions\n",
                  kills, (unsigned)(now_ms() - begun_ms), model.acts[ACT_RUN], model.acts[ACT_STOP],
                  model.acts[ACT_START], model.acts[ACT_ARCHIVE], model.acts[ACT_DELETE]);
    assert_true(model.acts[ACT_RUN] > kills);
    remove_tree(folder);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(nothing_acknowledged_is_lost_when_the_host_is_killed),
    };
    return RUN_TESTS(tests);
}
