/* SPDX-License-Identifier: Apache-2.0 */
/* message.h: the messages between the host and its workers, as one table, and what each carries.
 *
 * A message is a frame: a header of 8 bytes (payload length, number, zero; native byte order, since
 * both ends are one machine) and a payload. Two kinds of channel use them, both stream sockets:
 * host - template, one per engine, ask and answer; and host - sandbox, one per sandbox. Even numbers ask, odd
 * numbers answer; PARK, EXPECT, FORGET, WAKE and PLACED have no answer. */
#ifndef CLUTCH_WIRE_MESSAGE_H
#define CLUTCH_WIRE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/limits.h"

/* Both ends must have been built from the same table. */
#define WIRE_VERSION 5

enum wire_sender { WIRE_HOST = 1, WIRE_TEMPLATE = 2, WIRE_SANDBOX = 3 };

/* When the receiver accepts a message; bits, so that a row may name several. */
enum wire_phase {
    WIRE_WARMING = 1,   /* the template is starting */
    WIRE_SERVING = 2,   /* the template waits for the host */
    WIRE_STARTING = 4,  /* a sandbox was forked and is setting itself up */
    WIRE_IDLE = 8,      /* a sandbox waits for the host */
    WIRE_EXECUTING = 16,
    WIRE_LOOKING = 32,
    WIRE_SAVING = 64,
    WIRE_RESTORING = 128,
    WIRE_CLONING = 256,
};

/* User code may print in any of them; what it prints while it is saved goes nowhere. */
#define WIRE_TALKING (WIRE_EXECUTING | WIRE_SAVING | WIRE_RESTORING)

/* X(number, NAME, sender, phases, largest payload, descriptors) */
#define WIRE_MESSAGES(X)                                                                           \
    X(2, WARM, WIRE_HOST, WIRE_WARMING, LIMIT_SETUP_BYTES, 0)                                      \
    X(3, WARMED, WIRE_TEMPLATE, WIRE_WARMING, 64 * LIMIT_KIB, 0)                                   \
    X(5, NOT_WARMED, WIRE_TEMPLATE, WIRE_WARMING, 64 * LIMIT_KIB, 0)                               \
    X(6, FORK, WIRE_HOST, WIRE_SERVING, LIMIT_SETUP_BYTES, 1)                                      \
    X(7, FORKED, WIRE_TEMPLATE, WIRE_SERVING, 256, 1)                                              \
    X(9, NOT_FORKED, WIRE_TEMPLATE, WIRE_SERVING, 4 * LIMIT_KIB, 0)                                \
    X(10, REAP, WIRE_HOST, WIRE_SERVING, 256, 0)                                                   \
    X(11, REAPED, WIRE_TEMPLATE, WIRE_SERVING, 256, 0)                                             \
    X(46, FORGET, WIRE_HOST, WIRE_SERVING, 256, 0)                                                 \
    X(13, READY, WIRE_SANDBOX, WIRE_STARTING, 256, 0)                                              \
    X(23, READY_DISK, WIRE_SANDBOX, WIRE_STARTING, 256, 1)                                         \
    X(15, NOT_READY, WIRE_SANDBOX, WIRE_STARTING, 4 * LIMIT_KIB, 0)                                \
    X(16, EXECUTE, WIRE_HOST, WIRE_IDLE, LIMIT_CODE_BYTES_MAX + 16 * LIMIT_KIB, 0)                 \
    X(17, OUTPUT, WIRE_SANDBOX, WIRE_TALKING, LIMIT_OUTPUT_FRAME_BYTES + 64, 0)                    \
    X(25, CUT, WIRE_SANDBOX, WIRE_TALKING, 256, 0)                                                 \
    X(19, DONE, WIRE_SANDBOX, WIRE_EXECUTING, LIMIT_DONE_BYTES, 0)                                 \
    X(20, LOOK, WIRE_HOST, WIRE_IDLE, 256, 0)                                                      \
    X(21, LOOKED, WIRE_SANDBOX, WIRE_LOOKING, LIMIT_DONE_BYTES, 0)                                 \
    X(26, SAVE, WIRE_HOST, WIRE_IDLE, 256, 1)                                                      \
    X(27, SAVED, WIRE_SANDBOX, WIRE_SAVING, LIMIT_KEPT_BYTES, 0)                                   \
    X(29, NOT_SAVED, WIRE_SANDBOX, WIRE_SAVING, 4 * LIMIT_KIB, 0)                                  \
    X(30, RESTORE, WIRE_HOST, WIRE_IDLE, 256, 1)                                                   \
    X(31, RESTORED, WIRE_SANDBOX, WIRE_RESTORING, LIMIT_KEPT_BYTES, 0)                             \
    X(33, NOT_RESTORED, WIRE_SANDBOX, WIRE_RESTORING, 4 * LIMIT_KIB, 0)                            \
    X(34, CLONE, WIRE_HOST, WIRE_IDLE, 256, 0)                                                     \
    X(35, CLONED, WIRE_SANDBOX, WIRE_CLONING, 256, 0)                                              \
    X(37, NOT_CLONED, WIRE_SANDBOX, WIRE_CLONING, 4 * LIMIT_KIB, 0)                                \
    X(40, WAKE, WIRE_HOST, WIRE_STARTING, 256, 0)                                                  \
    X(42, PLACED, WIRE_HOST, WIRE_STARTING, 256, 0)                                                \
    X(48, PARK, WIRE_HOST, WIRE_SERVING, 256, 0)                                                   \
    X(44, EXPECT, WIRE_HOST, WIRE_SERVING, 64 * LIMIT_KIB, 0)                                      \
    X(38, ADOPT, WIRE_HOST, WIRE_SERVING, 256, 0)                                                  \
    X(39, ADOPTED, WIRE_TEMPLATE, WIRE_SERVING, 256, 0)                                            \
    X(41, NOT_ADOPTED, WIRE_TEMPLATE, WIRE_SERVING, 4 * LIMIT_KIB, 0)                              \
    X(43, DOOR, WIRE_SANDBOX, WIRE_STARTING, 256, 1)

