/* SPDX-License-Identifier: Apache-2.0 */
/* process.c: the Daytona family's processes: code or a command, of which only files are left in a sandbox.
 *
 * Each runs in a helper of the sandbox that is made for it and deleted after it. The helper is prepared in
 * the pool; what the client wants to run, and the question for its charts, are polled by the loop. */
#include "process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "execution.h"
#include "handles.h"
#include "parse.h"
#include "request.h"
#include "toolbox.h"

enum { ARGUMENTS_MAX = 1000, KEPT_S = 60, HELPER_ID = 64, CHARTS_BYTES = 64 << 20, CHARTS_VALUES = 300000 };

struct process {
    clutch_sandbox *helper;
    char owner[TOOLBOX_OWNER], id[HELPER_ID];
    const json_t *envs;
    const char *preparation; /* Python, with the JSON of `wish`, the body, and `source` as `text` */
    const char *source;      /* Python that the preparation compiles */
    char *code;              /* owned */
    uint64_t wall_ms;
    char *output;            /* owned */
    size_t length;
    int status;
    bool alive; /* and can be asked for charts */
    json_t *charts;
};

static const char charts_source[] = {
#include "charts.inc"
    , '\0'};

static const char command_source[] = {
#include "command.inc"
    , '\0'};

/* ---- The end ---- */

/* Only when the last step could not be taken is there a helper left. */
static void free_process(struct request *request)
{
    struct process *process = request->state;
    clutch_sandbox_destroy(process->helper);
    free(process->code);
    free(process->output);
    json_decref(process->charts);
    free(process);
    request->state = NULL;
}

/* Runs what is quick and the server's own. The result is owned; NULL when it did not run. */
static clutch_result *ask(clutch_sandbox *helper, const char *code, uint64_t wall_ms)
{
    clutch_execute_options options = CLUTCH_EXECUTE_OPTIONS_INIT;
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    clutch_result *result;
    limits.wall_ms = wall_ms;
    options.limits = &limits;
    options.source = "toolbox";
    return clutch_sandbox_run(helper, code, strlen(code), &options, &result, NULL) == 0 ? result : NULL;
}

/* ---- The helper's end, which nobody waits for ---- */

struct farewell {
    struct job job;
    clutch_sandbox *helper;
};

static void end_helper(void *user)
{
    struct farewell *farewell = user;
    clutch_sandbox_destroy(farewell->helper);
}

static void dismiss(const struct server *server, clutch_sandbox *helper)
{
    struct farewell *farewell = malloc(sizeof *farewell);
    if (farewell != NULL) {
        farewell->helper = helper;
        farewell->job = (struct job){.work = end_helper, .done = free, .user = farewell};
        if (jobs_add(server->jobs, &farewell->job))
            return;
    }
    free(farewell);
    clutch_sandbox_destroy(helper);
}

/* In the pool. */
static void conclude(struct request *request)
{
    struct process *process = request->state;
    dismiss(request->server, process->helper);
    process->helper = NULL;
    if (request->reply.status != 0)
        return;
    json_t *reply = json_pack("{s:i,s:o}", "exitCode", process->status, "result",
                              json_stringn(process->output, process->length));
    if (process->charts != NULL && reply != NULL)
        (void)json_object_set_new(reply, "artifacts", json_pack("{s:O}", "charts", process->charts));
    reply_json(request, 200, reply);
}

static void end_run(struct request *request)
{
    struct process *process = request->state;
    handles_drop(request->server->handles, process->owner, process->id);
    request->answered = NULL;
    request->abandon = NULL;
    (void)request_later(request, conclude, NULL);
}

/* ---- The charts ---- */

/* The sandbox is hostile by now: its answer is a list, or there are no charts. */
static void keep_charts(struct request *request, const clutch_result *result)
{
    struct process *process = request->state;
    if (result->outcome != CLUTCH_OUTCOME_OK || result->output_count == 0)
        return;
    const clutch_output *last = &result->output[result->output_count - 1];
    json_t *charts = parse_json(last->text, last->length, CHARTS_VALUES);
    if (json_is_array(charts) && json_array_size(charts) > 0)
        process->charts = charts;
    else
        json_decref(charts);
}

static void do_without_charts(struct request *request, const clutch_error *error)
{
    (void)request, (void)error;
}

