/* SPDX-License-Identifier: Apache-2.0 */
/* test_codec.c: the table of messages, and decoding what is well formed and what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "encode.h"

/* ---- The table ---- */

static void every_row_accepts_itself_alone(void **state)
{
    (void)state;
    static const unsigned phases[] = {WIRE_WARMING, WIRE_SERVING,   WIRE_STARTING,
                                      WIRE_IDLE,    WIRE_EXECUTING, WIRE_LOOKING};
    for (uint32_t kind = 0; kind < 300; kind++)
        for (int sender = 0; sender <= 4; sender++)
            for (size_t i = 0; i < sizeof phases / sizeof *phases; i++) {
                const struct wire_row *row = wire_row((uint16_t)kind);
                uint8_t bytes[WIRE_HEADER_BYTES] = {0};
                uint16_t number = (uint16_t)kind;
                memcpy(bytes + 4, &number, 2);
                struct wire_header header;
                bool expected = row && row->sender == (enum wire_sender)sender && row->phases & phases[i];
                if (codec_header(bytes, (enum wire_sender)sender, phases[i], &header) != expected)
                    fail_msg("kind %u, sender %d, phase %u", kind, sender, phases[i]);
            }
}

static void a_header_has_bounds(void **state)
{
    (void)state;
#define CHECK(number, name, sender, phases, size, fds)                                             \
    do {                                                                                           \
        uint8_t bytes[WIRE_HEADER_BYTES] = {0};                                                    \
        struct wire_header header;                                                                 \
        uint32_t length = (uint32_t)(size);                                                        \
        uint16_t kind = number, zero = 1;                                                          \
        memcpy(bytes, &length, 4);                                                                 \
        memcpy(bytes + 4, &kind, 2);                                                               \
        assert_true(codec_header(bytes, sender, phases, &header));                                 \
        assert_true(header.length == length && header.kind == number);                             \
        length++;                                                                                  \
        memcpy(bytes, &length, 4);                                                                 \
        assert_false(codec_header(bytes, sender, phases, &header));                                \
        length = 0;                                                                                \
        memcpy(bytes, &length, 4);                                                                 \
        memcpy(bytes + 6, &zero, 2);                                                               \
        assert_false(codec_header(bytes, sender, phases, &header));                                \
    } while (0);
    WIRE_MESSAGES(CHECK)
#undef CHECK
}

static void numbers_are_never_used_twice(void **state)
{
    (void)state;
#define LIST(number, name, sender, phases, size, fds) number,
    static const int numbers[] = {WIRE_MESSAGES(LIST)};
#undef LIST
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(numbers[i], numbers[j]);
}

/* ---- Decoding ---- */

static struct wire_frame frame_of(const struct buf *bytes)
{
    return (struct wire_frame){0, bytes->data + WIRE_HEADER_BYTES, bytes->length - WIRE_HEADER_BYTES};
}

typedef bool decode_fn(const struct wire_frame *frame);

/* A well-formed message is taken; every shorter and every longer one is refused, and none is read beyond
 * its end, which a sanitizer would see in a block of exactly its size. */
static void assert_exact(const struct buf *bytes, decode_fn *decode)
{
    struct wire_frame whole = frame_of(bytes);
    assert_false(bytes->failed);
    assert_true(decode(&whole));
    for (size_t length = 0; length <= whole.length + 8; length++) {
        uint8_t *payload = malloc(length ? length : 1);
        memset(payload, 0, length);
        memcpy(payload, whole.payload, length < whole.length ? length : whole.length);
        struct wire_frame cut = {0, payload, length};
        bool decoded = decode(&cut);
        free(payload);
        if (decoded != (length == whole.length))
            fail_msg("%zu of %zu bytes", length, whole.length);
    }
}

static bool decode_warmed(const struct wire_frame *frame)
{
    struct wire_warmed warmed;
    return codec_warmed(frame, &warmed);
}

