/* SPDX-License-Identifier: Apache-2.0 */
/* http.c: the subject http: `clutch serve` over sockets of this machine, as its clients see it.
 *
 * The server lies beside this program, keeps its records in FOLDER and its log in a file there. The client
 * is as small as one can be: it knows how its own server replies. */
#include <clutch.h>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host.h"
#include "measure.h"

enum { CONNECTIONS = 32, REPLY = 2 << 20, REFILL_US = 30000 };

struct client {
    int fd;
    char sandbox[80], request[4096];
    size_t request_length, reply_length;
    char reply[REPLY + 1];
};

static const char *program, *folder;
static char key[128];
static unsigned port;
static pid_t server_pid;

/* ---- The server ---- */

static _Noreturn void become_server(int output)
{
    char path[4096], log[4096];
    snprintf(path, sizeof path, "%.*s/clutch", (int)(strrchr(program, '/') - program), program);
    snprintf(log, sizeof log, "%s/log", folder);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (dup2(output, 1) == 1 && freopen(log, "w", stderr) != NULL)
        execl(path, path, "serve", "--state", folder, "--listen", "127.0.0.1:0", "--rate", "10000000",
              "--burst", "10000000", "--idle", "3600", (char *)NULL);
    _exit(127);
}

static void start_server(void)
{
    char line[256];
    int ends[2];
    if (pipe(ends) != 0 || (server_pid = fork()) < 0)
        measure_fail("no process can be started");
    if (server_pid == 0)
        become_server(ends[1]);
    close(ends[1]);
    FILE *output = fdopen(ends[0], "r");
    while (port == 0 && output != NULL && fgets(line, sizeof line, output) != NULL)
        if (sscanf(line, "key: %127s", key) != 1)
            (void)sscanf(line, "listening: http://127.0.0.1:%u", &port);
    if (port == 0)
        measure_fail("the server did not start: make builds it");
}

/* ---- The client ---- */

