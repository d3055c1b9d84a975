/* SPDX-License-Identifier: Apache-2.0 */
/* drive.c: running the executions of a script, one after another in one sandbox. */
#include "drive.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    DRIVE_WALL_MS = 20 * 1000,   /* of an execution that asks for no limit */
    DRIVE_SCRIPT_MS = 60 * 1000, /* of a whole script: only a broken engine gets there */
    DRIVE_STEP_MS = 5,           /* between two looks at whether it is time to cancel */
    DRIVE_CODE_BYTES_MAX = 64 * 1024 * 1024,
};

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- Options ---- */

struct plan {
    clutch_execute_options options;
    clutch_limits limits;
    uint64_t memory_bytes; /* of the sandbox, and whether it may start processes */
    bool processes;
    int64_t cancel_after_ms; /* -1: never */
    const char *cancel_on;
    uint64_t cancel_at_ms; /* UINT64_MAX: not yet known, or never */
    char *code;            /* NULL: the script's */
    size_t code_length;
};

/* Appends one piece of code some times; false when it is none or there is too much of it. */
static bool append_piece(char **code, size_t *length, const char *piece, size_t size,
                         uint64_t times)
{
    if (!piece || (size && times > (DRIVE_CODE_BYTES_MAX - *length) / size))
        return false;
    char *grown = realloc(*code, *length + size * times + 1);
    if (!grown)
        return false;
    *code = grown;
    for (uint64_t i = 0; i < times; i++, *length += size)
        memcpy(grown + *length, piece, size);
    return true;
}

static bool append_hex(char **code, size_t *length, const char *digits)
{
    for (; digits && *digits; digits += 2) {
        char pair[3] = {digits[0], digits[1], 0}, *end;
        char byte = (char)strtoul(pair, &end, 16);
        if (end != pair + 2 || !append_piece(code, length, &byte, 1, 1))
            return false;
    }
    return digits != NULL;
}

static bool take_code(struct plan *plan, const json_t *pieces)
{
    size_t at;
    json_t *piece;
    bool fine = json_is_array(pieces) && append_piece(&plan->code, &plan->code_length, "", 0, 1);
    json_array_foreach((json_t *)pieces, at, piece)
    {
        if (json_is_object(piece)) {
            fine = fine && append_hex(&plan->code, &plan->code_length,
                                      json_string_value(json_object_get(piece, "hex")));
            continue;
        }
        const json_t *text = json_is_array(piece) ? json_array_get(piece, 0) : piece;
        json_int_t times = json_is_array(piece) ? json_integer_value(json_array_get(piece, 1)) : 1;
        fine = fine && times > 0 &&
               append_piece(&plan->code, &plan->code_length, json_string_value(text),
                            json_string_length(text), (uint64_t)times);
    }
    return fine;
}

static bool take_option(struct plan *plan, const char *name, const json_t *value)
{
    const struct {
        const char *name;
        uint64_t *field;
    } numbers[] = {{"wall_ms", &plan->limits.wall_ms},
                   {"cpu_ms", &plan->limits.cpu_ms},
                   {"grace_ms", &plan->limits.grace_ms},
                   {"output_bytes", &plan->limits.output_bytes},
                   {"memory_bytes", &plan->memory_bytes}};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (strcmp(name, numbers[i].name) == 0) {
            *numbers[i].field = (uint64_t)json_integer_value(value);
            return json_integer_value(value) > 0;
        }
    }
    if (strcmp(name, "cancel_after_ms") == 0) {
        plan->cancel_after_ms = json_integer_value(value);
        return json_is_integer(value) && plan->cancel_after_ms >= 0;
    }
    if (strcmp(name, "cancel_on") == 0)
        return (plan->cancel_on = json_string_value(value)) != NULL;
    if (strcmp(name, "filename") == 0)
        return (plan->options.filename = json_string_value(value)) != NULL;
    if (strcmp(name, "processes") == 0) {
        plan->processes = json_is_true(value);
        return json_is_true(value);
    }
    if (strcmp(name, "allow_incomplete") == 0) {
        plan->options.allow_incomplete = json_is_true(value);
        return json_is_boolean(value);
    }
    return strcmp(name, "code") == 0 && take_code(plan, value);
}

/* Called for each output element while we wait. */
static void watch_output(const clutch_output *element, void *user)
{
    struct plan *plan = user;
    if (plan->cancel_on && plan->cancel_at_ms == UINT64_MAX &&
        strcmp(plan->cancel_on, element->text) == 0)
        plan->cancel_at_ms = now_ms() + (uint64_t)plan->cancel_after_ms;
}

static bool make_plan(const struct step *step, struct plan *plan, struct report *report)
{
    const char *name;
    json_t *value;
    *plan = (struct plan){.options = CLUTCH_EXECUTE_OPTIONS_INIT,
                          .limits = CLUTCH_LIMITS_INIT,
                          .cancel_after_ms = -1,
                          .cancel_at_ms = UINT64_MAX};
    plan->limits.wall_ms = DRIVE_WALL_MS;
    json_object_foreach(step->options, name, value)
    {
        if (!take_option(plan, name, value)) {
            check_complain(report, "option", "there is no option %s with such a value", name);
            return false;
        }
    }
    if (plan->cancel_on && plan->cancel_after_ms < 0)
        plan->cancel_after_ms = 0;
    plan->options.limits = &plan->limits;
    plan->options.on_output = watch_output;
    plan->options.user = plan;
    return true;
}

/* ---- Running ---- */

