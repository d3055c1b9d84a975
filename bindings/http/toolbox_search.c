/* SPDX-License-Identifier: Apache-2.0 */
/* toolbox_search.c: the Daytona family's toolbox: files by name and by content.
 *
 * What is looked at has bounds, past which the reply is 413 rather than half of what was asked for. */
#include "toolbox_search.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pages.h"
#include "paths.h"
#include "request.h"
#include "toolbox.h"
#include "toolbox_files.h"

enum {
    VISITS_MAX = 100000,
    RESULTS_MAX = 10000,
    DEPTH_MAX = 100,
    FILE_MAX = 16 << 20,
    BYTES_MAX = 256 << 20,
    SHOWN_MAX = 16 << 20,
    FILES_MAX = 1000,
};

/* One search. */
struct search {
    const char *pattern;
    json_t *results; /* NULL when memory has run out */
    size_t visits, bytes, shown;
    const char *limit; /* which was passed */
    void (*visit)(struct search *search, int folder, const char *name, const char *path);
};

static void add(struct search *search, json_t *item)
{
    search->results = pages_append(search->results, item);
    if (json_array_size(search->results) > RESULTS_MAX)
        search->limit = "results";
}

/* ---- The walk ---- */

/* Visits all entries below the folder, which is closed. path is where it is. */
static void walk(struct search *search, int fd, const char *path, int depth)
{
    DIR *stream = fdopendir(fd);
    struct dirent *entry;
    char inner[PATH_ROOM];
    if (stream == NULL) {
        close(fd);
        return;
    }
    while (search->limit == NULL && search->results != NULL && (entry = readdir(stream)) != NULL) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || !address_is_utf8(name) ||
            (size_t)snprintf(inner, sizeof inner, "%s/%s", path, name) >= sizeof inner)
            continue;
        if (++search->visits > VISITS_MAX)
            search->limit = "files";
        search->visit(search, fd, name, inner);
        int next = depth < DEPTH_MAX && entry->d_type == DT_DIR
                       ? openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
                       : -1;
        if (next >= 0)
            walk(search, next, inner, depth + 1);
    }
    closedir(stream);
}

/* The results are owned; NULL when the reply is made. */
static json_t *look(struct request *request, clutch_sandbox *sandbox, struct search *search)
{
    const char *path = request_query(request, "path");
    char absolute[2 * PATH_ROOM];
    struct spot spot;
    struct stat about;
    search->pattern = request_query(request, "pattern");
    if (search->pattern == NULL || *search->pattern == '\0') {
        reply_error(request, 400, "pattern is required");
        return NULL;
    }
    if (!paths_find(request, sandbox, "path", path, false, &spot))
        return NULL;
    search->results = json_array();
    snprintf(absolute, sizeof absolute, "%s%s%s", clutch_sandbox_workdir(sandbox), *spot.path ? "/" : "",
             spot.path);
    if (paths_look(request, &spot, &about)) {
        int fd = S_ISDIR(about.st_mode) ? paths_open_folder(request, &spot) : -1;
        if (fd >= 0)
            walk(search, fd, absolute, 0);
        else if (!S_ISDIR(about.st_mode))
            search->visit(search, spot.folder, spot.name, absolute);
    }
    paths_leave(&spot);
    if (search->limit != NULL)
        reply_error(request, 413, "there are more %s than are looked at: narrow the search", search->limit);
    if (request->reply.status == 0 && search->results != NULL)
        return search->results;
    if (request->reply.status == 0)
        reply_error(request, 500, "no memory is left");
    json_decref(search->results);
    return NULL;
}

/* ---- GET /toolbox/{id}/files/search ---- */

static void visit_name(struct search *search, int folder, const char *name, const char *path)
{
    (void)folder;
    if (fnmatch(search->pattern, name, 0) == 0)
        add(search, json_string(path));
}

void toolbox_search_files(struct request *request)
{
    struct search search = {.visit = visit_name};
    clutch_sandbox *sandbox;
    if (!toolbox_open_files(request, &sandbox))
        return;
    json_t *results = look(request, sandbox, &search);
    if (results != NULL)
        reply_json(request, 200, json_pack("{s:o}", "files", results));
    clutch_sandbox_release(sandbox);
}

/* ---- GET /toolbox/{id}/files/find ---- */

static void find_in(struct search *search, const char *path, char *text, size_t length)
{
    size_t number = 1;
    text[length] = '\0';
    for (char *line = text; *line != '\0' && search->limit == NULL && search->results != NULL; number++) {
        char *end = strchrnul(line, '\n'), kept = *end;
        *end = '\0';
        if (strstr(line, search->pattern) != NULL && address_is_utf8(line)) {
            add(search, json_pack("{s:s,s:I,s:s}", "file", path, "line", (json_int_t)number, "content",
                                  line));
            search->shown += (size_t)(end - line);
        }
        if (search->shown > SHOWN_MAX)
            search->limit = "results";
        line = kept != '\0' ? end + 1 : end;
    }
}

