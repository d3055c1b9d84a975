/* SPDX-License-Identifier: Apache-2.0 */
/* listener.c: HTTP: connections in, requests to their handlers, replies out.
 *
 * A connection is a peer. It has a deadline while something is wanted of it: a request, the rest of one,
 * the taking of a reply. A peer that is late is shut down, and libmicrohttpd finds its socket closed. */
#include "listener.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bind.h"
#include "config.h"
#include "execution.h"
#include "intake.h"
#include "log.h"
#include "loop.h"
#include "metrics.h"
#include "request.h"
#include "stream.h"
#include "tls.h"

enum { BYTES_A_MS = 64 }; /* a slower peer is late */

struct peer {
    struct listener *listener;
    struct peer *next, **link;
    int fd;
    int64_t deadline_ns; /* 0: none */
    struct watch *watch;
    struct request *request; /* that is being answered */
    bool left, nudged;
};

struct listener {
    struct server *server;
    struct MHD_Daemon *daemon;
    struct watch *watch;
    struct peer *peers;
    size_t peer_count, pending;
    uint64_t body_bytes;
    int64_t looked_ns; /* when deadlines were looked at */
    char address[80];
    bool due, quiet, left; /* left: a peer has, and was not nudged yet */
};

static void expect(struct peer *peer, uint64_t within_ms, uint64_t bytes)
{
    peer->deadline_ns = server_now_ns() + (int64_t)(within_ms + bytes / BYTES_A_MS) * 1000000;
}

/* ---- Connections ---- */

/* The client has closed its side: nobody waits for the reply. */
static void peer_left(void *user, uint32_t events)
{
    (void)events;
    struct peer *peer = user;
    peer->left = true;
    peer->listener->left = true;
    if (peer->request == NULL)
        return;
    peer->request->left = true;
    if (peer->request->abandon != NULL)
        peer->request->abandon(peer->request);
}

static void peer_comes(struct listener *listener, struct MHD_Connection *connection, void **context)
{
    struct peer *peer = calloc(1, sizeof *peer);
    *context = peer;
    if (peer == NULL)
        return;
    peer->listener = listener;
    peer->fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    peer->watch = loop_watch(listener->server->loop, peer->fd, EPOLLRDHUP | EPOLLET, peer_left, peer);
    peer->next = listener->peers;
    peer->link = &listener->peers;
    if (peer->next != NULL)
        peer->next->link = &peer->next;
    listener->peers = peer;
    listener->peer_count++;
    expect(peer, listener->server->config->request_ms, 0);
}

static void peer_goes(struct peer *peer)
{
    if (peer == NULL)
        return;
    loop_unwatch(peer->watch);
    *peer->link = peer->next;
    if (peer->next != NULL)
        peer->next->link = peer->link;
    peer->listener->peer_count--;
    peer->listener->due = true; /* at the limit of connections the next one waits for another run */
    free(peer);
}

static void on_connection(void *listener, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        peer_comes(listener, connection, context);
    else
        peer_goes(*context);
}

static struct peer *peer_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info != NULL ? info->socket_context : NULL;
}

/* What came together with the end of a peer's side is read without a look at the end, and no other event
 * tells of it; so one is made here. */
static void nudge_leavers(struct listener *listener)
{
    listener->left = false;
    for (struct peer *peer = listener->peers; peer != NULL; peer = peer->next)
        if (peer->left && !peer->nudged) {
            peer->nudged = true;
            (void)shutdown(peer->fd, SHUT_RD);
        }
}

static void end_late_peers(struct listener *listener, int64_t now_ns)
{
    for (struct peer *peer = listener->peers; peer != NULL; peer = peer->next)
        if (peer->deadline_ns != 0 && peer->deadline_ns < now_ns) {
            (void)shutdown(peer->fd, SHUT_RDWR);
            peer->deadline_ns = 0;
        }
}

/* ---- Bodies ---- */

/* The share of one key is three quarters of the room for all bodies. */
static bool is_there_room(const struct listener *listener, const struct request *request, uint64_t more)
{
    uint64_t most = listener->server->config->bodies_bytes;
    return listener->body_bytes + more <= most && request->key->body_bytes + more <= most - most / 4;
}

