/* SPDX-License-Identifier: Apache-2.0 */
/* server.h: what all parts of the host server share. */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "clutch.h"
#include "digest.h"

struct server {
    const struct config *config;
    clutch_engine *engine;
    struct loop *loop;
    struct jobs *jobs;
    struct jobs *check_outs; /* of repositories, which take long and hold nobody else up; nothing is lost when
                                the server ends before they do */
    struct keys *keys;
    struct census *census;
    struct handles *handles;
    struct metrics *metrics;
    struct listener *listener;
    const char *public_url;             /* without a slash at the end */
    unsigned char secret[DIGEST_BYTES]; /* signs links, and makes ids of idempotency keys */
    bool stopping;                      /* no new work is taken */
};

/* A clock that nobody sets. */
int64_t server_now_ns(void);

#endif
