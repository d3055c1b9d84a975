/* SPDX-License-Identifier: Apache-2.0 */
/* toolbox_transfer.c: the Daytona family's toolbox: files to a sandbox and from it. */
#include "toolbox_transfer.h"

#include <ctype.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config.h"
#include "digest.h"
#include "download.h"
#include "paths.h"
#include "request.h"
#include "toolbox.h"
#include "toolbox_files.h"
#include "upload.h"

enum { FILES_MAX = 1000 };

static bool write_file(struct request *request, clutch_sandbox *sandbox, const char *path, const char *data,
                       size_t length)
{
    char clean[PATH_ROOM];
    clutch_error error;
    if (!paths_clean(request, sandbox, "path", path, clean))
        return false;
    if (*clean == '\0') {
        reply_error(request, 400, "path must be that of a file");
        return false;
    }
    if (clutch_sandbox_write_file(sandbox, clean, data, length, &error) == 0)
        return true;
    reply_failure(request, &error);
    return false;
}

/* ---- POST /toolbox/{id}/files/upload ---- */

void toolbox_upload(struct request *request)
{
    clutch_sandbox *sandbox;
    struct upload upload;
    if (!toolbox_open_files(request, &sandbox))
        return;
    if (upload_read(request, "file", &upload)) {
        if (write_file(request, sandbox, request_query(request, "path"), upload.data, upload.length))
            toolbox_done(request, 200);
        upload_clear(&upload);
    }
    clutch_sandbox_release(sandbox);
}

/* ---- POST /toolbox/{id}/files/bulk-upload ---- */

/* files[N].path and files[N].file, in any order. */
struct parcel {
    char *path;
    const char *data;
    size_t path_length, path_room, length;
};

/* Files are kept one after the other at the body's beginning: the parser has read more of the body than it
 * has given out. */
struct parcels {
    struct parcel items[FILES_MAX];
    size_t count;
    char *end; /* of the files so far */
    bool failed;
};

static struct parcel *parcel_of(struct parcels *parcels, const char *field, bool *is_path)
{
    unsigned number;
    char word[8];
    int end = 0;
    if (sscanf(field, "files[%3u].%7[a-z]%n", &number, word, &end) != 2 || field[end] != '\0')
        return NULL;
    *is_path = strcmp(word, "path") == 0;
    if (!*is_path && strcmp(word, "file") != 0)
        return NULL;
    if (number >= parcels->count)
        parcels->count = number + 1;
    return &parcels->items[number];
}

static bool append(char **text, size_t *used, size_t *room, const char *data, size_t length)
{
    if (*used + length + 1 > *room) {
        *room = 2 * *room + length + 64;
        char *grown = realloc(*text, *room);
        if (grown == NULL)
            return false;
        *text = grown;
    }
    memcpy(*text + *used, data, length);
    *used += length;
    (*text)[*used] = '\0';
    return true;
}

static enum MHD_Result take(void *user, enum MHD_ValueKind kind, const char *field, const char *filename,
                            const char *type, const char *encoding, const char *data, uint64_t offset,
                            size_t length)
{
    (void)kind, (void)filename, (void)type, (void)encoding;
    struct parcels *parcels = user;
    bool is_path = false;
    struct parcel *parcel = field != NULL ? parcel_of(parcels, field, &is_path) : NULL;
    if (parcel == NULL)
        return MHD_YES;
    if (offset != (is_path ? parcel->path_length : parcel->length)) {
        parcels->failed = true; /* another value of the same field */
    } else if (is_path) {
        parcels->failed = parcel->path_length + length >= PATH_ROOM ||
                          !append(&parcel->path, &parcel->path_length, &parcel->path_room, data, length);
    } else {
        parcel->data = parcel->length > 0 ? parcel->data : parcels->end;
        parcel->length += length;
        parcels->end = mempcpy(parcels->end, data, length);
    }
    return parcels->failed ? MHD_NO : MHD_YES;
}

