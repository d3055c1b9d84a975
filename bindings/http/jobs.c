/* SPDX-License-Identifier: Apache-2.0 */
/* jobs.c: threads for calls that block, whose ends come back to the loop. */
#include "jobs.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

struct jobs {
    struct loop *loop;
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct job *first, **last;
    size_t waiting, waiting_max, busy;
    bool ending;
    size_t thread_count;
    pthread_t threads[];
};

/* NULL at the end. */
static struct job *take(struct jobs *jobs)
{
    pthread_mutex_lock(&jobs->lock);
    while (jobs->first == NULL && !jobs->ending)
        pthread_cond_wait(&jobs->more, &jobs->lock);
    struct job *job = jobs->first;
    if (job != NULL) {
        jobs->first = job->next;
        if (jobs->first == NULL)
            jobs->last = &jobs->first;
        jobs->waiting--;
        jobs->busy++;
    }
    pthread_mutex_unlock(&jobs->lock);
    return job;
}

/* From here on the job is its owner's. */
static void hand_over(struct jobs *jobs, struct job *job)
{
    job->call.run = job->done;
    job->call.user = job->user;
    pthread_mutex_lock(&jobs->lock);
    jobs->busy--;
    pthread_mutex_unlock(&jobs->lock);
    loop_post(jobs->loop, &job->call);
}

static void *work(void *user)
{
    struct jobs *jobs = user;
    struct job *job;
    while ((job = take(jobs)) != NULL) {
        job->work(job->user);
        hand_over(jobs, job);
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
    for (; jobs->thread_count < threads; jobs->thread_count++) {
        int failure = pthread_create(&jobs->threads[jobs->thread_count], NULL, work, jobs);
        if (failure == 0)
            continue;
        jobs_free(jobs);
        errno = failure;
        return NULL;
    }
    return jobs;
}

bool jobs_add(struct jobs *jobs, struct job *job)
{
    job->next = NULL;
    pthread_mutex_lock(&jobs->lock);
    bool taken = jobs->waiting < jobs->waiting_max && !jobs->ending;
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
    size_t count = jobs->waiting + jobs->busy;
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
        pthread_join(jobs->threads[i], NULL);
    pthread_cond_destroy(&jobs->more);
    pthread_mutex_destroy(&jobs->lock);
    free(jobs);
}
