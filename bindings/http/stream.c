/* SPDX-License-Identifier: Apache-2.0 */
/* stream.c: a reply whose text comes while the request still goes on.
 *
 * What is written waits in a buffer. When the client has all of it the connection is suspended, and costs
 * nothing until a call on the loop, posted once for all that was written meanwhile, lets it go on. */
#include "stream.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "listener.h"
#include "request.h"

struct stream {
    struct request *request; /* NULL when it has ended */
    const char *type;
    pthread_mutex_t lock; /* what follows may be written on a thread of the pool */
    char *text;
    size_t length, room, sent;
    uint64_t left_out;
    bool ended, broken, posted;
    bool parked; /* suspended for want of text; the loop only */
    struct loop_call call;
};

static void destroy(struct stream *stream)
{
    pthread_mutex_destroy(&stream->lock);
    free(stream->text);
    free(stream);
}

/* There is something to send, or the end. */
static void go_on(void *user)
{
    struct stream *stream = user;
    pthread_mutex_lock(&stream->lock);
    stream->posted = false;
    pthread_mutex_unlock(&stream->lock);
    if (stream->request == NULL) {
        destroy(stream);
    } else if (stream->parked) {
        stream->parked = false;
        listener_go_on(stream->request);
    } else {
        listener_begin(stream->request);
    }
}

static struct stream *make(struct request *request, const char *type)
{
    struct stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL)
        return NULL;
    pthread_mutex_init(&stream->lock, NULL);
    stream->request = request;
    stream->type = type;
    stream->call = (struct loop_call){.run = go_on, .user = stream};
    return request->stream = stream;
}

static bool append(struct stream *stream, const char *text, size_t length)
{
    if (stream->sent > stream->length / 2) {
        stream->length -= stream->sent;
        memmove(stream->text, stream->text + stream->sent, stream->length);
        stream->sent = 0;
    }
    size_t needed = stream->length + length, room = stream->room > 0 ? stream->room : 1024;
    while (room < needed)
        room *= 2;
    char *grown = room > stream->room ? realloc(stream->text, room) : stream->text;
    if (grown == NULL)
        return false;
    stream->text = grown;
    stream->room = room;
    memcpy(grown + stream->length, text, length);
    stream->length = needed;
    return true;
}

/* Under the lock. */
static void post(struct stream *stream)
{
    if (stream->posted)
        return;
    stream->posted = true;
    loop_post(stream->request->server->loop, &stream->call);
}

bool stream_write(struct request *request, const char *type, const char *text, size_t length)
{
    struct stream *stream = request->stream != NULL ? request->stream : make(request, type);
    if (stream == NULL)
        return false;
    pthread_mutex_lock(&stream->lock);
    if (!stream->broken && !append(stream, text, length))
        stream->broken = true;
    bool fine = !stream->broken;
    post(stream);
    pthread_mutex_unlock(&stream->lock);
    return fine;
}

bool stream_is_behind(const struct request *request)
{
    enum { BACKLOG = 8 << 20 };
    struct stream *stream = request->stream;
    if (stream == NULL)
        return false;
    pthread_mutex_lock(&stream->lock);
    bool behind = stream->length - stream->sent > BACKLOG;
    pthread_mutex_unlock(&stream->lock);
    return behind;
}

void stream_leave_out(struct request *request, size_t bytes)
{
    request->stream->left_out += bytes;
}

uint64_t stream_left_out(const struct request *request)
{
    return request->stream != NULL ? request->stream->left_out : 0;
}

void stream_break(struct request *request)
{
    struct stream *stream = request->stream;
    if (stream == NULL)
        return;
    pthread_mutex_lock(&stream->lock);
    stream->broken = true;
    post(stream);
    pthread_mutex_unlock(&stream->lock);
}

void stream_end(struct request *request)
{
    struct stream *stream = request->stream;
    pthread_mutex_lock(&stream->lock);
    stream->ended = true;
    post(stream);
    pthread_mutex_unlock(&stream->lock);
    request->reply.status = 200;
}

/* Called when the client can take more. */
static ssize_t on_room(void *user, uint64_t position, char *out, size_t room)
{
    (void)position;
    struct stream *stream = user;
    ssize_t taken = 0;
    pthread_mutex_lock(&stream->lock);
    size_t left = stream->length - stream->sent;
    if (stream->broken) {
        taken = MHD_CONTENT_READER_END_WITH_ERROR;
    } else if (left > 0) {
        taken = (ssize_t)(left < room ? left : room);
        memcpy(out, stream->text + stream->sent, (size_t)taken);
        stream->sent += (size_t)taken;
        if (stream->sent == stream->length)
            stream->sent = stream->length = 0;
    } else if (stream->ended) {
        taken = MHD_CONTENT_READER_END_OF_STREAM;
    } else {
        stream->parked = true;
    }
    pthread_mutex_unlock(&stream->lock);
    listener_expect(stream->request, !stream->parked);
    if (stream->parked)
        MHD_suspend_connection(stream->request->connection);
    return taken;
}

struct MHD_Response *stream_response(struct request *request)
{
    enum { BLOCK = 16 << 10 };
    request->reply.type = request->stream->type;
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, on_room, request->stream, NULL);
}

void stream_free(struct stream *stream)
{
    if (stream == NULL)
        return;
    pthread_mutex_lock(&stream->lock);
    stream->request = NULL;
    bool posted = stream->posted; /* then the call is the last to need it */
    pthread_mutex_unlock(&stream->lock);
    if (!posted)
        destroy(stream);
}
