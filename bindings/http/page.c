/* SPDX-License-Identifier: Apache-2.0 */
/* page.c: the page to look at, and what belongs to it. Nothing of it comes from elsewhere. */
#include "page.h"

#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "request.h"

static const char index_html[] = {
#include "page/index.html.inc"
};
static const char style_css[] = {
#include "page/style.css.inc"
};
static const char api_js[] = {
#include "page/api.js.inc"
};
static const char cell_js[] = {
#include "page/cell.js.inc"
};
static const char data_js[] = {
#include "page/data.js.inc"
};
static const char dom_js[] = {
#include "page/dom.js.inc"
};
static const char editor_js[] = {
#include "page/editor.js.inc"
};
static const char list_js[] = {
#include "page/list.js.inc"
};
static const char page_js[] = {
#include "page/page.js.inc"
};
static const char tell_js[] = {
#include "page/tell.js.inc"
};
static const char icon_svg[] = {
#include "page/icon.svg.inc"
};

static const char script[] = "text/javascript; charset=utf-8";

static const struct file {
    const char *name, *type, *text;
    size_t length;
} files[] = {
    {"", "text/html; charset=utf-8", index_html, sizeof index_html},
    {"style.css", "text/css; charset=utf-8", style_css, sizeof style_css},
    {"api.js", script, api_js, sizeof api_js},
    {"cell.js", script, cell_js, sizeof cell_js},
    {"data.js", script, data_js, sizeof data_js},
    {"dom.js", script, dom_js, sizeof dom_js},
    {"editor.js", script, editor_js, sizeof editor_js},
    {"list.js", script, list_js, sizeof list_js},
    {"page.js", script, page_js, sizeof page_js},
    {"tell.js", script, tell_js, sizeof tell_js},
    {"icon.svg", "image/svg+xml", icon_svg, sizeof icon_svg},
};

/* Only what comes from this server is run, shown or called, and no other page may show this one. */
static const char policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

static const struct file *find(const char *name)
{
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        if (strcmp(files[i].name, name) == 0)
            return &files[i];
    return NULL;
}

/* Kept by browsers, and asked for again each time, which costs no more than an answer without a body. */
static bool is_known(struct request *request, const struct file *file)
{
    unsigned char hash[DIGEST_BYTES];
    char tag[DIGEST_TEXT];
    if (!digest_hash(file->text, file->length, hash))
        return false;
    digest_hex(hash, DIGEST_BYTES, tag);
    reply_header(request, "Cache-Control", "no-cache");
    reply_header(request, "ETag", "\"%s\"", tag);
    const char *known = request_header(request, "If-None-Match");
    return known != NULL && strstr(known, tag) != NULL;
}

void page_show(struct request *request)
{
    const char *name = request_parameter(request, 0);
    const struct file *file = find(name != NULL ? name : "");
    if (file == NULL || (name != NULL && *name == '\0')) {
        reply_error(request, 404, "there is no such path");
        return;
    }
    reply_header(request, "Content-Security-Policy", "%s", policy);
    reply_header(request, "Referrer-Policy", "no-referrer");
    reply_header(request, "Cross-Origin-Opener-Policy", "same-origin");
    if (is_known(request, file)) {
        reply_text(request, 304, NULL, NULL, 0);
        return;
    }
    char *text = malloc(file->length);
    if (text == NULL) {
        reply_error(request, 500, "no memory is left");
        return;
    }
    memcpy(text, file->text, file->length);
    reply_text(request, 200, file->type, text, file->length);
}