#define WIRE_ENUM(number, name, sender, phases, size, fds) WIRE_##name = number,
enum wire_kind { WIRE_MESSAGES(WIRE_ENUM) };
#undef WIRE_ENUM

struct wire_row {
    uint16_t kind;
    const char *name;
    enum wire_sender sender;
    unsigned phases;
    size_t payload_bytes_max;
    int fds;
};

/* The row of a kind, or NULL when there is none. */
const struct wire_row *wire_row(uint16_t kind);

enum { WIRE_HEADER_BYTES = 8 };

struct wire_header {
    uint32_t length;
    uint16_t kind;
};

/* Real-time signals, by number so that both ends agree whatever C library they use. The host sends the
 * first to a sandbox with the low half of the execution's serial as its value; the second is the
 * sandbox's own. */
enum { WIRE_CANCEL_SIGNAL = 40, WIRE_WAKE_SIGNAL = 41 };

/* Stands for the serial while the sandbox answers a LOOK. */
#define WIRE_LOOK_SERIAL UINT32_MAX

/* And while it saves or restores. */
#define WIRE_KEEP_SERIAL (UINT32_MAX - 1)

/* A received frame; the payload is borrowed from the channel. */
struct wire_frame {
    uint16_t kind;
    const uint8_t *payload;
    size_t length;
};

/* Text inside a payload: borrowed from it, with no NUL at its end. */
struct wire_text {
    const char *data;
    size_t length;
};

/* A list inside a payload, walked with the function that belongs to it. */
struct wire_list {
    uint32_t count;
    const uint8_t *data;
    size_t length;
};

/* Why the template could not be warmed. */
enum wire_refusal {
    WIRE_REFUSED_ENVIRONMENT = 1,
    WIRE_REFUSED_PRELOAD = 2,
    WIRE_REFUSED_WORKER = 3,
    WIRE_REFUSED_MACHINE = 4, /* it lacks a required facility */
};

struct wire_warm {
    uint32_t version;
    struct wire_text environment;
    struct wire_list preload;    /* of text */
    struct wire_text state_dir;   /* sandboxes have their folders below it */
    bool remove_state_dir;        /* by the template, when it ends */
    struct wire_list require, disable; /* of text: words of facilities */
    struct wire_text cgroup;      /* may be empty */
};

struct wire_warmed {
    struct wire_text python_version, pandas_version, numpy_version;
    struct wire_list facilities; /* wire_facility */
};

struct wire_facility {
    struct wire_text name, detail;
    bool available, held;
};

struct wire_refused {
    uint32_t reason; /* a wire_refusal, or an errno */
    struct wire_text message;
};

struct wire_fork {
    struct wire_text id, workdir, tmpdir;
    struct wire_list env; /* of text, KEY=VALUE */
    bool network, processes;
    bool rehearses; /* before it is ready it does what sessions begin with */
    uint64_t memory_bytes, file_bytes, open_files, threads, disk_bytes, disk_files;
    uint64_t cpu_weight;
};

struct wire_forked {
    int32_t pid; /* as the template sees it */
};

