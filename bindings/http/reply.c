/* SPDX-License-Identifier: Apache-2.0 */
/* reply.c: what a request is answered with. */
#include "reply.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "request.h"

static const char type_json[] = "application/json";

void reply_clear(struct reply *reply)
{
    free(reply->body);
    if (reply->fd >= 0)
        close(reply->fd);
    *reply = (struct reply){.fd = -1};
}

void reply_text(struct request *request, unsigned status, const char *type, char *text, size_t length)
{
    struct reply *reply = &request->reply;
    free(reply->body);
    if (reply->fd >= 0)
        close(reply->fd);
    reply->fd = -1;
    reply->status = status;
    reply->type = type;
    reply->body = text;
    reply->length = length;
}

void reply_file(struct request *request, unsigned status, const char *type, int fd, uint64_t offset,
                uint64_t length)
{
    reply_text(request, status, type, NULL, (size_t)length);
    request->reply.fd = fd;
    request->reply.offset = offset;
}

void reply_json(struct request *request, unsigned status, json_t *json)
{
    char *text = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    if (text == NULL) {
        text = strdup("{}");
        status = 500;
    }
    reply_text(request, status, type_json, text, text != NULL ? strlen(text) : 0);
}

void reply_header(struct request *request, const char *name, const char *format, ...)
{
    struct reply *reply = &request->reply;
    if (reply->header_count == REPLY_HEADERS_MAX)
        return;
    char *value = reply->headers[reply->header_count].value;
    va_list values;
    va_start(values, format);
    int length = vsnprintf(value, sizeof reply->headers[0].value, format, values);
    va_end(values);
    if (length < 0 || (size_t)length >= sizeof reply->headers[0].value)
        return;
    reply->headers[reply->header_count++].name = name;
}

json_t *reply_time(int64_t ms)
{
    char text[40];
    struct tm parts;
    time_t seconds = (time_t)(ms / 1000);
    if (ms <= 0 || gmtime_r(&seconds, &parts) == NULL)
        return json_null();
    size_t length = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text + length, sizeof text - length, ".%03dZ", (int)(ms % 1000));
    return json_string(text);
}

/* ---- Errors ---- */

/* TextQL's word for a status. */
static const char *code_of(unsigned status)
{
    static const struct {
        unsigned status;
        const char *code;
    } codes[] = {{401, "unauthenticated"}, {403, "permission_denied"},   {404, "not_found"},
                 {409, "conflict"},        {429, "rate_limit_exceeded"}, {504, "timeout"}};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i].status == status)
            return codes[i].code;
    return status < 500 ? "invalid_request" : "internal";
}

static const char *phrase_of(unsigned status)
{
    static const struct {
        unsigned status;
        const char *phrase;
    } phrases[] = {{400, "Bad Request"},          {401, "Unauthorized"},        {403, "Forbidden"},
                   {404, "Not Found"},            {405, "Method Not Allowed"},  {408, "Request Timeout"},
                   {409, "Conflict"},             {413, "Payload Too Large"},   {422, "Unprocessable Entity"},
                   {426, "Upgrade Required"},     {429, "Too Many Requests"},   {502, "Bad Gateway"},
                   {503, "Service Unavailable"},  {504, "Gateway Timeout"},
                   {507, "Insufficient Storage"}};
    for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++)
        if (phrases[i].status == status)
            return phrases[i].phrase;
    return "Internal Server Error";
}

/* "NOT_FOUND" */
static json_t *word_of(unsigned status)
{
    char word[40];
    if (status == 408)
        return json_string("PROCESS_EXECUTION_TIMEOUT");
    snprintf(word, sizeof word, "%s", phrase_of(status));
    for (char *at = word; *at != '\0'; at++)
        *at = *at == ' ' ? '_' : (char)toupper((unsigned char)*at);
    return json_string(word);
}

/* The path as it was sent, decoded. */
static json_t *path_of(const struct request *request)
{
    char path[1024] = "";
    size_t used = 0;
    for (size_t i = 0; request->understood && i < request->address.word_count && used < sizeof path; i++)
        used += (size_t)snprintf(path + used, sizeof path - used, "/%s", request->address.words[i]);
    json_t *text = json_string(path);
    return text != NULL ? text : json_string("/"); /* cut inside a character */
}

static json_t *shape(const struct request *request, unsigned status, const char *message)
{
    switch (request->family) {
    case FAMILY_RECOUP:
        return json_pack("{s:s,s:s}", "status", "error", "error", message);
    case FAMILY_DAYTONA:
        return json_pack("{s:o,s:o,s:i,s:s,s:s}", "path", path_of(request), "timestamp",
                         reply_time(request->begun_ms), "statusCode", (int)status, "error",
                         phrase_of(status), "message", message);
    case FAMILY_TOOLBOX:
        return json_pack("{s:o,s:o,s:i,s:s,s:s,s:o,s:s,s:s}", "path", path_of(request), "timestamp",
                         reply_time(request->begun_ms), "statusCode", (int)status, "error",
                         phrase_of(status), "message", message, "code", word_of(status), "source",
                         "clutch", "method", request->method);
    default:
        return json_pack("{s:{s:s,s:s}}", "error", "code", code_of(status), "message", message);
    }
}

void reply_error(struct request *request, unsigned status, const char *format, ...)
{
    char message[600];
    va_list values;
    va_start(values, format);
    vsnprintf(message, sizeof message, format, values);
    va_end(values);
    for (char *end = message + strlen(message); end > message && !address_is_utf8(message);)
        *--end = '\0'; /* cut inside a character */
    reply_json(request, status, shape(request, status, message));
}

unsigned reply_status_of(int code)
{
    switch (code) {
    case CLUTCH_E_INVALID: return 400;
    case CLUTCH_E_NOT_FOUND: return 404;
    case CLUTCH_E_BUSY:
    case CLUTCH_E_EXISTS:
    case CLUTCH_E_ENDED:
    case CLUTCH_E_STATE: return 409;
    case CLUTCH_E_TOO_LARGE: return 413;
    case CLUTCH_E_UNSUPPORTED:
    case CLUTCH_E_UNCLONABLE: return 422;
    case CLUTCH_E_REPOSITORY: return 502;
    case CLUTCH_E_CLOSED: return 503;
    case CLUTCH_E_TIMEOUT: return 504;
    case CLUTCH_E_DISK: return 507;
    default: return 500;
    }
}

/* A path that a client gave leads through something that is no folder. */
static bool is_astray(const clutch_error *error)
{
    return error->code == CLUTCH_E_SYSTEM &&
           (error->sys_errno == ENOTDIR || error->sys_errno == ELOOP || error->sys_errno == EISDIR);
}

/* Clients of a family know what its documents have: only the page's own calls tell of all. */
static unsigned known_status(const struct request *request, unsigned status)
{
    bool daytona = request->family == FAMILY_DAYTONA || request->family == FAMILY_TOOLBOX;
    bool page = request->route != NULL && strncmp(request->route->pattern, "/console/", 9) == 0;
    return page || (status != 504 && status != 507) || (status == 507 && daytona) ? status : 500;
}

void reply_failure(struct request *request, const clutch_error *error)
{
    unsigned status = known_status(request, is_astray(error) ? 400 : reply_status_of(error->code));
    if (status < 500 || status == 502) {
        reply_error(request, status, "%s", error->message);
        return;
    }
    log_trouble(request, clutch_error_name(error->code), error->message);
    reply_error(request, status, "%s: the server's log tells more about request %s",
                clutch_error_sentence(error->code), request->id);
}
