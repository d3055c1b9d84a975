/* SPDX-License-Identifier: Apache-2.0 */
/* websocket.h: requests that become WebSockets (RFC 6455). The loop only.
 *
 * The request lives as long as its socket. Handlers may go on with it in the pool or with an execution as
 * others do; request->reply then is only a note of what went wrong. */
#ifndef HTTP_WEBSOCKET_H
#define HTTP_WEBSOCKET_H

#include <stdbool.h>
#include <stddef.h>

struct request;
struct websocket;

enum {
    WEBSOCKET_DONE = 1000,
    WEBSOCKET_GOING_AWAY = 1001,
    WEBSOCKET_PROTOCOL = 1002,
    WEBSOCKET_POLICY = 1008,
    WEBSOCKET_TOO_LARGE = 1009,
    WEBSOCKET_TROUBLE = 1011,
    WEBSOCKET_LATER = 1013,
    WEBSOCKET_TIMEOUT = 4008, /* what the Daytona family says */
};

struct websocket_options {
    size_t message_most, backlog_most; /* bytes that a client may send at once, and may leave unread */
    /* A text has come; more texts come one by one. */
    void (*message)(struct request *request, const char *text, size_t length);
    /* More is left unread than may be; what is sent after it is dropped. */
    void (*slow)(struct request *request);
    void (*end)(void *state); /* with the request */
    /* What was begun by request_later or execution_begin has ended. */
    void (*answered)(struct request *request);
};

/* Makes the reply: 101, or what is wrong with the handshake. options is a constant. The request's state is
 * the socket's from here on, and state too, whatever the reply. */
void websocket_accept(struct request *request, const struct websocket_options *options, void *state);

/* The state that websocket_accept was given, which is the socket's from there on. */
void *websocket_state(const struct request *request);

/* Sends a text, at once if the client takes it. */
void websocket_send(struct request *request, const char *text, size_t length);

/* Says goodbye, once; what is sent after it is dropped. */
void websocket_close(struct request *request, unsigned code, const char *reason);

#endif
