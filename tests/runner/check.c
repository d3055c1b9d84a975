/* SPDX-License-Identifier: Apache-2.0 */
/* check.c: comparing the result of an execution with what its script expects. */
#include "check.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- What the result says, as JSON ---- */

static json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

static json_t *texts_of(const clutch_result *result, uint32_t stream)
{
    json_t *texts = json_array();
    for (size_t i = 0; i < result->output_count; i++) {
        const clutch_output *element = &result->output[i];
        if (!stream || element->stream == stream)
            json_array_append_new(texts, json_stringn(element->text, element->length));
    }
    return texts;
}

static json_t *get_output(const clutch_result *result)
{
    return texts_of(result, 0);
}

static json_t *get_stdout(const clutch_result *result)
{
    return texts_of(result, CLUTCH_STDOUT);
}

static json_t *get_stderr(const clutch_result *result)
{
    return texts_of(result, CLUTCH_STDERR);
}

static json_t *get_output_count(const clutch_result *result)
{
    return json_integer((json_int_t)result->output_count);
}

static json_t *get_lengths(const clutch_result *result)
{
    json_t *lengths = json_array();
    for (size_t i = 0; i < result->output_count; i++)
        json_array_append_new(lengths, json_integer((json_int_t)result->output[i].length));
    return lengths;
}

static json_t *get_error(const clutch_result *result)
{
    return text_or_null(result->error);
}

static json_t *get_outcome(const clutch_result *result)
{
    return json_string(clutch_outcome_name(result->outcome));
}

static json_t *get_type(const clutch_result *result)
{
    return text_or_null(result->exception_type);
}

static json_t *get_message(const clutch_result *result)
{
    return text_or_null(result->exception_message);
}

static json_t *get_traceback(const clutch_result *result)
{
    return text_or_null(result->traceback);
}

static json_t *get_line(const clutch_result *result)
{
    return json_integer(result->line);
}

static json_t *get_value(const clutch_result *result)
{
    return text_or_null(result->value);
}

static json_t *length_of(const char *text)
{
    return json_integer(text ? (json_int_t)strlen(text) : 0);
}

static json_t *get_error_length(const clutch_result *result)
{
    return length_of(result->error);
}

static json_t *get_message_length(const clutch_result *result)
{
    return length_of(result->exception_message);
}

static json_t *get_value_length(const clutch_result *result)
{
    return length_of(result->value);
}

static json_t *get_exit(const clutch_result *result)
{
    return json_integer(result->exit_status);
}

static json_t *get_signal(const clutch_result *result)
{
    return json_integer(result->signal);
}

static json_t *get_ended(const clutch_result *result)
{
    return json_boolean(result->sandbox_ended);
}

static json_t *get_limit(const clutch_result *result)
{
    return json_string(clutch_limit_name(result->limit));
}

static json_t *get_omitted(const clutch_result *result)
{
    return json_pack("[I, I]", (json_int_t)result->omitted_bytes,
                     (json_int_t)result->omitted_elements);
}

static json_t *get_files(const clutch_result *result)
{
    json_t *names = json_array();
    for (size_t i = 0; i < result->file_count; i++)
        json_array_append_new(names, json_string(result->files[i].name));
    return names;
}

static json_t *get_file_count(const clutch_result *result)
{
    return json_integer((json_int_t)result->file_count);
}

static json_t *get_files_cut(const clutch_result *result)
{
    return json_boolean(result->files_truncated);
}

static json_t *get_mime(const clutch_result *result)
{
    json_t *types = json_array();
    for (size_t i = 0; i < result->file_count; i++)
        json_array_append_new(types, json_string(result->files[i].mime_type));
    return types;
}

static json_t *get_dataframes(const clutch_result *result)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < result->dataframe_count; i++) {
        const clutch_dataframe *frame = &result->dataframes[i];
        json_array_append_new(rows, json_pack("[s, I, I]", frame->name, (json_int_t)frame->rows,
                                              (json_int_t)frame->columns));
    }
    return rows;
}

static json_t *get_wall_ms(const clutch_result *result)
{
    return json_integer((json_int_t)(result->wall_ns / 1000000));
}

/* ---- The keys ---- */

enum kind { TEXT, TEXT_OR_NULL, NUMBER, FLAG, TEXTS, ROWS };
enum comparison { EQUAL, CONTAINS, CONTAINS_EACH, LACKS, BELOW, ONE_OF, ENGINE_ERROR };

