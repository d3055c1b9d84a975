/* SPDX-License-Identifier: Apache-2.0 */
/* request.c: one request, for those who answer it. */
#include "request.h"

#include <microhttpd.h>
#include <string.h>

#include "listener.h"
#include "parse.h"

const char *request_parameter(const struct request *request, size_t n)
{
    return request->match.parameters[n];
}

const char *request_query(const struct request *request, const char *name)
{
    return address_query(&request->address, name);
}

const char *request_header(const struct request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

const char *request_owner(const struct request *request)
{
    return request->key != NULL ? request->key->organisation : NULL;
}

static bool is_blank(const char *text, size_t length)
{
    return strspn(text, " \t\r\n") == length;
}

json_t *request_json(struct request *request, bool may_be_missing)
{
    if (request->json != NULL)
        return request->json;
    if (request->body == NULL || is_blank(request->body, request->body_length)) {
        request->json = may_be_missing ? json_object() : NULL;
        if (request->json == NULL)
            reply_error(request, 400, "the body is missing: it must be a JSON object");
        return request->json;
    }
    if (!parse_is_small(request->body, request->body_length, PARSE_VALUES_MAX)) {
        reply_error(request, 400, "the body has more than %d values", PARSE_VALUES_MAX);
        return NULL;
    }
    json_error_t error;
    json_t *json = parse_any(request->body, request->body_length, &error);
    if (json_is_object(json))
        return request->json = json;
    if (json == NULL)
        reply_error(request, 400, "the body is no JSON: line %d, column %d: %s", error.line, error.column,
                    error.text);
    else
        reply_error(request, 400, "the body must be a JSON object");
    json_decref(json);
    return NULL;
}

static void work(void *user)
{
    struct request *request = user;
    request->work(request);
}

static void done(void *user)
{
    struct request *request = user;
    if (request->then != NULL && request->reply.status == 0)
        request->then(request);
    else
        request_answer(request);
}

uint64_t request_group(const char *owner)
{
    uint64_t group = 1;
    for (const char *at = owner != NULL ? owner : ""; *at != '\0' && *at != ' '; at++)
        group = (group ^ (unsigned char)*at) * UINT64_C(1099511628211);
    return group != 0 ? group : 1;
}

static bool add(struct request *request, struct jobs *jobs, void (*at_work)(struct request *request),
                void (*then)(struct request *request))
{
    request->work = at_work;
    request->then = then;
    request->job = (struct job){.work = work, .done = done, .user = request,
                                .group = request_group(request_owner(request))};
    request_wait(request);
    if (jobs_add(jobs, &request->job))
        return true;
    reply_header(request, "Retry-After", "1");
    reply_error(request, 503, "more calls wait than the server takes: try again");
    request_answer(request);
    return false;
}

bool request_later(struct request *request, void (*at_work)(struct request *request),
                   void (*then)(struct request *request))
{
    return add(request, request->server->jobs, at_work, then);
}

bool request_check_out(struct request *request, void (*at_work)(struct request *request))
{
    return add(request, request->server->check_outs, at_work, NULL);
}

void request_wait(struct request *request)
{
    request->pending = true;
}

void request_answer(struct request *request)
{
    request->pending = false;
    if (request->answered != NULL)
        request->answered(request);
    else
        listener_resume(request);
}
