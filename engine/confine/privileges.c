/* SPDX-License-Identifier: Apache-2.0 */
/* privileges.c: capabilities, no_new_privs, and dying with the template. */
#include "confine/parts.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The bounding set matters to a process that can start programs. Without CAP_SETPCAP nothing can be
 * dropped from it, nor gained: no_new_privs holds there. */
static int drop_bounding_set(struct what *what)
{
    for (unsigned long capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0;
         capability++) {
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0)
            continue;
        if (errno == EPERM)
            return 0;
        return what_failed(what, "capability bounding set");
    }
    return 0;
}

/* User 0 gets nothing from being user 0, now or after exec. Without CAP_SETPCAP the same holds as
 * above. */
static int lock_secure_bits(struct what *what)
{
    const unsigned long bits = SECURE_ALL_BITS | SECURE_ALL_LOCKS;
    const unsigned long kept = ~(unsigned long)(issecure_mask(SECURE_KEEP_CAPS));
    if (prctl(PR_SET_SECUREBITS, bits & kept, 0, 0, 0) == 0)
        return 0;
    if (errno == EPERM)
        return 0;
    return what_failed(what, "securebits");
}

int privileges_drop(bool programs, struct what *what)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
    if (lock_secure_bits(what) < 0 || (programs && drop_bounding_set(what) < 0))
        return -1;
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
        return what_failed(what, "ambient capabilities");
    if (syscall(SYS_capset, &header, none) < 0)
        return what_failed(what, "capabilities");
    return 0;
}

int privileges_seal(struct what *what)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return what_failed(what, "no_new_privs");
    return 0;
}

/* After the last change of identity, which would undo it. A template that ended in between is
 * noticed by the changed parent; in another pid namespace, where a parent has no number, by that
 * namespace's first process. */
int privileges_die_with_parent(pid_t parent, bool in_pid_namespace, struct what *what)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
        return what_failed(what, "PR_SET_PDEATHSIG");
    if (!in_pid_namespace && getppid() != parent)
        return what_refused(what, ESRCH, "the template has ended");
    return 0;
}
