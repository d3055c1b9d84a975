/* SPDX-License-Identifier: Apache-2.0 */
/* output.c: the output of the execution that runs, from all its sources, on its way to the host.
 *
 * Sources: print calls and writes to the streams, on any Python thread under the GIL; and bytes that
 * C code or child processes write to descriptors 1 and 2, which are pipes. All become OUTPUT frames
 * in one buffer, in the order in which they were seen: before Python's own text is added, the pipes
 * are drained. The buffer is sent when it is large, when it has not been sent for a while, and at the
 * end; the attendant thread sends what was left lying for a millisecond.
 *
 * Two locks, taken in this order: sending (keeps frames in order on the wire, held while blocked in
 * send) and filling (guards everything else, never held while blocking). */
#include "worker/output.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "wire/channel.h"
#include "wire/codec.h"
#include "worker/attendant.h"

enum {
    OUTPUT_FULL_BYTES = 64 * 1024,
    OUTPUT_QUIET_NS = 200 * 1000, /* after so long without a send, the next element is sent at once */
    OUTPUT_WORDS_BYTES = 4096,    /* of last words, which take no memory, are sent at a time */
    OUTPUT_SOURCES = 2,           /* text by Python, bytes by anyone; unfinished lines kept apart */
};

/* An unfinished line of one source and stream. */
struct line {
    struct buf text;
    uint64_t dropped;  /* bytes behind text, which the cap will leave out, so they are only counted */
    bool after_return; /* a carriage return ended the line before: a newline right behind it is its */
};

static struct {
    pthread_mutex_t sending, filling;
    int wire_fd;
    int pipes[2];
    bool open;                    /* an execution runs: what waits may be sent */
    struct buf waiting;           /* frames to send; guarded by filling */
    struct buf ended;             /* the last frames of an execution that has ended; main thread */
    struct line lines[3][OUTPUT_SOURCES];
    struct buf raw[3];            /* bytes that may begin a character, per stream */
    uint64_t maximum;             /* the cap */
    uint64_t room, elements_left; /* what it still allows */
    bool cut;                     /* the cap was reached: nothing more is kept */
    struct output_omitted omitted;
    uint64_t sent_ns;
    bool lost; /* the host is gone */
} output = {.sending = PTHREAD_MUTEX_INITIALIZER, .filling = PTHREAD_MUTEX_INITIALIZER};

void output_prepare(int wire_fd, const int pipes[2])
{
    output.wire_fd = wire_fd;
    memcpy(output.pipes, pipes, sizeof output.pipes);
    output.maximum = output.room = LIMIT_OUTPUT_BYTES_DEFAULT;
    output.elements_left = LIMIT_OUTPUT_ELEMENTS;
}

/* ---- Filling; the lock is held ---- */

static void put_frame(uint32_t stream, const char *text, size_t length, bool more)
{
    size_t begun = codec_begin(&output.waiting, WIRE_OUTPUT);
    codec_put_u32(&output.waiting, stream);
    codec_put_u32(&output.waiting, more);
    codec_put_text(&output.waiting, text, length);
    codec_end(&output.waiting, begun);
}

/* Tells what was left out so far. */
static void put_cut(struct buf *out)
{
    size_t begun = codec_begin(out, WIRE_CUT);
    codec_put_u64(out, output.omitted.bytes);
    codec_put_u64(out, output.omitted.elements);
    codec_end(out, begun);
}

/* An element of length bytes and of dropped more, which are not at hand any more. */
static void put_element(uint32_t stream, const char *text, size_t length, uint64_t dropped)
{
    size_t kept = length;
    if (output.cut || output.elements_left == 0)
        kept = 0;
    else if (length > output.room)
        kept = text_cut(text, length, (size_t)output.room);
    if (kept < length || dropped || output.cut || output.elements_left == 0) {
        output.omitted.bytes += length - kept + dropped;
        output.omitted.elements++;
        bool first = !output.cut, whole = output.cut || output.elements_left == 0 || kept == 0;
        output.cut = true;
        if (first && whole)
            put_cut(&output.waiting);
        if (whole)
            return;
    }
    output.room -= kept;
    output.elements_left--;
    do {
        size_t step = text_cut(text, kept, LIMIT_OUTPUT_FRAME_BYTES);
        put_frame(stream, text, step, step < kept);
        text += step;
        kept -= step;
    } while (kept > 0);
    if (output.cut)
        put_cut(&output.waiting);
    if (output.waiting.failed) {
        /* Out of memory: what waited is lost, and counted as what it is. */
        buf_free(&output.waiting);
        output.omitted.bytes += length;
        output.omitted.elements++;
    }
}

