/* SPDX-License-Identifier: Apache-2.0 */
/* run.h: `clutch run`, the command that scripts use. */
#ifndef CLI_RUN_H
#define CLI_RUN_H

/* argv[0] is "run". Returns the exit status. */
int run_main(int argc, char **argv);

#endif