static int wait_for(clutch_execution *execution, struct plan *plan, uint64_t until_ms,
                    clutch_result **out, clutch_error *error)
{
    if (!plan->cancel_on && plan->cancel_after_ms >= 0)
        plan->cancel_at_ms = now_ms() + (uint64_t)plan->cancel_after_ms;
    for (;;) {
        uint64_t at_ms = now_ms();
        if (at_ms >= until_ms)
            return CLUTCH_E_TIMEOUT;
        if (at_ms >= plan->cancel_at_ms) {
            clutch_execution_cancel(execution);
            plan->cancel_at_ms = UINT64_MAX;
            plan->cancel_after_ms = -1;
            plan->cancel_on = NULL;
        }
        uint64_t step_ms = plan->cancel_after_ms >= 0 ? DRIVE_STEP_MS : until_ms - at_ms;
        int failure = clutch_execution_wait(execution, step_ms, out, error);
        if (failure != CLUTCH_E_TIMEOUT)
            return failure;
    }
}

/* Runs one execution; returns whether the sandbox is still there for the next. */
static bool run_step(clutch_sandbox *sandbox, const struct step *step, struct plan *plan,
                     uint64_t until_ms, struct report *report)
{
    clutch_execution *execution;
    clutch_result *result = NULL;
    clutch_error error = {0};
    const char *code = plan->code ? plan->code : step->code;
    size_t length = plan->code ? plan->code_length : step->code_length;
    int failure = clutch_execution_start(sandbox, code, length, &plan->options, &execution, &error);
    if (failure == 0) {
        failure = wait_for(execution, plan, until_ms, &result, &error);
        if (failure == CLUTCH_E_TIMEOUT)
            check_complain(report, "time", "the script takes more than %d ms", DRIVE_SCRIPT_MS);
        clutch_execution_free(execution);
    }
    if (failure != CLUTCH_E_TIMEOUT)
        check_result(step->expected, result, &error, report);
    bool alive = result ? !result->sandbox_ended : clutch_sandbox_pid(sandbox) != 0;
    clutch_result_free(result);
    return alive;
}

static clutch_sandbox *create(clutch_engine *engine, const struct plan *plan, struct report *report)
{
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.memory_bytes = plan->memory_bytes;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.limits = &limits;
    options.processes = plan->processes;
    clutch_sandbox *sandbox = NULL;
    clutch_error error;
    if (clutch_sandbox_create(engine, &options, &sandbox, &error) < 0)
        check_complain(report, "sandbox", "%s", error.message);
    return sandbox;
}

void drive_script(clutch_engine *engine, const struct script *script, struct report *report)
{
    clutch_sandbox *sandbox = NULL;
    uint64_t until_ms = now_ms() + DRIVE_SCRIPT_MS;
    for (size_t i = 0; i < script->step_count; i++) {
        struct plan plan;
        size_t complaints = json_array_size(report->keys);
        bool alive = make_plan(&script->steps[i], &plan, report);
        if (alive && sandbox && (plan.memory_bytes || plan.processes)) {
            check_complain(report, "option",
                           "memory_bytes and processes belong to a sandbox's first execution");
            alive = false;
        }
        if (alive && !sandbox)
            sandbox = create(engine, &plan, report);
        if (alive && sandbox)
            alive = run_step(sandbox, &script->steps[i], &plan, until_ms, report);
        if (json_array_size(report->keys) > complaints)
            fprintf(report->lines, "  in execution %zu of %zu\n", i + 1, script->step_count);
        free(plan.code);
        if (!alive) {
            clutch_sandbox_destroy(sandbox);
            sandbox = NULL;
        }
    }
    clutch_sandbox_destroy(sandbox);
}

/* ---- Requirements ---- */

/* Asks a sandbox for the version of an installed package; writes "" when it is not installed. */
static void find_version(clutch_engine *engine, const char *package, char *out, size_t size)
{
    char code[512];
    int length = snprintf(code, sizeof code,
                          "import importlib.metadata\nprint(importlib.metadata.version('%s'))",
                          package);
    clutch_sandbox *sandbox;
    clutch_result *result = NULL;
    clutch_error error;
    out[0] = 0;
    if (clutch_sandbox_create(engine, NULL, &sandbox, &error) < 0)
        return;
    if (clutch_sandbox_run(sandbox, code, (size_t)length, NULL, &result, &error) == 0 &&
        !result->error && result->output_count == 1)
        snprintf(out, size, "%s", result->output[0].text);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static int compare_versions(const char *a, const char *b)
{
    while (*a || *b) {
        char *a_end, *b_end;
        unsigned long a_part = strtoul(a, &a_end, 10), b_part = strtoul(b, &b_end, 10);
        if (a_part != b_part)
            return a_part < b_part ? -1 : 1;
        if (a_end == a && b_end == b)
            return 0;
        a = *a_end == '.' ? a_end + 1 : "";
        b = *b_end == '.' ? b_end + 1 : "";
    }
    return 0;
}

static bool is_met(clutch_engine *engine, const char *requirement)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    char package[128], version[64];
    size_t length = strspn(requirement, letters);
    if (length == 0 || length >= sizeof package)
        return false;
    memcpy(package, requirement, length);
    package[length] = 0;
    if (strcmp(package, "python") == 0)
        snprintf(version, sizeof version, "%s", clutch_engine_describe(engine)->python_version);
    else
        find_version(engine, package, version, sizeof version);
    const char *relation = requirement + length;
    if (!version[0] || !*relation)
        return version[0];
    if (strncmp(relation, ">=", 2) == 0)
        return compare_versions(version, relation + 2) >= 0;
    return relation[0] == '<' && compare_versions(version, relation + 1) < 0;
}

const char *drive_missing(clutch_engine *engine, const struct script *script)
{
    size_t at;
    json_t *requirement;
    json_array_foreach(script->required, at, requirement)
        if (!is_met(engine, json_string_value(requirement)))
            return json_string_value(requirement);
    return NULL;
}
