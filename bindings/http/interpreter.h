/* SPDX-License-Identifier: Apache-2.0 */
/* interpreter.h: the Daytona family's interpreter: code over a WebSocket, output as it is printed. */
#ifndef HTTP_INTERPRETER_H
#define HTTP_INTERPRETER_H

struct request;

void interpreter_execute(struct request *request); /* GET /toolbox/{id}/process/interpreter/execute */

#endif
