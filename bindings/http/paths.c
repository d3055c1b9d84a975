/* SPDX-License-Identifier: Apache-2.0 */
/* paths.c: places in a sandbox's working folder, found without ever leaving it. */
#include "paths.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "request.h"

enum { WORD_MAX = 255 };

void paths_refuse(struct request *request, const char *path, int failure)
{
    switch (failure) {
    case ENOENT: reply_error(request, 404, "there is no '%s'", path); break;
    case ENOTDIR:
    case ELOOP: reply_error(request, 400, "'%s' does not lead through folders only", path); break;
    case EEXIST:
    case ENOTEMPTY:
    case EISDIR: reply_error(request, 409, "'%s' is there already and is something else", path); break;
    case EACCES:
    case EPERM:
    case EINVAL:
    case EXDEV:
    case EBUSY: reply_error(request, 400, "'%s' cannot be used so", path); break;
    case ENAMETOOLONG: reply_error(request, 400, "the path is too long"); break;
    case ENOSPC:
    case EDQUOT:
    case EROFS: reply_error(request, 507, "the disk is full"); break;
    default: reply_error(request, 500, "'%s': %s", path, strerror(failure));
    }
}

/* ---- Words ---- */

/* The path below the working folder, or NULL. */
static const char *below(clutch_sandbox *sandbox, const char *path)
{
    const char *root = clutch_sandbox_workdir(sandbox);
    size_t length = strlen(root);
    if (*path != '/')
        return path;
    return strncmp(path, root, length) == 0 && (path[length] == '/' || path[length] == '\0') ? path + length
                                                                                             : NULL;
}

bool paths_clean(struct request *request, clutch_sandbox *sandbox, const char *what, const char *path,
                 char out[PATH_ROOM])
{
    const char *at = path != NULL ? below(sandbox, path) : NULL;
    size_t used = 0, length;
    if (path == NULL) {
        reply_error(request, 400, "%s is required", what);
        return false;
    }
    if (at == NULL) {
        reply_error(request, 400, "%s must be in the sandbox's folder %s", what,
                    clutch_sandbox_workdir(sandbox));
        return false;
    }
    *out = '\0';
    for (; *at != '\0'; at += length) {
        at += strspn(at, "/");
        length = strcspn(at, "/");
        if (length == 0 || (length == 1 && *at == '.'))
            continue;
        if ((length == 2 && memcmp(at, "..", 2) == 0) || length > WORD_MAX || used + length + 2 > PATH_ROOM) {
            reply_error(request, 400, "%s must be names between slashes, without '..'", what);
            return false;
        }
        used += (size_t)snprintf(out + used, PATH_ROOM - used, "%s%.*s", used > 0 ? "/" : "", (int)length,
                                 at);
    }
    return true;
}

/* ---- Steps ---- */

/* A folder below a folder; -1 with errno. */
static int step(int folder, const char *word, bool make)
{
    enum { FLAGS = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };
    int next = openat(folder, word, FLAGS);
    if (next >= 0 || errno != ENOENT || !make || (mkdirat(folder, word, 0755) != 0 && errno != EEXIST))
        return next;
    return openat(folder, word, FLAGS);
}

bool paths_find(struct request *request, clutch_sandbox *sandbox, const char *what, const char *path,
                bool make, struct spot *out)
{
    if (!paths_clean(request, sandbox, what, path, out->path))
        return false;
    out->folder = open(clutch_sandbox_workdir(sandbox), O_PATH | O_DIRECTORY | O_CLOEXEC);
    snprintf(out->name, sizeof out->name, ".");
    for (const char *at = out->path; out->folder >= 0 && *at != '\0';) {
        size_t length = strcspn(at, "/");
        snprintf(out->name, sizeof out->name, "%.*s", (int)length, at);
        at += length;
        if (*at == '\0')
            break;
        at++;
        int next = step(out->folder, out->name, make), failure = errno;
        close(out->folder);
        out->folder = next;
        errno = failure;
    }
    if (out->folder >= 0)
        return true;
    paths_refuse(request, out->path, errno);
    return false;
}

void paths_leave(struct spot *spot)
{
    if (spot->folder >= 0)
        close(spot->folder);
    spot->folder = -1;
}

/* ---- What is there ---- */

bool paths_look(struct request *request, const struct spot *spot, struct stat *out)
{
    if (fstatat(spot->folder, spot->name, out, AT_SYMLINK_NOFOLLOW) == 0)
        return true;
    paths_refuse(request, spot->path, errno);
    return false;
}

int paths_open_folder(struct request *request, const struct spot *spot)
{
    int fd = openat(spot->folder, spot->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        paths_refuse(request, spot->path, errno);
    return fd;
}

int paths_open_file(int folder, const char *name, struct stat *out)
{
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd >= 0 && fstat(fd, out) == 0 && S_ISREG(out->st_mode) && out->st_nlink == 1)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}