static void end_line(uint32_t stream, int source)
{
    struct line *line = &output.lines[stream][source];
    put_element(stream, line->text.data ? (const char *)line->text.data : "", line->text.length,
                line->dropped);
    line->dropped = 0;
    buf_clear(&line->text);
    if (line->text.capacity > OUTPUT_FULL_BYTES)
        buf_free(&line->text);
}

static bool is_open(const struct line *line)
{
    return line->text.length || line->dropped;
}

/* What the cap will leave out need not be collected: one byte more than it allows is enough. */
static void grow_line(uint32_t stream, int source, const char *text, size_t length)
{
    struct line *line = &output.lines[stream][source];
    size_t kept = 0;
    if (!output.cut && !line->dropped && line->text.length <= output.room) {
        uint64_t allowed = output.room - line->text.length;
        kept = allowed < length ? text_cut(text, length, (size_t)allowed + 1) : length;
        if (!buf_append(&line->text, text, kept)) {
            line->text.failed = false;
            kept = 0;
        }
    }
    line->dropped += length - kept;
}

/* A line ends at \n, at \r\n, and at a \r behind which something else comes: a progress bar's every
 * state is an element. A \r alone at the start of a line ends nothing. */
static void put_lines(uint32_t stream, int source, const char *text, size_t length)
{
    struct line *line = &output.lines[stream][source];
    while (length > 0) {
        if (line->after_return) {
            line->after_return = false;
            if (*text == '\n') {
                text++;
                length--;
                end_line(stream, source);
                continue;
            }
            if (is_open(line))
                end_line(stream, source);
        }
        size_t span = 0;
        while (span < length && text[span] != '\n' && text[span] != '\r')
            span++;
        grow_line(stream, source, text, span);
        if (span < length) {
            if (text[span] == '\n')
                end_line(stream, source);
            else
                line->after_return = true;
            span++;
        }
        text += span;
        length -= span;
    }
}

static void end_open_line(uint32_t stream, int source)
{
    struct line *line = &output.lines[stream][source];
    line->after_return = false;
    if (is_open(line))
        end_line(stream, source);
}

static void put_bytes(uint32_t stream, int source, const void *data, size_t length)
{
    struct buf *raw = &output.raw[stream];
    buf_append(raw, data, length);
    size_t tail = text_cut_tail((const char *)raw->data, raw->length);
    struct buf clean = {0};
    if (text_append_clean(&clean, (const char *)raw->data, raw->length - tail))
        put_lines(stream, source, (const char *)clean.data, clean.length);
    buf_free(&clean);
    buf_consume(raw, raw->length - tail);
    raw->failed = false;
}

static void drain_pipes(void)
{
    struct pollfd ready[2] = {{output.pipes[0], POLLIN, 0}, {output.pipes[1], POLLIN, 0}};
    while (poll(ready, 2, 0) > 0) {
        bool progress = false;
        for (uint32_t i = 0; i < 2; i++) {
            static char bytes[16384];
            ssize_t got = ready[i].revents & POLLIN ? read(output.pipes[i], bytes, sizeof bytes) : 0;
            if (got > 0) {
                put_bytes(i + 1, 1, bytes, (size_t)got);
                progress = true;
            }
        }
        if (!progress)
            return;
    }
}

/* Before text by Python: bytes that came first are their own line, unless a child is there to go on
 * with it. */
static void catch_up(uint32_t stream)
{
    siginfo_t child;
    drain_pipes();
    if (is_open(&output.lines[stream][1]) && waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) != 0)
        end_open_line(stream, 1);
}

/* ---- Sending ---- */

static bool send_bytes(const struct buf *bytes)
{
    if (output.lost || bytes->failed)
        return false;
    if (bytes->length &&
        channel_send(output.wire_fd, bytes->data, bytes->length, -1, CLOCK_NEVER) != 0)
        output.lost = true;
    return !output.lost;
}

/* Takes the frames that wait, if an execution runs. */
static struct buf take_waiting(void)
{
    struct buf taken = {0};
    pthread_mutex_lock(&output.filling);
    if (output.open) {
        taken = output.waiting;
        output.waiting = (struct buf){0};
        output.sent_ns = clock_now_ns();
    }
    pthread_mutex_unlock(&output.filling);
    return taken;
}

