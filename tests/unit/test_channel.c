/* SPDX-License-Identifier: Apache-2.0 */
/* test_channel.c: frames over a socket, in any pieces, with descriptors beside them. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "encode.h"
#include "wire/channel.h"

static int far; /* the peer's end */
static struct channel channel;

static int open_pair(void **state)
{
    (void)state;
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return -1;
    far = ends[1];
    channel_init(&channel, ends[0], WIRE_SANDBOX);
    return 0;
}

static int close_pair(void **state)
{
    (void)state;
    channel_free(&channel);
    close(channel.fd);
    if (far >= 0)
        close(far);
    return 0;
}

static struct buf output_frame(const char *text)
{
    struct buf frame = {0};
    encode_output(&frame, 1, 0, text, strlen(text));
    return frame;
}

static void put(const struct buf *bytes)
{
    assert_int_equal(write(far, bytes->data, bytes->length), bytes->length);
}

static enum channel_state receive(struct wire_frame *frame)
{
    return channel_receive(&channel, WIRE_EXECUTING, false, frame);
}

static void assert_output(const struct wire_frame *frame, const char *text)
{
    struct wire_output output;
    assert_int_equal(frame->kind, WIRE_OUTPUT);
    assert_true(codec_output(frame, &output));
    assert_int_equal(output.text.length, strlen(text));
    assert_memory_equal(output.text.data, text, output.text.length);
}

/* ---- Pieces ---- */

static void a_frame_arrives_in_any_pieces(void **state)
{
    (void)state;
    struct buf bytes = output_frame("hello");
    for (size_t cut = 0; cut <= bytes.length; cut++) {
        struct wire_frame frame;
        assert_int_equal(write(far, bytes.data, cut), cut);
        if (cut < bytes.length) {
            assert_int_equal(receive(&frame), CHANNEL_AGAIN);
            assert_int_equal(write(far, bytes.data + cut, bytes.length - cut), bytes.length - cut);
        }
        assert_int_equal(receive(&frame), CHANNEL_FRAME);
        assert_output(&frame, "hello");
        assert_int_equal(receive(&frame), CHANNEL_AGAIN);
    }
    buf_free(&bytes);
}

static void many_frames_arrive_at_once(void **state)
{
    (void)state;
    struct buf all = {0};
    char text[32];
    for (int i = 0; i < 500; i++) {
        snprintf(text, sizeof text, "%d", i);
        encode_output(&all, 1, 0, text, strlen(text));
    }
    put(&all);
    for (int i = 0; i < 500; i++) {
        struct wire_frame frame;
        snprintf(text, sizeof text, "%d", i);
        enum channel_state got;
        while ((got = receive(&frame)) == CHANNEL_AGAIN)
            continue; /* a read brings a part of them */
        assert_int_equal(got, CHANNEL_FRAME);
        assert_output(&frame, text);
    }
    buf_free(&all);
}

static void a_large_frame_arrives_and_its_buffer_is_given_back(void **state)
{
    (void)state;
    static char text[LIMIT_OUTPUT_FRAME_BYTES + 1];
    memset(text, 'x', sizeof text - 1);
    struct buf bytes = output_frame(text);
    struct wire_frame frame;
    size_t sent = 0;
    enum channel_state got = CHANNEL_AGAIN;
    while (got == CHANNEL_AGAIN) {
        size_t step = bytes.length - sent < 10000 ? bytes.length - sent : 10000;
        assert_int_equal(write(far, bytes.data + sent, step), step);
        sent += step;
        got = receive(&frame);
    }
    assert_int_equal(got, CHANNEL_FRAME);
    assert_output(&frame, text);
    assert_true(channel.in.capacity > LIMIT_OUTPUT_FRAME_BYTES);
    channel_trim(&channel);
    assert_int_equal(channel.in.capacity, 0);
    buf_free(&bytes);
    bytes = output_frame("after it");
    put(&bytes);
    assert_int_equal(receive(&frame), CHANNEL_FRAME);
    assert_output(&frame, "after it");
    buf_free(&bytes);
}

static void trimming_keeps_what_is_not_read_yet(void **state)
{
    (void)state;
    struct buf bytes = {0};
    static char text[100000];
    memset(text, 'y', sizeof text);
    encode_output(&bytes, 1, 0, text, sizeof text);
    encode_output(&bytes, 1, 0, "rest", 4);
    struct wire_frame frame;
    put(&bytes);
    while (receive(&frame) == CHANNEL_AGAIN)
        continue;
    channel_trim(&channel);
    assert_int_equal(receive(&frame), CHANNEL_FRAME);
    assert_output(&frame, "rest");
    buf_free(&bytes);
}

