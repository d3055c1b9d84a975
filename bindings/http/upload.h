/* SPDX-License-Identifier: Apache-2.0 */
/* upload.h: a file out of a multipart/form-data body. In the pool. */
#ifndef HTTP_UPLOAD_H
#define HTTP_UPLOAD_H

#include <stdbool.h>
#include <stddef.h>

struct request;

struct upload {
    char *filename; /* as the client gave it */
    char *data;     /* in the request's body, which it overwrites */
    size_t length;
    const char *field; /* which is wanted */
    bool found, failed;
};

/* The file of that field, the first if there are several. False when the reply is made, else
 * upload_clear is due. */
bool upload_read(struct request *request, const char *field, struct upload *out);

void upload_clear(struct upload *upload);

#endif
