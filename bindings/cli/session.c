/* SPDX-License-Identifier: Apache-2.0 */
/* session.c: the engine of a command, with one sandbox at a time and the folder that it works in.
 *
 * A session with a name lives in the engine's state folder, and so do its files. A sandbox without
 * one works, unless --workdir says where, in a new folder: not in the caller's, because nobody
 * trusts the code, and not in the library's, which goes with the sandbox, because a chart has to lie
 * where the result says after the command has ended. */
#include "session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kept.h"
#include "memory.h"
#include "print.h"
#include "signals.h"

int session_complain(const clutch_error *error)
{
    print_notice("%s", error->message);
    switch (error->code) {
    case CLUTCH_E_INVALID: return STATUS_USAGE;
    case CLUTCH_E_NOT_FOUND:
    case CLUTCH_E_EXISTS:
    case CLUTCH_E_STATE:
    case CLUTCH_E_UNCLONABLE: return STATUS_FAILED;
    default: return STATUS_ENGINE;
    }
}

static const char *const *words_of(const struct args_list *list)
{
    static const char *const nothing[] = {NULL};
    return list->count > 0 ? (const char *const *)list->items : nothing;
}

int session_open_engine(const struct options *options, clutch_engine **out, clutch_error *error)
{
    clutch_engine_options engine = CLUTCH_ENGINE_OPTIONS_INIT;
    engine.environment = options->environment;
    engine.state_dir = options->state;
    if (options->preload_given)
        engine.preload = words_of(&options->preload);
    if (options->require_given)
        engine.require = words_of(&options->require);
    if (options->disable_given)
        engine.disable = words_of(&options->disable);
    return clutch_engine_open(&engine, out, error);
}

/* Makes the session's folder. Returns 0 or an errno. */
static int make_workdir(struct session *session)
{
    if (session->options->workdir != NULL) {
        session->workdir = memory_format("%s", session->options->workdir);
        return 0;
    }
    const char *parent = getenv("TMPDIR");
    if (parent == NULL || *parent != '/')
        parent = "/tmp";
    session->workdir = memory_format("%s/clutch-files-XXXXXX", parent);
    if (mkdtemp(session->workdir) == NULL)
        return errno;
    session->workdir_is_new = true;
    return 0;
}

/* What the sandbox is like. Time and output are limited per execution, so that a session, which keeps
 * its limits, takes those of each command. */
static clutch_sandbox_options sandbox_options(const struct options *options, clutch_limits *limits)
{
    clutch_limits_init(limits);
    limits->memory_bytes = options->memory_bytes;
    limits->code_bytes = SOURCE_BYTES_MAX;
    limits->disk_bytes = options->disk_bytes;
    clutch_sandbox_options sandbox = CLUTCH_SANDBOX_OPTIONS_INIT;
    sandbox.env = (const char *const *)options->env.items;
    sandbox.limits = limits;
    sandbox.network = options->network ? CLUTCH_NETWORK_ALL : CLUTCH_NETWORK_NONE;
    sandbox.processes = options->processes;
    return sandbox;
}

clutch_execute_options session_execute_options(const struct session *session)
{
    clutch_execute_options options = CLUTCH_EXECUTE_OPTIONS_INIT;
    options.limits = &session->limits;
    options.checkpoint = session->options->undo;
    options.source = "cli";
    return options;
}

enum { UNDO_DEPTH = 10 }; /* commands whose work undo can take back, and executions of one */

/* ---- A sandbox to throw away ---- */

static int create(struct session *session)
{
    clutch_limits limits;
    clutch_sandbox_options sandbox = sandbox_options(session->options, &limits);
    sandbox.workdir = session->workdir;
    clutch_error error;
    if (clutch_sandbox_create(session->engine, &sandbox, &session->sandbox, &error) == 0)
        return STATUS_FINE;
    (void)session_complain(&error);
    return STATUS_ENGINE;
}

/* ---- A session ---- */

