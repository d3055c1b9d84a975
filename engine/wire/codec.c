/* SPDX-License-Identifier: Apache-2.0 */
/* codec.c: frames to structs and back; pure functions without I/O. */
#include "wire/codec.h"

#include <string.h>

#include "base/text.h"

#define WIRE_ROW(number, name, sender, phases, size, fds) {number, #name, sender, phases, size, fds},
static const struct wire_row rows[] = {WIRE_MESSAGES(WIRE_ROW)};
#undef WIRE_ROW

/* Even numbers ask and only the host asks. */
#define WIRE_PARITY(number, name, sender, phases, size, fds)                                       \
    _Static_assert(((number) % 2 == 0) == ((sender) == WIRE_HOST), #name " has the wrong parity");
WIRE_MESSAGES(WIRE_PARITY)
#undef WIRE_PARITY

const struct wire_row *wire_row(uint16_t kind)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].kind == kind)
            return &rows[i];
    return NULL;
}

bool codec_header(const uint8_t bytes[WIRE_HEADER_BYTES], enum wire_sender sender, unsigned phase,
                  struct wire_header *out)
{
    uint32_t length;
    uint16_t kind, zero;
    memcpy(&length, bytes, 4);
    memcpy(&kind, bytes + 4, 2);
    memcpy(&zero, bytes + 6, 2);
    const struct wire_row *row = wire_row(kind);
    if (!row || zero || row->sender != sender || !(row->phases & phase) ||
        length > row->payload_bytes_max)
        return false;
    *out = (struct wire_header){length, kind};
    return true;
}

/* ---- Writing ---- */

size_t codec_begin(struct buf *out, enum wire_kind kind)
{
    size_t begun = out->length;
    uint8_t header[WIRE_HEADER_BYTES] = {0};
    uint16_t number = (uint16_t)kind;
    memcpy(header + 4, &number, 2);
    buf_append(out, header, sizeof header);
    return begun;
}

void codec_end(struct buf *out, size_t begun)
{
    if (out->failed)
        return;
    uint32_t length = (uint32_t)(out->length - begun - WIRE_HEADER_BYTES);
    memcpy(out->data + begun, &length, 4);
}

void codec_put_u32(struct buf *out, uint32_t value)
{
    buf_append(out, &value, sizeof value);
}

void codec_put_u64(struct buf *out, uint64_t value)
{
    buf_append(out, &value, sizeof value);
}

void codec_put_text(struct buf *out, const char *data, size_t length)
{
    if (length > UINT32_MAX)
        out->failed = true;
    codec_put_u32(out, (uint32_t)length);
    buf_append(out, data, length);
}

void codec_put_string(struct buf *out, const char *string)
{
    codec_put_text(out, string, strlen(string));
}

/* A list is its count, the length of its items, and the items. */
size_t codec_list_begin(struct buf *out)
{
    size_t begun = out->length;
    codec_put_u32(out, 0);
    codec_put_u32(out, 0);
    return begun;
}

void codec_list_end(struct buf *out, size_t begun, uint32_t count)
{
    if (out->failed)
        return;
    uint32_t length = (uint32_t)(out->length - begun - 8);
    memcpy(out->data + begun, &count, 4);
    memcpy(out->data + begun + 4, &length, 4);
}

void codec_put_strings(struct buf *out, const char *const *strings)
{
    size_t begun = codec_list_begin(out);
    uint32_t count = 0;
    while (strings && strings[count])
        codec_put_string(out, strings[count++]);
    codec_list_end(out, begun, count);
}

/* ---- Reading ---- */

struct reader {
    const uint8_t *at;
    size_t left;
    bool bad;
};

static struct reader reader_of(const struct wire_frame *frame)
{
    return (struct reader){frame->payload, frame->length, false};
}

/* The payload must have been used up exactly. */
static bool finished(const struct reader *reader)
{
    return !reader->bad && reader->left == 0;
}

