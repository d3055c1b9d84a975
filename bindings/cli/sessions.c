/* SPDX-License-Identifier: Apache-2.0 */
/* sessions.c: the commands about sessions.
 *
 * No process of a session outlives the command that started it: each command opens an engine on the
 * state folder, which finds all sessions stopped, and leaves them stopped. */
#include "sessions.h"

#include <string.h>
#include <unistd.h>

#include "clutch.h"
#include "kept.h"
#include "listing.h"
#include "options.h"
#include "print.h"
#include "session.h"
#include "signals.h"

/* sandbox is that of the first name, NULL for a command without names. Each returns a status. */
typedef int act_fn(clutch_engine *engine, clutch_sandbox *sandbox, const struct options *options);

/* ---- Acts ---- */

static int list(clutch_engine *engine, clutch_sandbox *sandbox, const struct options *options)
{
    (void)sandbox;
    return listing_sessions(engine, options->json);
}

static int tell(clutch_engine *engine, clutch_sandbox *sandbox, const struct options *options)
{
    (void)engine;
    return listing_session(sandbox, options->json);
}

static int tell_log(clutch_engine *engine, clutch_sandbox *sandbox, const struct options *options)
{
    (void)engine;
    return listing_log(sandbox, options->json);
}

static int begin(clutch_engine *engine, clutch_sandbox *sandbox)
{
    clutch_session_report *report;
    clutch_error error;
    const char *name = clutch_sandbox_name(sandbox);
    kept_print_unsaved(engine, clutch_sandbox_owner(sandbox), name);
    if (clutch_sandbox_start(sandbox, &report, &error) < 0)
        return session_complain(&error);
    kept_print_begun(name, report);
    clutch_session_report_free(report);
    return STATUS_FINE;
}

/* Nothing has run in it. What has been saved stays as it is, so that what could not be brought back
 * here, in another environment perhaps, is not lost by looking. */
static int leave(clutch_sandbox *sandbox)
{
    clutch_stop_options options = CLUTCH_STOP_OPTIONS_INIT;
    options.discard = true;
    clutch_error error;
    int failure = clutch_sandbox_stop(sandbox, &options, NULL, &error);
    return failure < 0 ? session_complain(&error) : STATUS_FINE;
}

static int start(clutch_engine *engine, clutch_sandbox *sandbox, const struct options *options)
{
    (void)options;
    int status = begin(engine, sandbox);
    return status == STATUS_FINE ? leave(sandbox) : status;
}

static int stop(clutch_engine *engine, clutch_sandbox *sandbox, const struct options *options)
{
    (void)engine;
    (void)options;
    clutch_error error;
    int failure = clutch_sandbox_stop(sandbox, NULL, NULL, &error);
    return failure < 0 ? session_complain(&error) : STATUS_FINE;
}

/* A copy that cannot be saved would be one in name only. */
static int save_copy(clutch_sandbox *copy)
{
    const char *name = clutch_sandbox_name(copy);
    clutch_session_report *report;
    clutch_error error;
    int status = STATUS_FINE;
    if (clutch_sandbox_stop(copy, NULL, &report, &error) < 0) {
        status = session_complain(&error);
    } else {
        kept_print_stopped(name, report);
        status = report->saved ? STATUS_FINE : STATUS_ENGINE;
        clutch_session_report_free(report);
    }
    if (status != STATUS_FINE && clutch_sandbox_delete(copy, NULL) == 0)
        print_notice("session '%s' is deleted again", name);
    return status;
}

static int clone_running(clutch_sandbox *sandbox, const char *name)
{
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.name = name;
    options.owner = clutch_sandbox_owner(sandbox);
    clutch_sandbox *copy;
    clutch_error error;
    if (clutch_sandbox_clone(sandbox, &options, &copy, &error) < 0)
        return session_complain(&error);
    int status = save_copy(copy);
    clutch_sandbox_release(copy);
    return status;
}

static int clone_session(clutch_engine *engine, clutch_sandbox *sandbox, const struct options *options)
{
    int status = begin(engine, sandbox);
    if (status != STATUS_FINE)
        return status;
    status = clone_running(sandbox, options->names[1]);
    int left = leave(sandbox);
    return status != STATUS_FINE ? status : left;
}

/* What one command has done is one step: it has saved the session at its end. */
static int undo(clutch_engine *engine, clutch_sandbox *sandbox, const struct options *options)
{
    (void)engine;
    (void)options;
    clutch_undone undone;
    clutch_error error;
    int failure = clutch_sandbox_undo(sandbox, 1, &undone, &error);
    if (failure == CLUTCH_E_NOT_FOUND) {
        print_notice("session '%s' has nothing to take back: run and repl keep it with --undo",
                     clutch_sandbox_name(sandbox));
        return STATUS_FAILED;
    }
    if (failure < 0)
        return session_complain(&error);
    print_notice("session '%s': %u %s taken back; %s", clutch_sandbox_name(sandbox), undone.steps,
                 undone.steps == 1 ? "execution" : "executions",
                 undone.files_rolled_back ? "files are as they were too" : "files stay as they are");
    return STATUS_FINE;
}

