/* SPDX-License-Identifier: Apache-2.0 */
/* sandboxes.c: what the template makes before it forks a sandbox and takes away when it has ended:
 * its cgroup, its mount points in the shared file tree, its process group. */
#include "confine/parts.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct sandbox {
    pid_t pid;      /* our child, not yet reaped; 0: none */
    uint32_t birth; /* of a copy */
    bool ended;     /* and has nothing any more */
    unsigned group; /* 0: none, or removed */
    struct mount_points points;
};

static struct sandbox *sandboxes;
static size_t sandbox_count;
static int file_tree = -1;
static unsigned forking_group;

void sandboxes_prepare(int tree)
{
    file_tree = tree;
}

unsigned sandboxes_own_group(void)
{
    return forking_group;
}

/* A free entry. One whose cgroup could not be removed yet is tried again first. */
static struct sandbox *free_entry(void)
{
    for (size_t i = 0; i < sandbox_count; i++) {
        if (sandboxes[i].pid == 0)
            cgroup_remove(&sandboxes[i].group);
        if (sandboxes[i].pid == 0 && sandboxes[i].group == 0)
            return &sandboxes[i];
    }
    size_t count = sandbox_count ? 2 * sandbox_count : 16;
    struct sandbox *grown = reallocarray(sandboxes, count, sizeof(*grown));
    if (!grown)
        return NULL;
    memset(grown + sandbox_count, 0, (count - sandbox_count) * sizeof(*grown));
    struct sandbox *first = grown + sandbox_count;
    sandboxes = grown;
    sandbox_count = count;
    return first;
}

/* Another sandbox may have been given the same folder: removing its mount point would unmount
 * it. */
static bool is_mounted_elsewhere(const char *path)
{
    for (size_t i = 0; i < sandbox_count; i++)
        for (size_t j = 0; sandboxes[i].pid != 0 && !sandboxes[i].ended && j < 2; j++)
            if (sandboxes[i].points.paths[j] && path_is_below(sandboxes[i].points.paths[j], path))
                return true;
    return false;
}

static void take_away(struct sandbox *sandbox)
{
    sandbox->ended = true;
    cgroup_remove(&sandbox->group);
    for (size_t i = 0; i < 2; i++)
        if (sandbox->points.paths[i] && is_mounted_elsewhere(sandbox->points.paths[i]))
            sandbox->points.kept[i] = strlen(sandbox->points.paths[i]);
    folders_remove(file_tree, &sandbox->points);
}

static struct sandbox *find(pid_t pid)
{
    for (size_t i = 0; i < sandbox_count; i++)
        if (sandboxes[i].pid == pid)
            return &sandboxes[i];
    return NULL;
}

int sandboxes_add_copy(pid_t copy, uint32_t birth, pid_t origin, const struct mount_points **points)
{
    if (find(copy)) {
        errno = ESRCH; /* no new child of ours */
        return -1;
    }
    struct sandbox *added = free_entry();
    for (size_t i = 0; added && i < sandbox_count; i++) {
        const struct sandbox *from = &sandboxes[i];
        if (from->pid != origin || from->ended)
            continue;
        for (size_t j = 0; j < 2; j++) {
            added->points.paths[j] = from->points.paths[j] ? strdup(from->points.paths[j]) : NULL;
            added->points.kept[j] = from->points.kept[j];
            if (from->points.paths[j] && !added->points.paths[j]) {
                free(added->points.paths[0]);
                added->points.paths[0] = NULL;
                return -1;
            }
        }
        added->pid = copy;
        added->birth = birth;
        added->ended = false;
        *points = &added->points;
        return 0;
    }
    errno = added ? EINVAL : ENOMEM;
    return -1;
}

pid_t confine_fork(const struct confine_policy *policy)
{
    struct sandbox *sandbox = free_entry();
    if (!sandbox)
        return -1;
    pid_t pid = -1;
    identity_know(policy->workdir);
    identity_know(policy->tmpdir);
    if (folders_make(file_tree, policy, &sandbox->points) == 0 &&
        cgroup_make(policy, &sandbox->group) == 0) {
        forking_group = sandbox->group;
        pid = fork();
    }
    int saved = errno;
    if (pid < 0)
        take_away(sandbox);
    if (pid > 0) {
        sandbox->pid = pid;
        sandbox->birth = 0;
        sandbox->ended = false;
    }
    errno = saved;
    return pid;
}

/* A sandbox is the leader of its process group, which nothing in it can leave. A signal to the
 * group reaches all of it at once, so that nothing can be forked meanwhile. */
bool confine_end(pid_t pid, uint32_t birth)
{
    struct sandbox *sandbox = pid > 1 ? find(pid) : NULL;
    if (!sandbox || sandbox->birth != birth)
        return false;
    kill(-pid, SIGKILL);
    take_away(sandbox);
    return true;
}

void confine_reaped(pid_t pid)
{
    struct sandbox *sandbox = find(pid);
    if (sandbox)
        sandbox->pid = 0;
}
