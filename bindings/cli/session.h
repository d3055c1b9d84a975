/* SPDX-License-Identifier: Apache-2.0 */
/* session.h: the engine of a command, with one sandbox at a time and the folder that it works
 * in. */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <stdbool.h>

#include "clutch.h"
#include "options.h"

struct session {
    const struct options *options; /* borrowed until session_close */
    clutch_engine *engine;
    clutch_sandbox *sandbox;
    char *workdir;      /* all sandboxes of the session work here, one after the other */
    bool workdir_is_new; /* made for the session; kept only if something is in it at the end */
};

/* Opens an engine, and nothing else, as the options say. As the library's functions. */
int session_open_engine(const struct options *options, clutch_engine **out, clutch_error *error);

/* Opens the engine, makes the folder and creates the first sandbox. False after one line that
 * says what is wrong; session_close is due in any case. From here on signals are polled
 * (signals.h). */
bool session_open(struct session *session, const struct options *options);

/* Puts a fresh sandbox into the place of the present one. False after one line that says why
 * not. */
bool session_renew(struct session *session);

/* Ends everything, and says where the files are that were left behind in a folder made here. */
void session_close(struct session *session);

/* One line for an error of the library. */
void session_complain(const clutch_error *error);

#endif
