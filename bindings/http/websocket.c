/* SPDX-License-Identifier: Apache-2.0 */
/* websocket.c: requests that become WebSockets: wslay speaks the frames, libmicrohttpd lends the socket.
 *
 * A socket ends when both sides have said goodbye, when the client is gone, or when it is late with that;
 * while an execution or a job is under way for it, it waits for their end first. */
#include "websocket.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wslay/wslay.h>

#include "config.h"
#include "listener.h"
#include "loop.h"
#include "request.h"

enum {
    REASON_MAX = 123,
    READ_AT_ONCE = 256 << 10, /* bytes of one socket before others have their turn */
    UNSENT_MAX = 64 << 10,    /* bytes that wait to be sent, such as answers to pings, while more is read */
    UNSENT_COUNT = 1000,      /* and frames */
};

struct websocket {
    struct request *request;
    const struct websocket_options *options;
    void *state;
    struct MHD_UpgradeResponseHandle *handle; /* NULL before the upgrade */
    wslay_event_context_ptr frames;
    struct watch *watch;
    int fd; /* a copy, so that the loop can watch it beside the connection's own */
    char *early;
    size_t early_length, early_used;
    size_t readable; /* bytes that may be read in this turn */
    uint32_t events; /* that are watched for */
    bool gone, slow;
    bool controls; /* the frame that comes is no part of a message */
    bool closing, said; /* nothing more is sent; goodbye is on its way */
    uint16_t code;
    char reason[REASON_MAX];
    size_t reason_length;
};

/* ---- The end ---- */

static void free_socket(struct request *request)
{
    struct websocket *socket = request->state;
    loop_unwatch(socket->watch);
    if (socket->fd >= 0)
        close(socket->fd);
    if (socket->frames != NULL)
        wslay_event_context_free(socket->frames);
    free(socket->early);
    socket->options->end(socket->state);
    free(socket);
    request->state = NULL;
}

/* Nothing is to be read or written any more. */
static void leave(struct websocket *socket)
{
    struct request *request = socket->request;
    socket->gone = true;
    loop_unwatch(socket->watch);
    socket->watch = NULL;
    if (request->pending) {
        if (request->abandon != NULL)
            request->abandon(request);
        return;
    }
    struct MHD_UpgradeResponseHandle *handle = socket->handle;
    if (handle == NULL)
        return;
    socket->handle = NULL;
    if (socket->fd >= 0)
        close(socket->fd);
    socket->fd = -1;
    reply_clear(&request->reply);
    request->reply.status = 101;
    listener_downgrade(request, handle);
}

/* wslay would send goodbye before what waits, and that never. */
static bool say_goodbye(struct websocket *socket)
{
    if (!socket->closing || socket->said || wslay_event_get_queued_msg_count(socket->frames) > 0)
        return true;
    socket->said = true;
    return wslay_event_queue_close(socket->frames, socket->code, (const uint8_t *)socket->reason,
                                   socket->reason_length) == 0 &&
           wslay_event_send(socket->frames) == 0;
}

/* Whether the client takes what is sent to it, so that more of it may be read. */
static bool is_taking(const struct websocket *socket)
{
    return wslay_event_get_queued_msg_length(socket->frames) <= UNSENT_MAX &&
           wslay_event_get_queued_msg_count(socket->frames) <= UNSENT_COUNT;
}

/* Writes what there is. */
static void settle(struct websocket *socket)
{
    if (socket->gone)
        return;
    if ((wslay_event_want_write(socket->frames) && wslay_event_send(socket->frames) != 0) ||
        !say_goodbye(socket)) {
        leave(socket);
        return;
    }
    bool reads = wslay_event_want_read(socket->frames), writes = wslay_event_want_write(socket->frames);
    if (!reads && !writes) {
        leave(socket);
        return;
    }
    uint32_t events = (is_taking(socket) ? EPOLLIN : 0) | (writes ? EPOLLOUT : 0);
    if (events != socket->events)
        (void)loop_rewatch(socket->watch, events);
    socket->events = events;
}

static void on_ready(void *user, uint32_t events)
{
    struct websocket *socket = user;
    socket->readable = READ_AT_ONCE;
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR) && wslay_event_recv(socket->frames) != 0) {
        leave(socket);
        return;
    }
    settle(socket);
}

/* The server wants to end, or the client has left, while nothing is under way. */
static void on_abandon(struct request *request)
{
    websocket_close(request, WEBSOCKET_GOING_AWAY, "the server is stopping");
}

static void on_answered(struct request *request)
{
    struct websocket *socket = request->state;
    request->abandon = on_abandon;
    if (socket->gone)
        leave(socket);
    else
        socket->options->answered(request);
}

