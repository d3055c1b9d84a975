/* SPDX-License-Identifier: Apache-2.0 */
/* refused.c: C library calls that confinement may refuse, so that a refusal can be told.
 *
 * Each function calls the original and looks at its failure: EPERM, EACCES and EROFS are refusals, noted with
 * what was asked for. One that waits, as opening a pipe may, ends when an interrupt does. Calls that
 * go around the C library, or that it makes
 * itself without these entry points, are refused by the kernel all the same and not seen here. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "python/refusal.h"
#include "worker/blocking.h"
#include "worker/original.h"

static bool refused(void)
{
    return errno == EPERM || errno == EACCES || errno == EROFS;
}

/* Passes on a result whose failure is negative. */
#define TELL(type, result, kind, what)                                                             \
    do {                                                                                           \
        type told = (result);                                                                      \
        if (told < 0 && !blocking_was_ended() && refused())                                        \
            refusal_note(kind, what);                                                              \
        return told;                                                                               \
    } while (0)

/* ---- Network ---- */

ORIGINAL(int, socket, int, int, int)
int socket(int domain, int type, int protocol)
{
    TELL(int, original_socket(domain, type, protocol), REFUSAL_NETWORK, "socket");
}

ORIGINAL(int, connect, int, const struct sockaddr *, socklen_t)
int connect(int fd, const struct sockaddr *address, socklen_t size)
{
    TELL(int, original_connect(fd, address, size), REFUSAL_NETWORK, "connect");
}

ORIGINAL(int, bind, int, const struct sockaddr *, socklen_t)
int bind(int fd, const struct sockaddr *address, socklen_t size)
{
    TELL(int, original_bind(fd, address, size), REFUSAL_NETWORK, "bind");
}

/* The C library's resolver meets the refusal inside itself. */
ORIGINAL(int, getaddrinfo, const char *, const char *, const struct addrinfo *, struct addrinfo **)
int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                struct addrinfo **out)
{
    errno = 0;
    int fault = original_getaddrinfo(host, service, hints, out);
    if (fault != 0 && (refused() || fault == EAI_AGAIN))
        refusal_note(REFUSAL_NETWORK, host ? host : "getaddrinfo");
    return fault;
}

/* ---- Files ---- */

/* The mode is there when a file may be made. */
#define MODE_OF(flags, last)                                                                       \
    mode_t mode = 0;                                                                               \
    if ((flags) & (O_CREAT | __O_TMPFILE)) {                                                       \
        va_list rest;                                                                              \
        va_start(rest, last);                                                                      \
        mode = (mode_t)va_arg(rest, int);                                                          \
        va_end(rest);                                                                              \
    }

#define OPENING(name)                                                                              \
    ORIGINAL(int, name, const char *, int, ...)                                                    \
    int name(const char *path, int flags, ...)                                                     \
    {                                                                                              \
        MODE_OF(flags, flags)                                                                      \
        TELL(int, original_##name(path, flags, mode), REFUSAL_FILE, path);                         \
    }
OPENING(open)
OPENING(open64)

#define OPENING_AT(name)                                                                           \
    ORIGINAL(int, name, int, const char *, int, ...)                                               \
    int name(int folder, const char *path, int flags, ...)                                         \
    {                                                                                              \
        MODE_OF(flags, flags)                                                                      \
        TELL(int, original_##name(folder, path, flags, mode), REFUSAL_FILE, path);                 \
    }
OPENING_AT(openat)
OPENING_AT(openat64)

#define OPENING_STREAM(name)                                                                       \
    ORIGINAL(FILE *, name, const char *, const char *)                                             \
    FILE *name(const char *path, const char *mode)                                                 \
    {                                                                                              \
        FILE *stream = original_##name(path, mode);                                                \
        if (!stream && refused())                                                                  \
            refusal_note(REFUSAL_FILE, path);                                                      \
        return stream;                                                                             \
    }
OPENING_STREAM(fopen)
OPENING_STREAM(fopen64)

ORIGINAL(int, unlink, const char *)
int unlink(const char *path)
{
    TELL(int, original_unlink(path), REFUSAL_FILE, path);
}

ORIGINAL(int, mkdir, const char *, mode_t)
int mkdir(const char *path, mode_t mode)
{
    TELL(int, original_mkdir(path, mode), REFUSAL_FILE, path);
}

ORIGINAL(int, rename, const char *, const char *)
int rename(const char *from, const char *to)
{
    TELL(int, original_rename(from, to), REFUSAL_FILE, to);
}

ORIGINAL(int, symlink, const char *, const char *)
int symlink(const char *target, const char *path)
{
    TELL(int, original_symlink(target, path), REFUSAL_FILE, path);
}

ORIGINAL(int, link, const char *, const char *)
int link(const char *from, const char *to)
{
    TELL(int, original_link(from, to), REFUSAL_FILE, from);
}

/* ---- Processes ---- */

ORIGINAL(int, execve, const char *, char *const *, char *const *)
int execve(const char *path, char *const *arguments, char *const *env)
{
    TELL(int, original_execve(path, arguments, env), REFUSAL_PROCESS, path);
}

#define SPAWNING(name)                                                                             \
    ORIGINAL(int, name, pid_t *, const char *, const posix_spawn_file_actions_t *,                 \
             const posix_spawnattr_t *, char *const *, char *const *)                              \
    int name(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,              \
             const posix_spawnattr_t *attributes, char *const *arguments, char *const *env)        \
    {                                                                                              \
        int fault = original_##name(pid, path, actions, attributes, arguments, env);               \
        if (fault == EPERM || fault == EACCES)                                                     \
            refusal_note(REFUSAL_PROCESS, path);                                                   \
        return fault;                                                                              \
    }
SPAWNING(posix_spawn)
SPAWNING(posix_spawnp)

ORIGINAL(int, system, const char *)
int system(const char *command)
{
    TELL(int, original_system(command), REFUSAL_PROCESS, command ? command : "system");
}

ORIGINAL(pid_t, fork, void)
pid_t fork(void)
{
    TELL(pid_t, original_fork(), REFUSAL_PROCESS, "fork");
}

ORIGINAL(int, kill, pid_t, int)
int kill(pid_t pid, int number)
{
    TELL(int, original_kill(pid, number), REFUSAL_PROCESS, "kill");
}

/* ---- Any call by number ---- */

ORIGINAL(long, syscall, long, ...)
long syscall(long number, ...)
{
    va_list rest;
    va_start(rest, number);
    long a = va_arg(rest, long), b = va_arg(rest, long), c = va_arg(rest, long);
    long d = va_arg(rest, long), e = va_arg(rest, long), f = va_arg(rest, long);
    va_end(rest);
    long result = original_syscall(number, a, b, c, d, e, f);
    if (result == -1 && (refused() || errno == ENOSYS)) {
        int error = errno;
        char what[64];
        snprintf(what, sizeof what, "system call %ld", number);
        errno = error;
        refusal_note(REFUSAL_SYSCALL, what);
    }
    return result;
}
