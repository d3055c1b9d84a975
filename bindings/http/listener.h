/* SPDX-License-Identifier: Apache-2.0 */
/* listener.h: HTTP: connections in, requests to their handlers, replies out. The loop only.
 *
 * libmicrohttpd speaks the protocol. It fits better than libwebsockets here: all of its sockets are behind
 * one descriptor that our own loop watches; it bounds the memory of each connection; it takes bodies in
 * chunks, any method and any header, which libwebsockets 4.1 takes only in part; files go out by sendfile; a
 * suspended connection costs nothing while a sandbox works for it. */
#ifndef HTTP_LISTENER_H
#define HTTP_LISTENER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct MHD_UpgradeResponseHandle;
struct listener;
struct request;
struct server;

/* Binds and listens. NULL after one line about what is wrong. */
struct listener *listener_open(struct server *server, char *message, size_t size);

/* Reads the configured certificate, if any, for connections that come from now on. False after one line about
 * what is wrong, and with nothing changed. */
bool listener_read_certificate(const struct server *server, char *message, size_t size);

/* "127.0.0.1:8080": where it listens, also when any port was asked for. */
const char *listener_address(const struct listener *listener);

/* No more connections are taken, and each that is there ends with its next reply. */
void listener_quiet(struct listener *listener);

/* Requests that are not answered yet. */
size_t listener_pending(const struct listener *listener);

size_t listener_connections(const struct listener *listener);
uint64_t listener_body_bytes(const struct listener *listener);

/* Tells every handler that takes long that its client has left, and gives all other clients a second to end
 * what they send or take. */
void listener_abandon(struct listener *listener);

/* Before each turn of the loop: how long it may wait. After each turn: does what is due. */
int listener_timeout(struct listener *listener);
void listener_turn(struct listener *listener);

/* The reply begins, or goes on, while its request still does: see stream.h. */
void listener_begin(struct request *request);
void listener_go_on(struct request *request);

/* Whether the client has something to take, which it must do in time. */
void listener_expect(struct request *request, bool something);

/* The request's reply is made, or not wanted any more as its client has left. Nothing while its handler is
 * still running. */
void listener_resume(struct request *request);

/* Keeps more of what a client sends in request->body, which ends with a NUL that its length does not count.
 * False when there is no room for it. */
bool listener_keep(struct request *request, const char *data, size_t length);

/* Frees request->body. */
void listener_drop(struct request *request);

/* The end of a connection that was upgraded and, later, of its request. */
void listener_downgrade(struct request *request, struct MHD_UpgradeResponseHandle *handle);

/* No request may be suspended. NULL is allowed. */
void listener_close(struct listener *listener);

#endif
