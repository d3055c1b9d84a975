/* SPDX-License-Identifier: Apache-2.0 */
/* recoup.c: the Recoup family: a session's sandbox made or brought back.
 *
 * A session is known by its sandbox alone, which is named after it. */
#include "recoup.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "config.h"
#include "recoup_session.h"
#include "request.h"
#include "sandboxes.h"

/* ---- The repository ---- */

static bool is_name(const char *text, size_t length)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
    return length > 0 && length <= 100 && strspn(text, plain) >= length && *text != '.' && *text != '-';
}

/* PREFIX owner/repository, with or without .git or a slash at the end. */
static bool is_repository(const char *url, const char *prefix)
{
    size_t length = strlen(prefix);
    if (strncmp(url, prefix, length) != 0)
        return false;
    const char *owner = url + length, *slash = strchr(owner, '/');
    if (slash == NULL || !is_name(owner, (size_t)(slash - owner)))
        return false;
    size_t rest = strcspn(slash + 1, "/");
    return is_name(slash + 1, rest) && (slash[1 + rest] == '\0' || strcmp(slash + 1 + rest, "/") == 0);
}

/* ---- The body ---- */

struct wish {
    const char *url;
    const char *session; /* NULL: a sandbox for once */
};

static const char *text_of(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    const char *text = json_string_value(value);
    return text != NULL && strlen(text) == json_string_length(value) ? text : NULL;
}

static bool read_wish(struct request *request, struct wish *wish)
{
    const char *prefix = request->server->config->repositories;
    json_t *body = request_json(request, false);
    if (body == NULL)
        return false;
    if (prefix == NULL)
        prefix = "https://github.com/";
    wish->url = text_of(body, "repoUrl");
    if (wish->url == NULL) {
        reply_json(request, 400, json_pack("{s:s,s:[s],s:s}", "status", "error", "missing_fields", "repoUrl",
                                           "error", "repoUrl is missing: the repository to clone"));
        return false;
    }
    if (!is_repository(wish->url, prefix)) {
        reply_error(request, 400, "repoUrl must be a repository's URL such as %sowner/repo", prefix);
        return false;
    }
    json_t *session = json_object_get(body, "sessionId");
    wish->session = NULL;
    if (session == NULL || json_is_null(session))
        return true;
    wish->session = text_of(body, "sessionId");
    return wish->session != NULL ? recoup_check_session(request, wish->session)
                                 : (reply_error(request, 400, "sessionId must be a text"), false);
}

/* ---- POST /api/sandbox ---- */

/* The client is told no more than this, the operator why. */
static void hide_trouble(struct request *request)
{
    if (request->reply.status >= 500)
        reply_error(request, 502, "Failed to provision sandbox");
}

static bool make(struct request *request, const struct wish *wish, clutch_sandbox **out)
{
    clutch_intervals intervals = CLUTCH_INTERVALS_RECOUP;
    clutch_repository repository = CLUTCH_REPOSITORY_INIT;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    clutch_session_report *report = NULL;
    char name[RECOUP_NAME];
    repository.url = wish->url;
    options.repository = &repository;
    options.intervals = &intervals;
    if (wish->session == NULL) {
        intervals.auto_delete_s = CLUTCH_AT_ONCE;
        return sandboxes_create(request, &options, out);
    }
    recoup_name(wish->session, name);
    options.name = name;
    bool fine = sandboxes_ensure(request, &options, out, &report);
    clutch_session_report_free(report);
    return fine;
}

static void answer(struct request *request, const clutch_sandbox_info *info)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t now_ms = now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
    int64_t left_ms = recoup_expires(info) - now_ms;
    reply_json(request, 200,
               json_pack("{s:I,s:I,s:s,s:s,s:{s:I}}", "createdAt", (json_int_t)now_ms, "timeout",
                         (json_int_t)(left_ms > 0 ? left_ms : 0), "currentBranch", info->current_branch,
                         "mode", "vercel", "timing", "readyMs",
                         (json_int_t)((server_now_ns() - request->begun_ns) / 1000000)));
}

static void conclude(struct request *request, bool fine, clutch_sandbox *sandbox)
{
    clutch_sandbox_info *info;
    if (fine && sandboxes_describe(request, sandbox, &info)) {
        answer(request, info);
        clutch_sandbox_info_free(info);
    }
    clutch_sandbox_release(sandbox);
    hide_trouble(request);
}

/* On a thread for check-outs. */
static void check_out(struct request *request)
{
    struct wish wish;
    clutch_sandbox *sandbox = NULL;
    if (!read_wish(request, &wish))
        return;
    bool fine = make(request, &wish, &sandbox);
    conclude(request, fine, sandbox);
}

/* In the pool: a session that is there needs no check-out. */
static void look(struct request *request)
{
    struct wish wish;
    clutch_sandbox *sandbox;
    if (!read_wish(request, &wish) || wish.session == NULL || !recoup_find(request, wish.session, &sandbox))
        return;
    bool fine = recoup_activate(request, sandbox);
    conclude(request, fine, sandbox);
}

static void looked(struct request *request)
{
    (void)request_check_out(request, check_out);
}

void recoup_create(struct request *request)
{
    (void)request_later(request, look, looked);
}
