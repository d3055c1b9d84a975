/* SPDX-License-Identifier: Apache-2.0 */
/* script.c: reading corpus scripts. */
#include "script.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

#define SEPARATOR "# ---"

enum { SCRIPT_BYTES_MAX = 16 * 1024 * 1024 };

static void note_fault(struct script *script, const char *format, ...)
{
    if (script->fault[0])
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(script->fault, sizeof script->fault, format, arguments);
    va_end(arguments);
}

static bool read_text(struct script *script, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        note_fault(script, "%s cannot be read: %s", path, strerror(errno));
        return true;
    }
    script->text = malloc(SCRIPT_BYTES_MAX + 1);
    if (script->text) {
        script->length = fread(script->text, 1, SCRIPT_BYTES_MAX + 1, file);
        if (ferror(file) || script->length > SCRIPT_BYTES_MAX)
            note_fault(script, "%s cannot be read or has more than %d bytes", path,
                       SCRIPT_BYTES_MAX);
    }
    fclose(file);
    return script->text != NULL;
}

/* The end of the line that begins at `at`, behind its newline. */
static size_t line_end(const struct script *script, size_t at)
{
    const char *newline = memchr(script->text + at, '\n', script->length - at);
    return newline ? (size_t)(newline - script->text) + 1 : script->length;
}

static struct step *add_step(struct script *script, size_t at)
{
    struct step *steps = realloc(script->steps, (script->step_count + 1) * sizeof *steps);
    if (!steps)
        return NULL;
    script->steps = steps;
    struct step *step = &steps[script->step_count++];
    *step = (struct step){script->text + at, 0, json_object(), json_object()};
    return step;
}

/* Whether a line is `# key: rest`; a comment that begins with a capital letter or has another word
 * before its colon is only a comment. */
static bool split_key(const char *line, size_t length, char key[32], const char **rest)
{
    size_t span = 0;
    if (length < 4 || memcmp(line, "# ", 2) != 0)
        return false;
    const char *word = line + 2;
    while (2 + span < length && ((word[span] >= 'a' && word[span] <= 'z') || word[span] == '_'))
        span++;
    if (span == 0 || span >= 32 || 2 + span + 1 >= length)
        return false;
    if (word[span] != ':' || word[span + 1] != ' ')
        return false;
    memcpy(key, word, span);
    key[span] = 0;
    *rest = word + span + 2;
    return true;
}

/* Takes one value of a key; texts and rows of several lines are put behind one another. */
static void take_expectation(struct script *script, struct step *step, const char *key,
                             json_t *value)
{
    char problem[128];
    json_t *old = json_object_get(step->expected, key);
    if (!check_accepts(key, value, problem, sizeof problem)) {
        note_fault(script, "%s", problem);
    } else if (check_repeats(key)) {
        json_t *all = old ? json_incref(old) : json_array();
        if (json_is_array(value))
            json_array_extend(all, value);
        else
            json_array_append(all, value);
        json_object_set_new(step->expected, key, all);
    } else if (old) {
        note_fault(script, "the key %s is given twice for one execution", key);
    } else {
        json_object_set(step->expected, key, value);
    }
}

static void take_key(struct script *script, struct step *step, const char *key, const char *rest,
                     size_t length)
{
    if (strcmp(key, "requires") == 0) {
        json_array_append_new(script->required, json_stringn(rest, length));
        return;
    }
    json_error_t error;
    size_t flags = JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES;
    json_t *value = json_loadb(rest, length, flags, &error);
    if (!value)
        note_fault(script, "the key %s has no JSON behind it: %s", key, error.text);
    else if (strcmp(key, "option") == 0 && json_is_object(value))
        json_object_update(step->options, value);
    else if (strcmp(key, "must_fail") == 0 && json_is_array(value))
        json_array_extend(script->must_fail, value);
    else
        take_expectation(script, step, key, value);
    json_decref(value);
}

static bool split(struct script *script)
{
    struct step *step = add_step(script, 0);
    for (size_t at = 0, end; step && at < script->length; at = end) {
        end = line_end(script, at);
        const char *line = script->text + at;
        size_t length = end - at;
        while (length && (line[length - 1] == '\n' || line[length - 1] == '\r'))
            length--;
        char key[32];
        const char *rest;
        if (length == strlen(SEPARATOR) && memcmp(line, SEPARATOR, length) == 0) {
            step = add_step(script, end);
            continue;
        }
        step->code_length = (size_t)(script->text + end - step->code);
        if (split_key(line, length, key, &rest))
            take_key(script, step, key, rest, length - (size_t)(rest - line));
    }
    return step != NULL;
}

struct script *script_read(const char *path)
{
    struct script *script = calloc(1, sizeof *script);
    if (!script)
        return NULL;
    script->required = json_array();
    script->must_fail = json_array();
    if (script->required && script->must_fail && read_text(script, path) &&
        (script->fault[0] || split(script)))
        return script;
    script_free(script);
    return NULL;
}

void script_free(struct script *script)
{
    if (!script)
        return;
    for (size_t i = 0; i < script->step_count; i++) {
        json_decref(script->steps[i].expected);
        json_decref(script->steps[i].options);
    }
    json_decref(script->required);
    json_decref(script->must_fail);
    free(script->steps);
    free(script->text);
    free(script);
}