static struct client *client_new(void)
{
    struct client *client = calloc(1, sizeof *client);
    struct sockaddr_in address = {.sin_family = AF_INET};
    int one = 1;
    if (port == 0)
        start_server();
    address.sin_port = htons((uint16_t)port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (client == NULL || (client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0 ||
        connect(client->fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) != 0)
        measure_fail("the server cannot be reached");
    return client;
}

static void prepare(struct client *client, const char *method, const char *path, const char *body)
{
    int length = snprintf(client->request, sizeof client->request,
                          "%s %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"
                          "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                          method, path, key, strlen(body), body);
    if (length >= (int)sizeof client->request)
        measure_fail("the request is too long");
    client->request_length = (size_t)length;
}

/* For code without characters that JSON writes otherwise, but for the ends of lines. */
static void prepare_execute(struct client *client, const char *code)
{
    char path[128], body[2048] = "{\"code\": \"";
    size_t length = strlen(body);
    for (; *code != '\0' && length < sizeof body - 8; code++)
        length += (size_t)snprintf(body + length, 8, *code == '\n' ? "\\n" : *code == '"' ? "\\\"" : "%c",
                                   *code);
    memcpy(body + length, "\"}", 3);
    snprintf(path, sizeof path, "/v2/sandcastles/%s/execute", client->sandbox);
    prepare(client, "POST", path, body);
}

static void send_request(struct client *client)
{
    client->reply_length = 0;
    if (write(client->fd, client->request, client->request_length) != (ssize_t)client->request_length)
        measure_fail("a request could not be sent");
}

/* Reads once; true when the reply is whole. */
static bool receive(struct client *client)
{
    ssize_t got = read(client->fd, client->reply + client->reply_length, REPLY - client->reply_length);
    if (got <= 0)
        measure_fail("the server has closed a connection");
    client->reply_length += (size_t)got;
    client->reply[client->reply_length] = '\0';
    const char *end = strstr(client->reply, "\r\n\r\n");
    const char *length = end != NULL ? strcasestr(client->reply, "\r\nContent-Length: ") : NULL;
    if (length == NULL)
        return false;
    size_t head = (size_t)(end + 4 - client->reply);
    if (client->reply_length < head + strtoul(length + 18, NULL, 10))
        return false;
    if (strncmp(client->reply, "HTTP/1.1 20", 11) != 0 || strstr(end, "\"error\"") != NULL)
        measure_fail(client->reply);
    return true;
}

static void exchange(struct client *client)
{
    send_request(client);
    while (!receive(client))
        ;
}

static void create_sandbox(struct client *client)
{
    prepare(client, "POST", "/v2/sandcastles", "{}");
    exchange(client);
    const char *id = strstr(client->reply, "\"sandbox_id\":");
    if (id == NULL || sscanf(id + 13, " \"%79[^\"]", client->sandbox) != 1)
        measure_fail("the server did not tell the sandbox's id");
}

static void delete_sandbox(struct client *client)
{
    char path[128];
    snprintf(path, sizeof path, "/sandbox/%s", client->sandbox);
    prepare(client, "DELETE", path, "");
    exchange(client);
}

/* ---- The tasks ---- */

/* The library's call and the server's in turns: what is between is what HTTP costs. */
static void execute(const char *name, unsigned count)
{
    static struct client *client;
    static clutch_sandbox *sandbox;
    bool warm = strcmp(name, "http_execute_warm") == 0;
    char *code = measure_work(name + strlen("http_"));
    if (client == NULL) {
        client = client_new();
        create_sandbox(client);
        sandbox = host_create(host_engine(), NULL);
    }
    prepare_execute(client, code);
    for (unsigned i = 0; i < count; i++) {
        double started = measure_now_us();
        host_run(sandbox, code);
        double between = measure_now_us();
        exchange(client);
        double ended = measure_now_us();
        measure_add(name, ended - between);
        if (warm)
            measure_add("http_more", ended - between - (between - started));
    }
    free(code);
}

/* One at a time, with a rest in which the pool fills up again. */
static void create(const char *name, unsigned count)
{
    static struct client *client;
    if (client == NULL)
        client = client_new();
    for (unsigned i = 0; i < count; i++) {
        usleep(REFILL_US);
        double started = measure_now_us();
        create_sandbox(client);
        measure_add(name, measure_now_us() - started);
        delete_sandbox(client);
    }
}

/* So many milliseconds of executions over connections with a sandbox each, from one thread. */
static void rate(const char *name, unsigned milliseconds)
{
    static struct client *clients[CONNECTIONS];
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event events[CONNECTIONS];
    unsigned executions = 0;
    for (int i = 0; i < CONNECTIONS; i++) {
        if (clients[i] == NULL) {
            clients[i] = client_new();
            create_sandbox(clients[i]);
            prepare_execute(clients[i], "x = 1");
            exchange(clients[i]);
        }
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = clients[i]};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, clients[i]->fd, &event) != 0)
            measure_fail("a connection cannot be polled");
    }
    double started = measure_now_us(), until = started + milliseconds * 1e3;
    int running = CONNECTIONS;
    for (int i = 0; i < CONNECTIONS; i++)
        send_request(clients[i]);
    while (running > 0) {
        int ready = epoll_wait(epoll, events, CONNECTIONS, -1);
        for (int i = 0; i < ready; i++) {
            if (!receive(events[i].data.ptr))
                continue;
            executions++;
            if (measure_now_us() < until)
                send_request(events[i].data.ptr);
            else
                running--;
        }
    }
    measure_add(name, executions * 1e6 / (measure_now_us() - started));
    close(epoll);
}

int main(int count, char **arguments)
{
    static const struct task tasks[] = {
        {"http_create", create},
        {"http_execute_warm", execute},
        {"http_print_1", execute},
        {"http_executions_per_s", rate},
        {NULL, NULL},
    };
    program = arguments[0];
    if (count != 3 || strchr(program, '/') == NULL)
        measure_fail("usage: BUILD/bench-http http FOLDER");
    folder = arguments[2];
    host_open("clutch", folder);
    int status = measure_serve(tasks);
    host_close();
    if (server_pid > 0) {
        kill(server_pid, SIGTERM);
        waitpid(server_pid, NULL, 0);
    }
    return status;
}
