/* SPDX-License-Identifier: Apache-2.0 */
/* download.c: a file as a reply: all of it or a range. */
#include "download.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "request.h"

const char *download_type(const char *name)
{
    static const struct {
        const char *ending, *type;
    } types[] = {
        {"csv", "text/csv"},          {"txt", "text/plain"},        {"md", "text/markdown"},
        {"html", "text/html"},        {"htm", "text/html"},         {"json", "application/json"},
        {"xml", "application/xml"},   {"png", "image/png"},         {"jpg", "image/jpeg"},
        {"jpeg", "image/jpeg"},       {"gif", "image/gif"},         {"svg", "image/svg+xml"},
        {"webp", "image/webp"},       {"pdf", "application/pdf"},   {"zip", "application/zip"},
        {"gz", "application/gzip"},   {"py", "text/x-python"},      {"tsv", "text/tab-separated-values"},
        {"ipynb", "application/json"}, {"mp4", "video/mp4"},        {"wav", "audio/x-wav"},
        {"parquet", "application/vnd.apache.parquet"},              {"js", "text/javascript"},
        {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    };
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot != NULL && i < sizeof types / sizeof types[0]; i++)
        if (strcasecmp(dot + 1, types[i].ending) == 0)
            return types[i].type;
    return "application/octet-stream";
}

/* One range of bytes. 206: *from and *length are it; 416: it lies outside; 200: there is none, or something
 * that may be left aside. */
static unsigned read_range(const char *text, uint64_t size, uint64_t *from, uint64_t *length)
{
    if (text == NULL || strncmp(text, "bytes=", 6) != 0)
        return 200;
    text += 6;
    char *rest;
    if (*text == '-' && text[1] >= '0' && text[1] <= '9') {
        uint64_t tail = strtoull(text + 1, &rest, 10);
        if (*rest != '\0')
            return 200;
        *length = tail < size ? tail : size;
        *from = size - *length;
        return *length > 0 ? 206 : 416;
    }
    if (*text < '0' || *text > '9')
        return 200;
    uint64_t first = strtoull(text, &rest, 10), last = size - 1;
    if (*rest != '-')
        return 200;
    const char *second = rest + 1;
    if (*second != '\0') {
        if (*second < '0' || *second > '9')
            return 200;
        last = strtoull(second, &rest, 10);
        if (*rest != '\0' || last < first)
            return 200;
    }
    if (first >= size)
        return 416;
    *from = first;
    *length = (last < size - 1 ? last : size - 1) - first + 1;
    return 206;
}

void download_answer(struct request *request, const char *name, int fd)
{
    struct stat about;
    if (fstat(fd, &about) != 0) {
        close(fd);
        reply_error(request, 500, "the file cannot be read");
        return;
    }
    uint64_t size = (uint64_t)about.st_size, from = 0, length = size;
    unsigned status = read_range(request_header(request, "Range"), size, &from, &length);
    reply_header(request, "Accept-Ranges", "bytes");
    if (status == 416) {
        close(fd);
        reply_header(request, "Content-Range", "bytes */%llu", (unsigned long long)size);
        reply_error(request, 416, "the file has %llu bytes", (unsigned long long)size);
        return;
    }
    if (status == 206)
        reply_header(request, "Content-Range", "bytes %llu-%llu/%llu", (unsigned long long)from,
                     (unsigned long long)(from + length - 1), (unsigned long long)size);
    reply_header(request, "Content-Security-Policy", "sandbox; default-src 'none'");
    reply_header(request, "Cache-Control", "private, no-cache");
    reply_file(request, status, download_type(name), fd, from, length);
}