static bool read_parcels(struct request *request, struct parcels *parcels)
{
    const char *type = request_header(request, "Content-Type");
    struct MHD_PostProcessor *parser = NULL;
    parcels->end = request->body;
    if (type != NULL && strncasecmp(type, "multipart/form-data", 19) == 0 && request->body != NULL)
        parser = MHD_create_post_processor(request->connection, 64 << 10, take, parcels);
    bool fine = parser != NULL && MHD_post_process(parser, request->body, request->body_length) == MHD_YES;
    if (parser != NULL && MHD_destroy_post_processor(parser) != MHD_YES)
        fine = false;
    for (size_t i = 0; i < parcels->count; i++)
        fine = fine && parcels->items[i].path != NULL && parcels->items[i].data != NULL &&
               strlen(parcels->items[i].path) == parcels->items[i].path_length;
    fine = fine && !parcels->failed && parcels->count > 0;
    if (!fine)
        reply_error(request, 400, "the body must be multipart/form-data with files[N].path and files[N].file "
                    "for N from 0 to %d at most", FILES_MAX - 1);
    return fine;
}

void toolbox_upload_many(struct request *request)
{
    clutch_sandbox *sandbox;
    struct parcels *parcels = calloc(1, sizeof *parcels);
    if (parcels == NULL) {
        reply_error(request, 500, "no memory is left");
        return;
    }
    if (read_parcels(request, parcels) && toolbox_open_files(request, &sandbox)) {
        bool fine = true;
        for (size_t i = 0; i < parcels->count && fine; i++)
            fine = write_file(request, sandbox, parcels->items[i].path, parcels->items[i].data,
                              parcels->items[i].length);
        if (fine)
            toolbox_done(request, 200);
        clutch_sandbox_release(sandbox);
    }
    for (size_t i = 0; i < FILES_MAX; i++)
        free(parcels->items[i].path);
    free(parcels);
}

/* ---- GET /toolbox/{id}/files/download ---- */

void toolbox_download(struct request *request)
{
    char clean[PATH_ROOM];
    clutch_sandbox *sandbox;
    clutch_error error;
    int fd;
    if (!toolbox_open_files(request, &sandbox))
        return;
    if (paths_clean(request, sandbox, "path", request_query(request, "path"), clean)) {
        if (clutch_sandbox_open_file(sandbox, clean, &fd, &error) < 0)
            reply_failure(request, &error);
        else
            download_answer(request, clean, fd);
    }
    clutch_sandbox_release(sandbox);
}

/* ---- POST /toolbox/{id}/files/bulk-download ---- */

struct letter {
    char *text;
    size_t length, room, most;
    bool failed;
};

static void put(struct letter *letter, const char *data, size_t length)
{
    letter->failed = letter->failed || letter->length + length > letter->most ||
                     !append(&letter->text, &letter->length, &letter->room, data, length);
}

static void put_text(struct letter *letter, const char *text)
{
    put(letter, text, strlen(text));
}

/* In a quoted word of a header. */
static void put_quoted(struct letter *letter, const char *text)
{
    for (; *text != '\0'; text++)
        if (*text == '"')
            put_text(letter, "%22");
        else if (*text == '\r' || *text == '\n')
            put_text(letter, *text == '\r' ? "%0D" : "%0A");
        else
            put(letter, text, 1);
}

/* Whether clients agree on what the text is in a quoted word. */
static bool is_plain(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text < ' ' || *text > '~' || strchr("\"%\\", *text) != NULL)
            return false;
    return true;
}

/* As RFC 8187 has it. */
static void put_encoded(struct letter *letter, const char *text)
{
    put_text(letter, "UTF-8''");
    for (; *text != '\0'; text++) {
        char hex[4];
        snprintf(hex, sizeof hex, "%%%02X", (unsigned char)*text);
        put(letter, isalnum((unsigned char)*text) ? text : hex, isalnum((unsigned char)*text) ? 1 : 3);
    }
}