/* ---- Ends and faults ---- */

static void the_end_comes_after_what_was_sent(void **state)
{
    (void)state;
    struct buf bytes = output_frame("last");
    struct wire_frame frame;
    put(&bytes);
    close(far);
    far = -1;
    assert_int_equal(receive(&frame), CHANNEL_FRAME);
    assert_output(&frame, "last");
    assert_int_equal(receive(&frame), CHANNEL_CLOSED);
    buf_free(&bytes);
}

static void an_end_within_a_frame_is_an_end(void **state)
{
    (void)state;
    struct buf bytes = output_frame("cut");
    struct wire_frame frame;
    bytes.length -= 1;
    put(&bytes);
    close(far);
    far = -1;
    assert_int_equal(receive(&frame), CHANNEL_AGAIN);
    assert_int_equal(receive(&frame), CHANNEL_CLOSED);
    buf_free(&bytes);
}

static void a_header_that_may_not_come_is_garbage_at_once(void **state)
{
    (void)state;
    struct buf bytes = {0};
    struct wire_frame frame;
    encode_empty(&bytes, WIRE_READY); /* of another phase */
    put(&bytes);
    assert_int_equal(receive(&frame), CHANNEL_GARBAGE);
    buf_free(&bytes);
}

static void waiting_ends_at_its_deadline(void **state)
{
    (void)state;
    struct wire_frame frame;
    uint64_t before_ns = clock_now_ns();
    enum channel_state got =
        channel_receive_until(&channel, WIRE_EXECUTING, clock_after_ms(before_ns, 50), &frame);
    assert_int_equal(got, CHANNEL_AGAIN);
    assert_in_range(clock_now_ns() - before_ns, 50 * CLOCK_MS, 1000 * CLOCK_MS);
}

/* ---- Descriptors ---- */

static void send_with_descriptors(const struct buf *bytes, int count)
{
    int fds[8];
    struct iovec part = {bytes->data, bytes->length};
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof fds)] = {0};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control,
                             .msg_controllen = CMSG_SPACE((size_t)count * sizeof(int))};
    struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
    for (int i = 0; i < count; i++)
        fds[i] = far;
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
    memcpy(CMSG_DATA(rights), fds, (size_t)count * sizeof(int));
    assert_int_equal(sendmsg(far, &message, 0), bytes->length);
}

static int open_descriptors(void)
{
    int count = 0;
    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static void an_announced_descriptor_is_taken_close_on_exec(void **state)
{
    (void)state;
    struct buf bytes = {0};
    struct wire_frame frame;
    channel.peer = WIRE_TEMPLATE;
    encode_forked(&bytes, 5);
    send_with_descriptors(&bytes, 1);
    assert_int_equal(channel_receive(&channel, WIRE_SERVING, false, &frame), CHANNEL_FRAME);
    assert_true(channel.received_fd >= 0);
    assert_true(fcntl(channel.received_fd, F_GETFD) & FD_CLOEXEC);
    buf_free(&bytes);
}

static void a_missing_descriptor_is_garbage(void **state)
{
    (void)state;
    struct buf bytes = {0};
    struct wire_frame frame;
    channel.peer = WIRE_TEMPLATE;
    encode_forked(&bytes, 5);
    put(&bytes);
    assert_int_equal(channel_receive(&channel, WIRE_SERVING, false, &frame), CHANNEL_GARBAGE);
    buf_free(&bytes);
}

/* The kernel hands out in one read what was sent before it, and the descriptor with that. */
static void a_descriptor_belongs_to_the_frame_that_announces_it(void **state)
{
    (void)state;
    struct buf first = {0}, second = {0};
    struct wire_frame frame;
    channel.peer = WIRE_TEMPLATE;
    codec_end(&first, codec_begin(&first, WIRE_ADOPTED));
    encode_forked(&second, 5);
    put(&first);
    put(&first);
    send_with_descriptors(&second, 1);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(channel_receive(&channel, WIRE_SERVING, false, &frame), CHANNEL_FRAME);
        assert_int_equal(frame.kind, WIRE_ADOPTED);
    }
    assert_int_equal(channel_receive(&channel, WIRE_SERVING, false, &frame), CHANNEL_FRAME);
    assert_int_equal(frame.kind, WIRE_FORKED);
    assert_true(channel.received_fd >= 0);
    buf_free(&first);
    buf_free(&second);
}

