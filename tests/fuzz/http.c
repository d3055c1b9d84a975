/* SPDX-License-Identifier: Apache-2.0 */
/* http.c: fuzzes the host server: whole requests over a socket, with all that is behind them, and the texts
 * of its configuration and its keys.
 *
 * An input's first byte tells what the rest is: C a configuration; K a file of keys; R what a client sends;
 * any other a request that comes as far as its handler: a line METHOD TARGET, then the body, which is a form
 * when it begins with --mark. There is a sandbox named fuzz now and then. A connection that does not end,
 * and a status of 500, are failures. */
#include "http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "census.h"
#include "config.h"
#include "digest.h"
#include "engine.h"
#include "handles.h"
#include "jobs.h"
#include "keys.h"
#include "listener.h"
#include "log.h"
#include "loop.h"
#include "metrics.h"
#include "server.h"

enum { REQUEST = 1 << 17, SILENT_TURNS = 10, HANG_S = 20, RENEW = 16 };

#define KEY "clutch_fuzz"

static struct server server;
static struct config config;
static struct sockaddr_in address = {.sin_family = AF_INET};

static void must(bool condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "fuzz: %s\n", what);
    abort();
}

/* ---- Texts ---- */

static void name_text(char path[64], const void *text, size_t length, int *fd)
{
    *fd = memfd_create("text", MFD_CLOEXEC);
    must(*fd >= 0 && write(*fd, text, length) == (ssize_t)length, "a text in memory");
    snprintf(path, 64, "/proc/self/fd/%d", *fd);
}

static void read_config(const void *text, size_t length)
{
    char path[64], message[1024] = "";
    char *arguments[] = {"serve", "--config", path, NULL};
    struct config read = {0};
    int fd;
    name_text(path, text, length, &fd);
    if (!config_read(&read, 3, arguments, message, sizeof message))
        must(*message != '\0' && strlen(message) < sizeof message - 1, "a bad configuration is named");
    config_clear(&read);
    close(fd);
}

static void read_keys(const void *text, size_t length)
{
    char path[64], message[1024] = "";
    int fd;
    name_text(path, text, length, &fd);
    struct keys *keys = keys_read(path, &config, server.keys, message, sizeof message);
    if (keys == NULL)
        must(strstr(message, path) == message, "a bad line is named");
    keys_free(keys);
    close(fd);
}

/* ---- Requests ---- */

static void turn(void)
{
    (void)listener_timeout(server.listener);
    loop_turn(server.loop, 0);
    listener_turn(server.listener);
}

/* Sends and lets the server work until it has ended the connection. */
static void converse(const char *text, size_t length)
{
    char reply[65536];
    size_t sent = 0;
    unsigned silent = 0;
    bool begun = false;
    int64_t late_ns = server_now_ns() + HANG_S * INT64_C(1000000000);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    must(fd >= 0, "a socket");
    (void)connect(fd, (struct sockaddr *)&address, sizeof address);
    for (;;) {
        turn();
        if (sent < length) {
            ssize_t more = send(fd, text + sent, length - sent, MSG_NOSIGNAL);
            sent = more > 0 ? sent + (size_t)more : more < 0 && errno != EAGAIN ? length : sent;
        }
        ssize_t got = recv(fd, reply, sizeof reply, 0);
        if (got == 0 || (got < 0 && errno != EAGAIN))
            break;
        if (got > 12 && !begun)
            must(memcmp(reply + 9, "500", 3) != 0, "a status of 500");
        begun = begun || got > 0;
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        silent = got > 0 || poll(&ready, 1, silent > 2) > 0 ? 0 : silent + 1;
        if (silent == SILENT_TURNS) /* it may wait for more of the request, or of what comes after it */
            (void)shutdown(fd, SHUT_WR);
        must(server_now_ns() < late_ns, "a connection does not end");
    }
    close(fd);
    while (listener_connections(server.listener) > 0) {
        turn();
        must(server_now_ns() < late_ns, "a connection is not let go");
    }
}