static int archive(clutch_engine *engine, clutch_sandbox *sandbox, const struct options *options)
{
    (void)engine;
    (void)options;
    clutch_error error;
    if (clutch_sandbox_archive(sandbox, &error) < 0)
        return session_complain(&error);
    kept_print_archived(sandbox);
    return STATUS_FINE;
}

static int delete(clutch_engine *engine, clutch_sandbox *sandbox, const struct options *options)
{
    (void)engine;
    (void)options;
    clutch_error error;
    clutch_sandbox_info *info;
    if (clutch_sandbox_delete(sandbox, &error) < 0)
        return session_complain(&error);
    /* The library makes room on a full disk even if it cannot write down that it has. */
    bool recorded = clutch_sandbox_describe(sandbox, &info, NULL) < 0;
    if (!recorded) {
        recorded = info->state == CLUTCH_STATE_DELETED;
        clutch_sandbox_info_free(info);
    }
    if (recorded)
        return STATUS_FINE;
    print_notice("session '%s' is deleted, but the disk has no room to record it: make room and give the "
                 "command again",
                 clutch_sandbox_name(sandbox));
    return STATUS_ENGINE;
}

/* ---- The commands ---- */

static const struct command {
    const char *name;
    enum options_command which;
    act_fn *act;
    bool runs_python; /* else the engine needs neither modules nor what confines sandboxes */
    bool json;
    const char *arguments, *help;
} commands[] = {
    {"ls", OPTIONS_LS, list, false, true, "",
     "Lists the sessions, the one used last first.\n"},
    {"status", OPTIONS_STATUS, tell, false, true, " NAME",
     "Tells what is recorded of a session, and what it could not keep.\n"},
    {"log", OPTIONS_LOG, tell_log, false, true, " NAME",
     "Lists what ran in a session, the newest first. Records last 30 days.\n"},
    {"start", OPTIONS_START, start, true, false, " NAME",
     "Tries whether a session can be brought back, and says what of it cannot. What\n"
     "is saved stays as it is; clutch run --name NAME goes on with it.\n"},
    {"stop", OPTIONS_STOP, stop, false, false, " NAME",
     "Makes sure that a session is stopped. Every command ends by stopping its own, so\n"
     "that this has something to do only after one has failed to start.\n"},
    {"clone", OPTIONS_CLONE, clone_session, true, false, " NAME NEW",
     "Copies a session, with its variables and files, into a new one.\n"},
    {"undo", OPTIONS_UNDO, undo, false, false, " NAME",
     "Takes back what the last command with --undo has done in a session: variables\n"
     "are as they were before it. Files too where the disk can share copies of them.\n"},
    {"archive", OPTIONS_ARCHIVE, archive, false, false, " NAME",
     "Packs a session into one compressed file, archives/ID.clutch in the state folder.\n"
     "It is unpacked when it is used again.\n"},
    {"rm", OPTIONS_RM, delete, false, false, " NAME",
     "Deletes a session with its variables and its files. Its log goes with it.\n"},
};

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(name, commands[i].name) == 0)
            return &commands[i];
    return NULL;
}

bool sessions_has(const char *command)
{
    return find(command) != NULL;
}

static void print_help(const struct command *command)
{
    const char *const texts[] = {
        "usage: clutch ", command->name, " [options]", command->arguments, "\n\n", command->help, "\n",
        command->json ? "  --json              one JSON object a line\n" : "",
        OPTIONS_HELP_STATE OPTIONS_HELP_ENGINE "\n",
        *command->arguments != '\0' ? "NAME may be a session's id, too.\n\n" : "",
        "Exit status: 0 done, 1 there is no such session or it does not allow it,\n"
        "2 usage, 3 the engine failed.\n"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        print_text(STDOUT_FILENO, texts[i]);
}

/* With an engine that has only what the command needs of it. */
static int open_engine(const struct command *command, struct options *options, clutch_engine **out)
{
    if (!command->runs_python)
        options->preload_given = options->require_given = true;
    clutch_error error;
    int failure = signals_open();
    if (failure != 0) {
        print_notice("signals: %s", strerror(failure));
        return STATUS_ENGINE;
    }
    if (session_open_engine(options, out, &error) == 0)
        return signals_stop() ? STATUS_FAILED : STATUS_FINE;
    (void)session_complain(&error);
    return STATUS_ENGINE;
}

static int act(const struct command *command, const struct options *options, clutch_engine *engine)
{
    clutch_sandbox *sandbox = NULL;
    clutch_error error;
    if (options->name_count > 0 &&
        clutch_sandbox_open(engine, NULL, options->names[0], &sandbox, &error) < 0)
        return session_complain(&error);
    int status = command->act(engine, sandbox, options);
    clutch_sandbox_release(sandbox);
    return status;
}

int sessions_main(int argc, char **argv)
{
    const struct command *command = find(argv[0]);
    struct options options;
    clutch_engine *engine = NULL;
    int status = STATUS_USAGE;
    if (!options_parse(&options, command->which, argc, argv))
        goto done;
    if (options.help) {
        print_help(command);
        status = STATUS_FINE;
        goto done;
    }
    status = open_engine(command, &options, &engine);
    if (status == STATUS_FINE)
        status = act(command, &options, engine);
    print_flush();
    clutch_engine_close(engine);
    signals_die();
done:
    options_clear(&options);
    return status;
}
