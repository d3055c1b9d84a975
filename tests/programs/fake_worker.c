/* SPDX-License-Identifier: Apache-2.0 */
/* fake_worker.c: a worker program that speaks the protocol and then breaks it.
 *
 * A scenario is a text "moment:fault" or "moment:fault:number". The template's comes as the engine's
 * environment, a sandbox's as its variable FAKE. Moments are warm, fork, reap, ready, execute and look.
 * At its moment the answer is made as it should be and then spoilt; faults that only an execution can
 * have are in fake_execute. Everything else is answered as a worker would. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "encode.h"
#include "wire/channel.h"

static struct {
    char moment[16], fault[32];
    long number;
} scenario;

/* The library makes an environment an absolute path: what is behind the last slash counts. */
static void set_scenario(struct wire_text text)
{
    for (size_t at = text.length; at > 0; at--) {
        if (text.data[at - 1] == '/') {
            text = (struct wire_text){text.data + at, text.length - at};
            break;
        }
    }
    char copy[128];
    snprintf(copy, sizeof copy, "%.*s", (int)(text.length < 120 ? text.length : 120), text.data);
    memset(&scenario, 0, sizeof scenario);
    sscanf(copy, "%15[^:]:%31[^:]:%ld", scenario.moment, scenario.fault, &scenario.number);
}

static bool is_moment(const char *moment)
{
    return strcmp(scenario.moment, moment) == 0;
}

static bool is_fault(const char *fault)
{
    return strcmp(scenario.fault, fault) == 0;
}

static void stand_still(void)
{
    for (;;)
        pause();
}

/* ---- Sending ---- */

static void send_with(int fd, const uint8_t *data, size_t size, const int *passed, int count)
{
    struct iovec part = {(void *)data, size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(16 * sizeof(int))] = {0};
    if (count > 0) {
        message.msg_control = control;
        message.msg_controllen = CMSG_SPACE((size_t)count * sizeof(int));
        struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
        memcpy(CMSG_DATA(rights), passed, (size_t)count * sizeof(int));
    }
    while (size > 0) {
        ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL);
        if (sent < 0)
            _exit(1); /* the host has had enough */
        data += sent;
        size -= (size_t)sent;
        part = (struct iovec){(void *)data, size};
        message.msg_control = NULL;
        message.msg_controllen = 0;
    }
}

static void send_plainly(int fd, const struct buf *frame, int passed)
{
    send_with(fd, frame->data, frame->length, &passed, passed >= 0);
}

static void put_header(uint8_t *at, uint32_t length, uint16_t kind, uint16_t zero)
{
    memcpy(at, &length, 4);
    memcpy(at + 4, &kind, 2);
    memcpy(at + 6, &zero, 2);
}

/* Sends another header than the frame's, and so much of its payload. */
static void send_header(int fd, const struct buf *frame, uint32_t length, uint16_t kind, uint16_t zero,
                        size_t payload)
{
    uint8_t bytes[512] = {0};
    size_t have = frame->length < sizeof bytes ? frame->length : sizeof bytes;
    memcpy(bytes, frame->data, have);
    put_header(bytes, length, kind, zero);
    send_with(fd, bytes, WIRE_HEADER_BYTES + payload, NULL, 0);
}

static void send_garbage(int fd)
{
    uint8_t bytes[4096];
    uint32_t state = 12345;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)((state = state * 1103515245 + 12345) >> 16);
    send_with(fd, bytes, sizeof bytes, NULL, 0);
}

static void send_slowly(int fd, const struct buf *frame, int passed)
{
    for (size_t i = 0; i < frame->length; i++) {
        send_with(fd, frame->data + i, 1, &passed, i == 0 && passed >= 0);
        usleep(200);
    }
}

