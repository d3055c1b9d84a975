/* SPDX-License-Identifier: Apache-2.0 */
/* serve.h: `clutch serve`, the host server. */
#ifndef HTTP_SERVE_H
#define HTTP_SERVE_H

/* argv[0] is the command's name. Returns the status to end with: 0, 2 usage, 3 it cannot serve. */
int serve_main(int argc, char **argv);

#endif