static const struct key {
    const char *name;
    enum kind kind;
    enum comparison comparison;
    json_t *(*get)(const clutch_result *);
} keys[] = {
    {"output", TEXTS, EQUAL, get_output},                   /* texts of all elements */
    {"stdout", TEXTS, EQUAL, get_stdout},                   /* of one stream */
    {"stderr", TEXTS, EQUAL, get_stderr},
    {"output_contains", TEXTS, CONTAINS_EACH, get_output},  /* each in some element, in order */
    {"stderr_contains", TEXTS, CONTAINS_EACH, get_stderr},
    {"output_count", NUMBER, EQUAL, get_output_count},
    {"lengths", ROWS, EQUAL, get_lengths},                  /* of all elements, in bytes */
    {"error", TEXT_OR_NULL, EQUAL, get_error},
    {"error_contains", TEXT, CONTAINS, get_error},
    {"outcome", TEXT, EQUAL, get_outcome},
    {"outcome_in", TEXTS, ONE_OF, get_outcome},             /* with or without an error */
    {"type", TEXT_OR_NULL, EQUAL, get_type},
    {"message", TEXT_OR_NULL, EQUAL, get_message},
    {"line", NUMBER, EQUAL, get_line},
    {"traceback", TEXT, CONTAINS, get_traceback},
    {"traceback_lacks", TEXT, LACKS, get_traceback},
    {"value", TEXT_OR_NULL, EQUAL, get_value},
    {"value_contains", TEXT, CONTAINS, get_value},
    {"value_length", NUMBER, EQUAL, get_value_length},      /* in bytes */
    {"error_length", NUMBER, EQUAL, get_error_length},
    {"message_length", NUMBER, EQUAL, get_message_length},
    {"exit", NUMBER, EQUAL, get_exit},
    {"signal", NUMBER, EQUAL, get_signal},
    {"ended", FLAG, EQUAL, get_ended},
    {"limit", TEXT, EQUAL, get_limit},
    {"omitted", ROWS, EQUAL, get_omitted},                  /* [bytes, elements] */
    {"files", TEXTS, EQUAL, get_files},                     /* names, sorted */
    {"mime", TEXTS, EQUAL, get_mime},
    {"file_count", NUMBER, EQUAL, get_file_count},
    {"files_cut", FLAG, EQUAL, get_files_cut},              /* false when not mentioned */
    {"dataframes", ROWS, EQUAL, get_dataframes},            /* [[name, rows, columns], ..] */
    {"within_ms", NUMBER, BELOW, get_wall_ms},
    {"engine_error", TEXT, ENGINE_ERROR, NULL},             /* "PROTOCOL": the call itself fails */
};

enum { KEY_COUNT = sizeof keys / sizeof keys[0] };

static const struct key *find_key(const char *name)
{
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (strcmp(keys[i].name, name) == 0)
            return &keys[i];
    return NULL;
}

const char *check_key(size_t number)
{
    return number < KEY_COUNT ? keys[number].name : NULL;
}

bool check_repeats(const char *name)
{
    const struct key *key = find_key(name);
    return key && (key->kind == TEXTS || key->comparison == CONTAINS || key->comparison == LACKS);
}

static bool is_texts(const json_t *value)
{
    size_t at;
    json_t *item;
    json_array_foreach((json_t *)value, at, item)
        if (!json_is_string(item))
            return false;
    return json_is_array(value);
}

bool check_accepts(const char *name, const json_t *value, char *problem, size_t size)
{
    static const char *const wanted[] = {"a string",    "a string or null", "a whole number",
                                         "true or false", "a list of strings", "a list"};
    const struct key *key = find_key(name);
    if (!key) {
        snprintf(problem, size, "there is no key %s", name);
        return false;
    }
    const bool fits[] = {json_is_string(value), json_is_string(value) || json_is_null(value),
                         json_is_integer(value), json_is_boolean(value), is_texts(value),
                         json_is_array(value)};
    if (!fits[key->kind])
        snprintf(problem, size, "the key %s wants %s", name, wanted[key->kind]);
    return fits[key->kind];
}

/* ---- Comparing ---- */

