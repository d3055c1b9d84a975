/* SPDX-License-Identifier: Apache-2.0 */
/* files.c: names, URLs and types of files in a sandbox's working folder. */
#include "host/files.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"

/* The worker puts a replacement character, three bytes long, for each byte that is not UTF-8. */
enum { FILES_REPLACED_BYTES = 3 };

bool files_name_is_fine(const char *name, size_t length)
{
    if (length == 0 || length > FILES_REPLACED_BYTES * LIMIT_PATH_BYTES || name[0] == '/' ||
        memchr(name, 0, length))
        return false;
    size_t start = 0;
    for (size_t at = 0; at <= length; at++) {
        if (at < length && name[at] != '/')
            continue;
        size_t part = at - start;
        bool dots = (part == 1 && name[start] == '.') ||
                    (part == 2 && name[start] == '.' && name[start + 1] == '.');
        if (part == 0 || dots)
            return false;
        start = at + 1;
    }
    return true;
}

/* Everything but RFC 3986's unreserved characters, and the slashes between names, is escaped. */
static char *escape(char *out, const char *text, size_t length)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
            (c && strchr("/-._~", c))) {
            *out++ = (char)c;
        } else {
            *out++ = '%';
            *out++ = digits[c >> 4];
            *out++ = digits[c & 15];
        }
    }
    return out;
}

char *files_url(const char *folder, const char *name, size_t length)
{
    size_t folder_length = strlen(folder);
    char *url = malloc(8 + 3 * (folder_length + length) + 2);
    if (!url)
        return NULL;
    char *at = stpcpy(url, "file://");
    at = escape(at, folder, folder_length);
    *at++ = '/';
    at = escape(at, name, length);
    *at = 0;
    return url;
}

/* What data analysis writes; the names are those of the IANA registry of media types. */
static const char *const types[][2] = {
    {"csv", "text/csv"},
    {"txt", "text/plain"},
    {"log", "text/plain"},
    {"md", "text/markdown"},
    {"html", "text/html"},
    {"htm", "text/html"},
    {"tsv", "text/tab-separated-values"},
    {"py", "text/x-python"},
    {"json", "application/json"},
    {"jsonl", "application/jsonl"},
    {"ndjson", "application/x-ndjson"},
    {"geojson", "application/geo+json"},
    {"xml", "application/xml"},
    {"yaml", "application/yaml"},
    {"yml", "application/yaml"},
    {"pdf", "application/pdf"},
    {"zip", "application/zip"},
    {"gz", "application/gzip"},
    {"zst", "application/zstd"},
    {"tar", "application/x-tar"},
    {"parquet", "application/vnd.apache.parquet"},
    {"arrow", "application/vnd.apache.arrow.file"},
    {"feather", "application/vnd.apache.arrow.file"},
    {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"xls", "application/vnd.ms-excel"},
    {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {"sqlite", "application/vnd.sqlite3"},
    {"db", "application/vnd.sqlite3"},
    {"png", "image/png"},
    {"jpg", "image/jpeg"},
    {"jpeg", "image/jpeg"},
    {"gif", "image/gif"},
    {"svg", "image/svg+xml"},
    {"webp", "image/webp"},
    {"bmp", "image/bmp"},
    {"tif", "image/tiff"},
    {"tiff", "image/tiff"},
    {"wav", "audio/wav"},
    {"mp3", "audio/mpeg"},
    {"mp4", "video/mp4"},
    {"webm", "video/webm"},
};

const char *files_mime_type(const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *base = slash ? slash + 1 : name;
    const char *dot = strrchr(base, '.');
    if (dot && dot != base)
        for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
            if (strcasecmp(dot + 1, types[i][0]) == 0)
                return types[i][1];
    return "application/octet-stream";
}
