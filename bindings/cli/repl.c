/* SPDX-License-Identifier: Apache-2.0 */
/* repl.c: `clutch repl`: an interactive prompt for one sandbox. With standard input from
 * elsewhere than a terminal it does the same without prompts. */
#include "repl.h"

#include <unistd.h>

#include "block.h"
#include "editor.h"
#include "execute.h"
#include "options.h"
#include "print.h"
#include "session.h"
#include "signals.h"

static const char help[] =
    "usage: clutch repl [options]\n"
    "\n"
    "An interactive Python prompt in a fresh sandbox, or with --name in a session that\n"
    "lasts, with pandas warm. A blank line ends a compound statement. Ctrl-C\n"
    "interrupts the running code and keeps the variables, a second one kills it; at\n"
    "the prompt it clears the line. Ctrl-D, exit() and quit() leave.\n"
    "\n"
    "  --timeout SECONDS   wall time of one execution, such as 1.5, or \"none\" for\n"
    "                      no limit (default none)\n"
    OPTIONS_HELP_SESSION
    OPTIONS_HELP_SANDBOX
    OPTIONS_HELP_ENGINE
    "\n"
    "History is kept in $XDG_STATE_HOME/clutch/history, by default in\n"
    "~/.local/state/clutch/history.\n"
    "\n"
    "Exit status: that of exit(), else 0; 1 the session could not be saved, 2 usage,\n"
    "3 the engine failed.\n";

struct repl {
    struct session session;
    struct editor *editor;
    struct block block;
    int status;
    bool leave;
};

static void greet(const struct repl *repl)
{
    if (!editor_is_interactive(repl->editor))
        return;
    const clutch_engine_info *info = clutch_engine_describe(repl->session.engine);
    print_text(STDOUT_FILENO, "clutch ");
    print_text(STDOUT_FILENO, clutch_version());
    print_text(STDOUT_FILENO, ", Python ");
    print_text(STDOUT_FILENO, info->python_version);
    if (*info->pandas_version != '\0')
        print_text(STDOUT_FILENO, ", pandas ");
    print_text(STDOUT_FILENO, info->pandas_version);
    print_text(STDOUT_FILENO, "; Ctrl-D leaves\n");
}

static void leave(struct repl *repl, int status)
{
    repl->leave = true;
    repl->status = status;
}

static void replace_sandbox(struct repl *repl)
{
    int status = session_renew(&repl->session, "this is a fresh one");
    if (status != STATUS_FINE)
        leave(repl, status);
}

/* Charts land in a folder that nobody has chosen, so a person is told where. */
static void report_files(const struct repl *repl, const clutch_result *result)
{
    if (!editor_is_interactive(repl->editor))
        return;
    for (size_t i = 0; i < result->file_count && i < 10; i++)
        print_notice("file %s", result->files[i].url);
    if (result->file_count > 10)
        print_notice("and %zu more files", result->file_count - 10);
}

static void conclude(struct repl *repl, const clutch_result *result)
{
    if (result->value != NULL)
        print_line(STDOUT_FILENO, result->value);
    execute_report(result, NULL);
    if (result->outcome == CLUTCH_OUTCOME_EXIT) {
        leave(repl, result->exit_status);
        return;
    }
    report_files(repl, result);
    if (result->sandbox_ended)
        replace_sandbox(repl);
}

/* Runs the block. False when it wants more lines, which can be only if `more` are to come. */
static bool run_block(struct repl *repl, bool more)
{
    clutch_execute_options options = session_execute_options(&repl->session);
    options.on_output = print_element;
    options.allow_incomplete = more;
    clutch_result *result = NULL;
    clutch_error error;
    signals_forget();
    int failure = execute_code(repl->session.sandbox, repl->block.text, repl->block.length,
                               &options, &result, &error);
    if (failure == CLUTCH_E_UNCLONABLE) {
        session_complain(&error);
    } else if (failure < 0) {
        session_complain(&error);
        replace_sandbox(repl);
    } else if (result == NULL) {
        replace_sandbox(repl);
    } else if (result->outcome == CLUTCH_OUTCOME_INCOMPLETE) {
        clutch_result_free(result);
        return false;
    } else {
        conclude(repl, result);
        clutch_result_free(result);
    }
    return true;
}

static void take_line(struct repl *repl, const char *line, size_t length)
{
    block_add(&repl->block, line, length);
    if (!block_is_blank(&repl->block)) {
        if (!block_is_due(&repl->block) || !run_block(repl, true))
            return;
    }
    block_clear(&repl->block);
}

static void loop(struct repl *repl)
{
    while (!repl->leave && print_stdout_errno() == 0 && signals_ending() == 0) {
        const char *line;
        size_t length;
        signals_forget();
        const char *prompt = repl->block.length == 0 ? ">>> " : "... ";
        enum editor_event event = editor_read(repl->editor, prompt, &line, &length);
        if (event == EDITOR_LINE) {
            take_line(repl, line, length);
        } else if (event == EDITOR_INTERRUPT && editor_is_interactive(repl->editor)) {
            block_clear(&repl->block);
        } else {
            /* A half-typed block is not what somebody who leaves wants to run. */
            bool whole = event == EDITOR_END && signals_ending() == 0;
            if (whole && !editor_is_interactive(repl->editor) && repl->block.length > 0)
                (void)run_block(repl, false);
            return;
        }
    }
}

int repl_main(int argc, char **argv)
{
    struct options options;
    struct repl repl = {.status = STATUS_USAGE};
    if (!options_parse(&options, OPTIONS_REPL, argc, argv))
        goto done;
    repl.status = STATUS_FINE;
    if (options.help) {
        print_text(STDOUT_FILENO, help);
        goto done;
    }
    if (options.timeout_ms == 0)
        options.timeout_ms = CLUTCH_UNLIMITED;
    repl.status = session_open(&repl.session, &options);
    if (repl.status == STATUS_FINE) {
        repl.editor = editor_open();
        greet(&repl);
        loop(&repl);
        editor_close(repl.editor);
        print_flush();
        int kept = session_keep(&repl.session);
        if (kept != STATUS_FINE)
            repl.status = kept;
    }
    block_clear(&repl.block);
    print_flush();
    session_close(&repl.session);
    signals_die();
done:
    options_clear(&options);
    return repl.status;
}