void check_complain(struct report *report, const char *key, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(report->lines, "%s: ", key);
    vfprintf(report->lines, format, arguments);
    fputc('\n', report->lines);
    va_end(arguments);
    json_array_append_new(report->keys, json_string(key));
}

static bool contains(const json_t *text, const json_t *part)
{
    return json_is_string(text) && memmem(json_string_value(text), json_string_length(text),
                                          json_string_value(part), json_string_length(part));
}

/* Each part is in an element, and those elements are in the order of the parts. */
static bool contains_each(const json_t *texts, const json_t *parts)
{
    size_t at = 0, count = json_array_size(texts);
    for (size_t i = 0; i < json_array_size(parts); i++) {
        while (at < count && !contains(json_array_get(texts, at), json_array_get(parts, i)))
            at++;
        if (at == count)
            return false;
    }
    return true;
}

/* CONTAINS and LACKS: all parts, or none of them. */
static bool each_part_is(const json_t *text, const json_t *parts, bool there)
{
    size_t at;
    json_t *part;
    json_array_foreach((json_t *)parts, at, part)
        if (contains(text, part) != there)
            return false;
    return true;
}

static bool contains_whole(const json_t *texts, const json_t *text)
{
    size_t at;
    json_t *item;
    json_array_foreach((json_t *)texts, at, item)
        if (json_equal(item, text))
            return true;
    return false;
}

static void compare(const struct key *key, json_t *expected, const clutch_result *result,
                    struct report *report)
{
    static const char *const verbs[] = {"",       "something with ", "elements with ", "nothing with ",
                                        "below ", "one of "};
    json_t *got = key->get(result);
    bool holds = false;
    switch (key->comparison) {
    case EQUAL:
        holds = got && json_equal(got, expected);
        break;
    case CONTAINS:
        holds = each_part_is(got, expected, true);
        break;
    case CONTAINS_EACH:
        holds = contains_each(got, expected);
        break;
    case LACKS:
        holds = each_part_is(got, expected, false);
        break;
    case BELOW:
        holds = json_integer_value(got) < json_integer_value(expected);
        break;
    case ONE_OF:
        holds = contains_whole(expected, got);
        break;
    case ENGINE_ERROR:
        break;
    }
    if (!holds) {
        char *wanted_text = json_dumps(expected, JSON_ENCODE_ANY);
        char *got_text = got ? json_dumps(got, JSON_ENCODE_ANY) : NULL;
        check_complain(report, key->name, "expected %s%s, got %s", verbs[key->comparison],
                       wanted_text ? wanted_text : "?", got_text ? got_text : "what is not UTF-8");
        free(wanted_text);
        free(got_text);
    }
    json_decref(got);
}

static void compare_default(const char *name, json_t *expected, const clutch_result *result,
                            struct report *report)
{
    compare(find_key(name), expected, result, report);
    json_decref(expected);
}

static void check_engine_error(const json_t *expected, const clutch_error *error,
                               struct report *report)
{
    const char *wanted = json_string_value(json_object_get(expected, "engine_error"));
    const char *got = clutch_error_name(error->code);
    if (!wanted || strcmp(wanted, got) != 0)
        check_complain(report, "engine_error", "expected %s, got %s: %s", wanted ? wanted : "none",
                       got, error->message);
}

void check_result(const json_t *expected, const clutch_result *result, const clutch_error *error,
                  struct report *report)
{
    if (!result) {
        check_engine_error(expected, error, report);
        return;
    }
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)expected, name, value)
    {
        const struct key *key = find_key(name);
        if (key->comparison == ENGINE_ERROR)
            check_complain(report, name, "expected %s, got a result", json_string_value(value));
        else
            compare(key, value, result, report);
    }
#define MISSING(key) (!json_object_get(expected, key))
    bool fine = MISSING("error") && MISSING("error_contains") && MISSING("outcome_in");
    if (fine)
        compare_default("error", json_null(), result, report);
    if (fine && MISSING("outcome"))
        compare_default("outcome", json_string("ok"), result, report);
    if (MISSING("ended"))
        compare_default("ended", json_false(), result, report);
    if (MISSING("limit"))
        compare_default("limit", json_string("none"), result, report);
    if (MISSING("files_cut"))
        compare_default("files_cut", json_false(), result, report);
    if (MISSING("omitted"))
        compare_default("omitted", json_pack("[i, i]", 0, 0), result, report);
#undef MISSING
}
