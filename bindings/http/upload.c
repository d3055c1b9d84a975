/* SPDX-License-Identifier: Apache-2.0 */
/* upload.c: a file out of a multipart/form-data body. */
#include "upload.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "address.h"
#include "request.h"

/* A part of a field's value has come; offset is 0 at the beginning of each. It is kept at the body's
 * beginning: the parser has read more of the body by now than it has given out. */
static enum MHD_Result take(void *user, enum MHD_ValueKind kind, const char *field, const char *filename,
                            const char *type, const char *encoding, const char *data, uint64_t offset,
                            size_t length)
{
    (void)kind, (void)type, (void)encoding;
    struct upload *upload = user;
    if (field == NULL || filename == NULL || strcmp(field, upload->field) != 0)
        return MHD_YES;
    if (offset == 0 && !upload->found) {
        upload->found = true;
        upload->filename = strdup(filename);
        upload->failed = upload->filename == NULL;
    } else if (offset != upload->length) {
        return MHD_YES; /* another file of the same field */
    }
    if (upload->failed)
        return MHD_NO;
    memcpy(upload->data + upload->length, data, length);
    upload->length += length;
    return MHD_YES;
}

static bool parse(struct request *request, struct upload *upload)
{
    enum { PART = 64 << 10 };
    struct MHD_PostProcessor *parser = MHD_create_post_processor(request->connection, PART, take, upload);
    if (parser == NULL)
        return false;
    bool fine = MHD_post_process(parser, request->body, request->body_length) == MHD_YES;
    return MHD_destroy_post_processor(parser) == MHD_YES && fine;
}

bool upload_read(struct request *request, const char *field, struct upload *out)
{
    const char *type = request_header(request, "Content-Type");
    *out = (struct upload){.field = field, .data = request->body};
    if (type == NULL || strncasecmp(type, "multipart/form-data", 19) != 0 || request->body == NULL) {
        reply_error(request, 400, "the body must be multipart/form-data with a file named %s", field);
        return false;
    }
    bool fine = parse(request, out) && out->found && !out->failed;
    if (fine && *out->filename != '\0' && address_is_utf8(out->filename))
        return true;
    reply_error(request, 400, "the form has no file named %s with a name of its own", field);
    upload_clear(out);
    return false;
}

void upload_clear(struct upload *upload)
{
    free(upload->filename);
    *upload = (struct upload){0};
}
