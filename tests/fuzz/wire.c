/* SPDX-License-Identifier: Apache-2.0 */
/* wire.c: fuzzing what the host makes of the bytes that a worker sends.
 *
 * The first byte of an input says where it goes: into the decoder of one message as its payload; or
 * through a socket, in pieces, as the stream of a sandbox or of a template, and then into a result and
 * its JSON. The host's own files are compiled into this one, so that the fuzzer sees their branches. */
#include <fcntl.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLUTCH_BUILT_PYTHON "3"
#define CLUTCH_BUILT_ENVIRONMENT "/"
#include "host/error.c"
#include "host/files.c"
#include "host/report.c"
#include "host/result.c"
#include "host/session_report.c"
#include "wire/channel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold whatever came in. */
static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

/* ---- One message ---- */

static void walk_texts(struct wire_list list)
{
    struct wire_text item;
    size_t count = list.count;
    while (codec_next_text(&list, &item))
        must(count-- > 0);
}

static void decode_setup(const struct wire_frame *frame)
{
    struct wire_warm warm;
    struct wire_fork fork;
    struct wire_execute execute;
    struct wire_reap reap;
    if (frame->kind == WIRE_WARM && codec_warm(frame, &warm)) {
        walk_texts(warm.preload);
        walk_texts(warm.require);
    } else if (frame->kind == WIRE_FORK && codec_fork(frame, &fork)) {
        walk_texts(fork.env);
    } else if (frame->kind == WIRE_EXECUTE) {
        (void)!codec_execute(frame, &execute);
    } else if (frame->kind == WIRE_SAVE) {
        struct wire_save save;
        (void)!codec_save(frame, &save);
    } else if (frame->kind == WIRE_REAP && codec_reap(frame, &reap)) {
        must(reap.pid > 0);
    } else if (frame->kind == WIRE_EXPECT) {
        struct wire_expect expect;
        (void)!codec_expect(frame, &expect);
    }
}

static void decode_template(const struct wire_frame *frame)
{
    struct wire_warmed warmed;
    struct wire_refused refused;
    struct wire_forked forked;
    struct wire_reaped reaped;
    struct wire_facility facility;
    if (frame->kind == WIRE_WARMED && codec_warmed(frame, &warmed)) {
        while (codec_next_facility(&warmed.facilities, &facility))
            must(facility.name.length <= frame->length);
    } else if (frame->kind == WIRE_FORKED && codec_forked(frame, &forked)) {
        must(forked.pid > 0);
    } else if (frame->kind == WIRE_REAPED && codec_reaped(frame, &reaped)) {
        must(reaped.found <= 1);
    } else if (codec_refused(frame, &refused)) {
        clutch_error error;
        error_set(&error, CLUTCH_E_SYSTEM, 0, "%.*s", (int)refused.message.length, refused.message.data);
        must(text_valid_prefix(error.message, strlen(error.message)) == strlen(error.message));
        must(!strpbrk(error.message, "\n\r"));
    }
}

/* ---- Results ---- */

static void check_result(const clutch_result *result, uint64_t maximum)
{
    uint64_t kept = 0;
    for (size_t i = 0; i < result->output_count; i++) {
        const clutch_output *element = &result->output[i];
        must(element->text[element->length] == 0);
        must(text_valid_prefix(element->text, element->length) == element->length);
        must(element->stream == CLUTCH_STDOUT || element->stream == CLUTCH_STDERR);
        kept += element->length;
    }
    must(kept <= maximum);
    must(result->file_count <= LIMIT_FILES && result->dataframe_count <= LIMIT_DATAFRAMES);
    for (size_t i = 0; i < result->file_count; i++) {
        must(files_name_is_fine(result->files[i].name, strlen(result->files[i].name)));
        must(strncmp(result->files[i].url, "file:///work/", 13) == 0);
    }
    for (size_t i = 0; i < result->dataframe_count; i++)
        must(result->dataframes[i].rows >= 0 && result->dataframes[i].name != NULL);
    char *json = NULL;
    must(clutch_result_json(result, &json, NULL) == 0 && json != NULL);
    clutch_free(json);
}

/* A frame of an execution. Returns false when it ends it. */
static bool take_frame(struct result *result, const struct wire_frame *frame, uint64_t maximum)
{
    struct wire_output output;
    struct wire_done done;
    clutch_output whole;
    if (frame->kind == WIRE_OUTPUT && codec_output(frame, &output)) {
        if (result_output(result, &output, maximum, &whole) != RESULT_PUT)
            return false;
        if (whole.text)
            must(whole.text[whole.length] == 0);
        return true;
    }
    if (frame->kind == WIRE_DONE && codec_done(frame, &done))
        (void)!result_done(result, &done, "/work");
    return false;
}

static void take_look(const struct wire_frame *frame)
{
    struct wire_looked looked;
    clutch_status status = {.state = CLUTCH_STATE_RUNNING};
    char *json = NULL;
    if (!codec_looked(frame, &looked) ||
        result_dataframes(looked.dataframes, &status.dataframes, &status.dataframe_count) != RESULT_PUT)
        return;
    must(clutch_status_json(&status, &json, NULL) == 0);
    clutch_free(json);
    free((void *)status.dataframes);
}

