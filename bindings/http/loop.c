/* SPDX-License-Identifier: Apache-2.0 */
/* loop.c: one thread that waits for descriptors, and what other threads hand to it. */
#include "loop.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct watch {
    struct loop *loop;
    int fd;
    loop_ready_fn *ready; /* NULL once it is unwatched */
    void *user;
    struct watch *next_dead;
};

struct loop {
    int epoll_fd, wake_fd;
    struct watch *wake;
    struct watch *dead; /* unwatched in this turn: events of theirs may still be in the batch */
    pthread_mutex_t lock;
    struct loop_call *first, **last; /* under the lock, as is woken */
    bool woken;
};

struct watch *loop_watch(struct loop *loop, int fd, uint32_t events, loop_ready_fn *ready, void *user)
{
    struct watch *watch = malloc(sizeof *watch);
    if (watch == NULL)
        return NULL;
    *watch = (struct watch){loop, fd, ready, user, NULL};
    struct epoll_event event = {.events = events, .data.ptr = watch};
    if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0)
        return watch;
    free(watch);
    return NULL;
}

bool loop_rewatch(struct watch *watch, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = watch};
    return epoll_ctl(watch->loop->epoll_fd, EPOLL_CTL_MOD, watch->fd, &event) == 0;
}

void loop_unwatch(struct watch *watch)
{
    if (watch == NULL)
        return;
    (void)epoll_ctl(watch->loop->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
    watch->ready = NULL;
    watch->next_dead = watch->loop->dead;
    watch->loop->dead = watch;
}

static void bury(struct loop *loop)
{
    while (loop->dead != NULL) {
        struct watch *watch = loop->dead;
        loop->dead = watch->next_dead;
        free(watch);
    }
}

static void run_posted(void *user, uint32_t events)
{
    (void)events;
    struct loop *loop = user;
    uint64_t count;
    (void)!read(loop->wake_fd, &count, sizeof count);
    pthread_mutex_lock(&loop->lock);
    struct loop_call *call = loop->first;
    loop->first = NULL;
    loop->last = &loop->first;
    loop->woken = false;
    pthread_mutex_unlock(&loop->lock);
    while (call != NULL) {
        struct loop_call *next = call->next; /* run may reuse or free it */
        call->run(call->user);
        call = next;
    }
}

void loop_post(struct loop *loop, struct loop_call *call)
{
    call->next = NULL;
    pthread_mutex_lock(&loop->lock);
    *loop->last = call;
    loop->last = &call->next;
    bool wake = !loop->woken;
    loop->woken = true;
    pthread_mutex_unlock(&loop->lock);
    if (wake)
        (void)eventfd_write(loop->wake_fd, 1);
}

struct loop *loop_new(void)
{
    struct loop *loop = calloc(1, sizeof *loop);
    if (loop == NULL)
        return NULL;
    pthread_mutex_init(&loop->lock, NULL);
    loop->last = &loop->first;
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    loop->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (loop->epoll_fd >= 0 && loop->wake_fd >= 0)
        loop->wake = loop_watch(loop, loop->wake_fd, EPOLLIN, run_posted, loop);
    if (loop->wake != NULL)
        return loop;
    int failure = errno;
    loop_free(loop);
    errno = failure;
    return NULL;
}

void loop_free(struct loop *loop)
{
    if (loop == NULL)
        return;
    loop_unwatch(loop->wake);
    bury(loop);
    if (loop->wake_fd >= 0)
        close(loop->wake_fd);
    if (loop->epoll_fd >= 0)
        close(loop->epoll_fd);
    pthread_mutex_destroy(&loop->lock);
    free(loop);
}

void loop_turn(struct loop *loop, int timeout_ms)
{
    enum { BATCH = 64 };
    struct epoll_event events[BATCH];
    int count = epoll_wait(loop->epoll_fd, events, BATCH, timeout_ms);
    for (int i = 0; i < count; i++) {
        struct watch *watch = events[i].data.ptr;
        if (watch->ready != NULL)
            watch->ready(watch->user, events[i].events);
    }
    bury(loop);
}
