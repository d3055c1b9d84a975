/* SPDX-License-Identifier: Apache-2.0 */
/* repository_url.c: which URLs and branch names are fit to be handed to git. */
#include "host/repository_parts.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "host/error.h"

/* The URL itself is never quoted in an error: it may hold a password after all. */
static int refuse(clutch_error *error, const char *why)
{
    return error_set(error, CLUTCH_E_INVALID, 0, "the repository's URL %s", why);
}

void repository_hash(const char *text, char out[17])
{
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */
    for (const char *at = text; *at; at++)
        hash = (hash ^ (unsigned char)*at) * 0x100000001b3u;
    snprintf(out, 17, "%016llx", (unsigned long long)hash);
}

/* ---- URL ---- */

static bool only_holds(const char *text, size_t length, const char *allowed)
{
    for (size_t i = 0; i < length; i++)
        if (!isascii((unsigned char)text[i]) ||
            !(isalnum((unsigned char)text[i]) || strchr(allowed, text[i])))
            return false;
    return true;
}

/* Host and port, in lower case and without the default port, appended to out. */
static const char *take_server(const char *text, size_t length, struct repository_url *out)
{
    const char *end = text + length, *port = NULL;
    size_t host = 0;
    if (*text == '[') {
        const char *close = memchr(text, ']', length);
        if (!close || close - text < 3 ||
            strspn(text + 1, "0123456789abcdefABCDEF:.") != (size_t)(close - text - 1))
            return "has a bad address in brackets";
        host = (size_t)(close - text) + 1;
    } else {
        const char *colon = memchr(text, ':', length);
        host = colon ? (size_t)(colon - text) : length;
        if (host == 0 || host > 253 || !only_holds(text, host, ".-") || *text == '-' || *text == '.')
            return "has no fit host name";
    }
    if (text + host < end) {
        port = text + host + 1;
        size_t digits = (size_t)(end - port);
        if (text[host] != ':' || digits < 1 || digits > 5 || strspn(port, "0123456789") < digits ||
            atoi(port) < 1 || atoi(port) > 65535)
            return "has a bad port";
    }
    char *server = out->server + strlen(out->server), *name = server;
    for (size_t i = 0; i < host; i++)
        *server++ = (char)tolower((unsigned char)text[i]);
    *server = 0;
    out->is_loopback = strcmp(name, "localhost") == 0 || strcmp(name, "[::1]") == 0 ||
                       (strncmp(name, "127.", 4) == 0 && strspn(name, "0123456789.") == host);
    if (port && atoi(port) != (out->is_https ? 443 : 80))
        sprintf(server, ":%d", atoi(port));
    return NULL;
}

/* A part that is nothing, or stands for this folder or the one above. */
static bool is_odd(const char *part, size_t length)
{
    return length == 0 || (part[0] == '.' && (length == 1 || (length == 2 && part[1] == '.')));
}

static const char *check_path(const char *path)
{
    /* Letters and digits, and what RFC 3986 allows in a path. */
    if (!only_holds(path, strlen(path), "/-._~%!$&'()*+,;=:@"))
        return "holds characters that a path has to escape, a query or a fragment";
    for (const char *at = strchr(path, '%'); at; at = strchr(at + 1, '%')) {
        if (!isxdigit((unsigned char)at[1]) || !isxdigit((unsigned char)at[2]))
            return "has a % without two digits";
        if (at[1] < '2' || (at[1] == '7' && tolower((unsigned char)at[2]) == 'f'))
            return "holds an escaped control character";
        if (strncasecmp(at, "%2e", 3) == 0 || strncasecmp(at, "%2f", 3) == 0 ||
            strncasecmp(at, "%5c", 3) == 0)
            return "holds an escaped dot or slash";
    }
    for (const char *part = path + 1;; part++) {
        size_t length = strcspn(part, "/");
        if (is_odd(part, length))
            return "has an empty part, or . or ..";
        part += length;
        if (!*part)
            return NULL;
    }
}

int repository_read_url(const char *url, struct repository_url *out, clutch_error *error)
{
    if (!url || !*url)
        return refuse(error, "is missing");
    if (strlen(url) >= REPOSITORY_URL_BYTES - 16)
        return refuse(error, "is longer than 2,000 bytes");
    for (const char *at = url; *at; at++)
        if (*at <= ' ' || *at == 0x7f || *at == '\\')
            return refuse(error, "holds a space, a control character, a backslash or bytes beyond ASCII");
    *out = (struct repository_url){.is_https = strncasecmp(url, "https://", 8) == 0};
    if (!out->is_https && strncasecmp(url, "http://", 7) != 0)
        return refuse(error, "does not begin with https:// or http://, which alone are allowed");
    strcpy(out->server, out->is_https ? "https://" : "http://");
    const char *server = url + strlen(out->server);
    size_t length = strcspn(server, "/?#");
    if (memchr(server, '@', length))
        return refuse(error, "holds a user name or password: give them as username and password");
    const char *wrong = take_server(server, length, out);
    if (wrong)
        return refuse(error, wrong);
    char path[REPOSITORY_URL_BYTES];
    snprintf(path, sizeof path, "%s", server + length);
    size_t last = strlen(path);
    while (last > 0 && path[last - 1] == '/')
        path[--last] = 0;
    if (last == 0)
        return refuse(error, "names a server and no repository");
    if ((wrong = check_path(path)))
        return refuse(error, wrong);
    if ((size_t)snprintf(out->text, sizeof out->text, "%s%s", out->server, path) >= sizeof out->text)
        return refuse(error, "is longer than 2,000 bytes");
    repository_hash(out->text, out->key);
    return 0;
}

/* ---- Branch ---- */

/* The rules of git-check-ref-format for a branch. */
static bool is_branch(const char *name)
{
    size_t length = strlen(name);
    if (length == 0 || length >= REPOSITORY_BRANCH_BYTES || name[0] == '-' ||
        strcmp(name, "HEAD") == 0 || strcmp(name, "@") == 0)
        return false;
    for (const char *at = name; *at; at++)
        if ((unsigned char)*at <= ' ' || *at == 0x7f || strchr("~^:?*[\\", *at))
            return false;
    if (strstr(name, "..") || strstr(name, "@{") || name[length - 1] == '.')
        return false;
    for (const char *part = name;; part++) {
        size_t held = strcspn(part, "/");
        if (held == 0 || part[0] == '.' || (held >= 5 && memcmp(part + held - 5, ".lock", 5) == 0))
            return false;
        part += held;
        if (!*part)
            return true;
    }
}

int repository_check_branch(const char *branch, clutch_error *error)
{
    if (is_branch(branch))
        return 0;
    return error_set(error, CLUTCH_E_INVALID, 0,
                     "the branch \"%.100s\" is no name that git allows for a branch", branch);
}
