/* SPDX-License-Identifier: Apache-2.0 */
/* health.c: whether the server lives, and whether it takes work. */
#include "health.h"

#include "request.h"

void health_live(struct request *request)
{
    reply_json(request, 200, json_pack("{s:s,s:s}", "status", "ok", "version", clutch_version()));
}

/* Its listening is proof that the engine has opened; it is not ready while it ends. */
void health_ready(struct request *request)
{
    if (request->server->stopping)
        reply_error(request, 503, "the server is stopping");
    else
        reply_json(request, 200, json_pack("{s:s}", "status", "ready"));
}