/* Nobody is to believe that an option has had an effect. */
static void warn_of_options(const struct options *options)
{
    const struct {
        bool given;
        const char *option;
    } fixed[] = {
        {options->env.count > 0, "--env"},        {options->memory_bytes > 0, "--memory"},
        {options->disk_bytes > 0, "--disk"},      {options->workdir != NULL, "--workdir"},
        {options->network, "--network"},          {options->processes, "--processes"},
        {options->repository != NULL, "--repo"},
    };
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        if (fixed[i].given)
            print_notice("session '%s' exists: %s counts only when it is created", options->name,
                         fixed[i].option);
}

static int ensure(struct session *session)
{
    const struct options *options = session->options;
    clutch_limits limits;
    clutch_sandbox_options sandbox = sandbox_options(options, &limits);
    clutch_repository repository = CLUTCH_REPOSITORY_INIT;
    repository.url = options->repository;
    repository.branch = options->branch;
    sandbox.name = options->name;
    sandbox.undo_depth = options->undo ? UNDO_DEPTH : 0;
    sandbox.workdir = options->workdir;
    sandbox.repository = options->repository != NULL ? &repository : NULL;
    kept_print_unsaved(session->engine, "", options->name);
    clutch_error error;
    if (clutch_sandbox_ensure(session->engine, &sandbox, &session->sandbox, &session->begun, &error) < 0)
        return session_complain(&error);
    if (session->begun->ready != CLUTCH_READY_CREATED)
        warn_of_options(options);
    kept_print_begun(options->name, session->begun);
    return STATUS_FINE;
}

static int start_again(struct session *session)
{
    clutch_session_report *report;
    clutch_error error;
    if (clutch_sandbox_start(session->sandbox, &report, &error) < 0)
        return session_complain(&error);
    kept_print_begun(session->options->name, report);
    clutch_session_report_free(report);
    return STATUS_FINE;
}

int session_keep(struct session *session)
{
    if (session->options->name == NULL || session->sandbox == NULL)
        return STATUS_FINE;
    const char *name = session->options->name;
    if (clutch_sandbox_pid(session->sandbox) == 0) {
        print_notice("session '%s' was not saved: its process has ended", name);
        return STATUS_FAILED;
    }
    clutch_session_report *report;
    clutch_error error;
    if (clutch_sandbox_stop(session->sandbox, NULL, &report, &error) < 0)
        return session_complain(&error);
    kept_print_stopped(name, report);
    int status = report->saved ? STATUS_FINE : STATUS_FAILED;
    clutch_session_report_free(report);
    return status;
}

/* ---- Both ---- */

int session_renew(struct session *session, const char *fresh)
{
    if (session->options->name != NULL) {
        print_notice("the session's process has ended; going on with what was last saved of it");
        return start_again(session);
    }
    print_notice("the sandbox has ended and its variables are lost; %s", fresh);
    clutch_sandbox_destroy(session->sandbox);
    session->sandbox = NULL;
    return create(session);
}

int session_open(struct session *session, const struct options *options)
{
    *session = (struct session){.options = options};
    clutch_limits_init(&session->limits);
    session->limits.wall_ms = options->timeout_ms;
    session->limits.output_bytes = options->output_bytes;
    int failure = signals_open();
    clutch_error error;
    if (failure == 0 && session_open_engine(options, &session->engine, &error) < 0) {
        (void)session_complain(&error);
        return STATUS_ENGINE;
    }
    if (failure == 0 && options->name != NULL)
        return ensure(session);
    if (failure == 0)
        failure = make_workdir(session);
    if (failure != 0) {
        print_notice("%s: %s", session->workdir ? session->workdir : "signals", strerror(failure));
        return STATUS_ENGINE;
    }
    return create(session);
}

void session_close(struct session *session)
{
    if (session->options->name != NULL)
        clutch_sandbox_release(session->sandbox);
    else
        clutch_sandbox_destroy(session->sandbox);
    clutch_session_report_free(session->begun);
    clutch_engine_close(session->engine);
    if (session->workdir_is_new && rmdir(session->workdir) < 0 && errno == ENOTEMPTY)
        print_notice("files are kept in %s", session->workdir);
    free(session->workdir);
    *session = (struct session){0};
}
