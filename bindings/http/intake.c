/* SPDX-License-Identifier: Apache-2.0 */
/* intake.c: what must hold before a request gets to its handler. */
#include "intake.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config.h"
#include "digest.h"
#include "links.h"
#include "request.h"

/* The client's id is taken when it is a word that can be put into a log. */
static void name(struct request *request)
{
    const char *given = request_header(request, "X-Request-Id");
    size_t length = given != NULL ? strlen(given) : 0;
    bool fine = length > 0 && length < REQUEST_ID;
    for (size_t i = 0; i < length && fine; i++)
        fine = isalnum((unsigned char)given[i]) || strchr("-_.:", given[i]) != NULL;
    unsigned char bytes[12];
    if (fine)
        memcpy(request->id, given, length + 1);
    else if (digest_random(bytes, sizeof bytes))
        digest_hex(bytes, sizeof bytes, request->id);
}

static bool find_route(struct request *request)
{
    char methods[64];
    if (!request->understood) {
        request->family = route_family(&request->address);
        reply_error(request, 400, "the path or the query cannot be decoded");
        return false;
    }
    request->route = route_find(request->method, &request->address, &request->match, methods, sizeof methods,
                                &request->family);
    if (request->route != NULL)
        return true;
    if (*methods == '\0') {
        reply_error(request, 404, "there is no such path");
        return false;
    }
    reply_header(request, "Allow", "%s", methods);
    reply_error(request, 405, "the path allows %s", methods);
    return false;
}

/* The key's text, or NULL. */
static const char *credential(const struct request *request)
{
    const char *bearer = request_header(request, "Authorization");
    if (bearer != NULL && strncasecmp(bearer, "Bearer ", 7) == 0)
        return bearer + 7 + strspn(bearer + 7, " ");
    return request_header(request, "X-Api-Key");
}

static bool is_allowed(const struct key *key, enum scope scope)
{
    if (scope == SCOPE_WRITE)
        return key->may_write;
    return scope == SCOPE_METRICS ? key->may_measure : key->may_read;
}

static bool authorize(struct request *request)
{
    if (request->route->scope == SCOPE_NONE)
        return true;
    if (request->route->scope == SCOPE_LINK && request_query(request, "signature") != NULL)
        return links_check(request);
    const char *text = credential(request);
    struct key *key = text != NULL ? keys_find(request->server->keys, text) : NULL;
    if (key == NULL) {
        reply_header(request, "WWW-Authenticate", "Bearer");
        reply_error(request, 401, "Authentication required");
        return false;
    }
    request->key = keys_hold(key);
    unsigned wait_s = keys_spend(key, request->begun_ns);
    if (wait_s > 0) {
        reply_header(request, "Retry-After", "%u", wait_s);
        reply_error(request, 429, "Rate limit exceeded");
        return false;
    }
    if (is_allowed(key, request->route->scope))
        return true;
    reply_error(request, 403, "Insufficient permissions");
    return false;
}

/* Of what the client says that it will send. */
static bool check_size(struct request *request)
{
    const struct config *config = request->server->config;
    request->body_most = request->route->upload ? config->upload_bytes : config->body_bytes;
    const char *text = request_header(request, "Content-Length");
    errno = 0;
    if (text == NULL || (strtoull(text, NULL, 10) <= request->body_most && errno == 0))
        return true;
    reply_error(request, 413, "the body is larger than %llu bytes", (unsigned long long)request->body_most);
    return false;
}

void intake_begin(struct request *request)
{
    name(request);
    if (!find_route(request) || !authorize(request) || !check_size(request))
        return;
    if (request->server->stopping && request->route->family != FAMILY_PLAIN) {
        reply_header(request, "Retry-After", "5");
        reply_error(request, 503, "the server is stopping");
    }
}

static void answer_in_pool(struct request *request)
{
    request->route->handle(request);
}

void intake_dispatch(struct request *request)
{
    if (request->route->place == IN_POOL)
        (void)request_later(request, answer_in_pool, NULL);
    else
        request->route->handle(request);
}
