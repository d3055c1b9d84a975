/* SPDX-License-Identifier: Apache-2.0 */
/* session.c: the engine of a command, with one sandbox at a time and the folder that it works in.
 *
 * Without --workdir code works in a new folder: not in the caller's, because nobody trusts the
 * code, and not in the library's, which goes with the sandbox, because a chart has to lie where
 * the result says after the command has ended. */
#include "session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"
#include "print.h"
#include "signals.h"

void session_complain(const clutch_error *error)
{
    print_notice("%s", error->message);
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

bool session_renew(struct session *session)
{
    const struct options *options = session->options;
    clutch_sandbox_destroy(session->sandbox);
    session->sandbox = NULL;

    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.wall_ms = options->timeout_ms;
    limits.memory_bytes = options->memory_bytes;
    limits.output_bytes = options->output_bytes;
    limits.code_bytes = SOURCE_BYTES_MAX;
    limits.disk_bytes = options->disk_bytes;
    clutch_sandbox_options sandbox = CLUTCH_SANDBOX_OPTIONS_INIT;
    sandbox.env = (const char *const *)options->env.items;
    sandbox.workdir = session->workdir;
    sandbox.limits = &limits;
    sandbox.network = options->network ? CLUTCH_NETWORK_ALL : CLUTCH_NETWORK_NONE;
    sandbox.processes = options->processes;
    clutch_error error;
    if (clutch_sandbox_create(session->engine, &sandbox, &session->sandbox, &error) == 0)
        return true;
    session_complain(&error);
    return false;
}

bool session_open(struct session *session, const struct options *options)
{
    *session = (struct session){.options = options};
    int failure = signals_open();
    clutch_error error;
    if (failure == 0 && session_open_engine(options, &session->engine, &error) < 0) {
        session_complain(&error);
        return false;
    }
    if (failure == 0)
        failure = make_workdir(session);
    if (failure != 0) {
        print_notice("%s: %s", session->workdir ? session->workdir : "signals", strerror(failure));
        return false;
    }
    return session_renew(session);
}

void session_close(struct session *session)
{
    clutch_sandbox_destroy(session->sandbox);
    clutch_engine_close(session->engine);
    if (session->workdir_is_new && rmdir(session->workdir) < 0 && errno == ENOTEMPTY)
        print_notice("files are kept in %s", session->workdir);
    free(session->workdir);
    *session = (struct session){0};
}
