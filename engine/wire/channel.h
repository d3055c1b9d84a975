/* SPDX-License-Identifier: Apache-2.0 */
/* channel.h: frames over a stream socket, with descriptors beside them. */
#ifndef CLUTCH_WIRE_CHANNEL_H
#define CLUTCH_WIRE_CHANNEL_H

#include "wire/message.h"

/* One end of a connection. The receive buffer grows to the largest frame that came and is given back
 * by channel_trim. Not thread-safe. */
struct channel {
    int fd;                  /* owned by whoever made the channel */
    enum wire_sender peer;   /* who may send to us here */
    struct buf in;
    size_t start;            /* where in `in` the last frame handed out begins */
    size_t used;             /* and how long it is */
    int received_fd;         /* a descriptor that came with the last bytes, or -1; owned */
    bool lost_fd;            /* one came that could not be taken: this process has no more room for any */
};

enum channel_state {
    CHANNEL_FRAME = 1,    /* a frame was handed out, borrowed until the next call */
    CHANNEL_AGAIN = 0,    /* nothing complete yet */
    CHANNEL_CLOSED = -1,  /* the peer is gone */
    CHANNEL_GARBAGE = -2, /* the peer broke the protocol */
    CHANNEL_FAILED = -3,  /* our own fault: errno, such as ENOMEM */
};

void channel_init(struct channel *channel, int fd, enum wire_sender peer);

/* Frees the buffer and a descriptor that nobody took; does not close channel->fd. */
void channel_free(struct channel *channel);

/* Gives back the receive buffer when it holds nothing. */
void channel_trim(struct channel *channel);

/* Hands out the next frame that is allowed in phase. Reads at most once from the socket; with wait it
 * blocks for that. A descriptor that neither the frame's row nor that of one behind it in the same read
 * announces is garbage. A frame whose descriptor was lost is handed out with received_fd -1: that is no
 * fault of the peer's. */
enum channel_state channel_receive(struct channel *channel, unsigned phase, bool wait,
                                   struct wire_frame *out);

/* Like channel_receive but waits until a frame is whole or deadline_ns (see clock.h) has passed,
 * which gives CHANNEL_AGAIN. */
enum channel_state channel_receive_until(struct channel *channel, unsigned phase,
                                         uint64_t deadline_ns, struct wire_frame *out);

/* Sends all of data, with a descriptor beside it unless passed_fd is -1. Returns 0, or -1 with
 * errno: ETIMEDOUT after deadline_ns, EPIPE when the peer is gone. Never raises SIGPIPE. */
int channel_send(int fd, const void *data, size_t size, int passed_fd, uint64_t deadline_ns);

#endif
