/* SPDX-License-Identifier: Apache-2.0 */
/* editor.c: lines from a terminal, with editing and history, or from a pipe.
 *
 * libedit edits. It gets its characters from read_character below, which waits for the terminal
 * and for signals alike; libedit's own signal handling would send signals on to the whole
 * process group. */
#include "editor.h"

#include <errno.h>
#include <histedit.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

#include "memory.h"
#include "print.h"
#include "signals.h"

enum { HISTORY_LINES = 2000 };

struct editor {
    EditLine *edit;   /* NULL: lines come from a pipe or a file */
    History *history;
    char *history_path; /* NULL: history is not kept */
    const char *prompt;
    char *line; /* of getline */
    size_t capacity;
};

/* Makes the folders above path, as far as they are missing. */
static void make_parents(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(path, 0700);
        *slash = '/';
    }
}

/* Where the XDG base directory specification puts a program's state; NULL without a home. */
static char *find_history(void)
{
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    char *path = NULL;
    if (state != NULL && *state == '/')
        path = memory_format("%s/clutch/history", state);
    else if (home != NULL && *home == '/')
        path = memory_format("%s/.local/state/clutch/history", home);
    if (path != NULL)
        make_parents(path);
    return path;
}

/* Waits until the terminal has something to read. False when a signal wants the line to end. */
static bool wait_for_terminal(EditLine *edit)
{
    for (;;) {
        struct pollfd ready[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                                 {.fd = signals_fd(), .events = POLLIN}};
        (void)poll(ready, 2, -1);
        signals_drain();
        if (signals_stop())
            return false;
        if (signals_resized())
            el_resize(edit);
        if (signals_continued()) { /* the shell has set the terminal to its own liking */
            el_set(edit, EL_PREP_TERM, 0);
            el_set(edit, EL_PREP_TERM, 1);
            el_set(edit, EL_REFRESH);
        }
        if (ready[0].revents != 0)
            return true;
    }
}

/* As el_getc: 1 with a character, 0 at the end of the input, -1 with errno. */
static int read_character(EditLine *edit, wchar_t *out)
{
    mbstate_t state = {0};
    for (;;) {
        if (!wait_for_terminal(edit)) {
            errno = EINTR;
            return -1;
        }
        char byte;
        ssize_t got = read(STDIN_FILENO, &byte, 1);
        if (got == 0)
            return 0;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        size_t length = mbrtowc(out, &byte, 1, &state);
        if (length == 1)
            return 1;
        if (length != (size_t)-2)
            state = (mbstate_t){0}; /* a NUL, or no character: left out */
    }
}

static char *show_prompt(EditLine *edit)
{
    struct editor *editor;
    el_get(edit, EL_CLIENTDATA, &editor);
    return (char *)editor->prompt;
}

static void open_history(struct editor *editor)
{
    HistEvent event;
    editor->history = history_init();
    if (editor->history == NULL)
        return;
    history(editor->history, &event, H_SETSIZE, HISTORY_LINES);
    history(editor->history, &event, H_SETUNIQUE, 1);
    editor->history_path = find_history();
    if (editor->history_path != NULL)
        history(editor->history, &event, H_LOAD, editor->history_path);
    el_set(editor->edit, EL_HIST, history, editor->history);
}

static void open_terminal(struct editor *editor)
{
    setlocale(LC_CTYPE, "");
    if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        setlocale(LC_CTYPE, "C.UTF-8");
    editor->edit = el_init("clutch", stdin, stdout, stderr);
    if (editor->edit == NULL)
        return;
    el_set(editor->edit, EL_CLIENTDATA, editor);
    el_set(editor->edit, EL_PROMPT, show_prompt);
    el_set(editor->edit, EL_EDITOR, "emacs");
    el_wset(editor->edit, EL_GETCFN, read_character);
    el_set(editor->edit, EL_BIND, "^I", "ed-insert", NULL);
    el_set(editor->edit, EL_BIND, "^R", "em-inc-search-prev", NULL);
    open_history(editor);
    el_source(editor->edit, NULL);
}

struct editor *editor_open(void)
{
    struct editor *editor = memory_grow(NULL, sizeof *editor);
    *editor = (struct editor){0};
    if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
        open_terminal(editor);
    return editor;
}

bool editor_is_interactive(const struct editor *editor)
{
    return editor->edit != NULL;
}

static enum editor_event read_pipe(struct editor *editor, const char **line, size_t *length)
{
    ssize_t got;
    do {
        errno = 0;
        got = getline(&editor->line, &editor->capacity, stdin);
        if (got < 0)
            clearerr(stdin);
    } while (got < 0 && errno == EINTR && !signals_stop());
    if (got < 0)
        return errno == EINTR && signals_ending() == 0 ? EDITOR_INTERRUPT : EDITOR_END;
    *line = editor->line;
    *length = (size_t)got;
    return EDITOR_LINE;
}

/* Written at each line: a terminal that is closed takes the process with it. */
static void remember(struct editor *editor, const char *line)
{
    HistEvent event;
    if (editor->history == NULL || line[strspn(line, " \t\n")] == '\0')
        return;
    history(editor->history, &event, H_ENTER, line);
    if (editor->history_path != NULL)
        history(editor->history, &event, H_SAVE, editor->history_path);
}

enum editor_event editor_read(struct editor *editor, const char *prompt, const char **line,
                              size_t *length)
{
    print_flush();
    if (editor->edit == NULL)
        return read_pipe(editor, line, length);
    editor->prompt = prompt;
    /* el_gets does this only after the prompt: what is typed in between would be echoed twice. */
    el_set(editor->edit, EL_PREP_TERM, 1);
    int count = 0;
    errno = 0;
    const char *typed = el_gets(editor->edit, &count);
    if (typed != NULL && count > 0) {
        remember(editor, typed);
        *line = typed;
        *length = (size_t)count;
        return EDITOR_LINE;
    }
    el_reset(editor->edit);
    bool interrupted = signals_interrupts() > 0 && signals_ending() == 0;
    print_text(STDOUT_FILENO, interrupted ? "^C\n" : "\n");
    print_flush();
    return interrupted ? EDITOR_INTERRUPT : EDITOR_END;
}

void editor_close(struct editor *editor)
{
    if (editor->edit != NULL)
        el_end(editor->edit);
    if (editor->history != NULL)
        history_end(editor->history);
    free(editor->history_path);
    free(editor->line);
    free(editor);
}
