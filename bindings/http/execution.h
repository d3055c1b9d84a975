/* SPDX-License-Identifier: Apache-2.0 */
/* execution.h: runs code for requests: one at a time in a sandbox, the others in turn. The loop only. */
#ifndef HTTP_EXECUTION_H
#define HTTP_EXECUTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clutch.h"

struct request;

struct execution_wish {
    const char *owner;      /* NULL: the request's */
    const char *id_or_name; /* of a sandbox of that owner */
    const char *code;       /* this and the above: borrowed until the request ends */
    size_t length;
    uint64_t wall_ms;       /* 0: the server's */
    uint64_t grace_ms;      /* 0: the library's */
    uint64_t output_bytes;  /* 0: the sandbox' */
    bool is_own;            /* no client asked for it: it is not counted */
    const char *source;     /* for the records; a constant */
    clutch_output_fn *on_output; /* called on the loop, with the request; may be NULL */
    /* Each makes the reply, finish in the pool when the result is large. fail may be NULL: reply_failure. */
    void (*finish)(struct request *request, const clutch_result *result);
    bool is_quick; /* finish takes no time however large the result is: it is called on the loop */
    void (*fail)(struct request *request, const clutch_error *error);
};

/* The last thing that a handler does. Owns the request's abandon from here on; a client that leaves cancels
 * its run. Ends with request_answer; a handler that has set `answered` may then begin another one. */
void execution_begin(struct request *request, const struct execution_wish *wish);

/* The same for the code in the body, {"code": ".."}, which the wish does not have yet. A body without one is
 * answered with 400. */
void execution_begin_body(struct request *request, struct execution_wish *wish);

/* The id of the sandbox that the code ran in; for finish. */
const char *execution_sandbox(const struct request *request);

/* Calls a handler when the JSON body is parsed, which a thread of the pool does for a large one. */
void execution_parse(struct request *request, void (*handler)(struct request *request));

/* Frees what is left of it with the request. */
void execution_end(struct request *request);

#endif
