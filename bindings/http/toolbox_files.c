/* SPDX-License-Identifier: Apache-2.0 */
/* toolbox_files.c: the Daytona family's toolbox: a sandbox's files and folders. */
#include "toolbox_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pages.h"
#include "paths.h"
#include "request.h"
#include "toolbox.h"

enum { ENTRIES_MAX = 100000, DEPTH_MAX = 100 };

bool toolbox_open_files(struct request *request, clutch_sandbox **sandbox)
{
    clutch_error error;
    if (!toolbox_open(request, sandbox))
        return false;
    if (clutch_sandbox_touch(*sandbox, &error) == 0)
        return true;
    reply_failure(request, &error);
    clutch_sandbox_release(*sandbox);
    return false;
}

void toolbox_done(struct request *request, unsigned status)
{
    reply_text(request, status, NULL, strdup(""), 0);
}

/* Opens the sandbox and finds what a parameter of the query names, and does something there. */
static void at_spot(struct request *request, const char *what, const char *usual, bool make,
                     void (*act)(struct request *request, const struct spot *spot))
{
    const char *path = request_query(request, what);
    clutch_sandbox *sandbox;
    struct spot spot;
    if (!toolbox_open_files(request, &sandbox))
        return;
    if (paths_find(request, sandbox, what, path != NULL ? path : usual, make, &spot)) {
        act(request, &spot);
        paths_leave(&spot);
    }
    clutch_sandbox_release(sandbox);
}

/* ---- GET /toolbox/{id}/files, /files/info ---- */

/* "-rw-r--r--" */
static void write_mode(mode_t mode, char out[11])
{
    static const char letters[] = "rwxrwxrwx";
    out[0] = S_ISDIR(mode) ? 'd' : S_ISLNK(mode) ? 'L' : S_ISREG(mode) ? '-' : '?';
    for (int i = 0; i < 9; i++)
        out[i + 1] = mode & (0400 >> i) ? letters[i] : '-';
    out[10] = '\0';
}