static bool make_room(struct listener *listener, struct request *request, size_t more)
{
    size_t needed = request->body_length + more + 1;
    if (needed <= request->body_room)
        return true;
    size_t room = request->body_room > 0 ? 2 * request->body_room : 4096;
    if (room < needed)
        room = needed;
    uint64_t added = room - request->body_room;
    char *body = is_there_room(listener, request, added) ? realloc(request->body, room) : NULL;
    if (body == NULL)
        return false;
    request->body = body;
    request->body_room = room;
    request->key->body_bytes += added;
    listener->body_bytes += added;
    return true;
}

bool listener_keep(struct request *request, const char *data, size_t length)
{
    if (!make_room(request->server->listener, request, length))
        return false;
    memcpy(request->body + request->body_length, data, length);
    request->body_length += length;
    request->body[request->body_length] = '\0';
    return true;
}

void listener_drop(struct request *request)
{
    if (request->body_room > 0) {
        request->server->listener->body_bytes -= request->body_room;
        request->key->body_bytes -= request->body_room;
    }
    free(request->body);
    request->body = NULL;
    request->body_length = request->body_room = 0;
}

/* What is not wanted any more is dropped; no call without a key wants a body. */
static void take_body(struct listener *listener, struct request *request, const char *data, size_t length)
{
    if (request->reply.status != 0 || request->key == NULL)
        return;
    if (request->body_length + length > request->body_most) {
        reply_error(request, 413, "the body is larger than %llu bytes",
                    (unsigned long long)request->body_most);
    } else if (!listener_keep(request, data, length)) {
        reply_header(request, "Retry-After", "1");
        reply_error(request, 503, "the server has no memory for the body now: try again");
    } else {
        uint64_t within_ms = listener->server->config->request_ms + request->body_length / BYTES_A_MS;
        request->peer->deadline_ns = request->begun_ns + (int64_t)within_ms * 1000000;
    }
}

/* ---- Requests ---- */

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* The first line of a request has come. */
static void *on_target(void *user, const char *target, struct MHD_Connection *connection)
{
    struct listener *listener = user;
    struct peer *peer = peer_of(connection);
    struct request *request = peer != NULL ? calloc(1, sizeof *request) : NULL;
    if (request == NULL)
        return NULL;
    request->server = listener->server;
    request->peer = peer;
    request->connection = connection;
    request->begun_ns = server_now_ns();
    request->begun_ms = now_ms();
    request->reply.fd = -1;
    request->understood = address_read(&request->address, target);
    listener->pending++;
    expect(peer, listener->server->config->request_ms, 0);
    return request;
}

static void free_request(struct listener *listener, struct request *request)
{
    if (request->end != NULL)
        request->end(request);
    execution_end(request);
    listener->pending--;
    listener_drop(request);
    address_clear(&request->address);
    free(request->match.rest);
    json_decref(request->json);
    keys_release(request->key);
    stream_free(request->stream);
    reply_clear(&request->reply);
    free(request);
}

static void on_completed(void *user, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode code)
{
    (void)connection;
    struct listener *listener = user;
    struct request *request = *context;
    if (request == NULL)
        return;
    *context = NULL;
    unsigned status = code == MHD_REQUEST_TERMINATED_COMPLETED_OK ? request->reply.status : 0;
    log_request(request, status);
    metrics_request(listener->server->metrics, request, status);
    request->peer->request = NULL;
    expect(request->peer, listener->server->config->idle_ms, 0);
    request->orphaned = request->pending;
    if (!request->pending)
        free_request(listener, request);
    else if (request->abandon != NULL) /* the reply broke off while it was made: listener_resume frees it */
        request->abandon(request);
}

/* ---- Replies ---- */

/* The connection speaks another protocol from here on: what it sends is for whoever wanted that. */
static void on_upgrade(void *user, struct MHD_Connection *connection, void *context, const char *more,
                       size_t length, MHD_socket fd, struct MHD_UpgradeResponseHandle *handle)
{
    (void)connection, (void)context;
    struct request *request = user;
    request->peer->request = request;
    request->reply.upgraded(request, fd, more, length, handle);
    if (request->peer->left)
        peer_left(request->peer, 0);
}

void listener_downgrade(struct request *request, struct MHD_UpgradeResponseHandle *handle)
{
    request->peer->request = NULL;
    request->peer->deadline_ns = 0;
    request->peer->listener->due = true;
    (void)MHD_upgrade_action(handle, MHD_UPGRADE_ACTION_CLOSE);
}

