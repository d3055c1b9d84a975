/* SPDX-License-Identifier: Apache-2.0 */
/* sessions.h: shorthands for the tests of sandboxes' lives and records. A failure fails the test. */
#ifndef CLUTCH_TESTS_SESSIONS_H
#define CLUTCH_TESTS_SESSIONS_H

#include "support.h"

/* An engine without preloads on a state folder. */
clutch_engine *engine_on(const char *folder);

/* Closes such an engine and removes its folder. */
void end_engine(clutch_engine *engine);

/* A folder below TMPDIR whose name stays valid until the program ends. */
const char *lasting_folder(void);

/* Each has to work. Reports are the caller's. */
clutch_session_report *stop_it(clutch_sandbox *sandbox);
clutch_session_report *start_it(clutch_sandbox *sandbox);
void do_stop(clutch_sandbox *sandbox);
void do_start(clutch_sandbox *sandbox);
void do_archive(clutch_sandbox *sandbox);
void do_pause(clutch_sandbox *sandbox);
void do_resume(clutch_sandbox *sandbox);
void do_delete(clutch_sandbox *sandbox);
clutch_sandbox *open_it(clutch_engine *engine, const char *owner, const char *id_or_name);
clutch_sandbox_info *describe(clutch_sandbox *sandbox);

/* Of the clock that records go by: milliseconds since 1970. */
int64_t wall_clock_ms(void);

/* As described; its last change's reason, valid until the next call. */
uint32_t state_of(clutch_sandbox *sandbox);
const char *reason_of(clutch_sandbox *sandbox);

#define assert_state(sandbox, state) support_assert_state(sandbox, state, __FILE__, __LINE__)
void support_assert_state(clutch_sandbox *sandbox, uint32_t state, const char *file, int line);

/* Whether a report names something as left out; its reason, or NULL. */
const char *left_out(const clutch_session_report *report, const char *name);

#endif