/* Texts only: what has a NUL byte is none. */
static void visit_content(struct search *search, int folder, const char *name, const char *path)
{
    struct stat about;
    int fd = paths_open_file(folder, name, &about);
    if (fd < 0)
        return;
    size_t size = about.st_size <= FILE_MAX ? (size_t)about.st_size : 0, length = 0;
    char *text = size > 0 ? malloc(size + 1) : NULL;
    ssize_t count = 1;
    while (text != NULL && length < size && (count = read(fd, text + length, size - length)) > 0)
        length += (size_t)count;
    close(fd);
    search->bytes += length;
    if (search->bytes > BYTES_MAX)
        search->limit = "bytes";
    if (length > 0 && memchr(text, '\0', length) == NULL)
        find_in(search, path, text, length);
    free(text);
}

void toolbox_find_in_files(struct request *request)
{
    struct search search = {.visit = visit_content};
    clutch_sandbox *sandbox;
    if (!toolbox_open_files(request, &sandbox))
        return;
    json_t *results = look(request, sandbox, &search);
    if (results != NULL)
        reply_json(request, 200, results);
    clutch_sandbox_release(sandbox);
}

/* ---- POST /toolbox/{id}/files/replace ---- */

static const char *find(const char *text, const char *end, const char *old)
{
    return memmem(text, (size_t)(end - text), old, strlen(old));
}

/* Owned; NULL when memory runs out. */
static char *replaced(const char *text, size_t length, const char *old, const char *new, size_t *out_length)
{
    size_t old_length = strlen(old), new_length = strlen(new), count = 0;
    const char *end = text + length, *at, *found;
    for (at = text; (found = find(at, end, old)) != NULL; at = found + old_length)
        count++;
    size_t room = length + (new_length > old_length ? count * (new_length - old_length) : 0);
    char *out = room <= 4 * (size_t)FILE_MAX ? malloc(room + 1) : NULL, *to = out;
    if (out == NULL)
        return NULL;
    for (at = text; (found = find(at, end, old)) != NULL; at = found + old_length) {
        to = mempcpy(to, at, (size_t)(found - at));
        to = mempcpy(to, new, new_length);
    }
    to = mempcpy(to, at, (size_t)(end - at));
    *out_length = (size_t)(to - out);
    return out;
}

/* Returns what went wrong, or NULL. */
static const char *replace_in(clutch_sandbox *sandbox, const char *path, const char *old, const char *new,
                              clutch_error *error)
{
    char *text, *changed = NULL;
    size_t length, changed_length;
    if (clutch_sandbox_read_file(sandbox, path, FILE_MAX, &text, &length, error) < 0)
        return error->message;
    const char *problem = "no memory is left";
    changed = replaced(text, length, old, new, &changed_length);
    if (changed != NULL)
        problem = clutch_sandbox_write_file(sandbox, path, changed, changed_length, error) < 0
                      ? error->message
                      : NULL;
    free(changed);
    clutch_free(text);
    return problem;
}

static json_t *replace_one(struct request *request, clutch_sandbox *sandbox, const char *file,
                           const char *old, const char *new)
{
    char path[PATH_ROOM];
    clutch_error error;
    if (!paths_clean(request, sandbox, "each file", file, path))
        return NULL;
    const char *problem = replace_in(sandbox, path, old, new, &error);
    json_t *item = json_pack("{s:s,s:b}", "file", file, "success", problem == NULL);
    if (item != NULL && problem != NULL)
        (void)json_object_set_new(item, "error", json_string(problem));
    return item;
}

/* A text without NUL bytes; NULL when it is none. */
static const char *text_of(const json_t *value)
{
    const char *text = json_string_value(value);
    return text != NULL && strlen(text) == json_string_length(value) ? text : NULL;
}

static bool check_replace(struct request *request, const json_t *files, const char *old, const char *new)
{
    size_t i;
    const json_t *file;
    bool fine = json_is_array(files) && json_array_size(files) > 0 && json_array_size(files) <= FILES_MAX &&
                old != NULL && *old != '\0' && new != NULL;
    json_array_foreach(files, i, file)
        fine = fine && text_of(file) != NULL;
    if (!fine)
        reply_error(request, 400, "files must be 1 to %d paths, pattern a text of at least one character, "
                    "and newValue a text", FILES_MAX);
    return fine;
}

void toolbox_replace(struct request *request)
{
    const json_t *body = request_json(request, false), *files = json_object_get(body, "files"), *file;
    const char *old = text_of(json_object_get(body, "pattern"));
    const char *new = text_of(json_object_get(body, "newValue"));
    clutch_sandbox *sandbox;
    size_t i;
    if (body == NULL || !check_replace(request, files, old, new) || !toolbox_open_files(request, &sandbox))
        return;
    json_t *results = json_array();
    json_array_foreach(files, i, file)
        results = pages_append(results, replace_one(request, sandbox, text_of(file), old, new));
    if (request->reply.status == 0)
        reply_json(request, 200, results);
    else
        json_decref(results);
    clutch_sandbox_release(sandbox);
}
