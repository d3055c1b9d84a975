/* SPDX-License-Identifier: Apache-2.0 */
/* sandcastles_exec.c: the TextQL family: code or a command in a process of its own.
 *
 * It runs in a helper of the sandbox, which shares the folder but no variables, and is deleted after it. */
#include "sandcastles_exec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "execution.h"
#include "handles.h"
#include "request.h"
#include "sandboxes.h"
#include "toolbox.h"

struct exec {
    clutch_sandbox *helper;
    char owner[TOOLBOX_OWNER], id[64];
    const json_t *env;
    char *code; /* owned */
};

/* ---- The end ---- */

static void free_exec(struct request *request)
{
    struct exec *exec = request->state;
    clutch_sandbox_destroy(exec->helper); /* only when a step after its making could not be taken */
    free(exec->code);
    free(exec);
}

static void delete_helper(struct request *request)
{
    struct exec *exec = request->state;
    clutch_sandbox_destroy(exec->helper);
    exec->helper = NULL;
}

static void on_answered(struct request *request)
{
    struct exec *exec = request->state;
    handles_drop(request->server->handles, exec->owner, exec->id);
    request->answered = NULL;
    request->abandon = NULL;
    (void)request_later(request, delete_helper, NULL);
}

/* ---- The reply ---- */

/* A stream's elements as the lines that they were, and `last` after them. NULL when memory runs out. */
static json_t *text_of(const clutch_result *result, uint32_t stream, const char *last)
{
    size_t length = last != NULL ? strlen(last) : 0;
    for (size_t i = 0; i < result->output_count; i++)
        length += result->output[i].stream == stream ? result->output[i].length + 1 : 0;
    char *text = malloc(length + 1), *at = text;
    if (text == NULL)
        return NULL;
    for (size_t i = 0; i < result->output_count; i++) {
        const clutch_output *element = &result->output[i];
        if (element->stream != stream)
            continue;
        at = mempcpy(at, element->text, element->length);
        *at++ = '\n';
    }
    if (last != NULL)
        memcpy(at, last, strlen(last));
    json_t *json = json_stringn(text, length);
    free(text);
    return json;
}

static int status_of(const clutch_result *result)
{
    if (result->outcome == CLUTCH_OUTCOME_OK)
        return 0;
    if (result->outcome == CLUTCH_OUTCOME_EXIT)
        return result->exit_status;
    return result->signal != 0 ? 128 + result->signal : 1;
}

/* What ended it from outside, as a time limit does, is an error; what the code did is none. */
static void finish(struct request *request, const clutch_result *result)
{
    bool raised = result->outcome == CLUTCH_OUTCOME_EXCEPTION;
    bool own = raised || result->outcome == CLUTCH_OUTCOME_OK || result->outcome == CLUTCH_OUTCOME_EXIT;
    json_t *reply = json_pack("{s:o,s:o,s:i}", "stdout", text_of(result, CLUTCH_STDOUT, NULL), "stderr",
                              text_of(result, CLUTCH_STDERR, raised ? result->traceback : NULL), "exit_code",
                              status_of(result));
    if (!own && reply != NULL && result->error != NULL)
        (void)json_object_set_new(reply, "error", json_string(result->error));
    reply_json(request, 200, reply);
}

static void run(struct request *request)
{
    struct exec *exec = request->state;
    const struct execution_wish wish = {
        .owner = exec->owner, .id_or_name = exec->id, .code = exec->code, .length = strlen(exec->code),
        .source = "platform_api", .finish = finish,
    };
    request->answered = on_answered;
    execution_begin(request, &wish);
}

/* ---- The preparation ---- */

static bool is_awake(struct request *request, clutch_sandbox *sandbox)
{
    clutch_sandbox_info *info;
    if (!sandboxes_describe(request, sandbox, &info))
        return false;
    bool awake = info->state == CLUTCH_STATE_RUNNING || info->state == CLUTCH_STATE_PAUSED;
    clutch_sandbox_info_free(info);
    if (!awake)
        reply_error(request, 400, "the sandbox does not run: restart it with POST /v2/sandcastles and its "
                    "sandbox_id");
    return awake;
}

static void prepare(struct request *request)
{
    enum { KEPT_S = 60 };
    struct exec *exec = request->state;
    clutch_intervals intervals = CLUTCH_INTERVALS_INIT;
    clutch_sandbox *sandbox;
    clutch_error error;
    intervals.auto_delete_s = KEPT_S; /* if the server ends before it does */
    if (!sandboxes_open(request, request_parameter(request, 0), &sandbox))
        return;
    (void)toolbox_owner(request, clutch_sandbox_id(sandbox), exec->owner);
    if (is_awake(request, sandbox) &&
        toolbox_help(request, sandbox, exec->env, NULL, &intervals, &exec->helper)) {
        snprintf(exec->id, sizeof exec->id, "%s", clutch_sandbox_id(exec->helper));
        if (clutch_sandbox_touch(sandbox, &error) < 0)
            reply_failure(request, &error);
    }
    clutch_sandbox_release(sandbox);
}

/* ---- The body ---- */

static const char command_source[] = {
#include "command.inc"
    , '\0'};

/* Owned; NULL when no memory is left. */
static char *code_of_command(const char *command)
{
    char *define = toolbox_code("import sys\nscope = {'__name__': 'clutch_command'}\nexec(", command_source,
                                ", scope)\nsys.exit(scope['run'](");
    char *code = define != NULL ? toolbox_code(define, command, ", False))\n") : NULL;
    free(define);
    return code;
}

/* The code to run; NULL when the reply is made. */
static char *read_code(struct request *request, const json_t *body)
{
    const json_t *command = json_object_get(body, "command"), *given = json_object_get(body, "kind");
    const char *text = json_string_value(command), *kind = json_string_value(given);
    if (text == NULL || *text == '\0' || strlen(text) != json_string_length(command)) {
        reply_error(request, 400, "command is missing: a text of at least one character");
        return NULL;
    }
    bool bash = given == NULL || json_is_null(given) || (kind != NULL && strcmp(kind, "bash") == 0);
    char *code = NULL;
    if (!bash && (kind == NULL || strcmp(kind, "python") != 0))
        reply_error(request, 400, "kind must be bash or python");
    else if (bash && !request->server->config->processes)
        reply_error(request, 400, "sandboxes of this server may not start processes: kind must be python");
    else if ((code = bash ? code_of_command(text) : strdup(text)) == NULL)
        reply_error(request, 500, "no memory is left");
    return code;
}

void sandcastles_exec(struct request *request)
{
    json_t *body = request_json(request, false);
    char *code = body != NULL ? read_code(request, body) : NULL;
    struct exec *exec = code != NULL ? calloc(1, sizeof *exec) : NULL;
    if (exec == NULL) {
        free(code);
        if (request->reply.status == 0)
            reply_error(request, 500, "no memory is left");
        return;
    }
    exec->code = code;
    request->state = exec;
    request->end = free_exec;
    if (toolbox_read_envs(request, body, &exec->env))
        (void)request_later(request, prepare, run);
}
