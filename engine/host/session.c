/* SPDX-License-Identifier: Apache-2.0 */
/* session.c: having a sandbox save its variables into a file, and bring them back.
 *
 * The host makes and syncs the file and never reads more of it than its header: pickles are for
 * sandboxes alone. What the sandbox answers is checked like all that comes from one. */
#include "host/session.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "host/error.h"
#include "host/session_report.h"
#include "wire/codec.h"
#include "wire/session_format.h"

enum {
    SESSION_STEP_MS = 100, /* between two pushes of what was written towards the disk */
    SESSION_AGAIN_MS = 500, /* between two interrupts */
    SESSION_GRACE_MS = 5000, /* for code to yield to one, at most */
};

/* ---- Asking ---- */

struct question {
    clutch_sandbox *sandbox;
    const char *what; /* "saved", "restored" */
    unsigned phase;
    int fd;
    uint64_t timeout_ms;
    bool writes;
};

static void interrupt(const clutch_sandbox *sandbox)
{
    siginfo_t about = {.si_signo = WIRE_CANCEL_SIGNAL, .si_code = SI_QUEUE};
    about.si_value.sival_int = (int)WIRE_KEEP_SERIAL;
    if (sandbox->process.pidfd >= 0)
        syscall(SYS_pidfd_send_signal, sandbox->process.pidfd, WIRE_CANCEL_SIGNAL, &about, 0);
}

/* One answer, or CHANNEL_AGAIN at the deadline. Output is dropped. While the sandbox writes, the disk is
 * set to work, so that a sync afterwards has little left to do. */