static const uint8_t *take(struct reader *reader, size_t size)
{
    if (reader->bad || size > reader->left) {
        reader->bad = true;
        return NULL;
    }
    const uint8_t *at = reader->at;
    reader->at += size;
    reader->left -= size;
    return at;
}

static uint32_t take_u32(struct reader *reader)
{
    uint32_t value = 0;
    const uint8_t *at = take(reader, sizeof value);
    if (at)
        memcpy(&value, at, sizeof value);
    return value;
}

static uint64_t take_u64(struct reader *reader)
{
    uint64_t value = 0;
    const uint8_t *at = take(reader, sizeof value);
    if (at)
        memcpy(&value, at, sizeof value);
    return value;
}

static struct wire_text take_bytes(struct reader *reader)
{
    uint32_t length = take_u32(reader);
    const uint8_t *at = take(reader, length);
    return (struct wire_text){at ? (const char *)at : "", at ? length : 0};
}

static struct wire_text take_text(struct reader *reader)
{
    struct wire_text text = take_bytes(reader);
    if (text_valid_prefix(text.data, text.length) != text.length)
        reader->bad = true;
    return text;
}

static bool take_bool(struct reader *reader)
{
    uint32_t value = take_u32(reader);
    if (value > 1)
        reader->bad = true;
    return value == 1;
}

static struct wire_list take_list(struct reader *reader, size_t count_max)
{
    uint32_t count = take_u32(reader);
    uint32_t length = take_u32(reader);
    const uint8_t *at = take(reader, length);
    if (!at || count > count_max || (count == 0 && length != 0)) {
        reader->bad = true;
        return (struct wire_list){0};
    }
    return (struct wire_list){count, at, length};
}

bool codec_warm(const struct wire_frame *frame, struct wire_warm *out)
{
    struct reader reader = reader_of(frame);
    out->version = take_u32(&reader);
    out->environment = take_bytes(&reader);
    out->preload = take_list(&reader, LIMIT_PRELOAD_COUNT);
    out->state_dir = take_bytes(&reader);
    out->remove_state_dir = take_bool(&reader);
    out->require = take_list(&reader, LIMIT_FACILITIES);
    out->disable = take_list(&reader, LIMIT_FACILITIES);
    out->cgroup = take_bytes(&reader);
    return finished(&reader);
}

bool codec_warmed(const struct wire_frame *frame, struct wire_warmed *out)
{
    struct reader reader = reader_of(frame);
    out->python_version = take_text(&reader);
    out->pandas_version = take_text(&reader);
    out->numpy_version = take_text(&reader);
    out->facilities = take_list(&reader, LIMIT_FACILITIES);
    return finished(&reader);
}

bool codec_refused(const struct wire_frame *frame, struct wire_refused *out)
{
    struct reader reader = reader_of(frame);
    out->reason = take_u32(&reader);
    out->message = take_text(&reader);
    return finished(&reader);
}

bool codec_fork(const struct wire_frame *frame, struct wire_fork *out)
{
    struct reader reader = reader_of(frame);
    out->id = take_text(&reader);
    out->workdir = take_bytes(&reader);
    out->tmpdir = take_bytes(&reader);
    out->env = take_list(&reader, LIMIT_ENV_COUNT);
    out->network = take_bool(&reader);
    out->processes = take_bool(&reader);
    out->rehearses = take_bool(&reader);
    out->memory_bytes = take_u64(&reader);
    out->file_bytes = take_u64(&reader);
    out->open_files = take_u64(&reader);
    out->threads = take_u64(&reader);
    out->disk_bytes = take_u64(&reader);
    out->disk_files = take_u64(&reader);
    out->cpu_weight = take_u64(&reader);
    return finished(&reader);
}

bool codec_forked(const struct wire_frame *frame, struct wire_forked *out)
{
    struct reader reader = reader_of(frame);
    out->pid = (int32_t)take_u32(&reader);
    return finished(&reader) && out->pid > 0;
}

