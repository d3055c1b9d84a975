/* SPDX-License-Identifier: Apache-2.0 */
/* engine.c: opening and closing an engine. */
#include "host/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/tree.h"
#include "host/book.h"
#include "host/error.h"
#include "host/family.h"
#include "host/keeper.h"
#include "host/lifecycle.h"
#include "host/options.h"
#include "host/pool.h"
#include "host/sandbox.h"
#include "host/snapshot.h"
#include "host/spare.h"
#include "host/store.h"
#include "host/takeover.h"

void engine_log(const clutch_engine *engine, uint32_t level, const char *format, ...)
{
    if (!engine->log)
        return;
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    engine->log(level, message, engine->log_user);
}

/* ---- Calls and references ---- */

int engine_enter(clutch_engine *engine, clutch_error *error)
{
    pthread_mutex_lock(&engine->lock);
    bool closed = engine->closed;
    if (!closed)
        engine->calls++;
    pthread_mutex_unlock(&engine->lock);
    return closed ? error_set(error, CLUTCH_E_CLOSED, 0, "the engine is closed") : 0;
}

void engine_leave(clutch_engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    if (--engine->calls == 0)
        pthread_cond_broadcast(&engine->quiet);
    pthread_mutex_unlock(&engine->lock);
}

static void free_engine(clutch_engine *engine)
{
    pthread_mutex_destroy(&engine->lock);
    pthread_mutex_destroy(&engine->start_lock);
    pthread_mutex_destroy(&engine->template.lock);
    pthread_cond_destroy(&engine->quiet);
    keeper_free(engine);
    pool_free(engine);
    snapshot_free(engine);
    free(engine->environment);
    free(engine->worker_path);
    free(engine->state_dir);
    free(engine->preload);
    free(engine->require);
    free(engine->disable);
    free(engine->cgroup);
    free(engine);
}

void engine_retain(clutch_engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    engine->references++;
    pthread_mutex_unlock(&engine->lock);
}

void engine_release(clutch_engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    bool last = --engine->references == 0;
    pthread_mutex_unlock(&engine->lock);
    if (last)
        free_engine(engine);
}

bool engine_start_thread(void *(*run)(void *), void *argument, pthread_t *out)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int fault = pthread_create(out, NULL, run, argument);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return fault == 0;
}

/* ---- Opening ---- */

static int check_preload(const char *const *preload, clutch_error *error)
{
    if (options_count(preload, LIMIT_PRELOAD_COUNT) == SIZE_MAX)
        return error_set(error, CLUTCH_E_INVALID, 0, "more than %zu modules to preload",
                         LIMIT_PRELOAD_COUNT);
    for (size_t i = 0; preload && preload[i]; i++)
        if (!*preload[i] || strlen(preload[i]) > LIMIT_NAME_BYTES)
            return error_set(error, CLUTCH_E_INVALID, 0,
                             "the name of module %zu to preload is empty or longer than %zu bytes", i,
                             LIMIT_NAME_BYTES);
    return 0;
}

/* The words themselves are the template's to know. */
static int check_facilities(const char *const *words, const char *what, clutch_error *error)
{
    if (options_count(words, LIMIT_FACILITIES) == SIZE_MAX)
        return error_set(error, CLUTCH_E_INVALID, 0, "%s has more than %zu words", what,
                         LIMIT_FACILITIES);
    for (size_t i = 0; words && words[i]; i++)
        if (!*words[i] || strlen(words[i]) > LIMIT_NAME_BYTES)
            return error_set(error, CLUTCH_E_INVALID, 0,
                             "%s has an empty word or one longer than %zu bytes", what, LIMIT_NAME_BYTES);
    return 0;
}

static int check_path(const char *path, const char *what, clutch_error *error)
{
    if (path && (!*path || strlen(path) >= LIMIT_PATH_BYTES))
        return error_set(error, CLUTCH_E_INVALID, 0, "%s is empty or longer than %zu bytes", what,
                         LIMIT_PATH_BYTES);
    return 0;
}

static int check_options(const clutch_engine_options *options, clutch_error *error)
{
    int code = check_preload(options->preload, error);
    if (code == 0)
        code = check_path(options->environment, "environment", error);
    if (code == 0)
        code = check_path(options->worker_path, "worker_path", error);
    if (code == 0)
        code = check_path(options->cgroup, "cgroup", error);
    if (code == 0)
        code = check_facilities(options->require, "require", error);
    if (code == 0)
        code = check_facilities(options->disable, "disable", error);
    return code;
}