/* ---- For wslay ---- */

static ssize_t receive(wslay_event_context_ptr frames, uint8_t *data, size_t length, int flags, void *user)
{
    (void)flags;
    struct websocket *socket = user;
    size_t left = socket->early_length - socket->early_used;
    if (left > 0) {
        size_t count = left < length ? left : length;
        memcpy(data, socket->early + socket->early_used, count);
        socket->early_used += count;
        return (ssize_t)count;
    }
    if (socket->readable == 0 || !is_taking(socket)) {
        wslay_event_set_error(frames, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    ssize_t count = recv(socket->fd, data, length < socket->readable ? length : socket->readable, 0);
    if (count > 0) {
        socket->readable -= (size_t)count;
        return count;
    }
    bool later = count < 0 && (errno == EAGAIN || errno == EINTR);
    wslay_event_set_error(frames, later ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
}

static ssize_t transmit(wslay_event_context_ptr frames, const uint8_t *data, size_t length, int flags,
                        void *user)
{
    struct websocket *socket = user;
    ssize_t count = send(socket->fd, data, length,
                         MSG_NOSIGNAL | (flags & WSLAY_MSG_MORE ? MSG_MORE : 0));
    if (count < 0)
        wslay_event_set_error(frames, errno == EAGAIN || errno == EINTR ? WSLAY_ERR_WOULDBLOCK
                                                                        : WSLAY_ERR_CALLBACK_FAILURE);
    return count;
}

static void on_frame(wslay_event_context_ptr frames, const struct wslay_event_on_frame_recv_start_arg *frame,
                     void *user)
{
    (void)frames;
    struct websocket *socket = user;
    socket->controls = wslay_is_ctrl_frame(frame->opcode);
}

/* Messages are put together here: wslay would keep each part by itself, however small. */
static void on_chunk(wslay_event_context_ptr frames, const struct wslay_event_on_frame_recv_chunk_arg *chunk,
                     void *user)
{
    (void)frames;
    struct websocket *socket = user;
    struct request *request = socket->request;
    if (socket->controls || socket->closing || socket->gone)
        return;
    if (request->body_length + chunk->data_length > socket->options->message_most)
        websocket_close(request, WEBSOCKET_TOO_LARGE, "the message is too large");
    else if (!listener_keep(request, (const char *)chunk->data, chunk->data_length))
        websocket_close(request, WEBSOCKET_LATER, "the server has no memory for the message now: try again");
}

static void on_message(wslay_event_context_ptr frames, const struct wslay_event_on_msg_recv_arg *message,
                       void *user)
{
    (void)frames;
    struct websocket *socket = user;
    if (message->opcode == WSLAY_CONNECTION_CLOSE)
        socket->closing = socket->said = true; /* wslay answers it */
    if (wslay_is_ctrl_frame(message->opcode) || socket->closing)
        return;
    struct request *request = socket->request;
    listener_expect(request, false); /* from here on it is the server that is waited for */
    socket->options->message(request, request->body != NULL ? request->body : "", request->body_length);
    listener_drop(request);
}

/* ---- The handshake ---- */

static bool has_word(const char *list, const char *word)
{
    size_t length;
    for (; list != NULL && *list != '\0'; list += length + (list[length] != '\0')) {
        list += strspn(list, " \t");
        length = strcspn(list, ",");
        size_t end = length;
        while (end > 0 && strchr(" \t", list[end - 1]) != NULL)
            end--;
        if (end == strlen(word) && strncasecmp(list, word, end) == 0)
            return true;
    }
    return false;
}

/* The answer to Sec-WebSocket-Key: Base64 of a SHA-1 of it and a constant. */
static bool set_accept(struct request *request, const char *key)
{
    char text[64 + sizeof "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"];
    unsigned char hash[20];
    gnutls_datum_t raw = {hash, sizeof hash}, encoded;
    int length = snprintf(text, sizeof text, "%.64s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    if (gnutls_hash_fast(GNUTLS_DIG_SHA1, text, (size_t)length, hash) != 0 ||
        gnutls_base64_encode2(&raw, &encoded) != 0)
        return false;
    reply_header(request, "Sec-WebSocket-Accept", "%.*s", (int)encoded.size, (const char *)encoded.data);
    gnutls_free(encoded.data);
    return true;
}

/* Clients of the Daytona family tell their version so where they cannot set headers, and want it back. */
static void set_protocol(struct request *request)
{
    static const char version[] = "X-Daytona-SDK-Version~";
    const char *offered = request_header(request, "Sec-WebSocket-Protocol");
    if (offered != NULL && strncmp(offered, version, strlen(version)) == 0)
        reply_header(request, "Sec-WebSocket-Protocol", "%.*s", (int)strcspn(offered, ", \t"), offered);
}

static bool check_handshake(struct request *request)
{
    const char *key = request_header(request, "Sec-WebSocket-Key");
    const char *version = request_header(request, "Sec-WebSocket-Version");
    if (strcmp(request->method, "GET") != 0 || !has_word(request_header(request, "Upgrade"), "websocket") ||
        !has_word(request_header(request, "Connection"), "upgrade") || key == NULL || strlen(key) != 24) {
        reply_header(request, "Upgrade", "websocket");
        reply_error(request, 426, "it is a WebSocket: ask for an upgrade");
        return false;
    }
    if (version == NULL || strcmp(version, "13") != 0) {
        reply_header(request, "Sec-WebSocket-Version", "13");
        reply_error(request, 426, "the WebSocket's version must be 13");
        return false;
    }
    if (set_accept(request, key))
        return true;
    reply_error(request, 500, "the server cannot make a hash");
    return false;
}

static bool begin(struct websocket *socket, int fd)
{
    static const struct wslay_event_callbacks callbacks = {
        .recv_callback = receive, .send_callback = transmit, .on_frame_recv_start_callback = on_frame,
        .on_frame_recv_chunk_callback = on_chunk, .on_msg_recv_callback = on_message};
    socket->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    int flags = socket->fd >= 0 ? fcntl(socket->fd, F_GETFL) : -1;
    if (flags < 0 || fcntl(socket->fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
        wslay_event_context_server_init(&socket->frames, &callbacks, socket) != 0)
        return false;
    int yes = 1; /* a frame goes out at once; it fails for TLS, whose socket is another one */
    (void)setsockopt(socket->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    wslay_event_config_set_max_recv_msg_length(socket->frames, socket->options->message_most);
    wslay_event_config_set_no_buffering(socket->frames, 1);
    socket->events = EPOLLIN;
    socket->watch = loop_watch(socket->request->server->loop, socket->fd, EPOLLIN, on_ready, socket);
    return socket->watch != NULL;
}

static void on_upgraded(struct request *request, int fd, const char *more, size_t length,
                        struct MHD_UpgradeResponseHandle *handle)
{
    struct websocket *socket = request->state;
    socket->handle = handle;
    request->reply.status = 0;
    request->answered = on_answered;
    request->abandon = on_abandon;
    listener_expect(request, true);
    if (length > 0 && (socket->early = malloc(length)) != NULL) {
        memcpy(socket->early, more, length);
        socket->early_length = length;
    }
    if (!begin(socket, fd))
        leave(socket);
    else if (length > 0)
        on_ready(socket, EPOLLIN);
}

void websocket_accept(struct request *request, const struct websocket_options *options, void *state)
{
    struct websocket *socket = calloc(1, sizeof *socket);
    if (socket == NULL) {
        options->end(state);
        reply_error(request, 500, "no memory is left");
        return;
    }
    *socket = (struct websocket){.request = request, .options = options, .state = state, .fd = -1};
    request->state = socket;
    request->end = free_socket;
    if (!check_handshake(request))
        return;
    reply_header(request, "Upgrade", "websocket");
    set_protocol(request);
    request->reply.status = 101;
    request->reply.upgraded = on_upgraded;
}

void *websocket_state(const struct request *request)
{
    return ((struct websocket *)request->state)->state;
}

/* ---- What is sent ---- */

void websocket_send(struct request *request, const char *text, size_t length)
{
    struct websocket *socket = request->state;
    struct wslay_event_msg message = {WSLAY_TEXT_FRAME, (const uint8_t *)text, length};
    if (socket->gone || socket->closing)
        return;
    if (wslay_event_get_queued_msg_length(socket->frames) + length > socket->options->backlog_most) {
        if (!socket->slow) {
            socket->slow = true;
            socket->options->slow(request);
        }
        return;
    }
    if (wslay_event_queue_msg(socket->frames, &message) != 0)
        leave(socket);
    else
        settle(socket);
}

void websocket_close(struct request *request, unsigned code, const char *reason)
{
    struct websocket *socket = request->state;
    size_t length = strlen(reason);
    if (length > REASON_MAX)
        for (length = REASON_MAX; length > 0 && ((unsigned char)reason[length] & 0xC0) == 0x80;)
            length--; /* not inside a character */
    if (socket->gone || socket->closing)
        return;
    socket->closing = true;
    socket->code = (uint16_t)code;
    socket->reason_length = length;
    memcpy(socket->reason, reason, length);
    listener_expect(request, true);
    settle(socket);
}