static bool decode_refused(const struct wire_frame *frame)
{
    struct wire_refused refused;
    return codec_refused(frame, &refused);
}

static bool decode_forked(const struct wire_frame *frame)
{
    struct wire_forked forked;
    return codec_forked(frame, &forked);
}

static bool decode_reaped(const struct wire_frame *frame)
{
    struct wire_reaped reaped;
    return codec_reaped(frame, &reaped);
}

static bool decode_output(const struct wire_frame *frame)
{
    struct wire_output output;
    return codec_output(frame, &output);
}

static bool decode_done(const struct wire_frame *frame)
{
    struct wire_done done;
    return codec_done(frame, &done);
}

static bool decode_looked(const struct wire_frame *frame)
{
    struct wire_looked looked;
    return codec_looked(frame, &looked);
}

static void put_rows(struct encoded_list *files, struct encoded_list *rows, struct encoded_list *refusals)
{
    encode_file(files, "a/b.csv", 7, 12);
    encode_file(files, "ü", 2, UINT64_MAX);
    encode_dataframe(rows, "df", 3, 4, -1);
    encode_refusal(refusals, 1, 7, "connect");
}

static void messages_are_taken_at_their_exact_length_only(void **state)
{
    (void)state;
    struct encoded_list files = {0}, rows = {0}, refusals = {0};
    struct wire_done done = {.serial = 1, .has_error = true, .error = encode_text("error"),
                             .traceback = encode_text("line 1\nline 2"), .value = encode_text("ü")};
    struct buf bytes = {0};
    put_rows(&files, &rows, &refusals);
#define CHECK(encode, decode)                                                                      \
    buf_clear(&bytes);                                                                             \
    encode;                                                                                        \
    assert_exact(&bytes, decode);
    CHECK(encode_warmed(&bytes), decode_warmed)
    CHECK(encode_refused(&bytes, WIRE_NOT_WARMED, 2, "because"), decode_refused)
    CHECK(encode_forked(&bytes, 77), decode_forked)
    CHECK(encode_reaped(&bytes, 77, 1, 9), decode_reaped)
    CHECK(encode_output(&bytes, 2, 1, "text ü", 7), decode_output)
    CHECK(encode_done(&bytes, &done, &files, &rows, &refusals), decode_done)
    CHECK(encode_done(&bytes, &done, NULL, NULL, NULL), decode_done)
    CHECK(encode_looked(&bytes, 2, &rows), decode_looked)
#undef CHECK
    buf_free(&bytes);
    buf_free(&files.items);
    buf_free(&rows.items);
    buf_free(&refusals.items);
}

static bool texts_equal(struct wire_text a, const char *b)
{
    return a.length == strlen(b) && memcmp(a.data, b, a.length) == 0;
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    struct encoded_list files = {0}, rows = {0}, refusals = {0};
    struct buf bytes = {0};
    put_rows(&files, &rows, &refusals);
    struct wire_done written = {.serial = UINT64_MAX, .ending = WIRE_ENDED_EXCEPTION, .exit_status = -5,
                                .limit = 3, .line = 99, .truncated = 7, .omitted_bytes = 1ull << 40,
                                .omitted_elements = 5, .cpu_ns = 6, .memory_peak_bytes = 7,
                                .has_error = true, .has_value = false, .error = encode_text("e"),
                                .type = encode_text("t"), .message = encode_text("m"),
                                .traceback = encode_text("b"), .value = encode_text("")};
    encode_done(&bytes, &written, &files, &rows, &refusals);
    struct wire_frame frame = frame_of(&bytes);
    struct wire_done done;
    assert_true(codec_done(&frame, &done));
    assert_true(done.serial == UINT64_MAX && done.ending == WIRE_ENDED_EXCEPTION && done.exit_status == -5);
    assert_true(done.limit == 3 && done.line == 99 && done.truncated == 7 && done.cpu_ns == 6);
    assert_true(done.omitted_bytes == 1ull << 40 && done.omitted_elements == 5);
    assert_true(done.has_error && !done.has_value && done.memory_peak_bytes == 7);
    assert_true(texts_equal(done.error, "e") && texts_equal(done.type, "t"));
    assert_true(texts_equal(done.message, "m") && texts_equal(done.traceback, "b"));
    struct wire_file file;
    assert_true(codec_next_file(&done.files, &file) && texts_equal(file.name, "a/b.csv"));
    assert_true(codec_next_file(&done.files, &file) && texts_equal(file.name, "ü"));
    assert_true(file.size_bytes == UINT64_MAX);
    assert_false(codec_next_file(&done.files, &file));
    assert_true(done.files.count == 0 && done.files.length == 0);
    struct wire_dataframe row;
    assert_true(codec_next_dataframe(&done.dataframes, &row) && texts_equal(row.name, "df"));
    assert_true(row.rows == 3 && row.columns == 4 && row.memory_bytes == -1);
    struct wire_refusal_row refusal;
    assert_true(codec_next_refusal(&done.refusals, &refusal) && texts_equal(refusal.what, "connect"));
    assert_true(refusal.kind == 1 && refusal.line == 7);
    buf_free(&bytes);
    buf_free(&files.items);
    buf_free(&rows.items);
    buf_free(&refusals.items);
}

