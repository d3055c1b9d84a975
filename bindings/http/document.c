/* SPDX-License-Identifier: Apache-2.0 */
/* document.c: the OpenAPI document of all that is served, which is openapi.json beside this file. */
#include "document.h"

#include <stdlib.h>
#include <string.h>

#include "request.h"

static const char document[] = {
#include "openapi.inc"
};

void document_show(struct request *request)
{
    char *text = malloc(sizeof document);
    if (text == NULL) {
        reply_error(request, 500, "no memory is left");
        return;
    }
    memcpy(text, document, sizeof document);
    reply_text(request, 200, "application/json", text, sizeof document);
}
