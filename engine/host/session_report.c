/* SPDX-License-Identifier: Apache-2.0 */
/* session_report.c: what a sandbox says of its saved variables, for the host's user. */
#include "host/session_report.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "wire/codec.h"

void clutch_session_report_free(clutch_session_report *report)
{
    free(report);
}

/* Walks the rows; with report, puts them there. Returns the bytes of their texts, NUL included, or
 * SIZE_MAX when a row is malformed. */
static size_t walk_rows(struct wire_list list, clutch_left_out *rows, char *texts)
{
    struct wire_left_out row;
    size_t bytes = 0, count = 0;
    while (codec_next_left_out(&list, &row)) {
        const struct wire_text parts[] = {row.name, row.type, row.reason};
        const char *copies[3];
        for (size_t i = 0; i < 3; i++) {
            if (parts[i].length > LIMIT_LEFT_OUT_TEXT)
                return SIZE_MAX;
            if (rows) {
                copies[i] = memcpy(texts + bytes, parts[i].data, parts[i].length);
                texts[bytes + parts[i].length] = 0;
            }
            bytes += parts[i].length + 1;
        }
        if (rows)
            rows[count++] = (clutch_left_out){copies[0], copies[1], copies[2]};
    }
    return list.count == 0 && list.length == 0 ? bytes : SIZE_MAX;
}

int session_report_make(const struct wire_kept *kept, clutch_session_report **out)
{
    size_t bytes = walk_rows(kept->left_out, NULL, NULL);
    if (bytes == SIZE_MAX)
        return CLUTCH_E_PROTOCOL;
    size_t rows_bytes = kept->left_out.count * sizeof(clutch_left_out);
    clutch_session_report *report =
        calloc(1, sizeof *report + rows_bytes + bytes + kept->python.length + 1);
    if (!report)
        return CLUTCH_E_MEMORY;
    clutch_left_out *rows = (clutch_left_out *)(report + 1);
    char *texts = (char *)rows + rows_bytes;
    walk_rows(kept->left_out, rows, texts);
    report->python_version = memcpy(texts + bytes, kept->python.data, kept->python.length);
    report->variables = kept->variables;
    report->size_bytes = kept->size_bytes;
    report->serial = kept->serial;
    report->left_out_count = kept->left_out.count;
    report->left_out = rows;
    report->left_out_truncated = kept->truncated;
    report->saved = true;
    report->why_not_saved = "";
    *out = report;
    return 0;
}

/* ---- Adding ---- */

static void append(struct buf *texts, const char *word, const char *text)
{
    buf_append(texts, word, strlen(word));
    text_append_clean(texts, text, strlen(text));
    buf_append(texts, "", 1);
}

static const char *take(const char **at)
{
    const char *text = *at;
    *at += strlen(text) + 1;
    return text;
}

void session_report_add(clutch_session_report **report, const char *word, const clutch_left_out *rows,
                        size_t count)
{
    const clutch_session_report *old = *report;
    size_t had = old->left_out_count, room = had < LIMIT_LEFT_OUT ? LIMIT_LEFT_OUT - had : 0;
    size_t all = had + (count < room ? count : room);
    struct buf texts = {0};
    append(&texts, "", old->python_version);
    append(&texts, "", old->why_not_saved);
    for (size_t i = 0; i < all; i++) {
        const clutch_left_out *row = i < had ? &old->left_out[i] : &rows[i - had];
        append(&texts, i < had || strncmp(row->name, word, strlen(word)) == 0 ? "" : word, row->name);
        append(&texts, "", row->type);
        append(&texts, "", row->reason);
    }
    size_t rows_bytes = all * sizeof(clutch_left_out);
    clutch_session_report *grown = texts.failed ? NULL : malloc(sizeof *grown + rows_bytes + texts.length);
    if (grown) {
        clutch_left_out *left_out = (clutch_left_out *)(grown + 1);
        const char *at = memcpy((char *)left_out + rows_bytes, texts.data, texts.length);
        *grown = *old;
        grown->python_version = take(&at);
        grown->why_not_saved = take(&at);
        for (size_t i = 0; i < all; i++) {
            left_out[i].name = take(&at);
            left_out[i].type = take(&at);
            left_out[i].reason = take(&at);
        }
        grown->left_out = left_out;
        grown->left_out_count = all;
        grown->left_out_truncated = old->left_out_truncated || count > room;
        free(*report);
        *report = grown;
    }
    buf_free(&texts);
}

clutch_session_report *session_report_empty(uint64_t serial, const char *why_not_saved)
{
    size_t length = strlen(why_not_saved);
    clutch_session_report *report = calloc(1, sizeof *report + length + 1);
    if (!report)
        return NULL;
    report->serial = serial;
    report->python_version = "";
    report->why_not_saved = memcpy(report + 1, why_not_saved, length + 1);
    return report;
}