/* Descriptors that nobody asked for: so many of /dev/null. */
static void send_descriptors(int fd, const struct buf *frame, int count)
{
    int passed[16] = {0};
    for (int i = 0; i < count; i++)
        passed[i] = open("/dev/null", O_RDWR | O_CLOEXEC);
    send_with(fd, frame->data, frame->length, passed, count);
    for (int i = 0; i < count; i++)
        close(passed[i]);
}

/* Spoils the header. True when the fault was one of these. */
static bool spoil_header(int fd, const struct buf *frame)
{
    uint16_t kind;
    memcpy(&kind, frame->data + 4, 2);
    uint32_t length = (uint32_t)(frame->length - WIRE_HEADER_BYTES);
    if (is_fault("huge"))
        send_header(fd, frame, UINT32_MAX, kind, 0, 0);
    else if (is_fault("too-long"))
        send_header(fd, frame, (uint32_t)wire_row(kind)->payload_bytes_max + 1, kind, 0, 0);
    else if (is_fault("reserved"))
        send_header(fd, frame, length, kind, 1, length);
    else if (is_fault("kind"))
        send_header(fd, frame, 0, (uint16_t)scenario.number, 0, 0);
    else if (is_fault("empty"))
        send_header(fd, frame, 0, kind, 0, 0);
    else if (is_fault("trailing"))
        send_header(fd, frame, length + 1, kind, 0, length + 1);
    else if (is_fault("short"))
        send_header(fd, frame, length - 1, kind, 0, length - 1);
    else
        return false;
    return true;
}

/* Answers at a moment, well or not. */
static void answer(const char *moment, int fd, const struct buf *frame, int passed)
{
    if (!is_moment(moment)) {
        send_plainly(fd, frame, passed);
    } else if (is_fault("die")) {
        _exit(0);
    } else if (is_fault("die-after")) {
        send_plainly(fd, frame, passed);
        _exit(0);
    } else if (is_fault("close")) {
        close(fd);
        stand_still();
    } else if (is_fault("silent")) {
        stand_still();
    } else if (is_fault("cut")) {
        size_t size = (size_t)scenario.number < frame->length ? (size_t)scenario.number : frame->length;
        send_with(fd, frame->data, size, &passed, passed >= 0 && size > 0);
        _exit(0);
    } else if (is_fault("half")) {
        send_with(fd, frame->data, frame->length / 2, &passed, passed >= 0);
        stand_still();
    } else if (is_fault("slow")) {
        send_slowly(fd, frame, passed);
    } else if (is_fault("garbage")) {
        send_garbage(fd);
    } else if (is_fault("twice")) {
        send_plainly(fd, frame, passed);
        send_plainly(fd, frame, passed);
    } else if (is_fault("descriptors")) {
        send_descriptors(fd, frame, (int)scenario.number);
    } else if (is_fault("no-descriptor")) {
        send_plainly(fd, frame, -1);
    } else if (!spoil_header(fd, frame)) {
        send_plainly(fd, frame, passed);
    }
}

/* ---- Executing ---- */

#include "fake_execute.h"

static void execute(int fd, const struct wire_execute *request)
{
    struct buf frame = {0};
    if (is_moment("execute") && fake_execute(fd, request))
        return;
    encode_output(&frame, 1, 0, "fake", 4);
    answer("output", fd, &frame, -1);
    buf_clear(&frame);
    encode_done(&frame, &(struct wire_done){.serial = request->serial}, NULL, NULL, NULL);
    answer("execute", fd, &frame, -1);
    buf_free(&frame);
}

static void look(int fd)
{
    struct buf frame = {0};
    struct encoded_list rows = {0};
    encode_dataframe(&rows, "df", is_moment("look") && is_fault("negative") ? -1 : 3, 2, 100);
    if (is_moment("look") && is_fault("count"))
        rows.count = (uint32_t)scenario.number;
    encode_looked(&frame, 0, &rows);
    answer("look", fd, &frame, -1);
    buf_free(&rows.items);
    buf_free(&frame);
}