static char *copy_path(const char *path, bool *fine)
{
    char *copy = path ? strdup(path) : NULL;
    *fine = *fine && (copy || !path);
    return copy;
}

/* The worker has another working directory than the host. */
static char *copy_absolute_path(const char *path, bool *fine)
{
    char *folder = path[0] == '/' ? NULL : getcwd(NULL, 0), *copy = NULL;
    if (path[0] == '/' || !folder)
        copy = strdup(path);
    else if (asprintf(&copy, "%s/%s", folder, path) < 0)
        copy = NULL;
    free(folder);
    *fine = *fine && copy;
    return copy;
}

static char **copy_words(const char *const *words, const char *const *standard, bool *fine)
{
    char **copy = options_copy_list(words ? words : standard);
    *fine = *fine && copy;
    return copy;
}

static int take_options(clutch_engine *engine, const clutch_engine_options *options,
                        clutch_error *error)
{
    static const char *const preload[] = {"numpy", "pandas", NULL};
    static const char *const require[] = {"no_new_privs", "capabilities", "landlock_files", "seccomp",
                                          NULL};
    static const char *const none[] = {NULL};
    clutch_limits defaults = options_default_limits();
    int code = options_limits(options->limits, &defaults, &engine->limits, error);
    if (code == 0)
        code = check_options(options, error);
    if (code)
        return code;
    bool fine = true;
    engine->environment = copy_absolute_path(
        options->environment ? options->environment : CLUTCH_BUILT_ENVIRONMENT, &fine);
    engine->worker_path = copy_path(options->worker_path, &fine);
    engine->cgroup = copy_path(options->cgroup, &fine);
    engine->preload = copy_words(options->preload, preload, &fine);
    engine->disable = copy_words(options->disable, none, &fine);
    engine->require = copy_words(options->require, require, &fine);
    engine->log = options->log;
    engine->log_user = options->log_user;
    engine->on_change = options->on_change;
    engine->change_user = options->change_user;
    engine->retention_days = options->retention_days ? options->retention_days : LIMIT_RETENTION_DAYS_DEFAULT;
    engine->open_timeout_ms =
        options->open_timeout_ms ? options->open_timeout_ms : LIMIT_OPEN_TIMEOUT_MS_DEFAULT;
    return fine ? 0 : error_memory(error);
}

/* Below the host's own folder, or a private one below the system's. */
static int make_state_dir(clutch_engine *engine, const char *wanted, clutch_error *error)
{
    int code = check_path(wanted, "state_dir", error);
    if (code)
        return code;
    if (wanted) {
        struct stat about;
        engine->state_dir = realpath(wanted, NULL);
        if (!engine->state_dir || stat(engine->state_dir, &about) != 0 || !S_ISDIR(about.st_mode))
            return error_set(error, CLUTCH_E_INVALID, engine->state_dir ? ENOTDIR : errno,
                             "state_dir %s is not a folder that can be used", wanted);
        return 0;
    }
    const char *base = getenv("TMPDIR");
    if (!base || base[0] != '/')
        base = "/tmp";
    if (asprintf(&engine->state_dir, "%s/clutch-XXXXXX", base) < 0) {
        engine->state_dir = NULL;
        return error_memory(error);
    }
    if (!mkdtemp(engine->state_dir) || chmod(engine->state_dir, 0700) != 0)
        return error_set(error, CLUTCH_E_SYSTEM, errno,
                         "a folder like %s cannot be made: set state_dir or TMPDIR to a folder that "
                         "can be written", engine->state_dir);
    engine->owns_state_dir = true;
    return 0;
}

static int start_template(clutch_engine *engine, clutch_error *error)
{
    struct template_options options = {
        .worker_path = engine->worker_path,
        .environment = engine->environment,
        .preload = (const char *const *)engine->preload,
        .state_dir = engine->state_dir,
        .remove_state_dir = engine->owns_state_dir,
        .require = (const char *const *)engine->require,
        .disable = (const char *const *)engine->disable,
        .cgroup = engine->cgroup ? engine->cgroup : "",
        .timeout_ms = engine->open_timeout_ms,
    };
    int code = template_start(&engine->template, &options, error);
    if (code)
        return code;
    engine->info = (clutch_engine_info){
        .python_version = engine->template.python_version,
        .pandas_version = engine->template.pandas_version,
        .numpy_version = engine->template.numpy_version,
        .environment = engine->environment,
        .state_dir = engine->state_dir,
        .template_pid = engine->template.process.pid,
        .facility_count = engine->template.facility_count,
        .facilities = engine->template.facilities,
    };
    engine_log(engine, CLUTCH_LOG_INFO, "template %d is warm: Python %s, pandas %s, numpy %s",
               engine->info.template_pid, engine->info.python_version, engine->info.pandas_version,
               engine->info.numpy_version);
    return 0;
}

