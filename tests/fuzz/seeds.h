/* SPDX-License-Identifier: Apache-2.0 */
/* seeds.h: well-formed inputs for wire.c, made by the encoder, so that they keep up with the messages. */
#ifndef CLUTCH_TESTS_SEEDS_H
#define CLUTCH_TESTS_SEEDS_H

#include "encode.h"

enum { SEEDS_MAX = 64 };

struct seeds {
    struct buf inputs[SEEDS_MAX];
    size_t count;
};

/* Adds an input: where it goes, and the frames; without the header when it goes into one decoder. */
static inline void seeds_add(struct seeds *seeds, uint8_t where, uint8_t how, uint8_t cut,
                             const struct buf *frames)
{
    if (seeds->count == SEEDS_MAX)
        return;
    struct buf *input = &seeds->inputs[seeds->count++];
    const uint8_t head[4] = {where, how, cut, 20};
    size_t skipped = where == 0 ? WIRE_HEADER_BYTES : 0;
    buf_append(input, head, sizeof head);
    buf_append(input, frames->data + skipped, frames->length - skipped);
}

/* Where a message stands in the table. */
static inline uint8_t seeds_index(uint16_t kind)
{
    static const uint16_t kinds[] = {
#define KIND(number, name, sender, phases, bytes, fds) number,
        WIRE_MESSAGES(KIND)
#undef KIND
    };
    uint8_t index = 0;
    while (kinds[index] != kind)
        index++;
    return index;
}

static inline void seeds_add_message(struct seeds *seeds, struct buf *frame)
{
    uint16_t kind;
    memcpy(&kind, frame->data + 4, 2);
    seeds_add(seeds, 0, seeds_index(kind), 0, frame);
    buf_clear(frame);
}

static inline void seeds_add_done(struct buf *out)
{
    struct encoded_list files = {0}, rows = {0}, refusals = {0};
    struct wire_done done = {.serial = 1,
                             .ending = WIRE_ENDED_EXCEPTION,
                             .line = 3,
                             .truncated = 7,
                             .omitted_bytes = 10,
                             .omitted_elements = 2,
                             .has_error = true,
                             .has_value = true,
                             .error = encode_text("executing Python code: ValueError('\xc3\xa4')"),
                             .type = encode_text("ValueError"),
                             .message = encode_text("\xc3\xa4"),
                             .traceback = encode_text("Traceback\n  line 3"),
                             .value = encode_text("[1, 2]")};
    encode_file(&files, "a/b.csv", 7, 12);
    encode_file(&files, "chart.png", 9, 1 << 20);
    encode_dataframe(&rows, "df", 1462, 6, -1);
    encode_dataframe(&rows, "other", 0, 0, 100);
    encode_refusal(&refusals, 1, 3, "connect");
    encode_refusal(&refusals, 2, 4, "/etc/shadow");
    encode_done(out, &done, &files, &rows, &refusals);
    buf_free(&files.items);
    buf_free(&rows.items);
    buf_free(&refusals.items);
}

static inline void seeds_make_messages(struct seeds *seeds)
{
    static const char *const words[] = {"numpy", "pandas", NULL};
    struct buf frame = {0};
    struct encoded_list rows = {0};
    encode_dataframe(&rows, "df", 3, 2, 96);
    size_t begun = codec_begin(&frame, WIRE_WARM);
    codec_put_u32(&frame, WIRE_VERSION);
    codec_put_string(&frame, "/usr");
    codec_put_strings(&frame, words);
    codec_put_string(&frame, "/tmp/state");
    codec_put_u32(&frame, 1);
    codec_put_strings(&frame, words);
    codec_put_strings(&frame, words);
    codec_put_string(&frame, "");
    codec_end(&frame, begun);
    seeds_add_message(seeds, &frame);
    encode_warmed(&frame);
    seeds_add_message(seeds, &frame);
    encode_refused(&frame, WIRE_NOT_WARMED, 2, "no module\nof that name");
    seeds_add_message(seeds, &frame);
    encode_refused(&frame, WIRE_NOT_READY, 13, "the folder");
    seeds_add_message(seeds, &frame);
    encode_forked(&frame, 4242);
    seeds_add_message(seeds, &frame);
    encode_reaped(&frame, 4242, 1, 9);
    seeds_add_message(seeds, &frame);
    encode_output(&frame, 1, 0, "printed \xf0\x9f\xa6\x81", 12);
    seeds_add_message(seeds, &frame);
    seeds_add_done(&frame);
    seeds_add_message(seeds, &frame);
    encode_looked(&frame, 2, &rows);
    seeds_add_message(seeds, &frame);
    encode_kept(&frame, WIRE_SAVED);
    seeds_add_message(seeds, &frame);
    encode_not_kept(&frame, WIRE_NOT_RESTORED, WIRE_KEEP_DAMAGED, "a block");
    seeds_add_message(seeds, &frame);
    buf_free(&frame);
    buf_free(&rows.items);
}

static inline void seeds_make_streams(struct seeds *seeds)
{
    struct buf stream = {0};
    struct encoded_list rows = {0};
    encode_output(&stream, 1, 0, "one", 3);
    encode_output(&stream, 2, 1, "two, ", 5);
    encode_output(&stream, 2, 0, "in pieces", 9);
    encode_output(&stream, 1, 0, "", 0);
    seeds_add_done(&stream);
    for (uint8_t cut = 0; cut < 4; cut++)
        seeds_add(seeds, 1, 1, cut, &stream);
    buf_clear(&stream);
    encode_empty(&stream, WIRE_READY);
    seeds_add(seeds, 1, 0, 1, &stream);
    buf_clear(&stream);
    encode_dataframe(&rows, "df", 3, 2, 96);
    encode_looked(&stream, 0, &rows);
    seeds_add(seeds, 1, 3, 1, &stream);
    buf_clear(&stream);
    encode_output(&stream, 1, 0, "dropped", 7);
    encode_kept(&stream, WIRE_SAVED);
    seeds_add(seeds, 1, 4, 1, &stream);
    buf_clear(&stream);
    encode_not_kept(&stream, WIRE_NOT_RESTORED, WIRE_KEEP_NEWER, "format 2");
    seeds_add(seeds, 1, 5, 1, &stream);
    buf_clear(&stream);
    encode_warmed(&stream);
    seeds_add(seeds, 2, 0, 1, &stream);
    buf_clear(&stream);
    encode_reaped(&stream, 7, 0, 0);
    encode_refused(&stream, WIRE_NOT_FORKED, 11, "no process");
    seeds_add(seeds, 2, 1, 1, &stream);
    buf_free(&stream);
    buf_free(&rows.items);
}

static inline void seeds_make(struct seeds *seeds)
{
    *seeds = (struct seeds){0};
    seeds_make_messages(seeds);
    seeds_make_streams(seeds);
}

static inline void seeds_free(struct seeds *seeds)
{
    for (size_t i = 0; i < seeds->count; i++)
        buf_free(&seeds->inputs[i]);
}

#endif