/* Asks for the charts of code that has ended: hostile code takes its time for the answer, but no thread. */
static void on_answered(struct request *request)
{
    static const char code[] =
        "getattr(__import__('sys').modules.get('clutch_figures'), 'told', lambda: None)()";
    enum { WALL_MS = 20000 };
    struct process *process = request->state;
    const struct execution_wish wish = {
        .owner = process->owner, .id_or_name = process->id, .code = code, .length = sizeof code - 1,
        .wall_ms = WALL_MS, .output_bytes = CHARTS_BYTES, .source = "toolbox", .is_own = true,
        .finish = keep_charts, .fail = do_without_charts,
    };
    if (!process->alive || request->reply.status != 0) {
        end_run(request);
        return;
    }
    request->answered = end_run;
    execution_begin(request, &wish);
}

/* ---- The run ---- */

/* Elements as the lines that they were, and a traceback as Python would write it. */
static bool keep_output(struct process *process, const clutch_result *result)
{
    const char *last = result->outcome != CLUTCH_OUTCOME_EXIT ? result->traceback : NULL;
    size_t length = last != NULL ? strlen(last) + 1 : 0;
    for (size_t i = 0; i < result->output_count; i++)
        length += result->output[i].length + 1;
    char *at = process->output = malloc(length + 1);
    if (at == NULL)
        return false;
    for (size_t i = 0; i < result->output_count; i++) {
        memcpy(at, result->output[i].text, result->output[i].length);
        at += result->output[i].length;
        *at++ = '\n';
    }
    if (last != NULL)
        at = stpcpy(at, last);
    if (at > process->output && at[-1] != '\n')
        *at++ = '\n';
    process->length = (size_t)(at - process->output);
    return true;
}

static int status_of(const clutch_result *result)
{
    switch (result->outcome) {
    case CLUTCH_OUTCOME_OK: return 0;
    case CLUTCH_OUTCOME_EXIT: return result->exit_status;
    case CLUTCH_OUTCOME_KILLED:
    case CLUTCH_OUTCOME_CRASHED: return 128 + result->signal;
    default: return 1;
    }
}

static void finish(struct request *request, const clutch_result *result)
{
    struct process *process = request->state;
    process->status = status_of(result);
    process->alive = !result->sandbox_ended;
    if (result->outcome == CLUTCH_OUTCOME_TIMEOUT)
        reply_error(request, 408, "the time given has passed: %llu ms", (unsigned long long)process->wall_ms);
    else if (!keep_output(process, result))
        reply_error(request, 500, "no memory is left");
}

static void run(struct request *request)
{
    struct process *process = request->state;
    const struct execution_wish wish = {
        .owner = process->owner, .id_or_name = process->id, .code = process->code,
        .length = strlen(process->code), .wall_ms = process->wall_ms, .source = "toolbox", .finish = finish,
    };
    request->answered = on_answered;
    execution_begin(request, &wish);
}

/* ---- The preparation ---- */

static bool prepare_helper(struct request *request, struct process *process)
{
    enum { WALL_MS = 10000 };
    json_t *wish = json_pack("{s:O,s:s}", "wish", request->json, "source", process->source);
    char *text = wish != NULL ? json_dumps(wish, JSON_COMPACT) : NULL;
    char *code = NULL, *before = NULL;
    if (text != NULL && asprintf(&before, "exec('''%s''', {'text': ", process->preparation) >= 0)
        code = toolbox_code(before, text, "})");
    clutch_result *result = code != NULL ? ask(process->helper, code, WALL_MS) : NULL;
    bool fine = result != NULL && result->outcome == CLUTCH_OUTCOME_OK;
    if (!fine)
        reply_error(request, 400, "it cannot be prepared: %s",
                    result != NULL && result->error != NULL ? result->error : "the sandbox does not answer");
    clutch_result_free(result);
    json_decref(wish);
    free(text);
    free(before);
    free(code);
    return fine;
}

static void prepare(struct request *request)
{
    struct process *process = request->state;
    clutch_intervals intervals = CLUTCH_INTERVALS_INIT;
    clutch_sandbox *sandbox;
    intervals.auto_delete_s = KEPT_S; /* if the server ends before it does */
    if (!toolbox_open(request, &sandbox))
        return;
    (void)toolbox_owner(request, clutch_sandbox_id(sandbox), process->owner);
    if (toolbox_help(request, sandbox, process->envs, NULL, &intervals, &process->helper)) {
        snprintf(process->id, sizeof process->id, "%s", clutch_sandbox_id(process->helper));
        clutch_error error;
        if (!prepare_helper(request, process)) {
            clutch_sandbox_destroy(process->helper);
            process->helper = NULL;
        } else if (clutch_sandbox_touch(sandbox, &error) < 0) {
            reply_failure(request, &error);
        }
    }
    clutch_sandbox_release(sandbox);
}