/* ---- Lists ---- */

static void a_malformed_item_stays_on_its_list(void **state)
{
    (void)state;
    static const int64_t bad[][2] = {{-1, 2}, {2, -1}, {INT64_MIN, 0}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct encoded_list rows = {0};
        encode_dataframe(&rows, "df", bad[i][0], bad[i][1], 0);
        struct wire_list list = {rows.count, rows.items.data, rows.items.length};
        struct wire_dataframe row;
        assert_false(codec_next_dataframe(&list, &row));
        assert_true(list.count == 1 && list.length == rows.items.length);
        buf_free(&rows.items);
    }
    for (uint32_t kind = 0; kind < 10; kind++) {
        struct encoded_list refusals = {0};
        encode_refusal(&refusals, kind, 1, "x");
        struct wire_list list = {refusals.count, refusals.items.data, refusals.items.length};
        struct wire_refusal_row refusal;
        bool taken = codec_next_refusal(&list, &refusal);
        assert_int_equal(taken, kind >= 1 && kind <= 4);
        assert_int_equal(list.count, taken ? 0 : 1);
        buf_free(&refusals.items);
    }
}

/* A count that the items do not fill, one that they overfill, and a length beyond the message. */
static void a_list_says_exactly_what_it_holds(void **state)
{
    (void)state;
    static const int64_t changes[][2] = {{1, 0},      {-1, 0}, {0, 1}, {0, -1},
                                          {100000, 0}, {-2, 0}, {0, 1 << 30}};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct encoded_list rows = {0};
        struct buf bytes = {0};
        encode_dataframe(&rows, "a", 1, 1, 1);
        encode_dataframe(&rows, "b", 1, 1, 1);
        size_t begun = codec_begin(&bytes, WIRE_LOOKED);
        codec_put_u32(&bytes, 0);
        codec_put_u32(&bytes, (uint32_t)(rows.count + changes[i][0]));
        codec_put_u32(&bytes, (uint32_t)((int64_t)rows.items.length + changes[i][1]));
        buf_append(&bytes, rows.items.data, rows.items.length);
        codec_end(&bytes, begun);
        struct wire_frame frame = frame_of(&bytes);
        struct wire_looked looked;
        struct wire_dataframe row;
        bool fine = codec_looked(&frame, &looked);
        while (fine && codec_next_dataframe(&looked.dataframes, &row))
            continue;
        assert_false(fine && looked.dataframes.count == 0 && looked.dataframes.length == 0);
        buf_free(&bytes);
        buf_free(&rows.items);
    }
}

/* ---- Texts ---- */

