/* SPDX-License-Identifier: Apache-2.0 */
/* sessions.h: the commands about sessions: `ls`, `status`, `log`, `start`, `stop`, `clone`, `undo`,
 * `archive` and `rm`. */
#ifndef CLI_SESSIONS_H
#define CLI_SESSIONS_H

#include <stdbool.h>

/* Whether a word is one of these commands. */
bool sessions_has(const char *command);

/* argv[0] is the command's name. Returns a status. */
int sessions_main(int argc, char **argv);

#endif