void output_flush(void)
{
    pthread_mutex_lock(&output.sending);
    struct buf taken = take_waiting();
    send_bytes(&taken);
    buf_free(&taken);
    pthread_mutex_unlock(&output.sending);
}

bool output_send(const struct buf *frame)
{
    pthread_mutex_lock(&output.sending);
    buf_append(&output.ended, frame->data, frame->length);
    bool fine = send_bytes(&output.ended);
    buf_clear(&output.ended);
    if (output.ended.capacity > OUTPUT_FULL_BYTES)
        buf_free(&output.ended);
    pthread_mutex_unlock(&output.sending);
    return fine;
}

/* Large: send now. First for a while: send now. Otherwise the attendant will, in a millisecond. */
static bool sink_wants_flush(void)
{
    pthread_mutex_lock(&output.filling);
    size_t length = output.open ? output.waiting.length : 0;
    uint64_t quiet_ns = clock_now_ns() - output.sent_ns;
    pthread_mutex_unlock(&output.filling);
    if (length == 0)
        return false;
    if (length >= OUTPUT_FULL_BYTES || quiet_ns >= OUTPUT_QUIET_NS)
        return true;
    attendant_flush_soon();
    return false;
}

/* ---- Sources ---- */

static void sink_element(uint32_t stream, const char *text, size_t length)
{
    pthread_mutex_lock(&output.filling);
    catch_up(stream);
    end_open_line(stream, 0);
    put_element(stream, text, length, 0);
    pthread_mutex_unlock(&output.filling);
}

static void sink_write(uint32_t stream, const char *text, size_t length)
{
    pthread_mutex_lock(&output.filling);
    catch_up(stream);
    put_lines(stream, 0, text, length);
    pthread_mutex_unlock(&output.filling);
}

static void sink_bytes(uint32_t stream, const void *data, size_t length)
{
    pthread_mutex_lock(&output.filling);
    catch_up(stream);
    put_bytes(stream, 0, data, length);
    pthread_mutex_unlock(&output.filling);
}

const struct capture_sink output_sink = {sink_element, sink_write, sink_bytes, sink_wants_flush,
                                         output_flush};

void output_drain(void)
{
    pthread_mutex_lock(&output.filling);
    drain_pipes();
    pthread_mutex_unlock(&output.filling);
}

/* ---- Begin and end ---- */

static void reset_cap(void)
{
    output.room = output.maximum;
    output.elements_left = LIMIT_OUTPUT_ELEMENTS;
    output.cut = false;
    output.omitted = (struct output_omitted){0};
}

void output_begin(uint64_t maximum)
{
    pthread_mutex_lock(&output.filling);
    drain_pipes();
    uint64_t used = output.maximum - output.room;
    if (used > maximum) {
        output.omitted.bytes += used;
        output.omitted.elements += LIMIT_OUTPUT_ELEMENTS - output.elements_left;
        buf_clear(&output.waiting);
        used = 0;
    }
    output.maximum = maximum;
    output.room = maximum - used;
    output.sent_ns = 0;
    output.open = true;
    pthread_mutex_unlock(&output.filling);
}

static void end_raw(uint32_t stream)
{
    struct buf *raw = &output.raw[stream];
    struct buf clean = {0};
    if (raw->length && text_append_clean(&clean, (const char *)raw->data, raw->length))
        put_lines(stream, 1, (const char *)clean.data, clean.length);
    buf_free(&clean);
    buf_clear(raw);
}

struct output_omitted output_end(void)
{
    pthread_mutex_lock(&output.filling);
    drain_pipes();
    for (uint32_t stream = 1; stream <= 2; stream++) {
        end_raw(stream);
        end_open_line(stream, 0);
        end_open_line(stream, 1);
    }
    struct output_omitted omitted = output.omitted;
    output.open = false;
    buf_append(&output.ended, output.waiting.data, output.waiting.length);
    buf_clear(&output.waiting);
    if (output.waiting.capacity > OUTPUT_FULL_BYTES)
        buf_free(&output.waiting);
    reset_cap();
    pthread_mutex_unlock(&output.filling);
    return omitted;
}

/* ---- Last words: no memory is allocated, since a crash may have happened inside malloc ---- */

