/* SPDX-License-Identifier: Apache-2.0 */
/* stream.h: a reply whose text comes while the request still goes on. */
#ifndef HTTP_STREAM_H
#define HTTP_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct MHD_Response;
struct request;
struct stream;

/* The first piece begins the reply, with status 200; from then on its end is stream_end and no other reply
 * can be made. type is a constant. False when memory runs out: then the reply breaks off. Only the thread
 * that has the request. */
bool stream_write(struct request *request, const char *type, const char *text, size_t length);

/* Whether the client is so slow that pieces that it can do without should be left out, and how many bytes of
 * what they tell were. */
bool stream_is_behind(const struct request *request);
void stream_leave_out(struct request *request, size_t bytes);
uint64_t stream_left_out(const struct request *request);

/* A piece is lost: a reply that has begun breaks off. As stream_write. */
void stream_break(struct request *request);

/* All is written. The loop only; request_answer must follow. */
void stream_end(struct request *request);

/* For the listener: what the protocol sends, and the end with the request. NULL is allowed. */
struct MHD_Response *stream_response(struct request *request);
void stream_free(struct stream *stream);

#endif