static json_t *object_of(const char *name, const struct stat *about)
{
    char mode[11];
    write_mode(about->st_mode, mode);
    int64_t modified_ms = about->st_mtim.tv_sec * INT64_C(1000) + about->st_mtim.tv_nsec / 1000000;
    return json_pack("{s:s,s:b,s:I,s:o,s:o,s:s,s:o,s:o,s:o}", "name", name, "isDir", S_ISDIR(about->st_mode),
                     "size", (json_int_t)about->st_size, "modTime", reply_time(modified_ms), "modifiedAt",
                     reply_time(modified_ms), "mode", mode, "permissions",
                     json_sprintf("%04o", (unsigned)about->st_mode & 0777), "owner",
                     json_sprintf("%u", (unsigned)about->st_uid), "group",
                     json_sprintf("%u", (unsigned)about->st_gid));
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names that are texts, in order; the array and they are owned. NULL when memory runs out; of more than
 * there may be it has one more than that. */
static char **read_names(DIR *folder, size_t *count)
{
    size_t room = 64;
    char **names = malloc(room * sizeof *names);
    struct dirent *entry;
    *count = 0;
    while (names != NULL && *count <= ENTRIES_MAX && (entry = readdir(folder)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            !address_is_utf8(entry->d_name))
            continue;
        if (*count == room) {
            char **grown = realloc(names, (room *= 2) * sizeof *names);
            if (grown == NULL)
                break;
            names = grown;
        }
        if ((names[*count] = strdup(entry->d_name)) != NULL)
            ++*count;
    }
    if (names != NULL)
        qsort(names, *count, sizeof *names, compare_names);
    return names;
}

static void list(struct request *request, const struct spot *spot)
{
    int fd = paths_open_folder(request, spot);
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    if (folder == NULL)
        return;
    size_t count;
    char **names = read_names(folder, &count);
    json_t *items = names != NULL && count <= ENTRIES_MAX ? json_array() : NULL;
    struct stat about;
    for (size_t i = 0; names != NULL && i < count; i++) {
        if (items != NULL && fstatat(fd, names[i], &about, AT_SYMLINK_NOFOLLOW) == 0)
            items = pages_append(items, object_of(names[i], &about));
        free(names[i]);
    }
    free(names);
    if (count > ENTRIES_MAX)
        reply_error(request, 413, "the folder has more than %d entries", ENTRIES_MAX);
    else
        reply_json(request, 200, items);
    closedir(folder);
}

void toolbox_list_files(struct request *request)
{
    at_spot(request, "path", "", false, list);
}

static void describe(struct request *request, const struct spot *spot)
{
    struct stat about;
    if (paths_look(request, spot, &about))
        reply_json(request, 200, object_of(spot->name, &about));
}

void toolbox_describe_file(struct request *request)
{
    at_spot(request, "path", NULL, false, describe);
}

/* ---- DELETE /toolbox/{id}/files ---- */

/* 0, or an errno. */
static int remove_tree(int folder, const char *name, int depth)
{
    int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    DIR *stream = fd >= 0 && depth < DEPTH_MAX ? fdopendir(fd) : NULL;
    if (stream == NULL) {
        int failure = fd >= 0 ? ELOOP : errno;
        if (fd >= 0)
            close(fd);
        return failure == ENOTDIR || failure == ENOENT ? 0 : failure;
    }
    struct dirent *entry;
    int failure = 0;
    while (failure == 0 && (entry = readdir(stream)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (unlinkat(fd, entry->d_name, 0) == 0 || errno == ENOENT)
            continue;
        failure = errno == EISDIR || errno == EPERM ? remove_tree(fd, entry->d_name, depth + 1) : errno;
    }
    closedir(stream);
    if (failure == 0 && unlinkat(folder, name, AT_REMOVEDIR) != 0)
        failure = errno;
    return failure;
}

static void delete_it(struct request *request, const struct spot *spot)
{
    const char *recursive = request_query(request, "recursive");
    bool all = recursive != NULL && strcmp(recursive, "true") == 0;
    struct stat about;
    int failure = 0;
    if (!paths_look(request, spot, &about))
        return;
    if (strcmp(spot->name, ".") == 0)
        reply_error(request, 400, "the sandbox's folder itself cannot be deleted");
    else if (S_ISDIR(about.st_mode) && !all)
        reply_error(request, 400, "it is a folder: with recursive=true it is deleted, and all in it");
    else if (S_ISDIR(about.st_mode))
        failure = remove_tree(spot->folder, spot->name, 0);
    else if (unlinkat(spot->folder, spot->name, 0) != 0)
        failure = errno;
    if (failure != 0)
        paths_refuse(request, spot->path, failure);
    else if (request->reply.status == 0)
        toolbox_done(request, 204);
}

void toolbox_delete_file(struct request *request)
{
    at_spot(request, "path", NULL, false, delete_it);
}

/* ---- POST /toolbox/{id}/files/folder, /permissions ---- */

/* Octal permissions; *out stays as it is when there are none. */
static bool read_mode(struct request *request, mode_t *out)
{
    const char *text = request_query(request, "mode");
    if (text == NULL || *text == '\0')
        return true;
    size_t length = strlen(text);
    if (length <= 5 && strspn(text, "01234567") == length && strtoul(text, NULL, 8) <= 0777) {
        *out = (mode_t)strtoul(text, NULL, 8);
        return true;
    }
    reply_error(request, 400, "mode must be octal permissions from 0 to 777");
    return false;
}

static void make_folder(struct request *request, const struct spot *spot)
{
    mode_t mode = 0755;
    struct stat about;
    if (!read_mode(request, &mode))
        return;
    if (mkdirat(spot->folder, spot->name, 0700) == 0) {
        int fd = openat(spot->folder, spot->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0 || fchmod(fd, mode) != 0)
            paths_refuse(request, spot->path, errno);
        if (fd >= 0)
            close(fd);
    } else if (errno != EEXIST) {
        paths_refuse(request, spot->path, errno);
    } else if (paths_look(request, spot, &about) && !S_ISDIR(about.st_mode)) {
        paths_refuse(request, spot->path, EEXIST);
    }
    if (request->reply.status == 0)
        toolbox_done(request, 201);
}

void toolbox_make_folder(struct request *request)
{
    at_spot(request, "path", NULL, true, make_folder);
}

/* Files belong to whom the sandbox runs as. */
static bool is_same_owner(const struct request *request, const char *what, unsigned id)
{
    const char *text = request_query(request, what);
    char number[16];
    snprintf(number, sizeof number, "%u", id);
    return text == NULL || *text == '\0' || strcmp(text, number) == 0;
}

static void permit(struct request *request, const struct spot *spot)
{
    struct stat about;
    if (!paths_look(request, spot, &about))
        return;
    mode_t mode = about.st_mode & 0777;
    if (!read_mode(request, &mode))
        return;
    if (!is_same_owner(request, "owner", about.st_uid) || !is_same_owner(request, "group", about.st_gid)) {
        reply_error(request, 422, "Files of this server's sandboxes cannot be given to another owner");
        return;
    }
    int fd = openat(spot->folder, spot->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    char self[40];
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    if (fd < 0 || fstat(fd, &about) != 0)
        paths_refuse(request, spot->path, errno);
    else if (!S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode))
        reply_error(request, 400, "only files and folders have permissions");
    else if (chmod(self, mode) != 0)
        paths_refuse(request, spot->path, errno);
    else
        toolbox_done(request, 200);
    if (fd >= 0)
        close(fd);
}

void toolbox_permit_file(struct request *request)
{
    at_spot(request, "path", NULL, false, permit);
}

/* ---- POST /toolbox/{id}/files/move ---- */

static void move(struct request *request, const struct spot *from, const struct spot *to)
{
    struct stat about;
    if (!paths_look(request, from, &about))
        return;
    if (strcmp(from->name, ".") == 0 || strcmp(to->name, ".") == 0)
        reply_error(request, 400, "the sandbox's folder itself cannot be moved");
    else if (renameat(from->folder, from->name, to->folder, to->name) != 0)
        paths_refuse(request, errno == ENOENT ? from->path : to->path, errno);
    else
        toolbox_done(request, 200);
}

void toolbox_move_file(struct request *request)
{
    const char *source = request_query(request, "source");
    const char *destination = request_query(request, "destination");
    clutch_sandbox *sandbox;
    struct spot from, to;
    if (!toolbox_open_files(request, &sandbox))
        return;
    if (paths_find(request, sandbox, "source", source, false, &from)) {
        if (paths_find(request, sandbox, "destination", destination, false, &to)) {
            move(request, &from, &to);
            paths_leave(&to);
        }
        paths_leave(&from);
    }
    clutch_sandbox_release(sandbox);
}
