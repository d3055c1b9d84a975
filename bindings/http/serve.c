/* SPDX-License-Identifier: Apache-2.0 */
/* serve.c: `clutch serve`: starts the parts of the server, turns the loop, and ends in good order. */
#include "serve.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "census.h"
#include "config.h"
#include "engine.h"
#include "handles.h"
#include "jobs.h"
#include "keys.h"
#include "listener.h"
#include "log.h"
#include "loop.h"
#include "metrics.h"
#include "saving.h"
#include "server.h"

enum { FINE = 0, USAGE = 2, FAILED = 3 };
enum { CHECK_OUTS = 4 }; /* at once */

#define ABANDONED_NS INT64_C(1000000000) /* what the ends of cancelled executions get */

struct serving {
    struct server server;
    struct config config;
    char keys_path[4200], secret_path[4200], public_url[300];
    char message[1024]; /* what is wrong */
    int signal_fd;
    struct watch *signals;
    int64_t swept_ns; /* when handles were looked at */
    int64_t stop_ns; /* when executions are cancelled */
    int64_t end_ns;  /* when saving ends, once it has begun */
    struct saving *saving;
    bool abandoned;
};

int64_t server_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static int complain(const struct serving *serving, int status)
{
    fprintf(stderr, "clutch: %s\n", serving->message);
    return status;
}

static void print_help(void)
{
    fputs("usage: clutch serve --state DIR [options]\n\n"
          "Serves sandboxes over HTTP. The first start makes a key and prints it, once.\n"
          "Ends in good order at SIGTERM and SIGINT; SIGHUP reads keys and certificate again.\n\n"
          "  --config FILE                   settings, one `name = value` a line: the names below,\n"
          "                                  without dashes before them; options win over it\n",
          stdout);
    config_print_help();
    fputs("  -h, --help                      print this\n\n"
          "Sizes are bytes, or end with K, M or G. Exit status: 0 it has ended in good order, 2 usage,\n"
          "3 it cannot serve.\n",
          stdout);
}

/* ---- Files ---- */

static bool prepare_state(struct serving *serving)
{
    const char *state = serving->config.state;
    if (mkdir(state, 0700) != 0 && errno != EEXIST) {
        snprintf(serving->message, sizeof serving->message, "%s: %s", state, strerror(errno));
        return false;
    }
    if (serving->config.keys != NULL)
        snprintf(serving->keys_path, sizeof serving->keys_path, "%s", serving->config.keys);
    else
        snprintf(serving->keys_path, sizeof serving->keys_path, "%s/serve.keys", state);
    snprintf(serving->secret_path, sizeof serving->secret_path, "%s/serve.secret", state);
    return true;
}