bool codec_reap(const struct wire_frame *frame, struct wire_reap *out)
{
    struct reader reader = reader_of(frame);
    out->pid = (int32_t)take_u32(&reader);
    out->birth = take_u32(&reader);
    return finished(&reader) && out->pid > 0;
}

bool codec_reaped(const struct wire_frame *frame, struct wire_reaped *out)
{
    struct reader reader = reader_of(frame);
    out->pid = (int32_t)take_u32(&reader);
    out->found = take_u32(&reader);
    out->status = (int32_t)take_u32(&reader);
    return finished(&reader) && out->found <= 1;
}

bool codec_execute(const struct wire_frame *frame, struct wire_execute *out)
{
    struct reader reader = reader_of(frame);
    out->serial = take_u64(&reader);
    out->output_bytes = take_u64(&reader);
    out->flags = take_u32(&reader);
    out->filename = take_text(&reader);
    out->code = take_bytes(&reader);
    return finished(&reader);
}

bool codec_output(const struct wire_frame *frame, struct wire_output *out)
{
    struct reader reader = reader_of(frame);
    out->stream = take_u32(&reader);
    out->more = take_u32(&reader);
    out->text = take_text(&reader);
    return finished(&reader) && (out->stream == 1 || out->stream == 2) && out->more <= 1 &&
           out->text.length <= LIMIT_OUTPUT_FRAME_BYTES && !(out->more && out->text.length == 0);
}

bool codec_cut(const struct wire_frame *frame, struct wire_cut *out)
{
    struct reader reader = reader_of(frame);
    out->omitted_bytes = take_u64(&reader);
    out->omitted_elements = take_u64(&reader);
    return finished(&reader);
}

bool codec_done(const struct wire_frame *frame, struct wire_done *out)
{
    struct reader reader = reader_of(frame);
    out->serial = take_u64(&reader);
    out->ending = take_u32(&reader);
    out->exit_status = (int32_t)take_u32(&reader);
    out->limit = take_u32(&reader);
    out->line = take_u32(&reader);
    out->truncated = take_u32(&reader);
    out->omitted_bytes = take_u64(&reader);
    out->omitted_elements = take_u64(&reader);
    out->cpu_ns = take_u64(&reader);
    out->memory_peak_bytes = take_u64(&reader);
    out->has_error = take_bool(&reader);
    out->has_value = take_bool(&reader);
    out->error = take_text(&reader);
    out->type = take_text(&reader);
    out->message = take_text(&reader);
    out->traceback = take_text(&reader);
    out->value = take_text(&reader);
    out->files = take_list(&reader, LIMIT_FILES);
    out->dataframes = take_list(&reader, LIMIT_DATAFRAMES);
    out->refusals = take_list(&reader, LIMIT_REFUSALS);
    return finished(&reader) && out->ending <= WIRE_ENDED_INCOMPLETE && out->truncated <= 7 &&
           out->limit <= WIRE_LIMIT_MAX;
}

bool codec_looked(const struct wire_frame *frame, struct wire_looked *out)
{
    struct reader reader = reader_of(frame);
    out->truncated = take_u32(&reader);
    out->dataframes = take_list(&reader, LIMIT_DATAFRAMES);
    return finished(&reader) && out->truncated <= 3;
}

bool codec_save(const struct wire_frame *frame, struct wire_save *out)
{
    struct reader reader = reader_of(frame);
    out->serial = take_u64(&reader);
    out->level = (int32_t)take_u32(&reader);
    return finished(&reader);
}

bool codec_clone(const struct wire_frame *frame, struct wire_clone *out)
{
    struct reader reader = reader_of(frame);
    out->number = take_u64(&reader);
    out->apart = take_bool(&reader);
    out->reseed = take_bool(&reader);
    out->goes_on = take_bool(&reader);
    out->settles = take_bool(&reader);
    out->threads = take_u64(&reader);
    return finished(&reader);
}

