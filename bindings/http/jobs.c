/* SPDX-License-Identifier: Apache-2.0 */
/* jobs.c: threads for calls that block, whose ends come back to the loop. */
#include "jobs.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

struct thread {
    struct jobs *jobs;
    pthread_t thread;
    uint64_t group; /* of the job that it works on */
    bool busy;
};

struct jobs {
    struct loop *loop;
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct job *first, **last;
    size_t waiting, waiting_max;
    bool ending;
    size_t thread_count;
    struct thread threads[];
};

static size_t share(size_t of)
{
    return of - of / 4;
}

static size_t threads_of(const struct jobs *jobs, uint64_t group)
{
    size_t count = 0;
    for (size_t i = 0; i < jobs->thread_count; i++)
        count += jobs->threads[i].busy && jobs->threads[i].group == group;
    return count;
}

static size_t waiting_of(const struct jobs *jobs, uint64_t group)
{
    size_t count = 0;
    for (const struct job *job = jobs->first; job != NULL; job = job->next)
        count += job->group == group;
    return count;
}

/* The link to the one that comes next; NULL when there is none that may. */
static struct job **choose(struct jobs *jobs)
{
    size_t fewest = share(jobs->thread_count);
    struct job **chosen = NULL;
    for (struct job **at = &jobs->first; *at != NULL && fewest > 0; at = &(*at)->next) {
        uint64_t group = (*at)->group;
        size_t count = group != 0 && !jobs->ending ? threads_of(jobs, group) : 0;
        if (count < fewest) {
            chosen = at;
            fewest = count;
        }
    }
    return chosen;
}

/* NULL at the end. */
static struct job *take(struct thread *thread)
{
    struct jobs *jobs = thread->jobs;
    struct job **link;
    pthread_mutex_lock(&jobs->lock);
    thread->busy = false;
    while ((link = choose(jobs)) == NULL && !jobs->ending)
        pthread_cond_wait(&jobs->more, &jobs->lock);
    struct job *job = link != NULL ? *link : NULL;
    if (job != NULL) {
        *link = job->next;
        if (jobs->last == &job->next)
            jobs->last = link;
        jobs->waiting--;
        thread->group = job->group;
        thread->busy = true;
    }
    pthread_mutex_unlock(&jobs->lock);
    return job;
}

static void *work(void *user)
{
    struct thread *thread = user;
    struct job *job;
    while ((job = take(thread)) != NULL) {
        job->work(job->user);
        job->call.run = job->done;
        job->call.user = job->user;
        loop_post(thread->jobs->loop, &job->call);
    }
    return NULL;
}

struct jobs *jobs_new(struct loop *loop, size_t threads, size_t queue_max)
{
    struct jobs *jobs = calloc(1, sizeof *jobs + threads * sizeof jobs->threads[0]);
    if (jobs == NULL)
        return NULL;
    jobs->loop = loop;
    jobs->last = &jobs->first;
    jobs->waiting_max = queue_max;
    pthread_mutex_init(&jobs->lock, NULL);
    pthread_cond_init(&jobs->more, NULL);
    int failure = 0;
    pthread_mutex_lock(&jobs->lock);
    while (jobs->thread_count < threads && failure == 0) {
        struct thread *thread = &jobs->threads[jobs->thread_count];
        thread->jobs = jobs;
        failure = pthread_create(&thread->thread, NULL, work, thread);
        jobs->thread_count += failure == 0;
    }
    pthread_mutex_unlock(&jobs->lock);
    if (failure == 0)
        return jobs;
    jobs_free(jobs);
    errno = failure;
    return NULL;
}

bool jobs_add(struct jobs *jobs, struct job *job)
{
    job->next = NULL;
    pthread_mutex_lock(&jobs->lock);
    size_t most = share(jobs->waiting_max);
    bool taken = jobs->waiting < jobs->waiting_max && !jobs->ending &&
                 (job->group == 0 || jobs->waiting < most || waiting_of(jobs, job->group) < most);
    if (taken) {
        *jobs->last = job;
        jobs->last = &job->next;
        jobs->waiting++;
        pthread_cond_signal(&jobs->more);
    }
    pthread_mutex_unlock(&jobs->lock);
    return taken;
}

size_t jobs_count(struct jobs *jobs)
{
    pthread_mutex_lock(&jobs->lock);
    size_t count = jobs->waiting;
    for (size_t i = 0; i < jobs->thread_count; i++)
        count += jobs->threads[i].busy;
    pthread_mutex_unlock(&jobs->lock);
    return count;
}

void jobs_free(struct jobs *jobs)
{
    if (jobs == NULL)
        return;
    pthread_mutex_lock(&jobs->lock);
    jobs->ending = true;
    pthread_cond_broadcast(&jobs->more);
    pthread_mutex_unlock(&jobs->lock);
    for (size_t i = 0; i < jobs->thread_count; i++)
        pthread_join(jobs->threads[i].thread, NULL);
    pthread_cond_destroy(&jobs->more);
    pthread_mutex_destroy(&jobs->lock);
    free(jobs);
}
