/* SPDX-License-Identifier: Apache-2.0 */
/* sandcastles_exec.h: the TextQL family: code or a command in a process of its own. The loop. */
#ifndef HTTP_SANDCASTLES_EXEC_H
#define HTTP_SANDCASTLES_EXEC_H

struct request;

void sandcastles_exec(struct request *request); /* POST /v2/sandcastles/{id}/exec */

#endif