struct wire_reaped {
    int32_t pid;
    uint32_t found;  /* 0: still alive or unknown */
    int32_t status;  /* as waitpid gives it */
};

enum wire_execute_flag { WIRE_ALLOW_INCOMPLETE = 1 };

struct wire_execute {
    uint64_t serial;
    uint64_t output_bytes;
    uint32_t flags;
    struct wire_text filename; /* empty: "<execution N>" */
    struct wire_text code;
};

struct wire_output {
    uint32_t stream; /* 1 or 2 */
    uint32_t more;   /* the next OUTPUT goes on with the same element */
    struct wire_text text;
};

/* What the cap has left out so far; for when the process ends before it can say DONE. */
struct wire_cut {
    uint64_t omitted_bytes, omitted_elements;
};

/* What ended the code, as the worker sees it; the host adds what the worker cannot know. */
enum wire_ending {
    WIRE_ENDED_OK = 0,
    WIRE_ENDED_EXCEPTION = 1,
    WIRE_ENDED_EXIT = 2,
    WIRE_ENDED_MEMORY = 3,
    WIRE_ENDED_INTERRUPT = 4, /* the KeyboardInterrupt that the host asked for */
    WIRE_ENDED_INCOMPLETE = 5,
};

#define WIRE_LIMIT_MAX 8 /* of the CLUTCH_LIMIT_ numbers */

struct wire_done {
    uint64_t serial;
    uint32_t ending;
    int32_t exit_status;
    uint32_t limit; /* a CLUTCH_LIMIT_ number that the exception tells of, or 0 */
    uint32_t line;
    uint32_t truncated; /* bits: 1 files, 2 dataframes, 4 refusals */
    uint64_t omitted_bytes, omitted_elements;
    uint64_t cpu_ns, memory_peak_bytes;
    bool has_error, has_value;
    struct wire_text error, type, message, traceback, value;
    struct wire_list files;      /* wire_file */
    struct wire_list dataframes; /* wire_dataframe */
    struct wire_list refusals;   /* wire_refusal_row */
};

struct wire_refusal_row {
    uint32_t kind; /* 1 network, 2 file, 3 process, 4 syscall */
    uint32_t line;
    struct wire_text what;
};

struct wire_file {
    struct wire_text name;
    uint64_t size_bytes;
};

struct wire_dataframe {
    struct wire_text name;
    int64_t rows, columns, memory_bytes;
};

struct wire_save {
    uint64_t serial; /* to be kept with the rest */
    int32_t level;   /* zstd's, of the buffers; 0: as they are */
};

/* SAVED and RESTORED. */
struct wire_kept {
    uint64_t variables, size_bytes, serial;
    bool truncated;
    struct wire_text python;   /* the version that saved it */
    struct wire_list left_out; /* wire_left_out */
};

struct wire_left_out {
    struct wire_text name, type, reason;
};

enum wire_keep_fault {
    WIRE_KEEP_SYSTEM = 1, /* error is an errno */
    WIRE_KEEP_DAMAGED = 2,
    WIRE_KEEP_NEWER = 3,
    WIRE_KEEP_MEMORY = 4,
    WIRE_KEEP_INTERRUPTED = 5,
};

/* NOT_SAVED and NOT_RESTORED. */
struct wire_not_kept {
    uint32_t fault; /* a wire_keep_fault */
    uint32_t error;
    struct wire_text message;
};

struct wire_clone {
    uint64_t number; /* see base/door.h */
    bool apart;      /* the copy gets folders of its own */
    bool reseed;     /* and other random numbers */
    bool goes_on;    /* so does the origin, with other code than the copy's */
    bool settles;    /* the copy will be copied often */
    uint64_t threads; /* a copy apart, or else its origin, may have from then on; 0: as many as before */
};

/* CLONED, WAKE and PLACED have no fields. A copy with its channel sleeps until WAKE, sets itself up, waits
 * for PLACED if it gets folders of its own, and is READY. */
struct wire_expect {
    int32_t origin;
    struct wire_text workdir, tmpdir; /* of the copy that will be made of it */
};

/* ADOPT, of the copy that was expected, and PARK, of one with the origin's folders. */
struct wire_adopt {
    int32_t pid, origin; /* pid 0: there will be no copy */
    uint32_t birth;
};

/* REAP and FORGET. A process id alone may be another process's by now: it was the sandbox that told the host
 * of its copy's. */
struct wire_reap {
    int32_t pid;
    uint32_t birth; /* the number that the host has given a copy, so that none passes for another; else 0 */
};

struct wire_looked {
    uint32_t truncated; /* bit 2: dataframes */
    struct wire_list dataframes;
};

#endif
