/* SPDX-License-Identifier: Apache-2.0 */
/* interpreter.c: the Daytona family's interpreter: code over a WebSocket, output as it is printed.
 *
 * The client sends one object with the code; frames of output, of an error and of the end go back; the close
 * code tells how it ended. Variables for the environment are set by an execution before the code's, and taken
 * back by one after it. */
#include "interpreter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "contexts.h"
#include "execution.h"
#include "parse.h"
#include "request.h"
#include "toolbox.h"
#include "websocket.h"

enum { USUAL_S = 600, GRACE_MS = 2000, ENVELOPE = 64 << 10, BACKLOG = 2 << 20 };

enum step { LISTENING, LOCATING, SETTING, RUNNING, RESETTING, ENDED };

struct interpreter {
    enum step step;
    char owner[TOOLBOX_OWNER], place[CONTEXT_ID]; /* where the code runs */
    json_t *wish;
    char *setting;          /* code, owned */
    uint64_t wall_ms;
    unsigned close_code;
    const char *close_reason;
    bool slow;
};

static struct interpreter *of(const struct request *request)
{
    return websocket_state(request);
}

static void free_interpreter(void *state)
{
    struct interpreter *interpreter = state;
    json_decref(interpreter->wish);
    free(interpreter->setting);
    free(interpreter);
}

static void end(struct request *request, unsigned code, const char *reason)
{
    of(request)->step = ENDED;
    websocket_close(request, code, reason);
}

/* ---- Frames ---- */

/* frame is moved. */
static void send_frame(struct request *request, json_t *frame)
{
    char *text = frame != NULL ? json_dumps(frame, JSON_COMPACT) : NULL;
    if (text != NULL)
        websocket_send(request, text, strlen(text));
    free(text);
    json_decref(frame);
}

static void on_output(const clutch_output *element, void *user)
{
    struct request *request = user;
    char *text = of(request)->step == RUNNING ? malloc(element->length + 1) : NULL;
    if (text == NULL)
        return;
    memcpy(text, element->text, element->length);
    text[element->length] = '\n';
    const char *type = element->stream == CLUTCH_STDERR ? "stderr" : "stdout";
    json_t *line = json_stringn(text, element->length + 1);
    send_frame(request, json_pack("{s:s,s:o}", "type", type, "text", line));
    free(text);
}

static void send_error(struct request *request, const clutch_result *result)
{
    const char *name = result->exception_type != NULL ? result->exception_type
                                                      : clutch_outcome_name(result->outcome);
    const char *value = result->exception_message != NULL ? result->exception_message : result->error;
    send_frame(request, json_pack("{s:s,s:s,s:s,s:s}", "type", "error", "name", name, "value",
                                  value != NULL ? value : "", "traceback",
                                  result->traceback != NULL ? result->traceback : ""));
}

static void tell_result(struct request *request, const clutch_result *result)
{
    struct interpreter *interpreter = of(request);
    interpreter->close_code = WEBSOCKET_DONE;
    interpreter->close_reason = "";
    switch (result->outcome) {
    case CLUTCH_OUTCOME_OK:
    case CLUTCH_OUTCOME_EXIT: break;
    case CLUTCH_OUTCOME_TIMEOUT:
        interpreter->close_code = WEBSOCKET_TIMEOUT;
        interpreter->close_reason = "the execution's time is over";
        return;
    case CLUTCH_OUTCOME_KILLED:
    case CLUTCH_OUTCOME_CRASHED:
        send_error(request, result);
        interpreter->close_code = WEBSOCKET_GOING_AWAY;
        interpreter->close_reason = "the context's process has ended";
        return;
    default: send_error(request, result);
    }
    send_frame(request, json_pack("{s:s,s:s}", "type", "control", "text", "completed"));
}

/* ---- Steps ---- */

static void finish(struct request *request, const clutch_result *result)
{
    struct interpreter *interpreter = of(request);
    if (interpreter->step == RUNNING)
        tell_result(request, result);
    else if (interpreter->step == SETTING && result->outcome != CLUTCH_OUTCOME_OK)
        reply_error(request, 500, "the environment cannot be set");
}

static void run(struct request *request, enum step step, const char *code, size_t length)
{
    struct interpreter *interpreter = of(request);
    interpreter->step = step;
    const struct execution_wish wish = {
        .owner = interpreter->owner, .id_or_name = interpreter->place, .code = code, .length = length,
        .wall_ms = interpreter->wall_ms, .grace_ms = GRACE_MS, .source = "interpreter",
        .on_output = on_output, .finish = finish,
        .is_quick = true,
    };
    execution_begin(request, &wish);
}

static void run_code(struct request *request)
{
    const json_t *code = json_object_get(of(request)->wish, "code");
    run(request, RUNNING, json_string_value(code), json_string_length(code));
}

/* Both in globals of their own, so that those of the code are not touched. */
static const char set[] = "exec(\"import json, os, sys\\n\"\n"
                          "     \"wanted = json.loads(text)\\n\"\n"
                          "     \"sys._clutch_env = {name: os.environ.get(name) for name in wanted}\\n\"\n"
                          "     \"os.environ.update(wanted)\\n\", {'text': ";

static const char reset[] =
    "exec(\"import os, sys\\n\"\n"
    "     \"for name, value in sys.__dict__.pop('_clutch_env', {}).items():\\n\"\n"
    "     \"    os.environ.pop(name, None)\\n\"\n"
    "     \"    if value is not None:\\n\"\n"
    "     \"        os.environ[name] = value\\n\", {})";