/* Counts what a cap leaves out of an element that comes in parts: its bytes each time, itself once. */
static void count_word(size_t bytes, bool more)
{
    static bool counted;
    output.omitted.bytes += bytes;
    output.omitted.elements += !counted;
    counted = more;
}

/* Sends an element, or a part of one with more behind it: at most OUTPUT_WORDS_BYTES, any bytes. */
static void say(uint32_t stream, const char *text, size_t length, bool more)
{
    static char clean[3 * OUTPUT_WORDS_BYTES + 64];
    struct buf frame = {.data = (uint8_t *)clean, .capacity = sizeof clean, .maximum = sizeof clean};
    if (output.cut || output.elements_left == 0) {
        count_word(length, more);
        output.cut = true;
        return;
    }
    size_t begun = codec_begin(&frame, WIRE_OUTPUT);
    codec_put_u32(&frame, stream);
    codec_put_u32(&frame, more);
    codec_put_u32(&frame, 0);
    size_t start = frame.length;
    text_append_clean(&frame, text, length);
    size_t size = frame.length - start, kept = size;
    if (size > output.room) {
        kept = text_cut(clean + start, size, (size_t)output.room);
        output.cut = true; /* nothing comes behind it, so a part needs no end either */
        count_word(size - kept, more);
        if (kept == 0)
            return;
    }
    uint32_t written = (uint32_t)kept;
    frame.length = start + kept;
    memcpy(clean + start - sizeof written, &written, sizeof written);
    codec_end(&frame, begun);
    output.room -= kept;
    output.elements_left -= !more;
    channel_send(output.wire_fd, frame.data, frame.length, -1, clock_after_ms(clock_now_ns(), 200));
}

/* Sends a valid text of any length as the first parts of an element. */
static void say_parts(uint32_t stream, const struct buf *text)
{
    for (size_t at = 0, step; at < text->length; at += step) {
        const char *part = (const char *)text->data + at;
        step = text_cut(part, text->length - at, OUTPUT_WORDS_BYTES);
        say(stream, part, step, true);
    }
}

/* The unfinished line that came out of the pipe, and what is still in the pipe. */
static void say_pipe(uint32_t stream)
{
    static char bytes[OUTPUT_WORDS_BYTES];
    bool open = output.lines[stream][1].text.length > 0;
    size_t held = output.raw[stream].length < 4 ? output.raw[stream].length : 0;
    ssize_t got;
    say_parts(stream, &output.lines[stream][1].text);
    if (held)
        memcpy(bytes, output.raw[stream].data, held);
    while ((got = read(output.pipes[stream - 1], bytes + held, sizeof bytes - held)) > 0) {
        char *newline;
        held += (size_t)got;
        while ((newline = memchr(bytes, '\n', held))) {
            say(stream, bytes, (size_t)(newline - bytes), false);
            open = false;
            held -= (size_t)(newline + 1 - bytes);
            memmove(bytes, newline + 1, held);
        }
        if (held == sizeof bytes) {
            size_t tail = text_cut_tail(bytes, held);
            say(stream, bytes, held - tail, true);
            open = true;
            memmove(bytes, bytes + held - tail, tail);
            held = tail;
        }
    }
    if (held || open)
        say(stream, bytes, held, false);
}

/* Another thread holds a lock for a moment only; but the crashed one may hold it too. */
static bool lock_soon(pthread_mutex_t *lock)
{
    for (int tries = 0; tries < 100; tries++) {
        if (pthread_mutex_trylock(lock) == 0)
            return true;
        usleep(1000);
    }
    return false;
}

void output_last_words(void)
{
    if (!lock_soon(&output.sending) || !lock_soon(&output.filling) || !output.open || output.lost)
        return;
    if (output.waiting.length && !output.waiting.failed)
        channel_send(output.wire_fd, output.waiting.data, output.waiting.length, -1,
                     clock_after_ms(clock_now_ns(), 200));
    for (uint32_t stream = 1; stream <= 2; stream++) {
        if (output.lines[stream][0].text.length) {
            say_parts(stream, &output.lines[stream][0].text);
            say(stream, "", 0, false);
        }
        say_pipe(stream);
    }
    if (output.cut) {
        uint8_t bytes[64];
        struct buf frame = {.data = bytes, .capacity = sizeof bytes, .maximum = sizeof bytes};
        put_cut(&frame);
        channel_send(output.wire_fd, frame.data, frame.length, -1,
                     clock_after_ms(clock_now_ns(), 200));
    }
}