static void put_part(struct letter *letter, const char *boundary, const char *name, const char *path,
                     const char *type, const char *data, size_t length)
{
    put_text(letter, "--");
    put_text(letter, boundary);
    put_text(letter, "\r\nContent-Disposition: form-data; name=\"");
    put_text(letter, name);
    put_text(letter, "\"; filename=\"");
    put_quoted(letter, path);
    put_text(letter, "\"");
    if (!is_plain(path)) {
        put_text(letter, "; filename*=");
        put_encoded(letter, path);
    }
    put_text(letter, "\r\nContent-Type: ");
    put_text(letter, type);
    put_text(letter, "\r\n\r\n");
    put(letter, data, length);
    put_text(letter, "\r\n");
}

/* As JSON, from which clients take the kind of their own error; a message cut inside a character is none. */
static void put_trouble(struct letter *letter, const char *boundary, const char *path,
                        const clutch_error *error)
{
    bool missing = error->code == CLUTCH_E_NOT_FOUND;
    json_t *told = json_pack("{s:s,s:i,s:s,s:s}", "message", error->message, "statusCode",
                             (int)reply_status_of(error->code), "code",
                             missing ? "FILE_NOT_FOUND" : "FILE_READ_FAILED", "source", "clutch");
    char *text = told != NULL ? json_dumps(told, JSON_COMPACT) : NULL;
    json_decref(told);
    if (text != NULL)
        put_part(letter, boundary, "error", path, "application/json", text, strlen(text));
    else
        put_part(letter, boundary, "error", path, "text/plain", error->message, strlen(error->message));
    free(text);
}

/* False when the reply is made. */
static bool put_file(struct request *request, clutch_sandbox *sandbox, struct letter *letter,
                     const char *boundary, const char *path)
{
    char clean[PATH_ROOM], *data;
    size_t length;
    clutch_error error;
    if (!paths_clean(request, sandbox, "each path", path, clean))
        return false;
    size_t most = letter->most - letter->length;
    if (clutch_sandbox_read_file(sandbox, clean, most, &data, &length, &error) == 0) {
        put_part(letter, boundary, "file", path, download_type(clean), data, length);
        clutch_free(data);
    } else if (error.code == CLUTCH_E_TOO_LARGE) {
        letter->failed = true;
    } else {
        put_trouble(letter, boundary, path, &error);
    }
    return true;
}

static void answer_files(struct request *request, clutch_sandbox *sandbox, const json_t *paths)
{
    struct letter letter = {.most = request->server->config->upload_bytes};
    unsigned char random[16];
    char boundary[2 * sizeof random + 1];
    const json_t *path;
    size_t i;
    if (!digest_random(random, sizeof random)) {
        reply_error(request, 500, "the server has no random bytes");
        return;
    }
    digest_hex(random, sizeof random, boundary);
    json_array_foreach(paths, i, path)
        if (letter.failed || !put_file(request, sandbox, &letter, boundary, json_string_value(path)))
            break;
    put_text(&letter, "--");
    put_text(&letter, boundary);
    put_text(&letter, "--\r\n");
    if (request->reply.status == 0 && letter.failed)
        reply_error(request, 413, "the files are larger than %llu bytes together: ask for fewer",
                    (unsigned long long)letter.most);
    if (request->reply.status != 0) {
        free(letter.text);
        return;
    }
    reply_header(request, "Content-Type", "multipart/form-data; boundary=%s", boundary);
    reply_text(request, 200, NULL, letter.text, letter.length);
}

void toolbox_download_many(struct request *request)
{
    const json_t *body = request_json(request, false), *paths = json_object_get(body, "paths"), *path;
    clutch_sandbox *sandbox;
    size_t i;
    if (body == NULL)
        return;
    bool fine = json_is_array(paths) && json_array_size(paths) > 0 && json_array_size(paths) <= FILES_MAX;
    json_array_foreach(paths, i, path)
        fine = fine && json_is_string(path) && strlen(json_string_value(path)) == json_string_length(path);
    if (!fine) {
        reply_error(request, 400, "paths must be a list of 1 to %d texts", FILES_MAX);
        return;
    }
    if (!toolbox_open_files(request, &sandbox))
        return;
    answer_files(request, sandbox, paths);
    clutch_sandbox_release(sandbox);
}