static void descriptors_that_nobody_asked_for_are_garbage_and_closed(void **state)
{
    (void)state;
    int before = open_descriptors();
    for (int count = 1; count <= 8; count++) {
        struct buf bytes = output_frame("with a gift");
        struct wire_frame frame;
        send_with_descriptors(&bytes, count);
        assert_int_equal(receive(&frame), CHANNEL_GARBAGE);
        channel_free(&channel);
        channel_init(&channel, channel.fd, WIRE_SANDBOX);
        assert_int_equal(open_descriptors(), before);
        buf_free(&bytes);
    }
}

static void a_descriptor_that_there_is_no_room_for_is_told_apart(void **state)
{
    (void)state;
    struct buf bytes = {0};
    struct wire_frame frame;
    struct rlimit before, none;
    channel.peer = WIRE_TEMPLATE;
    encode_forked(&bytes, 5);
    send_with_descriptors(&bytes, 1);
    getrlimit(RLIMIT_NOFILE, &before);
    none = (struct rlimit){3, before.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
    enum channel_state got = channel_receive(&channel, WIRE_SERVING, false, &frame);
    setrlimit(RLIMIT_NOFILE, &before);
    assert_int_equal(got, CHANNEL_FRAME);
    assert_int_equal(channel.received_fd, -1);
    assert_int_equal(channel_receive(&channel, WIRE_SERVING, false, &frame), CHANNEL_AGAIN);
    send_with_descriptors(&bytes, 1);
    assert_int_equal(channel_receive(&channel, WIRE_SERVING, false, &frame), CHANNEL_FRAME);
    assert_true(channel.received_fd >= 0);
    buf_free(&bytes);
}

/* ---- Sending ---- */

static void sending_to_nobody_is_an_error_and_no_signal(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_DFL);
    close(far);
    far = -1;
    assert_int_equal(channel_send(channel.fd, "x", 1, -1, CLOCK_NEVER), -1);
    assert_int_equal(errno, EPIPE);
}

static void sending_to_who_does_not_read_ends_at_its_deadline(void **state)
{
    (void)state;
    static char bytes[4 << 20];
    uint64_t before_ns = clock_now_ns();
    int sent = channel_send(channel.fd, bytes, sizeof bytes, -1, clock_after_ms(before_ns, 50));
    assert_int_equal(sent, -1);
    assert_int_equal(errno, ETIMEDOUT);
    assert_in_range(clock_now_ns() - before_ns, 50 * CLOCK_MS, 1000 * CLOCK_MS);
}

static void a_sent_descriptor_arrives_once(void **state)
{
    (void)state;
    struct buf bytes = {0};
    struct channel other;
    struct wire_frame frame;
    encode_forked(&bytes, 9);
    encode_reaped(&bytes, 9, 1, 0);
    assert_int_equal(channel_send(channel.fd, bytes.data, bytes.length, 0, CLOCK_NEVER), 0);
    channel_init(&other, far, WIRE_TEMPLATE);
    assert_int_equal(channel_receive(&other, WIRE_SERVING, true, &frame), CHANNEL_FRAME);
    assert_int_equal(frame.kind, WIRE_FORKED);
    assert_true(other.received_fd >= 0);
    close(other.received_fd);
    other.received_fd = -1;
    assert_int_equal(channel_receive(&other, WIRE_SERVING, true, &frame), CHANNEL_FRAME);
    assert_int_equal(frame.kind, WIRE_REAPED);
    assert_int_equal(other.received_fd, -1);
    channel_free(&other);
    buf_free(&bytes);
}

int main(void)
{
#define PAIR(function) cmocka_unit_test_setup_teardown(function, open_pair, close_pair)
    static const struct CMUnitTest tests[] = {
        PAIR(a_frame_arrives_in_any_pieces),
        PAIR(many_frames_arrive_at_once),
        PAIR(a_large_frame_arrives_and_its_buffer_is_given_back),
        PAIR(trimming_keeps_what_is_not_read_yet),
        PAIR(the_end_comes_after_what_was_sent),
        PAIR(an_end_within_a_frame_is_an_end),
        PAIR(a_header_that_may_not_come_is_garbage_at_once),
        PAIR(waiting_ends_at_its_deadline),
        PAIR(an_announced_descriptor_is_taken_close_on_exec),
        PAIR(a_missing_descriptor_is_garbage),
        PAIR(a_descriptor_belongs_to_the_frame_that_announces_it),
        PAIR(descriptors_that_nobody_asked_for_are_garbage_and_closed),
        PAIR(a_descriptor_that_there_is_no_room_for_is_told_apart),
        PAIR(sending_to_nobody_is_an_error_and_no_signal),
        PAIR(sending_to_who_does_not_read_ends_at_its_deadline),
        PAIR(a_sent_descriptor_arrives_once),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
