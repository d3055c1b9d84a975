/* SPDX-License-Identifier: Apache-2.0 */
/* clone.c: copying a sandbox's process, memory included. */
#include "host/clone.h"

#include "host/error.h"

int clone_process(clutch_engine *engine, struct process *origin, const struct clone_options *options,
                  struct process *out, clutch_error *error)
{
    (void)engine;
    (void)origin;
    (void)options;
    (void)out;
    return error_set(error, CLUTCH_E_UNSUPPORTED, 0, "this version cannot copy a running sandbox");
}
