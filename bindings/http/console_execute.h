/* SPDX-License-Identifier: Apache-2.0 */
/* console_execute.h: code of the page, run with its output as it comes. */
#ifndef HTTP_CONSOLE_EXECUTE_H
#define HTTP_CONSOLE_EXECUTE_H

struct request;

/* POST /console/v1/sandboxes/{id}/execute {"code": ".."}. Answers lines of JSON: {"output": "..", "stream":
 * "stdout" or "stderr"} for each element as it is printed; at last {"done": {..}}, or {"failed": {"code",
 * "message"}} when the engine could not go on. On the loop. */
void console_execute(struct request *request);

#endif
