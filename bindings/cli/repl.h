/* SPDX-License-Identifier: Apache-2.0 */
/* repl.h: `clutch repl`, the interactive prompt. */
#ifndef CLI_REPL_H
#define CLI_REPL_H

/* argv[0] is "repl". Returns the exit status. */
int repl_main(int argc, char **argv);

#endif
