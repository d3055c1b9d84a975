/* SPDX-License-Identifier: Apache-2.0 */
/* limits.h: every fixed number that bounds something, and the defaults of those that are options. */
#ifndef CLUTCH_BASE_LIMITS_H
#define CLUTCH_BASE_LIMITS_H

#include <stddef.h>
#include <stdint.h>

#define LIMIT_KIB ((uint64_t)1024)
#define LIMIT_MIB (1024 * LIMIT_KIB)
#define LIMIT_GIB (1024 * LIMIT_MIB)

/* Defaults of clutch_limits. */
#define LIMIT_WALL_MS_DEFAULT ((uint64_t)60000)
#define LIMIT_GRACE_MS_DEFAULT ((uint64_t)500)
#define LIMIT_OUTPUT_BYTES_DEFAULT LIMIT_MIB
#define LIMIT_CODE_BYTES_DEFAULT (16 * LIMIT_MIB)
#define LIMIT_MEMORY_BYTES_DEFAULT (4 * LIMIT_GIB)
#define LIMIT_FILE_BYTES_DEFAULT (4 * LIMIT_GIB)
#define LIMIT_OPEN_FILES_DEFAULT ((uint64_t)1024)
#define LIMIT_THREADS_DEFAULT ((uint64_t)256)
#define LIMIT_CPU_WEIGHT_DEFAULT ((uint64_t)100)
#define LIMIT_CPU_WEIGHT_MAX ((uint64_t)10000)
#define LIMIT_OPEN_TIMEOUT_MS_DEFAULT ((uint64_t)60000)
#define LIMIT_STOP_TIMEOUT_MS_DEFAULT ((uint32_t)60000)
#define LIMIT_REPOSITORY_TIMEOUT_MS_DEFAULT ((uint32_t)120000)
#define LIMIT_REPOSITORY_BYTES_DEFAULT (4 * LIMIT_GIB)
#define LIMIT_START_TIMEOUT_MS ((uint64_t)600000) /* for variables to be read again */
#define LIMIT_POOL ((uint32_t)1024)
#define LIMIT_UNDO_DEPTH ((uint32_t)64)
#define LIMIT_RETENTION_DAYS_DEFAULT ((uint32_t)30)

/* What options may hold. */
#define LIMIT_CODE_BYTES_MAX (64 * LIMIT_MIB)
#define LIMIT_NAME_BYTES ((size_t)255)
#define LIMIT_PATH_BYTES ((size_t)4096)
#define LIMIT_ENV_BYTES ((size_t)(1 * LIMIT_MIB)) /* all KEY=VALUE strings together */
#define LIMIT_ENV_COUNT ((size_t)4096)
#define LIMIT_PRELOAD_COUNT ((size_t)256)
#define LIMIT_FACILITIES ((size_t)64) /* of the kernel: known, required, disabled */

/* What a result may hold. */
#define LIMIT_ERROR_BYTES ((size_t)(64 * LIMIT_KIB))
#define LIMIT_TRACEBACK_BYTES ((size_t)(256 * LIMIT_KIB))
#define LIMIT_VALUE_BYTES ((size_t)(64 * LIMIT_KIB))
#define LIMIT_FILES ((size_t)1000)
#define LIMIT_FILES_SCANNED ((size_t)20000)
#define LIMIT_FILE_DEPTH 32
#define LIMIT_LISTED ((size_t)100000) /* entries of one folder, from the host's side */
#define LIMIT_DATAFRAMES ((size_t)10000)
#define LIMIT_REFUSALS ((size_t)100)
#define LIMIT_REFUSAL_BYTES ((size_t)1024) /* what was refused: a path, a name */
#define LIMIT_ROWS_BYTES ((size_t)(4 * LIMIT_MIB)) /* all file names, or all frame names, of a result */

/* What a saved session tells of what it lacks. */
#define LIMIT_LEFT_OUT ((size_t)1000)
#define LIMIT_LEFT_OUT_TEXT ((size_t)512) /* a name, type or reason */

/* Elements of one execution's output that the host keeps; each costs it memory beside its text. */
#define LIMIT_OUTPUT_ELEMENTS ((uint64_t)1000000)

/* The wire. */
#define LIMIT_OUTPUT_FRAME_BYTES ((size_t)(256 * LIMIT_KIB)) /* one OUTPUT message's text */
#define LIMIT_DONE_BYTES ((size_t)(16 * LIMIT_MIB))
#define LIMIT_SETUP_BYTES ((size_t)(2 * LIMIT_MIB))
#define LIMIT_KEPT_BYTES ((size_t)(2 * LIMIT_MIB))

/* Waits of the host for its own processes. They are never reached in good health. */
#define LIMIT_FORK_TIMEOUT_MS ((uint64_t)15000)
#define LIMIT_FAMILY_THREADS ((uint64_t)16384) /* of all sandboxes of one starting point */
#define LIMIT_CLONE_TIMEOUT_MS ((uint64_t)5000)
#define LIMIT_LOOK_TIMEOUT_MS ((uint64_t)5000)
#define LIMIT_SEIZE_GRACE_MS ((uint64_t)5000) /* for code to yield when its sandbox is stopped */
#define LIMIT_SEIZE_MS ((uint64_t)1000)       /* for its end to be collected then */
#define LIMIT_REAP_TIMEOUT_MS ((uint64_t)5000)

_Static_assert(LIMIT_CODE_BYTES_DEFAULT <= LIMIT_CODE_BYTES_MAX, "the default must be allowed");
_Static_assert(2 * LIMIT_ERROR_BYTES + LIMIT_TRACEBACK_BYTES + LIMIT_VALUE_BYTES +
                       2 * LIMIT_ROWS_BYTES + 64 * (LIMIT_FILES + LIMIT_DATAFRAMES) + 65536 <
                   LIMIT_DONE_BYTES,
               "the largest result must fit its message");

_Static_assert(LIMIT_LEFT_OUT * 3 * (LIMIT_LEFT_OUT_TEXT + 4) + 4096 < LIMIT_KEPT_BYTES,
               "the longest list must fit its message");

#endif