/* Where the code is to run. In the pool. */
static void locate(struct request *request)
{
    struct interpreter *interpreter = of(request);
    const char *id = json_string_value(json_object_get(interpreter->wish, "contextId"));
    clutch_sandbox *sandbox;
    clutch_error error;
    if (!toolbox_open(request, &sandbox))
        return;
    const char *sandbox_id = clutch_sandbox_id(sandbox);
    if (id == NULL || *id == '\0' || strcmp(id, "default") == 0) {
        snprintf(interpreter->owner, sizeof interpreter->owner, "%s", request_owner(request));
        snprintf(interpreter->place, sizeof interpreter->place, "%s", sandbox_id);
    } else if (contexts_ready(request, sandbox_id, id)) {
        (void)toolbox_owner(request, sandbox_id, interpreter->owner);
        snprintf(interpreter->place, sizeof interpreter->place, "%s", id);
        if (clutch_sandbox_touch(sandbox, &error) < 0) /* a context's activity is the sandbox's too */
            reply_failure(request, &error);
    }
    clutch_sandbox_release(sandbox);
}

static void located(struct request *request)
{
    struct interpreter *interpreter = of(request);
    if (interpreter->setting != NULL)
        run(request, SETTING, interpreter->setting, strlen(interpreter->setting));
    else
        run_code(request);
}

/* What went wrong was noted as if it were a reply. */
static void end_with_reply(struct request *request)
{
    json_t *reply = request->reply.body != NULL ? json_loads(request->reply.body, 0, NULL) : NULL;
    const char *message = json_string_value(json_object_get(reply, "message"));
    end(request, request->reply.status < 500 ? WEBSOCKET_POLICY : WEBSOCKET_TROUBLE,
        message != NULL ? message : "it could not be run");
    json_decref(reply);
}

/* What was begun has ended. */
static void on_answered(struct request *request)
{
    struct interpreter *interpreter = of(request);
    if (request->reply.status != 0 && interpreter->step != RESETTING) {
        end_with_reply(request);
        return;
    }
    if (interpreter->step == SETTING)
        run_code(request);
    else if (interpreter->step == RUNNING && interpreter->setting != NULL)
        run(request, RESETTING, reset, sizeof reset - 1);
    else if (interpreter->slow)
        end(request, WEBSOCKET_POLICY, "slow consumer");
    else
        end(request, interpreter->close_code, interpreter->close_reason);
}

/* ---- The wish ---- */

/* What is wrong with it, or NULL. */
static const char *check_wish(struct request *request, struct interpreter *interpreter)
{
    const json_t *code = json_object_get(interpreter->wish, "code"), *envs;
    const json_t *context = json_object_get(interpreter->wish, "contextId");
    if (!json_is_string(code) || json_string_length(code) == 0)
        return "code is required";
    if (json_string_length(code) > request->server->config->code_bytes)
        return "the code is longer than the server allows";
    if (context != NULL && !json_is_null(context) && !json_is_string(context))
        return "contextId must be a text";
    if (json_string_length(context) >= CONTEXT_ID)
        return "there is no such context";
    if (!toolbox_read_timeout(request, interpreter->wish, USUAL_S, &interpreter->wall_ms))
        return "timeout must be a number of seconds that is not negative";
    if (!toolbox_read_envs(request, interpreter->wish, &envs))
        return "envs must be an object of texts";
    if (envs == NULL || json_object_size(envs) == 0)
        return NULL;
    char *text = json_dumps(envs, JSON_COMPACT);
    if (text != NULL)
        interpreter->setting = toolbox_code(set, text, "})");
    free(text);
    return interpreter->setting != NULL ? NULL : "no memory is left";
}

static void on_message(struct request *request, const char *text, size_t length)
{
    struct interpreter *interpreter = of(request);
    if (interpreter->step != LISTENING)
        return;
    interpreter->wish = parse_json(text, length, PARSE_VALUES_MAX);
    if (!json_is_object(interpreter->wish)) {
        end(request, WEBSOCKET_PROTOCOL, "the message must be a JSON object of a sensible size");
        return;
    }
    const char *problem = check_wish(request, interpreter);
    if (problem != NULL) {
        end(request, WEBSOCKET_POLICY, problem);
        return;
    }
    interpreter->step = LOCATING;
    (void)request_later(request, locate, located);
}

static void on_slow(struct request *request)
{
    of(request)->slow = true;
    if (request->abandon != NULL)
        request->abandon(request);
}

/* ---- GET /toolbox/{id}/process/interpreter/execute ---- */

/* Before the upgrade, so that a sandbox that is not there is a plain 404. */
static void check(struct request *request)
{
    clutch_sandbox *sandbox;
    if (toolbox_open(request, &sandbox))
        clutch_sandbox_release(sandbox);
}

static void checked(struct request *request)
{
    static struct websocket_options options = {.backlog_most = BACKLOG, .message = on_message,
                                               .slow = on_slow, .answered = on_answered,
                                               .end = free_interpreter};
    options.message_most = (size_t)request->server->config->code_bytes * 2 + ENVELOPE;
    struct interpreter *interpreter = calloc(1, sizeof *interpreter);
    if (interpreter == NULL)
        reply_error(request, 500, "no memory is left");
    else
        websocket_accept(request, &options, interpreter);
    request_answer(request);
}

void interpreter_execute(struct request *request)
{
    (void)request_later(request, check, checked);
}