static void take_kept(const struct wire_frame *frame)
{
    struct wire_kept kept;
    struct wire_not_kept not_kept;
    clutch_session_report *report = NULL;
    if (frame->kind == WIRE_NOT_SAVED || frame->kind == WIRE_NOT_RESTORED) {
        if (codec_not_kept(frame, &not_kept))
            must(not_kept.fault && not_kept.message.length <= frame->length);
    } else if (codec_kept(frame, &kept) && session_report_make(&kept, &report) == 0) {
        must(report->left_out_count <= LIMIT_LEFT_OUT);
        for (size_t i = 0; i < report->left_out_count; i++)
            must(strlen(report->left_out[i].reason) <= LIMIT_LEFT_OUT_TEXT);
        must(strlen(report->python_version) < 32);
        clutch_session_report_free(report);
    }
}

static void take_message(uint16_t kind, const uint8_t *payload, size_t length)
{
    struct wire_frame frame = {kind, payload, length};
    const struct wire_row *row = wire_row(kind);
    if (length > row->payload_bytes_max)
        return;
    if (row->sender == WIRE_HOST) {
        decode_setup(&frame);
    } else if (kind == WIRE_OUTPUT || kind == WIRE_DONE) {
        struct result *result = result_new();
        take_frame(result, &frame, UINT64_MAX);
        result_finish(result);
        check_result(&result->public, UINT64_MAX);
        clutch_result_free(&result->public);
    } else if (kind == WIRE_LOOKED) {
        take_look(&frame);
    } else if (row->phases & (WIRE_SAVING | WIRE_RESTORING)) {
        take_kept(&frame);
    } else {
        decode_template(&frame);
    }
}

/* ---- A stream ---- */

struct stream {
    int ends[2];
    const uint8_t *data;
    size_t left;
    uint32_t state; /* where it is cut next */
};

/* Writes the next piece; closes when there is none. */
static void write_piece(struct stream *stream)
{
    stream->state = stream->state * 1664525u + 1013904223u;
    size_t size = 1 + (stream->state >> 16) % (stream->state & 1 ? 7 : 4096);
    if (size > stream->left)
        size = stream->left;
    if (size == 0) {
        close(stream->ends[1]);
        stream->ends[1] = -1;
        return;
    }
    must(send(stream->ends[1], stream->data, size, MSG_NOSIGNAL) == (ssize_t)size);
    stream->data += size;
    stream->left -= size;
}

/* Hands each frame out until the stream ends or breaks the protocol. */
static void take_stream(struct stream *stream, enum wire_sender sender, unsigned phase, uint64_t maximum)
{
    struct channel channel;
    struct wire_frame frame;
    struct result *result = result_new();
    bool goes_on = true;
    channel_init(&channel, stream->ends[0], sender);
    while (goes_on) {
        enum channel_state got = channel_receive(&channel, phase, false, &frame);
        if (got == CHANNEL_AGAIN && stream->ends[1] >= 0) {
            write_piece(stream);
            continue;
        }
        goes_on = got == CHANNEL_FRAME;
        if (goes_on && sender == WIRE_TEMPLATE)
            decode_template(&frame);
        else if (goes_on && phase == WIRE_LOOKING)
            take_look(&frame);
        else if (goes_on && phase & (WIRE_SAVING | WIRE_RESTORING))
            take_kept(&frame);
        else if (goes_on && phase == WIRE_EXECUTING)
            goes_on = take_frame(result, &frame, maximum);
    }
    channel_trim(&channel);
    channel_free(&channel);
    result_finish(result);
    check_result(&result->public, maximum);
    clutch_result_free(&result->public);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint16_t kinds[] = {
#define KIND(number, name, sender, phases, bytes, fds) number,
        WIRE_MESSAGES(KIND)
#undef KIND
    };
    static const unsigned sandbox_phases[] = {WIRE_STARTING, WIRE_EXECUTING, WIRE_EXECUTING, WIRE_LOOKING,
                                              WIRE_SAVING, WIRE_RESTORING};
    static const unsigned template_phases[] = {WIRE_WARMING, WIRE_SERVING};
    if (size < 4)
        return 0;
    struct stream stream = {{-1, -1}, data + 4, size - 4, data[2]};
    if (data[0] % 3 == 0) {
        take_message(kinds[data[1] % (sizeof kinds / sizeof *kinds)], data + 4, size - 4);
        return 0;
    }
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, stream.ends) == 0);
    uint64_t maximum = (uint64_t)1 << data[3] % 24;
    if (data[0] % 3 == 1)
        take_stream(&stream, WIRE_SANDBOX, sandbox_phases[data[1] % 6], maximum);
    else
        take_stream(&stream, WIRE_TEMPLATE, template_phases[data[1] % 2], maximum);
    close(stream.ends[0]);
    if (stream.ends[1] >= 0)
        close(stream.ends[1]);
    return 0;
}
