/* SPDX-License-Identifier: Apache-2.0 */
/* support_sessions.c: shorthands for the tests of sandboxes' lives and records. */
#include "sessions.h"

#include <time.h>

clutch_engine *engine_on(const char *folder)
{
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    options.state_dir = folder;
    return open_bare(&options);
}

void end_engine(clutch_engine *engine)
{
    const char *folder = format("%s", clutch_engine_describe(engine)->state_dir);
    clutch_engine_close(engine);
    remove_tree(folder);
}

int64_t wall_clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

const char *lasting_folder(void)
{
    static char folders[32][128];
    static unsigned count;
    assert_true(count < sizeof folders / sizeof folders[0]);
    char *folder = folders[count++];
    snprintf(folder, sizeof folders[0], "%s", make_folder());
    return folder;
}

clutch_session_report *stop_it(clutch_sandbox *sandbox)
{
    clutch_session_report *report = NULL;
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_sandbox_stop(sandbox, NULL, &report, &error), &error);
    assert_non_null(report);
    return report;
}

clutch_session_report *start_it(clutch_sandbox *sandbox)
{
    clutch_session_report *report = NULL;
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_sandbox_start(sandbox, &report, &error), &error);
    assert_non_null(report);
    return report;
}

void do_stop(clutch_sandbox *sandbox)
{
    clutch_session_report_free(stop_it(sandbox));
}

void do_start(clutch_sandbox *sandbox)
{
    clutch_session_report_free(start_it(sandbox));
}

static void do_it(int (*act)(clutch_sandbox *, clutch_error *), clutch_sandbox *sandbox)
{
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(act(sandbox, &error), &error);
}

void do_archive(clutch_sandbox *sandbox)
{
    do_it(clutch_sandbox_archive, sandbox);
}

void do_pause(clutch_sandbox *sandbox)
{
    do_it(clutch_sandbox_pause, sandbox);
}

void do_resume(clutch_sandbox *sandbox)
{
    do_it(clutch_sandbox_resume, sandbox);
}

void do_delete(clutch_sandbox *sandbox)
{
    do_it(clutch_sandbox_delete, sandbox);
}

clutch_sandbox *open_it(clutch_engine *engine, const char *owner, const char *id_or_name)
{
    clutch_sandbox *sandbox = NULL;
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_sandbox_open(engine, owner, id_or_name, &sandbox, &error), &error);
    return sandbox;
}

clutch_sandbox_info *describe(clutch_sandbox *sandbox)
{
    clutch_sandbox_info *info = NULL;
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_sandbox_describe(sandbox, &info, &error), &error);
    return info;
}

uint32_t state_of(clutch_sandbox *sandbox)
{
    clutch_sandbox_info *info = describe(sandbox);
    uint32_t state = info->state;
    clutch_sandbox_info_free(info);
    return state;
}

const char *reason_of(clutch_sandbox *sandbox)
{
    clutch_sandbox_info *info = describe(sandbox);
    const char *reason = format("%s", info->reason);
    clutch_sandbox_info_free(info);
    return reason;
}

void support_assert_state(clutch_sandbox *sandbox, uint32_t state, const char *file, int line)
{
    clutch_sandbox_info *info = describe(sandbox);
    uint32_t is = info->state;
    if (is != state)
        print_error("the sandbox is %s and not %s: %s\n", clutch_state_name(is), clutch_state_name(state),
                    info->reason);
    clutch_sandbox_info_free(info);
    if (is != state)
        _fail(file, line);
}

const char *left_out(const clutch_session_report *report, const char *name)
{
    for (size_t i = 0; i < report->left_out_count; i++)
        if (strcmp(report->left_out[i].name, name) == 0)
            return report->left_out[i].reason;
    return NULL;
}