int engine_ensure_template(clutch_engine *engine, clutch_error *error)
{
    pthread_mutex_lock(&engine->start_lock);
    int code = 0;
    if (!template_is_running(&engine->template)) {
        engine_log(engine, CLUTCH_LOG_WARNING, "the template has ended and is started again");
        /* The template that died removed the private folder with itself. */
        if (engine->owns_state_dir && ((mkdir(engine->state_dir, 0700) != 0 && errno != EEXIST) ||
                                       chmod(engine->state_dir, 0700) != 0))
            code = error_set(error, CLUTCH_E_SYSTEM, errno, "the folder %s", engine->state_dir);
        if (code == 0)
            code = start_template(engine, error);
    }
    pthread_mutex_unlock(&engine->start_lock);
    return code;
}

int clutch_engine_open(const clutch_engine_options *options, clutch_engine **out,
                       clutch_error *error)
{
    if (!out)
        return error_set(error, CLUTCH_E_INVALID, 0, "there is no place to put the engine: out is NULL");
    clutch_engine_options given;
    int code = options_engine(options, &given, error);
    if (code)
        return code;
    clutch_engine *engine = calloc(1, sizeof *engine);
    if (!engine)
        return error_memory(error);
    pthread_mutex_init(&engine->lock, NULL);
    pthread_mutex_init(&engine->start_lock, NULL);
    pthread_cond_init(&engine->quiet, NULL);
    keeper_init(engine);
    pthread_mutex_init(&engine->pool.lock, NULL);
    pthread_cond_init(&engine->pool.wanted, NULL);
    snapshot_init(engine);
    template_init(&engine->template);
    engine->references = 1;
    code = take_options(engine, &given, error);
    if (code == 0)
        code = make_state_dir(engine, given.state_dir, error);
    if (code == 0)
        code = pool_init(engine, &given, error);
    if (code == 0)
        code = store_open(engine->owns_state_dir ? NULL : engine->state_dir, engine->retention_days,
                          &engine->store, error);
    if (code == 0)
        code = takeover_tidy(engine, error);
    if (code == 0)
        code = start_template(engine, error);
    if (code) {
        store_close(engine->store);
        if (engine->owns_state_dir && engine->state_dir)
            tree_remove(AT_FDCWD, engine->state_dir);
        pool_finish(engine);
        free_engine(engine);
        return code;
    }
    keeper_look(engine);
    pool_start(engine);
    *out = engine;
    return 0;
}

const clutch_engine_info *clutch_engine_describe(const clutch_engine *engine)
{
    return &engine->info;
}

/* ---- Closing ---- */

/* What ran has ended with the engine: only its files are kept. */
static void record_end(clutch_engine *engine)
{
    size_t count;
    clutch_sandbox **all = book_hold_running(engine, &count);
    for (size_t i = 0; all && i < count; i++) {
        lifecycle_ended(all[i], "the engine was closed without stopping it");
        book_release(all[i]);
    }
    free(all);
}

void clutch_engine_close(clutch_engine *engine)
{
    if (!engine)
        return;
    pthread_mutex_lock(&engine->lock);
    engine->closed = true;
    for (struct clutch_sandbox *sandbox = engine->sandboxes; sandbox; sandbox = sandbox->next)
        sandbox_close(sandbox);
    pthread_mutex_unlock(&engine->lock);
    keeper_finish(engine);
    pool_finish(engine);
    pthread_mutex_lock(&engine->lock);
    while (engine->calls > 0)
        pthread_cond_wait(&engine->quiet, &engine->lock);
    pthread_mutex_unlock(&engine->lock);
    snapshot_finish(engine);
    template_stop(&engine->template);
    record_end(engine);
    store_close(engine->store);
    engine->store = NULL;
    if (engine->owns_state_dir)
        tree_remove(AT_FDCWD, engine->state_dir);
    else
        spare_remove(engine);
    book_clear(engine);
    family_finish(engine);
    engine_release(engine);
}
