/* SPDX-License-Identifier: Apache-2.0 */
/* reply.h: what a request is answered with. Any thread that has the request. */
#ifndef HTTP_REPLY_H
#define HTTP_REPLY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clutch.h"

struct request;
struct MHD_UpgradeResponseHandle;

/* The connection is no HTTP any more; more has what the client has sent already. The descriptor stays the
 * connection's, until listener_downgrade. On the loop. */
typedef void reply_upgraded_fn(struct request *request, int fd, const char *more, size_t length,
                               struct MHD_UpgradeResponseHandle *handle);

enum { REPLY_HEADERS_MAX = 8 };

struct reply {
    unsigned status; /* 0: there is none yet */
    const char *type;
    char *body; /* owned */
    size_t length;
    int fd; /* owned; -1: body counts. length bytes from offset on */
    uint64_t offset;
    reply_upgraded_fn *upgraded; /* NULL: an ordinary reply */
    struct {
        const char *name;
        char value[256];
    } headers[REPLY_HEADERS_MAX];
    size_t header_count;
};

void reply_clear(struct reply *reply);

/* json is moved; NULL, when memory ran out while it was made, answers 500. */
void reply_json(struct request *request, unsigned status, json_t *json);

/* The text is moved, to be freed with free. type is a constant. */
void reply_text(struct request *request, unsigned status, const char *type, char *text, size_t length);

/* The descriptor is moved. type is a constant. */
void reply_file(struct request *request, unsigned status, const char *type, int fd, uint64_t offset,
                uint64_t length);

/* name is a constant; a value that is too long is left out. */
void reply_header(struct request *request, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* In the shape of the request's family, by the status. In place of a reply that is there already. */
void reply_error(struct request *request, unsigned status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A failure of the library. What is the server's own trouble is logged and told in general terms. */
void reply_failure(struct request *request, const clutch_error *error);

/* The status that stands for a CLUTCH_E_* code. */
unsigned reply_status_of(int code);

/* RFC 3339 in UTC with milliseconds. */
json_t *reply_time(int64_t ms);

#endif
