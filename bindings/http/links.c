/* SPDX-License-Identifier: Apache-2.0 */
/* links.c: links to files that need no key: signed, and good for a while. */
#include "links.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "digest.h"
#include "request.h"

static bool sign(const struct server *server, const char *id, const char *name, const char *expires,
                 unsigned char out[DIGEST_BYTES])
{
    const char *parts[] = {"file", id, name, expires};
    return digest_sign(server->secret, parts, 4, out);
}

/* The path of a URL may hold all of a file's name but what is encoded here. */
static void encode_path(const char *name, char *out)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
    for (; *name != '\0'; name++)
        if (strchr(plain, *name) != NULL)
            *out++ = *name;
        else
            out += sprintf(out, "%%%02X", (unsigned char)*name);
    *out = '\0';
}

json_t *links_make(const struct request *request, const char *id, const char *name)
{
    const struct server *server = request->server;
    unsigned char signature[DIGEST_BYTES];
    char expires[24], text[DIGEST_TEXT];
    int64_t until_ms = request->begun_ms + (int64_t)server->config->link_ms;
    snprintf(expires, sizeof expires, "%lld", (long long)(until_ms / 1000));
    char *path = malloc(3 * strlen(name) + 1);
    if (path == NULL || !sign(server, id, name, expires, signature)) {
        free(path);
        return NULL;
    }
    encode_path(name, path);
    digest_hex(signature, sizeof signature, text);
    json_t *url = json_sprintf("%s/v2/sandcastles/%s/files/%s?expires=%s&signature=%s", server->public_url,
                               id, path, expires, text);
    free(path);
    return url;
}

bool links_check(struct request *request)
{
    const char *expires = request_query(request, "expires");
    const char *id = request_parameter(request, 0), *name = request_parameter(request, 1);
    unsigned char given[DIGEST_BYTES], right[DIGEST_BYTES];
    if (expires == NULL || !digest_unhex(request_query(request, "signature"), given, sizeof given) ||
        !sign(request->server, id, name, expires, right) ||
        !digest_equal(given, right, sizeof right)) {
        reply_error(request, 403, "the link's signature is wrong");
        return false;
    }
    if (strtoll(expires, NULL, 10) * 1000 >= request->begun_ms)
        return true;
    reply_error(request, 403, "the link has expired: ask for a new one");
    return false;
}
