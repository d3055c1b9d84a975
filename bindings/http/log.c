/* SPDX-License-Identifier: Apache-2.0 */
/* log.c: JSON lines on standard error. One write each, so that lines of several threads never mix; none when
 * the reader has fallen behind, for a log must not hold up the server. */
#include "log.h"

#include <jansson.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clutch.h"
#include "request.h"

static enum { ALL, ERRORS, NOTHING } level = ALL;

void log_open(const char *word)
{
    if (word != NULL && strcmp(word, "all") != 0)
        level = strcmp(word, "none") == 0 ? NOTHING : ERRORS;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* The line is moved. */
static void write_line(json_t *line)
{
    char *text = line != NULL ? json_dumps(line, JSON_COMPACT) : NULL;
    json_decref(line);
    if (text == NULL)
        return;
    size_t length = strlen(text);
    text[length] = '\n'; /* in place of the NUL */
    struct pollfd ready = {.fd = STDERR_FILENO, .events = POLLOUT};
    if (length < PIPE_BUF && poll(&ready, 1, 0) == 1)
        (void)!write(STDERR_FILENO, text, length + 1);
    free(text);
}

static json_t *begin(const char *word, const char *event)
{
    return json_pack("{s:o,s:s,s:s}", "time", reply_time(now_ms()), "level", word, "event", event);
}

static void put(json_t *line, const char *name, json_t *value)
{
    (void)json_object_set_new(line, name, value != NULL ? value : json_null());
}

/* The route and its first word, and no query, which may hold a signature. */
static void put_request(json_t *line, const struct request *request)
{
    put(line, "request", json_string(request->id));
    put(line, "method", json_string(request->method));
    put(line, "route", json_string(request->route != NULL ? request->route->pattern : ""));
    if (request->match.parameters[0] != NULL)
        put(line, "target", json_string(request->match.parameters[0]));
    if (request->key != NULL) {
        put(line, "key", json_string(request->key->id));
        put(line, "organisation", json_string(request->key->organisation));
    }
}

void log_request(const struct request *request, unsigned status)
{
    if (level == NOTHING || (level == ERRORS && status < 500))
        return;
    json_t *line = begin(status >= 500 ? "warning" : "info", "request");
    put_request(line, request);
    put(line, "status", json_integer(status));
    put(line, "bytes", json_integer((json_int_t)request->reply.length));
    put(line, "took_us", json_integer((server_now_ns() - request->begun_ns) / 1000));
    write_line(line);
}

void log_trouble(const struct request *request, const char *code, const char *message)
{
    if (level == NOTHING)
        return;
    json_t *line = begin("warning", "trouble");
    if (request != NULL)
        put_request(line, request);
    put(line, "code", json_string(code));
    put(line, "message", json_string(message));
    write_line(line);
}

void log_event(const char *event, const char *detail)
{
    if (level != ALL)
        return;
    json_t *line = begin("info", event);
    put(line, "detail", json_string(detail));
    write_line(line);
}

void log_engine(uint32_t of, const char *message, void *unused)
{
    (void)unused;
    if (of == CLUTCH_LOG_WARNING)
        log_trouble(NULL, "engine", message);
    else if (of == CLUTCH_LOG_INFO)
        log_event("engine", message);
}
