/* SPDX-License-Identifier: Apache-2.0 */
/* request.h: one request, from its first line to the end of its reply.
 *
 * The listener makes it and ends it, on the loop's thread. In between a handler has it, on the loop or on
 * a thread of the pool, and makes the reply; only one thread has it at a time. */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address.h"
#include "jobs.h"
#include "keys.h"
#include "reply.h"
#include "route.h"
#include "server.h"

struct MHD_Connection;
struct peer;
struct run;
struct stream;

enum { REQUEST_ID = 65 };

struct request {
    struct server *server;
    struct MHD_Connection *connection;
    struct peer *peer;
    char id[REQUEST_ID]; /* the client's, when it sent a good one */
    int64_t begun_ns;    /* server_now_ns */
    int64_t begun_ms;    /* since 1970 */
    char method[16];
    struct address address;
    bool understood; /* the address could be decoded */
    enum family family;
    const struct route *route; /* NULL when there is none */
    struct route_match match;
    struct key *key; /* NULL without one */
    char *body;      /* with a NUL that length does not count; NULL when there is none */
    size_t body_length, body_room;
    uint64_t body_most;
    json_t *json; /* the body, once request_json was called */
    struct reply reply;
    struct stream *stream; /* in place of the reply, when that comes in pieces */
    struct job job;
    void (*then)(struct request *request); /* on the loop, after a job; NULL: the reply is made */
    void (*work)(struct request *request);
    struct run *run; /* of execution.c */
    void *state;     /* the handler's own */
    /* Each may be NULL, and is called on the loop: nobody waits for the reply any more, so end what takes
     * long; the reply is there, in place of sending it; the request ends, so free state. */
    void (*abandon)(struct request *request), (*answered)(struct request *request);
    void (*end)(struct request *request);
    bool begun, complete, suspended, left;
    bool orphaned; /* the client has left before the end of its stream */
    bool pending; /* the reply is being made elsewhere: only the loop's thread knows when it is there */
};

/* The n-th word in braces of the route's pattern. */
const char *request_parameter(const struct request *request, size_t n);

/* NULL when there is none. Both borrowed until the request ends. */
const char *request_query(const struct request *request, const char *name);
const char *request_header(const struct request *request, const char *name);

/* Who calls; the route has a scope. NULL stands for everybody: the request came by a link for this very
 * thing. Borrowed until the request ends. */
const char *request_owner(const struct request *request);

/* The body as a JSON object, borrowed; an empty one for no body when it may be missing. NULL when it is
 * something else, and the reply says so. */
json_t *request_json(struct request *request, bool may_be_missing);

/* The group of an organisation's jobs. owner is NULL, the organisation, or "ORGANISATION SANDBOX". */
uint64_t request_group(const char *owner);

/* Goes on in the pool: work there, then `then` on the loop, or nothing more when that is NULL and work
 * has made the reply. From the loop only, and the last thing that a handler does. False when the pool takes
 * no more: then the reply says so. */
bool request_later(struct request *request, void (*work)(struct request *request),
                   void (*then)(struct request *request));

/* The same on the threads for check-outs. */
bool request_check_out(struct request *request, void (*work)(struct request *request));

/* The reply will be made later, on the loop, by whoever then calls request_answer. */
void request_wait(struct request *request);

/* Tells the listener, or whoever has set `answered`, that the reply is made. The loop only. */
void request_answer(struct request *request);

#endif