static _Noreturn void be_sandbox(int fd, pid_t template)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != template)
        _exit(1);
    signal(WIRE_CANCEL_SIGNAL, SIG_IGN); /* it does not yield either */
    close(3);                            /* the template's */
    struct buf frame = {0};
    encode_empty(&frame, WIRE_READY);
    answer("ready", fd, &frame, -1);
    struct channel channel;
    channel_init(&channel, fd, WIRE_HOST);
    for (;;) {
        struct wire_frame asked;
        struct wire_execute request;
        if (is_moment("idle") && is_fault("die"))
            _exit(0);
        if (channel_receive_until(&channel, WIRE_IDLE, CLOCK_NEVER, &asked) != CHANNEL_FRAME)
            _exit(0);
        if (asked.kind == WIRE_LOOK)
            look(fd);
        else if (codec_execute(&asked, &request))
            execute(fd, &request);
    }
}

/* ---- The template ---- */

static void take_own_scenario(const struct wire_fork *request)
{
    struct wire_list env = request->env;
    struct wire_text item;
    set_scenario(encode_text("none:none"));
    while (codec_next_text(&env, &item))
        if (item.length > 5 && memcmp(item.data, "FAKE=", 5) == 0)
            set_scenario((struct wire_text){item.data + 5, item.length - 5});
}

static void do_fork(struct channel *channel, const struct wire_frame *asked)
{
    struct wire_fork request;
    int sandbox_fd = channel->received_fd;
    channel->received_fd = -1;
    if (!codec_fork(asked, &request))
        _exit(2);
    pid_t template = getpid(), pid = fork();
    if (pid == 0) {
        take_own_scenario(&request);
        be_sandbox(sandbox_fd, template);
    }
    close(sandbox_fd);
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    struct buf frame = {0};
    if (is_moment("fork") && is_fault("refuse")) {
        encode_refused(&frame, WIRE_NOT_FORKED, EAGAIN, "two\nlines of \x01 refusal");
        send_plainly(channel->fd, &frame, -1);
    } else {
        bool spoilt = is_moment("fork") && is_fault("pid");
        encode_forked(&frame, spoilt ? (int32_t)scenario.number : pid);
        answer("fork", channel->fd, &frame, pidfd);
    }
    close(pidfd);
    buf_free(&frame);
}

static void do_reap(int fd, const struct wire_frame *asked)
{
    int status = 0;
    struct wire_reap request;
    if (!codec_reap(asked, &request))
        _exit(2);
    bool found = waitpid(request.pid, &status, WNOHANG) == request.pid;
    struct buf frame = {0};
    encode_reaped(&frame, request.pid, found, status);
    if (is_moment("reap") && is_fault("number"))
        memcpy(frame.data + WIRE_HEADER_BYTES + 4, &scenario.number, 4);
    answer("reap", fd, &frame, -1);
    buf_free(&frame);
}

static void warm(int fd, const struct wire_warm *request)
{
    struct buf frame = {0};
    set_scenario(request->environment);
    if (is_moment("warm") && is_fault("refuse"))
        encode_refused(&frame, WIRE_NOT_WARMED, (uint32_t)scenario.number, "refused by \xc3\xa4 fake");
    else
        encode_warmed(&frame);
    answer("warm", fd, &frame, -1);
    buf_free(&frame);
}

int main(void)
{
    struct channel channel;
    struct wire_frame asked;
    struct wire_warm request;
    setsid();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    channel_init(&channel, 3, WIRE_HOST);
    if (channel_receive_until(&channel, WIRE_WARMING, CLOCK_NEVER, &asked) != CHANNEL_FRAME ||
        !codec_warm(&asked, &request))
        return 2;
    warm(3, &request);
    while (channel_receive_until(&channel, WIRE_SERVING, CLOCK_NEVER, &asked) == CHANNEL_FRAME) {
        if (asked.kind == WIRE_FORK)
            do_fork(&channel, &asked);
        else
            do_reap(3, &asked);
    }
    return 0;
}