/* What both have in common. code is moved; NULL when memory has run out. */
static void begin(struct request *request, const char *preparation, const char *source, char *code)
{
    struct process *process = code != NULL ? calloc(1, sizeof *process) : NULL;
    if (process == NULL) {
        free(code);
        reply_error(request, 500, "no memory is left");
        return;
    }
    request->state = process;
    request->end = free_process;
    process->preparation = preparation;
    process->source = source;
    process->code = code;
    if (toolbox_read_envs(request, request->json, &process->envs) &&
        toolbox_read_timeout(request, request->json, 0, &process->wall_ms))
        (void)request_later(request, prepare, run);
}

/* A text of the body without NUL bytes. */
static bool read_text(struct request *request, const char *name, bool required, const char **out)
{
    const json_t *value = json_object_get(request->json, name);
    bool missing = value == NULL || json_is_null(value);
    size_t length = json_string_length(value);
    *out = json_string_value(value);
    if ((missing && !required) || (length > 0 && strlen(*out) == length))
        return true;
    reply_error(request, 400, "%s must be a text of at least one character", name);
    return false;
}

/* ---- POST /toolbox/{id}/process/code-run ---- */

/* charts.py is compiled only when matplotlib asks for its backend, which is the engine's by name. */
static const char prepare_code[] =
    "import json, sys, types\n"
    "given = json.loads(text)\n"
    "module = types.ModuleType(\"clutch_figures\")\n"
    "def load(name):\n"
    "    if name.startswith(\"__\") or name == \"told\":\n"
    "        raise AttributeError(name)\n"
    "    del module.__getattr__\n"
    "    exec(compile(given[\"source\"], \"<charts>\", \"exec\"), module.__dict__)\n"
    "    module.told = module.tell\n"
    "    return getattr(module, name)\n"
    "module.__getattr__ = load\n"
    "sys.modules[\"clutch_figures\"] = module\n"
    "sys.argv[:] = [\"-c\", *(given[\"wish\"].get(\"argv\") or [])]\n";

static bool check_arguments(struct request *request)
{
    const json_t *argv = json_object_get(request->json, "argv"), *value;
    size_t i;
    bool fine = argv == NULL || json_is_null(argv) ||
                (json_is_array(argv) && json_array_size(argv) <= ARGUMENTS_MAX);
    json_array_foreach(argv, i, value)
        fine = fine && json_is_string(value);
    if (!fine)
        reply_error(request, 400, "argv must be a list of at most %d texts", ARGUMENTS_MAX);
    return fine;
}

void process_run_code(struct request *request)
{
    const char *code, *language;
    if (request_json(request, false) == NULL || !read_text(request, "code", true, &code) ||
        !read_text(request, "language", false, &language) || !check_arguments(request))
        return;
    if (language != NULL && strcmp(language, "python") != 0)
        reply_error(request, 400, "language must be python");
    else
        begin(request, prepare_code, charts_source, strdup(code));
}

/* ---- POST /toolbox/{id}/process/execute ---- */

static const char prepare_command[] =
    "import json, os, sys\n"
    "given = json.loads(text)\n"
    "wish, scope = given[\"wish\"], {\"__name__\": \"clutch_command\"}\n"
    "exec(given[\"source\"], scope)\n"
    "def run():\n"
    "    try:\n"
    "        os.chdir(wish.get(\"cwd\") or \".\")\n"
    "    except OSError as error:\n"
    "        print(\"cwd:\", error)\n"
    "        sys.exit(1)\n"
    "    sys.exit(scope[\"run\"](wish[\"command\"], True))\n"
    "sys.clutch_command = run\n";

void process_execute(struct request *request)
{
    const char *command, *cwd;
    if (request_json(request, false) == NULL || !read_text(request, "command", true, &command) ||
        !read_text(request, "cwd", false, &cwd))
        return;
    if (request->server->config->processes)
        begin(request, prepare_command, command_source, strdup("__import__('sys').clutch_command()"));
    else
        reply_error(request, 422, "Sandboxes of this server may not start processes: run code instead");
}
