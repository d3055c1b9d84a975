/* SPDX-License-Identifier: Apache-2.0 */
/* console_execute.c: code of the page, run with its output as it comes. */
#include "console_execute.h"

#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "console_object.h"
#include "execution.h"
#include "request.h"
#include "stream.h"

/* The json is moved. False when memory runs out: then the reply breaks off if it has begun. */
static bool write_line(struct request *request, json_t *json)
{
    char *text = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    if (text == NULL) {
        stream_break(request);
        return false;
    }
    size_t length = strlen(text);
    text[length] = '\n'; /* in place of the NUL */
    bool fine = stream_write(request, "application/x-ndjson", text, length + 1);
    free(text);
    return fine;
}

static void on_output(const clutch_output *element, void *user)
{
    if (stream_is_behind(user))
        stream_leave_out(user, element->length + 1);
    else
        (void)write_line(user, console_output(element));
}

static void end(struct request *request, json_t *last)
{
    bool fine = write_line(request, last);
    if (request->stream != NULL)
        stream_end(request);
    else if (!fine)
        reply_error(request, 500, "no memory is left");
}

static void finish(struct request *request, const clutch_result *result)
{
    json_t *done = console_result(request, execution_sandbox(request), result);
    uint64_t omitted = result->omitted_bytes + stream_left_out(request);
    if (done != NULL)
        (void)json_object_set_new(done, "omitted_bytes", json_integer((json_int_t)omitted));
    end(request, json_pack("{s:o}", "done", done));
}

/* Before the first output an ordinary error is still possible. */
static void fail(struct request *request, const clutch_error *error)
{
    if (request->stream == NULL)
        reply_failure(request, error);
    else
        end(request, json_pack("{s:{s:s,s:s}}", "failed", "code", clutch_error_name(error->code), "message",
                               clutch_error_sentence(error->code)));
}

static void execute(struct request *request)
{
    struct execution_wish wish = {.id_or_name = request_parameter(request, 0), .source = "dashboard",
                                  .on_output = on_output, .finish = finish, .fail = fail};
    execution_begin_body(request, &wish);
}

void console_execute(struct request *request)
{
    execution_parse(request, execute);
}