/* Reads the secret of the state folder; the first server makes it. */
static bool prepare_secret(struct serving *serving)
{
    unsigned char *secret = serving->server.secret;
    int fd = open(serving->secret_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    ssize_t length = fd >= 0 ? read(fd, secret, DIGEST_BYTES) : -1;
    if (length == 0 && digest_random(secret, DIGEST_BYTES))
        length = write(fd, secret, DIGEST_BYTES);
    if (length != DIGEST_BYTES)
        snprintf(serving->message, sizeof serving->message, "%.900s: %s", serving->secret_path,
                 length < 0 ? strerror(errno) : "it must hold 32 bytes: remove it to have a new one made");
    if (fd >= 0)
        close(fd);
    return length == DIGEST_BYTES;
}

/* The first key, of an organisation named default. */
static bool prepare_keys(struct serving *serving)
{
    char text[KEYS_TEXT];
    if (access(serving->keys_path, F_OK) != 0) {
        if (!keys_add(serving->keys_path, "default", "read,write,metrics", text, serving->message,
                      sizeof serving->message))
            return false;
        printf("key: %s\n", text);
    }
    serving->server.keys = keys_read(serving->keys_path, &serving->config, NULL, serving->message,
                                     sizeof serving->message);
    return serving->server.keys != NULL;
}

static int add_key(struct serving *serving)
{
    char text[KEYS_TEXT];
    const char *scopes = serving->config.scopes != NULL ? serving->config.scopes : "read,write";
    if (!keys_add(serving->keys_path, serving->config.add_key, scopes, text, serving->message,
                  sizeof serving->message))
        return complain(serving, USAGE);
    printf("key: %s\n", text);
    return FINE;
}

/* ---- Signals ---- */

static void read_keys_again(struct serving *serving)
{
    struct keys *keys = keys_read(serving->keys_path, &serving->config, serving->server.keys,
                                  serving->message, sizeof serving->message);
    if (keys == NULL) {
        log_trouble(NULL, "keys", serving->message);
        return;
    }
    keys_free(serving->server.keys);
    serving->server.keys = keys;
    log_event("keys", "read again");
}

/* Connections that there are go on with the certificate that they have. */
static void read_certificate_again(struct serving *serving)
{
    if (serving->config.tls_certificate == NULL)
        return;
    if (listener_read_certificate(&serving->server, serving->message, sizeof serving->message))
        log_event("certificate", "read again");
    else
        log_trouble(NULL, "certificate", serving->message);
}

/* The first time in good order, the second time at once. */
static void stop(struct serving *serving)
{
    int64_t now_ns = server_now_ns();
    if (serving->server.stopping) {
        serving->stop_ns = now_ns;
        return;
    }
    serving->server.stopping = true;
    serving->stop_ns = now_ns + (int64_t)serving->config.drain_ms * 1000000;
    listener_quiet(serving->server.listener);
    log_event("stopping", "what runs may end");
}

static void on_signal(void *user, uint32_t events)
{
    (void)events;
    struct serving *serving = user;
    struct signalfd_siginfo about;
    while (read(serving->signal_fd, &about, sizeof about) == (ssize_t)sizeof about)
        if (about.ssi_signo != SIGHUP) {
            stop(serving);
        } else {
            read_keys_again(serving);
            read_certificate_again(serving);
        }
}

/* Before threads start: they inherit the mask. */
static bool prepare_signals(struct serving *serving)
{
    sigset_t set;
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigaction(SIGPIPE, &ignore, NULL);
    if (sigprocmask(SIG_BLOCK, &set, NULL) == 0)
        serving->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (serving->signal_fd < 0)
        snprintf(serving->message, sizeof serving->message, "signals: %s", strerror(errno));
    return serving->signal_fd >= 0;
}

/* ---- Parts ---- */

/* A connection takes one descriptor and a sandbox five; the usual limit is for programs that use select. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static bool prepare_parts(struct serving *serving)
{
    struct server *server = &serving->server;
    raise_descriptor_limit();
    server->loop = loop_new();
    server->census = census_new();
    server->handles = handles_new();
    server->metrics = metrics_new();
    if (server->loop != NULL)
        server->jobs = jobs_new(server->loop, serving->config.threads, serving->config.queue);
    if (server->jobs != NULL)
        server->check_outs = jobs_new(server->loop, CHECK_OUTS, serving->config.queue);
    if (server->check_outs != NULL)
        serving->signals = loop_watch(server->loop, serving->signal_fd, EPOLLIN, on_signal, serving);
    if (serving->signals != NULL && server->census != NULL && server->handles != NULL &&
        server->metrics != NULL)
        return true;
    snprintf(serving->message, sizeof serving->message, "the server cannot start: %s", strerror(errno));
    return false;
}

static bool prepare_engine(struct serving *serving)
{
    clutch_error error;
    if (engine_open(&serving->config, serving->server.census, &serving->server.engine, &error) == 0 &&
        census_load(serving->server.census, serving->server.engine, &error) == 0)
        return true;
    snprintf(serving->message, sizeof serving->message, "%s", error.message);
    return false;
}

/* Clients elsewhere could not follow its links, or find a sandbox' toolbox. */
static void warn_of_public_url(const struct serving *serving)
{
    const char *address = listener_address(serving->server.listener);
    char text[400];
    if (serving->config.public_url != NULL ||
        (strncmp(address, "0.0.0.0:", 8) != 0 && strncmp(address, "[::]:", 5) != 0))
        return;
    snprintf(text, sizeof text, "links begin with %s: tell with --public-url how clients reach the server",
             serving->public_url);
    log_trouble(NULL, "public-url", text);
}

static bool prepare_listener(struct serving *serving)
{
    struct server *server = &serving->server;
    server->listener = listener_open(server, serving->message, sizeof serving->message);
    if (server->listener == NULL)
        return false;
    snprintf(serving->public_url, sizeof serving->public_url, "%s://%s",
             serving->config.tls_key != NULL ? "https" : "http", listener_address(server->listener));
    server->public_url = serving->config.public_url;
    if (server->public_url == NULL)
        server->public_url = serving->public_url;
    log_event("listening", serving->public_url);
    warn_of_public_url(serving);
    printf("listening: %s\n", serving->public_url);
    fflush(stdout);
    return true;
}

/* ---- The loop ---- */

/* What runs gets until stop_ns, and then the saving of all sandboxes until end_ns. Calls that blocked threads
 * meanwhile are not waited for. */
static bool has_ended(struct serving *serving)
{
    struct server *server = &serving->server;
    if (!server->stopping)
        return false;
    int64_t now_ns = server_now_ns();
    if (!serving->abandoned && now_ns >= serving->stop_ns) {
        serving->abandoned = true;
        listener_abandon(server->listener);
    }
    size_t pending = listener_pending(server->listener);
    if (serving->end_ns == 0 && (pending == 0 || now_ns >= serving->stop_ns + ABANDONED_NS)) {
        serving->end_ns = now_ns + (int64_t)serving->config.save_ms * 1000000;
        serving->saving = saving_begin(server, serving->config.save_ms);
    }
    if (serving->end_ns == 0)
        return false;
    bool saved = serving->saving == NULL || saving_left(serving->saving) == 0;
    return (saved && pending <= jobs_count(server->check_outs)) || now_ns >= serving->end_ns;
}

static void sweep(struct serving *serving)
{
    int64_t now_ns = server_now_ns();
    if (now_ns - serving->swept_ns < INT64_C(1000000000))
        return;
    serving->swept_ns = now_ns;
    if (census_have_ended(serving->server.census))
        handles_sweep(serving->server.handles, serving->server.census);
}

static void turn(struct serving *serving)
{
    struct server *server = &serving->server;
    while (!has_ended(serving)) {
        int timeout_ms = listener_timeout(server->listener);
        if (server->stopping && timeout_ms > 50)
            timeout_ms = 50;
        loop_turn(server->loop, timeout_ms);
        listener_turn(server->listener);
        sweep(serving);
    }
}

/* What goes on in calls into the library cannot be broken off. It ends with this process; what is half made
 * then the next server of the state folder clears up. */
static void leave_the_rest(struct serving *serving)
{
    size_t unsaved = serving->saving != NULL ? saving_left(serving->saving) : 0;
    if (unsaved > 0)
        log_trouble(NULL, "save", "sandboxes could not be saved in time: they are as they last were saved");
    else
        log_event("stopped", "sessions are saved");
    if (unsaved == 0 && listener_pending(serving->server.listener) == 0)
        return;
    fflush(NULL);
    _exit(FINE);
}

static void clear(struct serving *serving)
{
    struct server *server = &serving->server;
    listener_close(server->listener);
    jobs_free(server->jobs);
    jobs_free(server->check_outs);
    saving_free(serving->saving);
    if (server->loop != NULL)
        loop_turn(server->loop, 0); /* for the ends of the last jobs */
    handles_free(server->handles);
    clutch_engine_close(server->engine);
    loop_unwatch(serving->signals);
    loop_free(server->loop);
    keys_free(server->keys);
    metrics_free(server->metrics);
    census_free(server->census);
    if (serving->signal_fd >= 0)
        close(serving->signal_fd);
}

static int serve(struct serving *serving)
{
    bool fine = prepare_state(serving);
    if (fine && serving->config.add_key != NULL)
        return add_key(serving);
    log_open(serving->config.log);
    fine = fine && prepare_secret(serving) && prepare_signals(serving) && prepare_keys(serving) &&
           prepare_parts(serving) && prepare_engine(serving) && prepare_listener(serving);
    if (fine) {
        turn(serving);
        leave_the_rest(serving);
    }
    clear(serving);
    return fine ? FINE : complain(serving, FAILED);
}

int serve_main(int argc, char **argv)
{
    static struct serving serving;
    serving = (struct serving){.signal_fd = -1};
    serving.server.config = &serving.config;
    int status = FINE;
    if (!config_read(&serving.config, argc, argv, serving.message, sizeof serving.message))
        status = complain(&serving, USAGE);
    else if (serving.config.help)
        print_help();
    else
        status = serve(&serving);
    config_clear(&serving.config);
    return status;
}
