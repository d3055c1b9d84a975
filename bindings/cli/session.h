/* SPDX-License-Identifier: Apache-2.0 */
/* session.h: the engine of a command, with one sandbox at a time and the folder that it works
 * in. The sandbox is thrown away at the end, or with --name belongs to a session that lasts. */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <stdbool.h>

#include "clutch.h"
#include "options.h"

struct session {
    const struct options *options; /* borrowed until session_close */
    clutch_engine *engine;
    clutch_sandbox *sandbox;
    clutch_session_report *begun; /* how the session came to run; NULL without --name */
    clutch_limits limits;         /* of each execution */
    char *workdir;      /* without --name: all sandboxes work here, one after the other */
    bool workdir_is_new; /* made for the session; kept only if something is in it at the end */
};

/* Opens an engine, and nothing else, as the options say. As the library's functions. */
int session_open_engine(const struct options *options, clutch_engine **out, clutch_error *error);

/* Opens the engine and creates the first sandbox in its folder, or brings the session back and says
 * what of it was not kept. STATUS_FINE, or another after one line that says what is wrong;
 * session_close is due in any case. From here on signals are polled (signals.h). */
int session_open(struct session *session, const struct options *options);

/* Puts a fresh sandbox, or the session as it was last saved, into the place of one that has ended, and
 * says so; fresh is what there is to say in the first case. STATUS_FINE, or another after one line that
 * says why not. */
int session_renew(struct session *session, const char *fresh);

/* The options of an execution as far as the command line says anything about them; borrowed from the
 * session. */
clutch_execute_options session_execute_options(const struct session *session);

/* With --name: stops the session, which saves it, and says what could not be kept. STATUS_FINE, or
 * another when it was not saved. Without, nothing. */
int session_keep(struct session *session);

/* Ends everything, and says where the files are that were left behind in a folder made here. */
void session_close(struct session *session);

/* One line for an error of the library. Returns the status that it stands for: STATUS_FAILED when the
 * session that was asked for does not allow it. */
int session_complain(const clutch_error *error);

#endif
