/* SPDX-License-Identifier: Apache-2.0 */
/* session.h: having a sandbox save its variables into a file, and bring them back. */
#ifndef CLUTCH_HOST_SESSION_H
#define CLUTCH_HOST_SESSION_H

#include "host/sandbox.h"

/* Both: the caller has the sandbox's turn; fd is open for reading and writing, and stays the caller's.
 * When the sandbox does not yield to an interrupt in time it is ended: TIMEOUT; and when it ends or breaks
 * the protocol: ENDED, PROTOCOL. After any other error it goes on as before. *out is owned, freed with
 * clutch_session_report_free. */

/* The sandbox writes into the empty file, which the caller then syncs. level is zstd's; at 0, the fastest
 * on a fast disk, buffers (the memory of arrays) are written as they are. Expected errors: TIMEOUT; DISK
 * with errno; STATE when it has itself to blame, such as for a file limit that is too small. */
int session_save(clutch_sandbox *sandbox, int fd, int level, uint64_t timeout_ms,
                 clutch_session_report **out, clutch_error *error);

/* Into a sandbox that has not executed anything. Expected errors: DAMAGED and NEWER, after which nothing
 * has been brought back; TIMEOUT; DISK. What came back before a TIMEOUT is there. */
int session_restore(clutch_sandbox *sandbox, int fd, uint64_t timeout_ms,
                    clutch_session_report **out, clutch_error *error);

/* Looks at a file's header only: DAMAGED, NEWER, DISK. */
int session_check(int fd, clutch_error *error);

#endif
