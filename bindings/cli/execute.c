/* SPDX-License-Identifier: Apache-2.0 */
/* execute.c: one execution from its start to its end, with Ctrl-C, and what is said about how it
 * ended. */
#include "execute.h"

#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "print.h"
#include "signals.h"

/* Nobody wants the rest of it: the reader of our output has gone, or we are told to go. */
static bool unwanted(void)
{
    return print_stdout_errno() != 0 || signals_ending() != 0;
}

/* Goes on with an execution until it has ended. Returns 1 with a result, 0 when it has to be
 * killed, or the library's error. */
static int drive(clutch_execution *execution, clutch_result **out, clutch_error *error)
{
    int fd = clutch_execution_fd(execution, error);
    if (fd < 0)
        return fd;
    bool cancelled = false;
    for (;;) {
        int ended = clutch_execution_poll(execution, out, error);
        print_flush();
        if (ended != 0)
            return ended;
        if (signals_interrupts() > 1)
            return 0;
        if (!cancelled && (signals_interrupts() > 0 || unwanted())) {
            clutch_execution_cancel(execution);
            cancelled = true;
            continue;
        }
        struct pollfd ready[] = {{.fd = fd, .events = POLLIN},
                                 {.fd = signals_fd(), .events = POLLIN}};
        (void)poll(ready, 2, -1);
        signals_drain();
    }
}

int execute_code(clutch_sandbox *sandbox, const char *code, size_t length,
                 const clutch_execute_options *options, clutch_result **out, clutch_error *error)
{
    clutch_execution *execution;
    int failure = clutch_execution_start(sandbox, code, length, options, &execution, error);
    if (failure < 0)
        return failure;
    clutch_result *result = NULL;
    int ended = drive(execution, &result, error);
    clutch_execution_free(execution);
    if (ended < 0)
        return ended;
    *out = result;
    return 0;
}

bool execute_failed(const clutch_result *result)
{
    if (result->outcome == CLUTCH_OUTCOME_EXIT)
        return result->exit_status != 0;
    return result->outcome != CLUTCH_OUTCOME_OK;
}

/* Writes what the command has to say about an execution, after its name if it has one. */
__attribute__((format(printf, 2, 3))) static void notice(const char *name, const char *format, ...)
{
    char text[1024];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    print_notice("%s%s%s", name != NULL ? name : "", name != NULL ? ": " : "", text);
}

/* The message of sys.exit("...") is in the output already, on standard error as with Python. */
static void report_exit(const clutch_result *result, const char *name)
{
    if (name != NULL && result->exit_status != 0)
        notice(name, "exit status %d", (int)result->exit_status);
}

static void report_limit(const clutch_result *result, const char *name)
{
    const char *option = "";
    if (result->limit == CLUTCH_LIMIT_WALL)
        option = "; --timeout SECONDS sets the limit";
    if (result->limit == CLUTCH_LIMIT_MEMORY)
        option = "; --memory SIZE sets the limit";
    notice(name, "%s: used %" PRIu64 " of %" PRIu64 " %s%s", clutch_outcome_name(result->outcome),
           result->limit_used, result->limit_value, clutch_limit_name(result->limit), option);
}

static void report_signal(const clutch_result *result, const char *name)
{
    const char *outcome = clutch_outcome_name(result->outcome);
    const char *abbreviation = sigabbrev_np(result->signal);
    if (abbreviation != NULL)
        notice(name, "%s by SIG%s (%s)", outcome, abbreviation, sigdescr_np(result->signal));
    else
        notice(name, "%s by signal %d", outcome, (int)result->signal);
}

static void report_omitted(const clutch_result *result, const char *name)
{
    if (result->omitted_bytes == 0 && result->omitted_elements == 0)
        return;
    notice(name,
           "%" PRIu64 " bytes of output were left out, in %" PRIu64
           " elements; --output SIZE sets how much is kept",
           result->omitted_bytes, result->omitted_elements);
}

/* Only of what failed: code that copes with a refusal needs no word about it. */
static void report_refusals(const clutch_result *result, const char *name)
{
    static const char *const ways[] = {[CLUTCH_REFUSAL_NETWORK] = "; --network allows it",
                                       [CLUTCH_REFUSAL_PROCESS] = "; --processes allows it"};
    if (result->error == NULL)
        return;
    for (size_t i = 0; i < result->refusal_count; i++) {
        const clutch_refusal *refusal = &result->refusals[i];
        bool has_way = refusal->kind < sizeof ways / sizeof ways[0] && ways[refusal->kind];
        notice(name, "%s is not allowed here: %.200s, line %u%s", clutch_refusal_name(refusal->kind),
               refusal->what, refusal->line, has_way ? ways[refusal->kind] : "");
    }
}

void execute_report(const clutch_result *result, const char *name)
{
    report_omitted(result, name);
    if (result->traceback != NULL && result->outcome != CLUTCH_OUTCOME_EXIT)
        print_line(STDERR_FILENO, result->traceback);
    switch (result->outcome) {
    case CLUTCH_OUTCOME_OK: break;
    case CLUTCH_OUTCOME_EXIT: report_exit(result, name); break;
    case CLUTCH_OUTCOME_TIMEOUT:
    case CLUTCH_OUTCOME_MEMORY: report_limit(result, name); break;
    case CLUTCH_OUTCOME_CANCELLED: notice(name, "cancelled"); break;
    case CLUTCH_OUTCOME_KILLED:
    case CLUTCH_OUTCOME_CRASHED: report_signal(result, name); break;
    default:
        if (result->traceback == NULL && result->error != NULL)
            print_line(STDERR_FILENO, result->error);
    }
    report_refusals(result, name);
    if (result->rolled_back)
        notice(name, "taken back: variables are as they were before it, files %s",
               result->files_rolled_back ? "too" : "are not");
    print_flush();
}