bool codec_expect(const struct wire_frame *frame, struct wire_expect *out)
{
    struct reader reader = reader_of(frame);
    out->origin = (int32_t)take_u32(&reader);
    out->workdir = take_bytes(&reader);
    out->tmpdir = take_bytes(&reader);
    return finished(&reader) && out->origin > 0 && out->workdir.length > 0 && out->tmpdir.length > 0;
}

bool codec_adopt(const struct wire_frame *frame, struct wire_adopt *out)
{
    struct reader reader = reader_of(frame);
    out->pid = (int32_t)take_u32(&reader);
    out->origin = (int32_t)take_u32(&reader);
    out->birth = take_u32(&reader);
    return finished(&reader) && out->pid >= 0 && out->origin > 0;
}

bool codec_kept(const struct wire_frame *frame, struct wire_kept *out)
{
    struct reader reader = reader_of(frame);
    out->variables = take_u64(&reader);
    out->size_bytes = take_u64(&reader);
    out->serial = take_u64(&reader);
    out->truncated = take_bool(&reader);
    out->python = take_text(&reader);
    out->left_out = take_list(&reader, LIMIT_LEFT_OUT);
    return finished(&reader) && out->python.length < 32;
}

bool codec_not_kept(const struct wire_frame *frame, struct wire_not_kept *out)
{
    struct reader reader = reader_of(frame);
    out->fault = take_u32(&reader);
    out->error = take_u32(&reader);
    out->message = take_text(&reader);
    return finished(&reader) && out->fault >= WIRE_KEEP_SYSTEM &&
           out->fault <= WIRE_KEEP_INTERRUPTED && out->error < 4096;
}

/* ---- Lists ---- */

static bool begin_item(const struct wire_list *list, struct reader *reader)
{
    *reader = (struct reader){list->data, list->length, false};
    return list->count > 0;
}

static bool end_item(struct wire_list *list, const struct reader *reader)
{
    if (reader->bad)
        return false;
    *list = (struct wire_list){list->count - 1, reader->at, reader->left};
    return true;
}

bool codec_next_text(struct wire_list *list, struct wire_text *out)
{
    struct reader reader;
    if (!begin_item(list, &reader))
        return false;
    *out = take_bytes(&reader);
    return end_item(list, &reader);
}

bool codec_next_file(struct wire_list *list, struct wire_file *out)
{
    struct reader reader;
    if (!begin_item(list, &reader))
        return false;
    out->name = take_text(&reader);
    out->size_bytes = take_u64(&reader);
    return end_item(list, &reader);
}

bool codec_next_dataframe(struct wire_list *list, struct wire_dataframe *out)
{
    struct reader reader;
    if (!begin_item(list, &reader))
        return false;
    out->name = take_text(&reader);
    out->rows = (int64_t)take_u64(&reader);
    out->columns = (int64_t)take_u64(&reader);
    out->memory_bytes = (int64_t)take_u64(&reader);
    if (out->rows < 0 || out->columns < 0)
        reader.bad = true; /* a malformed item is not taken off the list */
    return end_item(list, &reader);
}

bool codec_next_left_out(struct wire_list *list, struct wire_left_out *out)
{
    struct reader reader;
    if (!begin_item(list, &reader))
        return false;
    out->name = take_text(&reader);
    out->type = take_text(&reader);
    out->reason = take_text(&reader);
    return end_item(list, &reader);
}

bool codec_next_refusal(struct wire_list *list, struct wire_refusal_row *out)
{
    struct reader reader;
    if (!begin_item(list, &reader))
        return false;
    out->kind = take_u32(&reader);
    out->line = take_u32(&reader);
    out->what = take_text(&reader);
    if (out->kind < 1 || out->kind > 4)
        reader.bad = true;
    return end_item(list, &reader);
}

bool codec_next_facility(struct wire_list *list, struct wire_facility *out)
{
    struct reader reader;
    if (!begin_item(list, &reader))
        return false;
    out->name = take_text(&reader);
    out->detail = take_text(&reader);
    out->available = take_bool(&reader);
    out->held = take_bool(&reader);
    return end_item(list, &reader);
}
