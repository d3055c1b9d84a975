/* SPDX-License-Identifier: Apache-2.0 */
/* console_head.c: the first rows of a dataframe, as code run in the sandbox tells them. */
#include "console_head.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "clutch.h"
#include "console_object.h"
#include "execution.h"
#include "parse.h"
#include "request.h"

enum { ROWS_MAX = 200, LOOK_MS = 10000 };

static const char source[] = {
#include "page/head.py.inc"
};

/* A variable's name: what is not ASCII is left to Python. */
static bool is_name(const char *text)
{
    if (*text == '\0' || isdigit((unsigned char)*text) || strlen(text) > 255)
        return false;
    for (; *text != '\0'; text++)
        if (!isalnum((unsigned char)*text) && *text != '_' && (unsigned char)*text < 0x80)
            return false;
    return true;
}

/* A JSON text of ASCII alone is a Python literal too. The code leaves no name of its own behind. */
static json_t *code_of(json_t *name, int rows)
{
    json_t *text = json_stringn(source, sizeof source), *code = NULL;
    char *quoted = text != NULL ? json_dumps(text, JSON_ENCODE_ANY | JSON_ENSURE_ASCII) : NULL;
    char *variable = json_dumps(name, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
    if (quoted != NULL && variable != NULL)
        code = json_sprintf("exec(%s, {'variables': globals(), 'name': %s, 'rows': %d})", quoted, variable,
                            rows);
    free(variable);
    free(quoted);
    json_decref(text);
    return code;
}

/* What comes from a sandbox may be anything: it is told only if it is what was wanted. */
static void finish(struct request *request, const clutch_result *result)
{
    if (result->exception_type != NULL && strcmp(result->exception_type, "KeyError") == 0) {
        reply_error(request, 404, "there is no dataframe of that name");
        return;
    }
    json_t *head = NULL;
    if (result->outcome == CLUTCH_OUTCOME_OK && result->output_count == 1)
        head = parse_json(result->output[0].text, result->output[0].length, PARSE_VALUES_MAX);
    json_t *columns, *index;
    json_int_t rows, more;
    if (head != NULL && json_unpack(head, "{s:I,s:o,s:I,s:o!}", "rows", &rows, "columns", &columns,
                                    "more_columns", &more, "index", &index) == 0 &&
        json_is_array(columns) && json_is_array(index)) {
        reply_json(request, 200, head);
        return;
    }
    json_decref(head);
    reply_error(request, 422, "the dataframe cannot be shown: %s",
                result->error != NULL ? result->error : "the sandbox told something else");
}

void console_head(struct request *request)
{
    json_t *body = request_json(request, false);
    json_t *name = json_object_get(body, "name");
    double rows = json_number_value(json_object_get(body, "rows")); /* 3.0 is an integer in JSON too */
    const char *text = json_string_value(name);
    struct execution_wish wish = {.id_or_name = request_parameter(request, 0), .source = console_look,
                                  .wall_ms = LOOK_MS, .finish = finish};
    if (body == NULL) {
        ; /* the reply says why */
    } else if (text == NULL || strlen(text) != json_string_length(name) || !is_name(text)) {
        reply_error(request, 400, "name must be the name of a variable");
    } else if (rows < 1 || rows > ROWS_MAX || rows != (int)rows) {
        reply_error(request, 400, "rows must be 1 to %d", ROWS_MAX);
    } else if (json_object_set_new(body, "code", code_of(name, (int)rows)) < 0) {
        reply_error(request, 500, "no memory is left");
    } else {
        json_t *code = json_object_get(body, "code");
        wish.code = json_string_value(code);
        wish.length = json_string_length(code);
        execution_begin(request, &wish);
        return;
    }
    request_answer(request);
}
