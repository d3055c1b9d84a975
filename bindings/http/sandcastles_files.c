/* SPDX-License-Identifier: Apache-2.0 */
/* sandcastles_files.c: the TextQL family: a sandbox's files. Names with a dot in front are out of reach. */
#include "sandcastles_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clutch.h"
#include "download.h"
#include "pages.h"
#include "request.h"
#include "sandboxes.h"
#include "upload.h"

/* Words between slashes, none of them empty or with a dot in front. */
static bool is_path(const char *path)
{
    while (*path != '\0' && *path != '/' && *path != '.') {
        size_t length = strcspn(path, "/");
        path += length;
        if (*path == '\0')
            return true;
        path++;
    }
    return false;
}

static bool check_path(struct request *request, const char *path)
{
    if (is_path(path) && strlen(path) < 4096)
        return true;
    reply_error(request, 400, "the path must be names between slashes, without dots in front of them");
    return false;
}

/* The folder that the query names, without a slash at its end; "" for the working folder. NULL when the
 * reply is made. Borrowed until the request ends. */
static const char *folder_of(struct request *request)
{
    const char *path = request_query(request, "path");
    if (path == NULL || *path == '\0' || strcmp(path, "/") == 0 || strcmp(path, ".") == 0)
        return "";
    path += *path == '/';
    return check_path(request, path) ? path : NULL;
}

/* A link, a device or a folder in a file's place is no file that there is. */
static void answer_failure(struct request *request, const clutch_error *error)
{
    bool other = error->sys_errno == ELOOP || error->sys_errno == ENOTDIR || error->sys_errno == EISDIR ||
                 error->sys_errno == ENXIO;
    if (error->code == CLUTCH_E_SYSTEM && other)
        reply_error(request, 404, "there is no such file");
    else
        reply_failure(request, error);
}

/* ---- GET /v2/sandcastles/{id}/files ---- */

static json_t *entry_of(const char *folder, const clutch_entry *entry)
{
    const char *slash = *folder != '\0' ? "/" : "";
    return json_pack("{s:s,s:o,s:b,s:I,s:o}", "name", entry->name, "path",
                     json_sprintf("%s%s%s", folder, slash, entry->name), "is_directory", entry->is_folder,
                     "size_bytes", (json_int_t)entry->size_bytes, "modified_at",
                     reply_time(entry->modified_ns / 1000000));
}

/* A name need not be text in a sandbox; one that is none cannot be told in JSON. */
static bool is_shown(const clutch_entry *entry)
{
    return *entry->name != '.' && address_is_utf8(entry->name);
}

void files_list(struct request *request)
{
    clutch_sandbox *sandbox;
    clutch_entry *entries;
    size_t count;
    clutch_error error;
    const char *folder = folder_of(request);
    if (folder == NULL || !sandboxes_open(request, request_parameter(request, 0), &sandbox))
        return;
    if (clutch_sandbox_list_files(sandbox, folder, &entries, &count, &error) < 0) {
        answer_failure(request, &error);
    } else {
        json_t *items = json_array();
        for (size_t i = 0; i < count; i++)
            if (is_shown(&entries[i]))
                items = pages_append(items, entry_of(folder, &entries[i]));
        pages_answer(request, "files", items, NULL);
        clutch_free(entries);
    }
    clutch_sandbox_release(sandbox);
}

/* ---- POST /v2/sandcastles/{id}/files ---- */

static void store(struct request *request, clutch_sandbox *sandbox, const char *folder,
                  const struct upload *upload)
{
    clutch_error error;
    char *path = NULL;
    if (asprintf(&path, "%s%s%s", folder, *folder != '\0' ? "/" : "", upload->filename) < 0) {
        reply_error(request, 500, "no memory is left");
        return;
    }
    if (check_path(request, path)) {
        if (clutch_sandbox_write_file(sandbox, path, upload->data, upload->length, &error) == 0)
            reply_json(request, 201, json_pack("{s:s,s:I}", "filename", path, "size_bytes",
                                               (json_int_t)upload->length));
        else
            answer_failure(request, &error);
    }
    free(path);
}

void files_upload(struct request *request)
{
    clutch_sandbox *sandbox;
    struct upload upload;
    const char *folder = folder_of(request);
    if (folder == NULL || !sandboxes_open(request, request_parameter(request, 0), &sandbox))
        return;
    if (upload_read(request, "file", &upload)) {
        if (strchr(upload.filename, '/') != NULL)
            reply_error(request, 400, "a file's name has no slash; the query's path names its folder");
        else
            store(request, sandbox, folder, &upload);
        upload_clear(&upload);
    }
    clutch_sandbox_release(sandbox);
}

/* ---- /v2/sandcastles/{id}/files/{path...} ---- */

void files_download(struct request *request)
{
    const char *path = request_parameter(request, 1);
    clutch_sandbox *sandbox;
    clutch_error error;
    int fd;
    if (!check_path(request, path) || !sandboxes_open(request, request_parameter(request, 0), &sandbox))
        return;
    if (clutch_sandbox_open_file(sandbox, path, &fd, &error) == 0)
        download_answer(request, path, fd);
    else
        answer_failure(request, &error);
    clutch_sandbox_release(sandbox);
}

/* Whether it is a folder, which is not removed here. */
static bool is_folder(clutch_sandbox *sandbox, const char *path)
{
    clutch_entry *entries;
    size_t count;
    if (clutch_sandbox_list_files(sandbox, path, &entries, &count, NULL) < 0)
        return false;
    clutch_free(entries);
    return true;
}

void files_remove(struct request *request)
{
    const char *path = request_parameter(request, 1);
    clutch_sandbox *sandbox;
    clutch_error error;
    if (!check_path(request, path) || !sandboxes_open(request, request_parameter(request, 0), &sandbox))
        return;
    if (is_folder(sandbox, path))
        reply_error(request, 400, "it is a folder: only files can be deleted");
    else if (clutch_sandbox_remove_file(sandbox, path, &error) == 0)
        reply_json(request, 200, json_pack("{s:b}", "success", 1));
    else
        answer_failure(request, &error);
    clutch_sandbox_release(sandbox);
}
