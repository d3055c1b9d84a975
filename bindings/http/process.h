/* SPDX-License-Identifier: Apache-2.0 */
/* process.h: the Daytona family's processes: code or a command, of which only files are left in a sandbox. */
#ifndef HTTP_PROCESS_H
#define HTTP_PROCESS_H

struct request;

void process_run_code(struct request *request); /* POST /toolbox/{id}/process/code-run */
void process_execute(struct request *request);  /* POST /toolbox/{id}/process/execute */

#endif