static void texts_that_are_shown_must_be_utf8(void **state)
{
    (void)state;
    struct buf bytes = {0};
    encode_output(&bytes, 1, 0, "\xff", 1);
    struct wire_frame frame = frame_of(&bytes);
    assert_false(decode_output(&frame));
    buf_clear(&bytes);
    encode_refused(&bytes, WIRE_NOT_READY, 1, "\xc3");
    frame = frame_of(&bytes);
    assert_false(decode_refused(&frame));
    buf_free(&bytes);
}

static void numbers_out_of_range_are_refused(void **state)
{
    (void)state;
    struct buf bytes = {0};
#define REFUSED(encode, decode)                                                                    \
    do {                                                                                           \
        buf_clear(&bytes);                                                                         \
        encode;                                                                                    \
        struct wire_frame frame = frame_of(&bytes);                                                \
        assert_false(decode(&frame));                                                              \
    } while (0)
    REFUSED(encode_forked(&bytes, 0), decode_forked);
    REFUSED(encode_forked(&bytes, -1), decode_forked);
    REFUSED(encode_reaped(&bytes, 1, 2, 0), decode_reaped);
    REFUSED(encode_output(&bytes, 0, 0, "x", 1), decode_output);
    REFUSED(encode_output(&bytes, 3, 0, "x", 1), decode_output);
    REFUSED(encode_output(&bytes, 1, 2, "x", 1), decode_output);
    REFUSED(encode_output(&bytes, 1, 1, "", 0), decode_output);
    REFUSED(encode_done(&bytes, &(struct wire_done){.ending = 6}, NULL, NULL, NULL), decode_done);
    REFUSED(encode_done(&bytes, &(struct wire_done){.truncated = 8}, NULL, NULL, NULL), decode_done);
    REFUSED(encode_done(&bytes, &(struct wire_done){.limit = WIRE_LIMIT_MAX + 1}, NULL, NULL, NULL),
            decode_done);
    REFUSED(encode_looked(&bytes, 8, NULL), decode_looked);
#undef REFUSED
    buf_free(&bytes);
}

/* Whatever single byte is changed, decoding says yes or no and reads nothing beyond the message. */
static void any_changed_byte_is_survived(void **state)
{
    (void)state;
    struct encoded_list files = {0}, rows = {0}, refusals = {0};
    struct buf bytes = {0};
    put_rows(&files, &rows, &refusals);
    encode_done(&bytes, &(struct wire_done){.serial = 1, .error = encode_text("error")}, &files, &rows,
                &refusals);
    size_t length = bytes.length - WIRE_HEADER_BYTES;
    uint8_t *payload = malloc(length);
    for (size_t at = 0; at < length; at++)
        for (int value = 0; value < 256; value += value < 8 || value > 246 ? 1 : 17) {
            memcpy(payload, bytes.data + WIRE_HEADER_BYTES, length);
            payload[at] = (uint8_t)value;
            struct wire_frame frame = {WIRE_DONE, payload, length};
            struct wire_done done;
            struct wire_file file;
            struct wire_dataframe row;
            struct wire_refusal_row refusal;
            if (!codec_done(&frame, &done))
                continue;
            while (codec_next_file(&done.files, &file) || codec_next_dataframe(&done.dataframes, &row) ||
                   codec_next_refusal(&done.refusals, &refusal))
                continue;
        }
    free(payload);
    buf_free(&bytes);
    buf_free(&files.items);
    buf_free(&rows.items);
    buf_free(&refusals.items);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_accepts_itself_alone),
        cmocka_unit_test(a_header_has_bounds),
        cmocka_unit_test(numbers_are_never_used_twice),
        cmocka_unit_test(messages_are_taken_at_their_exact_length_only),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(a_malformed_item_stays_on_its_list),
        cmocka_unit_test(a_list_says_exactly_what_it_holds),
        cmocka_unit_test(texts_that_are_shown_must_be_utf8),
        cmocka_unit_test(numbers_out_of_range_are_refused),
        cmocka_unit_test(any_changed_byte_is_survived),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