static enum MHD_Result send_reply(struct request *request)
{
    struct reply *reply = &request->reply;
    struct MHD_Response *response =
        request->stream != NULL     ? stream_response(request)
        : reply->upgraded != NULL ? MHD_create_response_for_upgrade(on_upgrade, request)
        : reply->fd >= 0
            ? MHD_create_response_from_fd_at_offset64(reply->length, reply->fd, reply->offset)
            : MHD_create_response_from_buffer(reply->length, reply->body, MHD_RESPMEM_MUST_FREE);
    if (response == NULL)
        return MHD_NO;
    reply->fd = -1;
    reply->body = NULL;
    bool fine = MHD_add_response_header(response, "X-Request-Id", request->id) == MHD_YES &&
                MHD_add_response_header(response, "X-Content-Type-Options", "nosniff") == MHD_YES;
    if (reply->type != NULL)
        fine = fine && MHD_add_response_header(response, "Content-Type", reply->type) == MHD_YES;
    for (size_t i = 0; i < reply->header_count; i++)
        fine = fine && MHD_add_response_header(response, reply->headers[i].name,
                                               reply->headers[i].value) == MHD_YES;
    if (request->peer->listener->quiet && reply->upgraded == NULL)
        fine = fine && MHD_add_response_header(response, "Connection", "close") == MHD_YES;
    unsigned status = request->stream != NULL ? MHD_HTTP_OK : reply->status;
    fine = fine && MHD_queue_response(request->connection, status, response) == MHD_YES;
    MHD_destroy_response(response);
    expect(request->peer, request->server->config->request_ms, reply->length);
    return fine ? MHD_YES : MHD_NO;
}

static enum MHD_Result wait_for_reply(struct request *request)
{
    request->suspended = true;
    request->peer->deadline_ns = 0;
    request->peer->request = request;
    MHD_suspend_connection(request->connection);
    if (request->peer->left)
        peer_left(request->peer, 0);
    return MHD_YES;
}

void listener_begin(struct request *request)
{
    if (!request->suspended)
        return;
    request->suspended = false;
    listener_go_on(request);
}

void listener_go_on(struct request *request)
{
    request->peer->listener->due = true;
    listener_expect(request, true);
    MHD_resume_connection(request->connection);
}

void listener_expect(struct request *request, bool something)
{
    if (something)
        expect(request->peer, request->server->config->request_ms, 0);
    else
        request->peer->deadline_ns = 0;
}

void listener_resume(struct request *request)
{
    if (request->orphaned) {
        free_request(request->server->listener, request);
        return;
    }
    if (!request->suspended)
        return;
    request->suspended = false;
    request->abandon = NULL;
    request->peer->request = NULL;
    request->peer->listener->due = true;
    MHD_resume_connection(request->connection);
}

/* Many clients send all of a body before they look for a reply. Not to read it ends the connection, so that
 * is for bodies that are absurd, and for clients that ask first. */
static bool is_worth_reading(const struct request *request)
{
    enum { ABSURD = 256 << 20 };
    const char *length = request_header(request, "Content-Length");
    return request_header(request, "Expect") == NULL &&
           (length == NULL || strtoull(length, NULL, 10) < ABSURD);
}

/* It goes into logs and replies: what is no word there is none of the methods that there are. */
static void name_method(struct request *request, const char *method)
{
    bool fine = strlen(method) < sizeof request->method;
    for (const char *at = method; *at != '\0' && fine; at++)
        fine = isgraph((unsigned char)*at);
    snprintf(request->method, sizeof request->method, "%s", fine ? method : "-");
}

/* Called when the headers are there, for each part of the body, at its end, and after each resume. */
static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *data, size_t *length,
                                  void **context)
{
    (void)connection, (void)path, (void)version;
    struct request *request = *context;
    if (request == NULL)
        return MHD_NO;
    if (!request->begun) {
        request->begun = true;
        name_method(request, method);
        intake_begin(request);
        return request->reply.status != 0 && !is_worth_reading(request) ? send_reply(request) : MHD_YES;
    }
    if (*length > 0) {
        take_body(user, request, data, *length);
        *length = 0;
        return MHD_YES;
    }
    if (!request->complete) {
        request->complete = true;
        if (request->reply.status == 0)
            intake_dispatch(request);
    }
    return request->pending && request->stream == NULL ? wait_for_reply(request) : send_reply(request);
}

