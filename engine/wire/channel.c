/* SPDX-License-Identifier: Apache-2.0 */
/* channel.c: frames over a stream socket, with descriptors beside them. */
#include "wire/channel.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "wire/codec.h"

enum {
    CHANNEL_CHUNK_BYTES = 16 * 1024, /* what one read asks for at least */
    CHANNEL_KEEP_BYTES = 16 * 1024,  /* a larger buffer is not kept by an idle channel */
    CHANNEL_FDS_MAX = 4,             /* descriptors taken from one read; surplus ones are closed */
};

void channel_init(struct channel *channel, int fd, enum wire_sender peer)
{
    *channel = (struct channel){.fd = fd, .peer = peer, .received_fd = -1};
}

void channel_free(struct channel *channel)
{
    buf_free(&channel->in);
    if (channel->received_fd >= 0)
        close(channel->received_fd);
    channel->received_fd = -1;
    channel->start = channel->used = 0;
}

void channel_trim(struct channel *channel)
{
    if (channel->in.length == channel->start + channel->used &&
        channel->in.capacity > CHANNEL_KEEP_BYTES) {
        buf_free(&channel->in);
        channel->start = channel->used = 0;
    }
}

/* Takes the descriptors that came with a message. False when there is more than one. When the kernel
 * cut the message and delivered none, this process has reached its limit of descriptors. */
static bool take_fds(struct channel *channel, struct msghdr *message)
{
    bool cut = message->msg_flags & MSG_CTRUNC, fine = true;
    if (cut && !CMSG_FIRSTHDR(message) && channel->received_fd < 0 && !channel->lost_fd) {
        channel->lost_fd = true;
        return true;
    }
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
            if (channel->received_fd < 0 && !channel->lost_fd) {
                channel->received_fd = fd;
            } else {
                close(fd);
                fine = false;
            }
        }
    }
    return fine && !cut;
}

/* One read. room is what the frame still lacks. */
static enum channel_state read_some(struct channel *channel, size_t room, bool wait)
{
    size_t size = room > CHANNEL_CHUNK_BYTES ? room : CHANNEL_CHUNK_BYTES;
    uint8_t *data = buf_reserve(&channel->in, size);
    if (!data) {
        channel->in.failed = false;
        errno = ENOMEM;
        return CHANNEL_FAILED;
    }
    struct iovec part = {data, size};
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(CHANNEL_FDS_MAX * sizeof(int))];
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    ssize_t got = recvmsg(channel->fd, &message, MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
    if (got < 0) {
        if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
            return CHANNEL_AGAIN;
        return errno == ECONNRESET ? CHANNEL_CLOSED : CHANNEL_FAILED;
    }
    if (!take_fds(channel, &message))
        return CHANNEL_GARBAGE;
    if (got == 0)
        return CHANNEL_CLOSED;
    channel->in.length += (size_t)got;
    return CHANNEL_FRAME;
}

/* Hands out a frame that is whole in the buffer; otherwise sets *lacks to the bytes it needs yet. */
static enum channel_state parse(struct channel *channel, unsigned phase, struct wire_frame *out,
                                size_t *lacks)
{
    struct wire_header header;
    const uint8_t *data = channel->in.data + channel->start;
    size_t length = channel->in.length - channel->start;
    if (length < WIRE_HEADER_BYTES) {
        *lacks = WIRE_HEADER_BYTES - length;
        return CHANNEL_AGAIN;
    }
    if (!codec_header(data, channel->peer, phase, &header))
        return CHANNEL_GARBAGE;
    size_t whole = WIRE_HEADER_BYTES + (size_t)header.length;
    if (length < whole) {
        *lacks = whole - length;
        return CHANNEL_AGAIN;
    }
    /* One read may bring frames without a descriptor and, as its last, the beginning of one that has it. */
    bool announced = wire_row(header.kind)->fds == 1, is_last = length == whole;
    bool held = channel->received_fd >= 0 || channel->lost_fd;
    if (announced ? !held : held && is_last)
        return CHANNEL_GARBAGE;
    if (announced)
        channel->lost_fd = false;
    *out = (struct wire_frame){header.kind, data + WIRE_HEADER_BYTES, header.length};
    channel->used = whole;
    return CHANNEL_FRAME;
}

enum channel_state channel_receive(struct channel *channel, unsigned phase, bool wait,
                                   struct wire_frame *out)
{
    channel->start += channel->used;
    channel->used = 0;
    size_t lacks = WIRE_HEADER_BYTES;
    enum channel_state state = CHANNEL_AGAIN;
    if (channel->start < channel->in.length)
        state = parse(channel, phase, out, &lacks);
    if (state != CHANNEL_AGAIN)
        return state;
    buf_consume(&channel->in, channel->start);
    channel->start = 0;
    state = read_some(channel, lacks, wait);
    return state == CHANNEL_FRAME ? parse(channel, phase, out, &lacks) : state;
}

enum channel_state channel_receive_until(struct channel *channel, unsigned phase,
                                         uint64_t deadline_ns, struct wire_frame *out)
{
    for (;;) {
        enum channel_state state = channel_receive(channel, phase, false, out);
        if (state != CHANNEL_AGAIN)
            return state;
        uint64_t now_ns = clock_now_ns();
        if (now_ns >= deadline_ns)
            return CHANNEL_AGAIN;
        struct pollfd waiting = {channel->fd, POLLIN, 0};
        if (poll(&waiting, 1, clock_poll_ms(deadline_ns, now_ns)) < 0 && errno != EINTR)
            return CHANNEL_FAILED;
    }
}

/* Waits until fd can be written to. */
static int wait_writable(int fd, uint64_t deadline_ns)
{
    for (;;) {
        uint64_t now_ns = clock_now_ns();
        if (now_ns >= deadline_ns) {
            errno = ETIMEDOUT;
            return -1;
        }
        struct pollfd waiting = {fd, POLLOUT, 0};
        int ready = poll(&waiting, 1, clock_poll_ms(deadline_ns, now_ns));
        if (ready > 0)
            return 0;
        if (ready < 0 && errno != EINTR)
            return -1;
    }
}

int channel_send(int fd, const void *data, size_t size, int passed_fd, uint64_t deadline_ns)
{
    const uint8_t *at = data;
    while (size > 0) {
        struct iovec part = {(void *)at, size};
        struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
        _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {0};
        if (passed_fd >= 0) {
            message.msg_control = control;
            message.msg_controllen = sizeof control;
            struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
            rights->cmsg_level = SOL_SOCKET;
            rights->cmsg_type = SCM_RIGHTS;
            rights->cmsg_len = CMSG_LEN(sizeof(int));
            memcpy(CMSG_DATA(rights), &passed_fd, sizeof passed_fd);
        }
        ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            if (wait_writable(fd, deadline_ns) != 0)
                return -1;
            continue;
        }
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return -1;
        passed_fd = -1;
        at += sent;
        size -= (size_t)sent;
    }
    return 0;
}
