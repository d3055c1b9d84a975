/* SPDX-License-Identifier: Apache-2.0 */
/* log.h: JSON lines on standard error, for whoever runs the server. Any thread. */
#ifndef HTTP_LOG_H
#define HTTP_LOG_H

#include <stdint.h>

struct request;

/* "all", "errors" or "none"; NULL: all. Before threads start. */
void log_open(const char *level);

/* A request that was answered, or whose client has left (status 0). The loop only. */
void log_request(const struct request *request, unsigned status);

/* Something that the operator should know. request may be NULL; code is a word. */
void log_trouble(const struct request *request, const char *code, const char *message);

/* Something that happens, such as the start. */
void log_event(const char *event, const char *detail);

/* For clutch_engine_options.log. */
void log_engine(uint32_t level, const char *message, void *unused);

#endif