static enum channel_state await(const struct question *question, uint64_t deadline_ns,
                                uint64_t step_ms, bool again, struct wire_frame *frame)
{
    struct channel *channel = &question->sandbox->process.channel;
    for (;;) {
        uint64_t step_ns = clock_after_ms(clock_now_ns(), step_ms);
        enum channel_state state = channel_receive_until(
            channel, question->phase, step_ns < deadline_ns ? step_ns : deadline_ns, frame);
        bool output = state == CHANNEL_FRAME && (frame->kind == WIRE_OUTPUT || frame->kind == WIRE_CUT);
        if (state != CHANNEL_AGAIN && !output)
            return state;
        if (clock_now_ns() >= deadline_ns)
            return CHANNEL_AGAIN;
        if (again && !output)
            interrupt(question->sandbox);
        if (question->writes && !output)
            sync_file_range(question->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
    }
}

static int end_sandbox(const struct question *question, int code, const char *why, clutch_error *error)
{
    int ignored;
    sandbox_bury(question->sandbox, &ignored);
    return error_set(error, code, 0, "sandbox %s %s while its variables were being %s",
                     question->sandbox->id, why, question->what);
}

static int ask(const struct question *question, const struct buf *message, struct wire_frame *frame,
               clutch_error *error)
{
    clutch_sandbox *sandbox = question->sandbox;
    if (message->failed)
        return error_memory(error);
    uint64_t deadline_ns = clock_after_ms(clock_now_ns(), question->timeout_ms);
    enum channel_state state = CHANNEL_CLOSED;
    if (channel_send(sandbox->process.channel.fd, message->data, message->length, question->fd,
                     deadline_ns) == 0)
        state = await(question, deadline_ns, SESSION_STEP_MS, false, frame);
    else if (errno == ETIMEDOUT)
        state = CHANNEL_AGAIN;
    if (state == CHANNEL_AGAIN) {
        uint64_t grace_ms = sandbox->limits.grace_ms < SESSION_GRACE_MS ? sandbox->limits.grace_ms
                                                                            : SESSION_GRACE_MS;
        interrupt(sandbox);
        state = await(question, clock_after_ms(clock_now_ns(), grace_ms), SESSION_AGAIN_MS, true, frame);
    }
    if (state == CHANNEL_FRAME)
        return 0;
    if (state == CHANNEL_AGAIN)
        return end_sandbox(question, CLUTCH_E_TIMEOUT, "did not yield and was killed", error);
    if (state == CHANNEL_CLOSED)
        return end_sandbox(question, CLUTCH_E_ENDED, "ended", error);
    if (state == CHANNEL_FAILED && errno == ENOMEM) {
        end_sandbox(question, CLUTCH_E_MEMORY, "was ended", NULL);
        return error_memory(error);
    }
    return end_sandbox(question, CLUTCH_E_PROTOCOL, "broke the protocol and was ended", error);
}

static bool is_disk_fault(int error)
{
    return error == ENOSPC || error == EIO || error == EROFS || error == EDQUOT;
}

/* The sandbox says that it could not. */
static int refuse(const struct question *question, const struct wire_not_kept *answer,
                  clutch_error *error)
{
    const char *id = question->sandbox->id, *what = question->what;
    int length = (int)answer->message.length;
    const char *message = answer->message.data;
    switch (answer->fault) {
    case WIRE_KEEP_DAMAGED:
        return error_set(error, CLUTCH_E_DAMAGED, 0, "the saved variables of sandbox %s are damaged: %.*s",
                         id, length, message);
    case WIRE_KEEP_NEWER:
        return error_set(error, CLUTCH_E_NEWER, 0,
                         "the variables of sandbox %s were saved by a newer clutch: %.*s", id, length,
                         message);
    case WIRE_KEEP_INTERRUPTED:
        return error_set(error, CLUTCH_E_TIMEOUT, 0,
                         "the variables of sandbox %s were not %s within %llu ms: allow more time", id,
                         what, (unsigned long long)question->timeout_ms);
    default:
        return error_set(error, is_disk_fault((int)answer->error) ? CLUTCH_E_DISK : CLUTCH_E_STATE,
                         (int)answer->error, "the variables of sandbox %s cannot be %s: %.*s", id, what,
                         length, message);
    }
}

/* Asks, and makes a report of the answer. */
static int keep(const struct question *question, const struct buf *message, enum wire_kind fine,
                clutch_session_report **out, clutch_error *error)
{
    uint64_t began_ns = clock_now_ns();
    struct wire_frame frame;
    int code = ask(question, message, &frame, error);
    if (code)
        return code;
    struct wire_kept kept;
    struct wire_not_kept not_kept;
    if (frame.kind != fine && codec_not_kept(&frame, &not_kept))
        code = refuse(question, &not_kept, error);
    else if (frame.kind != fine || !codec_kept(&frame, &kept))
        code = CLUTCH_E_PROTOCOL;
    else
        code = session_report_make(&kept, out);
    if (frame.kind == fine && code == CLUTCH_E_PROTOCOL)
        return end_sandbox(question, code, "broke the protocol and was ended", error);
    channel_trim(&question->sandbox->process.channel);
    if (code == 0)
        (*out)->took_ns = clock_now_ns() - began_ns;
    return code == CLUTCH_E_MEMORY ? error_memory(error) : code;
}

int session_save(clutch_sandbox *sandbox, int fd, int level, uint64_t timeout_ms,
                 clutch_session_report **out, clutch_error *error)
{
    struct buf message = {0};
    size_t begun = codec_begin(&message, WIRE_SAVE);
    codec_put_u64(&message, sandbox->serial);
    codec_put_u32(&message, (uint32_t)level);
    codec_end(&message, begun);
    struct question question = {sandbox, "saved", WIRE_SAVING, fd, timeout_ms, true};
    clutch_session_report *report = NULL;
    int code = keep(&question, &message, WIRE_SAVED, &report, error);
    buf_free(&message);
    /* A sandbox that says it has saved may have written anything, or nothing. */
    if (code == 0)
        code = session_check(fd, error);
    if (code)
        clutch_session_report_free(report);
    else
        *out = report;
    return code;
}

int session_restore(clutch_sandbox *sandbox, int fd, uint64_t timeout_ms,
                    clutch_session_report **out, clutch_error *error)
{
    struct buf message = {0};
    codec_end(&message, codec_begin(&message, WIRE_RESTORE));
    struct question question = {sandbox, "restored", WIRE_RESTORING, fd, timeout_ms, false};
    int code = keep(&question, &message, WIRE_RESTORED, out, error);
    buf_free(&message);
    return code;
}

int session_check(int fd, clutch_error *error)
{
    struct session_header header;
    struct stat about;
    ssize_t got = pread(fd, &header, sizeof header, 0);
    if (got < 0 || fstat(fd, &about) != 0)
        return error_set(error, CLUTCH_E_DISK, errno, "saved variables cannot be read");
    const char *what;
    switch (session_format_check(&header, (size_t)got, (uint64_t)about.st_size, &what)) {
    case SESSION_FINE:
        return 0;
    case SESSION_NEWER:
        return error_set(error, CLUTCH_E_NEWER, 0, "saved variables have format %u, and up to %u is known",
                         header.preamble.version, SESSION_VERSION);
    default:
        return error_set(error, CLUTCH_E_DAMAGED, 0, "saved variables are damaged: %s", what);
    }
}
