/* SPDX-License-Identifier: Apache-2.0 */
/* run.c: `clutch run`: each -c and each FILE is one execution, in order, in one sandbox.
 *
 * Nothing runs before all of the code has been read, so that a slip in the last name costs
 * nothing. */
#include "run.h"

#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

#include "execute.h"
#include "kept.h"
#include "options.h"
#include "print.h"
#include "session.h"
#include "signals.h"

static const char help[] =
    "usage: clutch run [options] [-c CODE | FILE]...\n"
    "\n"
    "Runs Python code in one fresh sandbox, or with --name in a session that lasts.\n"
    "Each -c CODE and each FILE is one execution, in the order given; variables last\n"
    "from one to the next. FILE \"-\" is standard input, and so is no code at all.\n"
    "\n"
    "  -c CODE             run this text\n"
    "  --json              print one JSON object a line per execution in place of\n"
    "                      its output\n"
    "  --status            at the end, print one line of JSON about the sandbox\n"
    "  --keep-going        go on after an execution that failed; in a fresh sandbox\n"
    "                      if it ended the present one\n"
    "  --timeout SECONDS   wall time of one execution, such as 1.5, or \"none\" for\n"
    "                      no limit (default 60)\n"
    OPTIONS_HELP_SESSION
    OPTIONS_HELP_SANDBOX
    OPTIONS_HELP_ENGINE
    "  --                  all that follows are files\n"
    "\n"
    "Output goes to standard output and standard error as it is printed, tracebacks\n"
    "to standard error. Ctrl-C cancels the execution, a second one kills it.\n"
    "\n"
    "Exit status: 0 all was fine, 1 an execution failed or the session could not be\n"
    "saved, 2 usage, 3 the engine failed.\n";

/* Prints an object of the library's with what the command adds to it. Both are moved. */
static void print_object(char *json, json_t *more)
{
    bool added = json_object_size(more) > 0;
    json_t *object = added ? json_loads(json, JSON_ALLOW_NUL, NULL) : NULL;
    char *text = json_object_update(object, more) == 0 ? json_dumps(object, 0) : NULL;
    print_line(STDOUT_FILENO, text != NULL ? text : json);
    free(text);
    json_decref(object);
    json_decref(more);
    clutch_free(json);
}

static bool print_json(const clutch_result *result)
{
    char *json;
    clutch_error error;
    if (clutch_result_json(result, &json, &error) < 0) {
        session_complain(&error);
        return false;
    }
    json_t *more = json_object();
    if (result->rolled_back) {
        json_object_set_new(more, "rolled_back", json_true());
        json_object_set_new(more, "files_rolled_back", json_boolean(result->files_rolled_back));
    }
    print_object(json, more);
    print_flush();
    return true;
}

static bool print_sandbox_status(struct session *session)
{
    clutch_status *status;
    clutch_error error;
    char *json = NULL;
    int failure = clutch_sandbox_status(session->sandbox, &status, &error);
    if (failure == 0) {
        failure = clutch_status_json(status, &json, &error);
        clutch_status_free(status);
    }
    if (failure < 0) {
        session_complain(&error);
        return false;
    }
    json_t *more = json_object();
    if (session->begun != NULL)
        json_object_set_new(more, "session", kept_begun_json(session->sandbox, session->begun));
    print_object(json, more);
    return true;
}

/* Runs one source; a sandbox that has ended between two executions, by a thread that was left
 * behind in it, is replaced first if that is wanted. As execute_code. */
static int execute_source(struct session *session, const struct source *source, bool *lost,
                          clutch_result **out, clutch_error *error)
{
    clutch_execute_options options = session_execute_options(session);
    options.filename = source->name;
    if (!session->options->json)
        options.on_output = print_element;
    int failure =
        execute_code(session->sandbox, source->code, source->length, &options, out, error);
    *lost = failure == CLUTCH_E_ENDED;
    if (!*lost || !session->options->keep_going)
        return failure;
    if (session_renew(session, "going on in a fresh one") != STATUS_FINE)
        return CLUTCH_E_ENDED;
    return execute_code(session->sandbox, source->code, source->length, &options, out, error);
}

/* Runs one source and prints its result. *ended tells that its sandbox is gone. */
static int run_source(struct session *session, const struct source *source, bool *ended)
{
    bool lost;
    clutch_result *result = NULL;
    clutch_error error;
    int failure = execute_source(session, source, &lost, &result, &error);
    if (failure == CLUTCH_E_UNCLONABLE) {
        print_notice("%s: not run, for want of a checkpoint: %s", source->name, error.message);
        return STATUS_FAILED;
    }
    if (failure < 0) {
        int status = session_complain(&error);
        return lost && !session->options->keep_going ? STATUS_FAILED : status;
    }
    if (result == NULL) {
        print_notice("%s: killed by the second Ctrl-C, its result is lost", source->name);
        *ended = true;
        return STATUS_FAILED;
    }
    int status = lost || execute_failed(result) ? STATUS_FAILED : STATUS_FINE;
    *ended = result->sandbox_ended;
    if (session->options->json) {
        if (!print_json(result))
            status = STATUS_ENGINE;
    } else if (print_stdout_errno() == 0) {
        execute_report(result, source->name);
    }
    clutch_result_free(result);
    return status;
}

/* Runs all sources. Returns the worst of their statuses. */
static int run_sources(struct session *session)
{
    const struct options *options = session->options;
    int worst = signals_stop() ? STATUS_FAILED : STATUS_FINE;
    for (size_t i = 0; i < options->source_count && !signals_stop(); i++) {
        bool ended = false;
        int status = run_source(session, &options->sources[i], &ended);
        if (status > worst)
            worst = status;
        if (status == STATUS_ENGINE)
            return status;
        if (signals_stop())
            return STATUS_FAILED;
        if (print_stdout_errno() != 0)
            return worst;
        if (status == STATUS_FAILED && !options->keep_going)
            return worst;
        if (!ended || i + 1 == options->source_count)
            continue;
        if (session_renew(session, "going on in a fresh one") != STATUS_FINE)
            return STATUS_ENGINE;
    }
    return worst;
}

int run_main(int argc, char **argv)
{
    struct options options;
    struct session session;
    int status = STATUS_USAGE;
    if (!options_parse(&options, OPTIONS_RUN, argc, argv))
        goto done;
    if (options.help) {
        print_text(STDOUT_FILENO, help);
        status = STATUS_FINE;
        goto done;
    }
    for (size_t i = 0; i < options.source_count; i++)
        if (options.sources[i].path != NULL && !source_read(&options.sources[i]))
            goto done;

    status = session_open(&session, &options);
    if (status == STATUS_FINE) {
        status = run_sources(&session);
        if (options.status && status != STATUS_ENGINE && !print_sandbox_status(&session))
            status = STATUS_ENGINE;
        print_flush();
        int kept = session_keep(&session);
        if (kept > status)
            status = kept;
    }
    session_close(&session);
    signals_die();
done:
    options_clear(&options);
    return status;
}
