/* SPDX-License-Identifier: Apache-2.0 */
/* signals.h: signals as something to poll. Ctrl-C is counted; SIGTERM and SIGHUP ask for an
 * orderly end; SIGPIPE becomes EPIPE; a terminal's SIGWINCH and SIGCONT only interrupt system
 * calls. */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

#include <stdbool.h>

/* Takes over the signals. One that the parent chose to ignore stays ignored, as in a job that a
 * script put into the background. Until somebody polls, while an engine opens, a signal waits to
 * be looked at and the same once more ends the process. Returns 0 or an errno. */
int signals_open(void);

/* Readable when a signal has come since signals_drain. */
int signals_fd(void);
void signals_drain(void);

/* Ctrl-C since signals_forget. */
unsigned signals_interrupts(void);
void signals_forget(void);

/* SIGTERM or SIGHUP when one has come, else 0. */
int signals_ending(void);

/* Whether either has come. */
bool signals_stop(void);

/* Whether the terminal was resized, or taken up again after Ctrl-Z, since the last call. */
bool signals_resized(void);
bool signals_continued(void);

/* Ends the process by the signal in signals_ending, as the sender expects; returns when there is
 * none. */
void signals_die(void);

#endif