/* ---- The daemon ---- */

/* The protocol's descriptor is readable: the turn's end does the rest. */
static void on_ready(void *user, uint32_t events)
{
    (void)events;
    struct listener *listener = user;
    listener->due = true;
}

static bool start(struct listener *listener, int socket_fd, char *message, size_t size)
{
    const struct config *config = listener->server->config;
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_ALLOW_UPGRADE;
    struct MHD_OptionItem tls[] = {{MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *)tls_chooser()},
                                   {MHD_OPTION_END, 0, NULL}};
    if (config->tls_certificate != NULL)
        flags |= MHD_USE_TLS;
    else
        tls[0].option = MHD_OPTION_END;
    listener->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, listener, MHD_OPTION_LISTEN_SOCKET, socket_fd,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, listener, MHD_OPTION_URI_LOG_CALLBACK, on_target,
        listener, MHD_OPTION_NOTIFY_COMPLETED, on_completed, listener, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)config->connections, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        (unsigned)config->connections_per_address, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)config->header_bytes, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
    if (listener->daemon == NULL) {
        close(socket_fd);
        snprintf(message, size, "the server cannot start: too few descriptors or too little memory");
        return false;
    }
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(listener->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    listener->watch = loop_watch(listener->server->loop, info->epoll_fd, EPOLLIN, on_ready, listener);
    if (listener->watch == NULL)
        snprintf(message, size, "epoll: %s", strerror(errno));
    return listener->watch != NULL;
}

bool listener_read_certificate(const struct server *server, char *message, size_t size)
{
    const struct config *config = server->config;
    return config->tls_certificate == NULL ||
           tls_read(config->tls_certificate, config->tls_key, message, size);
}

struct listener *listener_open(struct server *server, char *message, size_t size)
{
    struct listener *listener = calloc(1, sizeof *listener);
    if (listener == NULL) {
        snprintf(message, size, "no memory is left");
        return NULL;
    }
    listener->server = server;
    const char *wanted = server->config->listen != NULL ? server->config->listen : "127.0.0.1:8080";
    int fd = -1;
    if (listener_read_certificate(server, message, size))
        fd = bind_listen(wanted, listener->address, sizeof listener->address, message, size);
    if (fd >= 0 && start(listener, fd, message, size))
        return listener;
    listener_close(listener);
    return NULL;
}

const char *listener_address(const struct listener *listener)
{
    return listener->address;
}

void listener_quiet(struct listener *listener)
{
    int fd = MHD_quiesce_daemon(listener->daemon);
    if (fd >= 0)
        close(fd);
    listener->quiet = true;
}

size_t listener_pending(const struct listener *listener)
{
    return listener->pending;
}

size_t listener_connections(const struct listener *listener)
{
    return listener->peer_count;
}

uint64_t listener_body_bytes(const struct listener *listener)
{
    return listener->body_bytes;
}

void listener_abandon(struct listener *listener)
{
    int64_t soon_ns = server_now_ns() + INT64_C(1000000000);
    for (struct peer *peer = listener->peers; peer != NULL; peer = peer->next)
        if (peer->request == NULL)
            peer->deadline_ns = soon_ns;
        else if (peer->request->abandon != NULL)
            peer->request->abandon(peer->request);
}

int listener_timeout(struct listener *listener)
{
    enum { LOOK_MS = 1000 };
    MHD_UNSIGNED_LONG_LONG timeout_ms;
    if (MHD_get_timeout(listener->daemon, &timeout_ms) != MHD_YES || timeout_ms >= LOOK_MS)
        return LOOK_MS;
    listener->due = true;
    return (int)timeout_ms;
}

void listener_turn(struct listener *listener)
{
    int64_t now_ns = server_now_ns();
    if (now_ns - listener->looked_ns > INT64_C(500000000)) {
        end_late_peers(listener, now_ns);
        listener->looked_ns = now_ns;
    }
    while (listener->due) {
        listener->due = false;
        (void)MHD_run(listener->daemon);
    }
    if (listener->left)
        nudge_leavers(listener);
}

void listener_close(struct listener *listener)
{
    if (listener == NULL)
        return;
    loop_unwatch(listener->watch);
    if (listener->daemon != NULL)
        MHD_stop_daemon(listener->daemon);
    tls_free();
    free(listener);
}
