/* SPDX-License-Identifier: Apache-2.0 */
/* editor.h: lines from a terminal, with editing and history, or from a pipe. */
#ifndef CLI_EDITOR_H
#define CLI_EDITOR_H

#include <stdbool.h>
#include <stddef.h>

struct editor;

enum editor_event {
    EDITOR_LINE,
    EDITOR_INTERRUPT, /* Ctrl-C: what was typed on the line is dropped */
    EDITOR_END,       /* Ctrl-D, the end of the input, or a signal to end */
};

/* Signals must be polled already (signals.h). Never NULL. */
struct editor *editor_open(void);

/* Whether a person sits at a terminal; only then prompts are written. */
bool editor_is_interactive(const struct editor *editor);

/* Waits for a line. *line is borrowed until the next call and may hold NUL bytes. */
enum editor_event editor_read(struct editor *editor, const char *prompt, const char **line,
                              size_t *length);

void editor_close(struct editor *editor);

#endif
