/* SPDX-License-Identifier: Apache-2.0 */
/* sandboxes.c: making, starting and finding sandboxes, within an organisation's limits. */
#include "sandboxes.h"

#include <stdio.h>
#include <string.h>

#include "census.h"
#include "engine.h"
#include "request.h"

/* ---- Limits ---- */

static bool enter(struct request *request, bool fresh)
{
    const char *problem = census_enter(request->server->census, request_owner(request), fresh,
                                       request->key->sandboxes, request->key->running);
    if (problem == NULL)
        return true;
    reply_header(request, "Retry-After", "60");
    reply_error(request, 429, "%s", problem);
    return false;
}

static void leave(struct request *request, bool fresh, clutch_sandbox *sandbox)
{
    census_leave(request->server->census, request_owner(request), fresh,
                 sandbox != NULL ? clutch_sandbox_id(sandbox) : NULL);
}

static void set_usual(const struct request *request, clutch_sandbox_options *options, clutch_limits *limits)
{
    const clutch_limits *given = options->limits;
    uint32_t network = options->network;
    options->owner = request_owner(request);
    if (options->snapshot != NULL) {
        options->limits = NULL; /* the snapshot has its own, and the server's are in them */
        options->network = CLUTCH_NETWORK_NONE;
        return;
    }
    engine_set_usual(request->server->config, options, limits);
    if (given == NULL)
        return;
    if (given->memory_bytes != 0 && given->memory_bytes < limits->memory_bytes)
        limits->memory_bytes = given->memory_bytes;
    if (network == CLUTCH_NETWORK_NONE)
        options->network = CLUTCH_NETWORK_NONE;
}

/* ---- Idempotency ---- */

enum { UUID = 37 };

/* A key makes an id that nobody else can make: no memory of keys is needed, and it outlives the server.
 * Returns "" when there is no key, NULL after a reply. */
static const char *id_of_key(struct request *request, char id[UUID])
{
    const char *key = request_header(request, "Idempotency-Key");
    unsigned char bytes[DIGEST_BYTES];
    char text[DIGEST_TEXT];
    if (key == NULL)
        return "";
    if (*key == '\0' || strlen(key) > 255) {
        reply_error(request, 400, "an Idempotency-Key has 1 to 255 bytes");
        return NULL;
    }
    const char *parts[] = {"idempotency", request_owner(request), request->route->pattern, key};
    if (!digest_sign(request->server->secret, parts, 4, bytes)) {
        reply_error(request, 500, "the server cannot sign");
        return NULL;
    }
    bytes[6] = (unsigned char)(0x80 | (bytes[6] & 0x0F)); /* a version 8 UUID: made by rules of our own */
    bytes[8] = (unsigned char)(0x80 | (bytes[8] & 0x3F));
    digest_hex(bytes, 16, text);
    snprintf(id, UUID, "%.8s-%.4s-%.4s-%.4s-%.12s", text, text + 8, text + 12, text + 16, text + 20);
    return id;
}

/* The sandbox that the key has made before. */
static bool open_again(struct request *request, const char *id, clutch_sandbox **out)
{
    clutch_error error;
    if (clutch_sandbox_open(request->server->engine, request_owner(request), id, out, &error) == 0)
        return true;
    reply_error(request, 409, "the sandbox of this Idempotency-Key is deleted: take another key");
    return false;
}

/* ---- For the families ---- */

bool sandboxes_create(struct request *request, clutch_sandbox_options *options, clutch_sandbox **out)
{
    char id[UUID];
    const char *of_key = id_of_key(request, id);
    if (of_key == NULL || !enter(request, true))
        return false;
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    clutch_error error;
    *out = NULL;
    set_usual(request, options, &limits);
    if (*of_key != '\0')
        options->id = of_key;
    int code = clutch_sandbox_create(request->server->engine, options, out, &error);
    leave(request, true, code == 0 ? *out : NULL);
    if (code == CLUTCH_E_EXISTS && *of_key != '\0')
        return open_again(request, of_key, out);
    if (code < 0)
        reply_failure(request, &error);
    return code == 0;
}

bool sandboxes_ensure(struct request *request, clutch_sandbox_options *options, clutch_sandbox **out,
                      clutch_session_report **report)
{
    if (!enter(request, true))
        return false;
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    clutch_error error;
    set_usual(request, options, &limits);
    int code = clutch_sandbox_ensure(request->server->engine, options, out, report, &error);
    leave(request, true, code == 0 ? *out : NULL);
    if (code < 0)
        reply_failure(request, &error);
    return code == 0;
}

bool sandboxes_help(struct request *request, const char *owner, clutch_sandbox_options *options,
                    clutch_sandbox **out)
{
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    clutch_error error;
    if (!enter(request, true))
        return false;
    *out = NULL;
    set_usual(request, options, &limits);
    options->owner = owner;
    int code = clutch_sandbox_create(request->server->engine, options, out, &error);
    leave(request, true, code == 0 ? *out : NULL);
    if (code < 0)
        reply_failure(request, &error);
    return code == 0;
}

bool sandboxes_clone(struct request *request, clutch_sandbox *origin, clutch_sandbox_options *options,
                     clutch_sandbox **out)
{
    char id[UUID];
    const char *of_key = id_of_key(request, id);
    if (of_key == NULL || !enter(request, true))
        return false;
    clutch_error error;
    *out = NULL;
    options->owner = request_owner(request);
    if (*of_key != '\0')
        options->id = of_key;
    int code = clutch_sandbox_clone(origin, options, out, &error);
    leave(request, true, code == 0 ? *out : NULL);
    if (code == CLUTCH_E_EXISTS && *of_key != '\0')
        return open_again(request, of_key, out);
    if (code < 0)
        reply_failure(request, &error);
    return code == 0;
}

bool sandboxes_open(struct request *request, const char *id_or_name, clutch_sandbox **out)
{
    clutch_error error;
    int code = clutch_sandbox_open(request->server->engine, request_owner(request), id_or_name, out, &error);
    if (code < 0)
        reply_failure(request, &error);
    return code == 0;
}

bool sandboxes_describe(struct request *request, clutch_sandbox *sandbox, clutch_sandbox_info **out)
{
    clutch_error error;
    int code = clutch_sandbox_describe(sandbox, out, &error);
    if (code < 0)
        reply_failure(request, &error);
    return code == 0;
}

bool sandboxes_start(struct request *request, clutch_sandbox *sandbox)
{
    clutch_sandbox_info *info;
    clutch_error error;
    if (!sandboxes_describe(request, sandbox, &info))
        return false;
    bool runs = info->state == CLUTCH_STATE_RUNNING;
    clutch_sandbox_info_free(info);
    if (runs)
        return true;
    if (!enter(request, false))
        return false;
    int code = clutch_sandbox_start(sandbox, NULL, &error);
    leave(request, false, NULL);
    if (code < 0)
        reply_failure(request, &error);
    return code == 0;
}
