/* SPDX-License-Identifier: Apache-2.0 */
/* dataframe_content.c: digests of memory in pieces, read again only where it was written. */
#include "python/dataframe_content.h"

#include <stdlib.h>

#include "base/pages.h"

/* A view may reach over memory many times its size, and tracking that would cost more than reading
 * the view: up to this many times it is tracked. */
enum { SPAN_FACTOR = 8 };

void dataframe_content_begin(void)
{
    pages_sweep();
}

void dataframe_content_end(void)
{
    pages_expire();
}

/* The memory to track; 0 if it is better read. */
static size_t tracked_span(const struct dataframe_array *array, const char **ret_start)
{
    size_t span = dataframe_array_span(array, ret_start);
    return array->bytes >= DATAFRAME_CONTENT_TRACKED_BYTES && span / SPAN_FACTOR <= array->bytes
               ? span
               : 0;
}

/* Marks are set before the memory is read, so a write while it is read counts for the next time. */
static void track(const struct dataframe_content *content)
{
    const char *start;
    size_t span = tracked_span(&content->array, &start);
    if (span)
        (void)pages_track(start, span);
}

static bool is_clean(const struct dataframe_content *content)
{
    const char *start;
    size_t span = tracked_span(&content->array, &start);
    return !content->mutable && span && pages_clean(start, span) == span;
}

/* The next piece, from one on, that was or may have been written. */
static size_t next_piece(const struct dataframe_content *content, size_t piece)
{
    const struct dataframe_array *array = &content->array;
    size_t piece_bytes = dataframe_array_piece_bytes(array), offset = piece * piece_bytes;
    if (content->mutable || !array->contiguous || piece >= content->piece_count)
        return piece;
    size_t clean = pages_clean(array->data + offset, array->bytes - offset);
    return clean == array->bytes - offset ? content->piece_count : piece + clean / piece_bytes;
}

static bool read_piece(struct dataframe_content *content, size_t piece)
{
    const struct dataframe_array *array = &content->array;
    uint64_t digest = array->contiguous ? dataframe_array_piece(array, piece, &content->mutable)
                                        : dataframe_array_digest(array, &content->mutable);
    bool differs = digest != content->pieces[piece];
    content->pieces[piece] = digest;
    return differs;
}

bool dataframe_content_start(struct dataframe_content *content,
                             const struct dataframe_array *array)
{
    size_t count = array->contiguous ? dataframe_array_piece_count(array) : 1;
    *content = (struct dataframe_content){.array = *array, .piece_count = count};
    content->pieces = calloc(count ? count : 1, sizeof *content->pieces);
    if (!content->pieces)
        return false;
    track(content);
    for (size_t i = 0; i < count; i++)
        read_piece(content, i);
    return true;
}

bool dataframe_content_changed(struct dataframe_content *content)
{
    bool clean = is_clean(content), differs = false;
    track(content);
    if (clean)
        return false;
    for (size_t i = next_piece(content, 0); i < content->piece_count;
         i = next_piece(content, i + 1))
        differs |= read_piece(content, i);
    return differs;
}

void dataframe_content_free(struct dataframe_content *content)
{
    free(content->pieces);
    *content = (struct dataframe_content){0};
}
