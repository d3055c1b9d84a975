/* SPDX-License-Identifier: Apache-2.0 */
/* encode.h: messages as a worker sends them, for tests that speak with the host's decoder.
 *
 * Each function begins, fills and ends one frame at the end of out. */
#ifndef CLUTCH_TESTS_ENCODE_H
#define CLUTCH_TESTS_ENCODE_H

#include <string.h>

#include "wire/codec.h"

static inline void encode_empty(struct buf *out, enum wire_kind kind)
{
    codec_end(out, codec_begin(out, kind));
}

static inline void encode_warmed(struct buf *out)
{
    size_t begun = codec_begin(out, WIRE_WARMED);
    codec_put_string(out, "3.99.0");
    codec_put_string(out, "9.9.9");
    codec_put_string(out, "");
    size_t list = codec_list_begin(out);
    codec_put_string(out, "seccomp");
    codec_put_string(out, "as the test has it");
    codec_put_u32(out, 1);
    codec_put_u32(out, 1);
    codec_list_end(out, list, 1);
    codec_end(out, begun);
}

static inline void encode_kept(struct buf *out, enum wire_kind kind)
{
    size_t begun = codec_begin(out, kind);
    codec_put_u64(out, 12);
    codec_put_u64(out, 1 << 20);
    codec_put_u64(out, 7);
    codec_put_u32(out, 1);
    codec_put_string(out, "3.99.0");
    size_t list = codec_list_begin(out);
    for (int i = 0; i < 2; i++) {
        codec_put_string(out, "f\xc3\xa4");
        codec_put_string(out, "_io.TextIOWrapper");
        codec_put_string(out, "an open file cannot be kept");
    }
    codec_list_end(out, list, 2);
    codec_end(out, begun);
}

static inline void encode_not_kept(struct buf *out, enum wire_kind kind, uint32_t fault,
                                   const char *message)
{
    size_t begun = codec_begin(out, kind);
    codec_put_u32(out, fault);
    codec_put_u32(out, 28);
    codec_put_string(out, message);
    codec_end(out, begun);
}

static inline void encode_refused(struct buf *out, enum wire_kind kind, uint32_t reason,
                                  const char *message)
{
    size_t begun = codec_begin(out, kind);
    codec_put_u32(out, reason);
    codec_put_string(out, message);
    codec_end(out, begun);
}

static inline void encode_forked(struct buf *out, int32_t pid)
{
    size_t begun = codec_begin(out, WIRE_FORKED);
    codec_put_u32(out, (uint32_t)pid);
    codec_end(out, begun);
}

static inline void encode_reaped(struct buf *out, int32_t pid, uint32_t found, int32_t status)
{
    size_t begun = codec_begin(out, WIRE_REAPED);
    codec_put_u32(out, (uint32_t)pid);
    codec_put_u32(out, found);
    codec_put_u32(out, (uint32_t)status);
    codec_end(out, begun);
}

static inline void encode_output(struct buf *out, uint32_t stream, uint32_t more, const char *text,
                                 size_t length)
{
    size_t begun = codec_begin(out, WIRE_OUTPUT);
    codec_put_u32(out, stream);
    codec_put_u32(out, more);
    codec_put_text(out, text, length);
    codec_end(out, begun);
}

/* The items of a list, as they lie in the message. */
struct encoded_list {
    uint32_t count;
    struct buf items;
};

static inline void encode_file(struct encoded_list *list, const char *name, size_t length,
                               uint64_t size_bytes)
{
    codec_put_text(&list->items, name, length);
    codec_put_u64(&list->items, size_bytes);
    list->count++;
}

static inline void encode_dataframe(struct encoded_list *list, const char *name, int64_t rows,
                                    int64_t columns, int64_t memory_bytes)
{
    codec_put_string(&list->items, name);
    codec_put_u64(&list->items, (uint64_t)rows);
    codec_put_u64(&list->items, (uint64_t)columns);
    codec_put_u64(&list->items, (uint64_t)memory_bytes);
    list->count++;
}

static inline void encode_refusal(struct encoded_list *list, uint32_t kind, uint32_t line,
                                  const char *what)
{
    codec_put_u32(&list->items, kind);
    codec_put_u32(&list->items, line);
    codec_put_string(&list->items, what);
    list->count++;
}

static inline void encode_list(struct buf *out, const struct encoded_list *list)
{
    codec_put_u32(out, list ? list->count : 0);
    codec_put_u32(out, list ? (uint32_t)list->items.length : 0);
    if (list)
        buf_append(out, list->items.data, list->items.length);
}

static inline struct wire_text encode_text(const char *text)
{
    return (struct wire_text){text, strlen(text)};
}

static inline void encode_wire_text(struct buf *out, struct wire_text text)
{
    codec_put_text(out, text.data ? text.data : "", text.length);
}

/* done's own lists are not looked at. NULL lists are empty. */
static inline void encode_done(struct buf *out, const struct wire_done *done,
                               const struct encoded_list *files,
                               const struct encoded_list *dataframes,
                               const struct encoded_list *refusals)
{
    size_t begun = codec_begin(out, WIRE_DONE);
    codec_put_u64(out, done->serial);
    codec_put_u32(out, done->ending);
    codec_put_u32(out, (uint32_t)done->exit_status);
    codec_put_u32(out, done->limit);
    codec_put_u32(out, done->line);
    codec_put_u32(out, done->truncated);
    codec_put_u64(out, done->omitted_bytes);
    codec_put_u64(out, done->omitted_elements);
    codec_put_u64(out, done->cpu_ns);
    codec_put_u64(out, done->memory_peak_bytes);
    codec_put_u32(out, done->has_error);
    codec_put_u32(out, done->has_value);
    encode_wire_text(out, done->error);
    encode_wire_text(out, done->type);
    encode_wire_text(out, done->message);
    encode_wire_text(out, done->traceback);
    encode_wire_text(out, done->value);
    encode_list(out, files);
    encode_list(out, dataframes);
    encode_list(out, refusals);
    codec_end(out, begun);
}

static inline void encode_looked(struct buf *out, uint32_t truncated,
                                 const struct encoded_list *dataframes)
{
    size_t begun = codec_begin(out, WIRE_LOOKED);
    codec_put_u32(out, truncated);
    encode_list(out, dataframes);
    codec_end(out, begun);
}

#endif