static void request(const char *line, size_t line_length, const char *body, size_t length)
{
    static char text[REQUEST];
    bool form = length > 6 && memcmp(body, "--mark", 6) == 0;
    int head = snprintf(text, sizeof text,
                        "%.*s HTTP/1.1\r\nHost: fuzz\r\nAuthorization: Bearer " KEY "\r\n"
                        "Connection: close\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n",
                        (int)line_length, line,
                        form ? "multipart/form-data; boundary=mark" : "application/json", length);
    if (head < 0 || (size_t)head + length > sizeof text)
        return;
    memcpy(text + head, body, length);
    converse(text, (size_t)head + length);
}

static void request_text(const char *line, const char *body)
{
    request(line, strlen(line), body, strlen(body));
}

/* ---- The server ---- */

static char state[] = "/tmp/clutch-fuzz-XXXXXX";

static void clear(void)
{
    char command[64];
    listener_close(server.listener);
    jobs_free(server.jobs);
    handles_free(server.handles);
    clutch_engine_close(server.engine);
    loop_free(server.loop);
    keys_free(server.keys);
    metrics_free(server.metrics);
    census_free(server.census);
    config_clear(&config);
    snprintf(command, sizeof command, "rm -rf %s", state);
    (void)!system(command);
}

static void write_keys(char path[64])
{
    unsigned char hash[DIGEST_BYTES];
    char text[DIGEST_TEXT];
    must(digest_hash(KEY, strlen(KEY), hash), "a hash");
    digest_hex(hash, sizeof hash, text);
    snprintf(path, 64, "%s/serve.keys", state);
    FILE *file = fopen(path, "we");
    must(file != NULL && fprintf(file, "fuzz fuzz read,write,metrics %s\n", text) > 0, "a file of keys");
    fclose(file);
}

static void start(void)
{
    char message[1024] = "", path[64];
    char *arguments[] = {"serve", "--state", state, "--listen", "127.0.0.1:0", "--preload", "none",
                         "--ready", "0", "--log", "none", "--sandboxes", "8", "--running", "4",
                         "--execution-time", "1", "--rate", "10000000", "--burst", "10000000",
                         "--repositories", "file:///nonexistent/", "--idle", "3600"};
    clutch_error error = {0};
    must(mkdtemp(state) != NULL, "a folder");
    write_keys(path);
    must(config_read(&config, sizeof arguments / sizeof *arguments, arguments, message, sizeof message),
         message);
    log_open(config.log);
    server.config = &config;
    server.keys = keys_read(path, &config, NULL, message, sizeof message);
    must(server.keys != NULL, message);
    server.loop = loop_new();
    server.census = census_new();
    server.handles = handles_new();
    server.metrics = metrics_new();
    server.jobs = jobs_new(server.loop, config.threads, config.queue);
    must(engine_open(&config, server.census, &server.engine, &error) == 0, error.message);
    server.listener = listener_open(&server, message, sizeof message);
    must(server.listener != NULL, message);
    server.public_url = "http://fuzz";
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)atoi(strrchr(listener_address(server.listener), ':') + 1));
    atexit(clear);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static unsigned inputs;
    const char *text = (const char *)data;
    if (server.listener == NULL)
        start();
    if (inputs++ % RENEW == 0) {
        request_text("POST /sandbox", "{\"name\": \"fuzz\"}");
        request_text("POST /sandbox/fuzz/start", "");
    }
    if (size == 0)
        return 0;
    const char *end = memchr(text, '\n', size);
    size_t line = end != NULL ? (size_t)(end - text) : size;
    if (*text == 'C' || *text == 'K')
        (*text == 'C' ? read_config : read_keys)(text + 1, size - 1);
    else if (*text == 'R')
        converse(text + 1, size - 1);
    else
        request(text, line, text + line + (end != NULL), size - line - (end != NULL));
    return 0;
}
