/* SPDX-License-Identifier: Apache-2.0 */
/* test_cycles.c: sandboxes that come and go leave everything where it was. */
#include <sys/stat.h>

#include "support.h"

#include "../host/allocations.h"

static void cycle(clutch_engine *engine, int number)
{
    clutch_sandbox *sandbox = create(engine, NULL);
    if (number % 10 == 3) {
        clutch_execution *execution = start(sandbox, "while True: pass");
        assert_true(clutch_execution_fd(execution, NULL) >= 0);
        clutch_execution_free(execution);
    } else if (number % 10 == 7) {
        clutch_result_free(run(sandbox, "import os; print('x' * 100000); os.abort()"));
    } else {
        assert_text(answer(sandbox, "open('f', 'w').write('x'); print(1 + 1)"), "2");
        clutch_status_free(look_at(sandbox));
    }
    clutch_sandbox_destroy(sandbox);
}

static size_t descriptors_of(pid_t pid)
{
    return entry_count(format("/proc/%d/fd", pid));
}

static size_t resident_of(pid_t pid)
{
    unsigned long all, resident = 0;
    FILE *file = fopen(format("/proc/%d/statm", pid), "re");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%lu %lu", &all, &resident), 2);
    fclose(file);
    return resident * (size_t)sysconf(_SC_PAGESIZE);
}

static void a_thousand_sandboxes_leave_everything_where_it_was(void **state)
{
    (void)state;
    enum { CYCLES = 1000, WARM_UP = 20, RECORDS_BYTES = 4096 }; /* of one deleted sandbox, in memory */
    clutch_engine_close(open_bare(NULL));
    long before = live_bytes;
    clutch_engine *engine = open_bare(NULL);
    const clutch_engine_info *info = clutch_engine_describe(engine);
    for (int i = 0; i < WARM_UP; i++)
        cycle(engine, i);
    size_t descriptors = descriptor_count(), resident = resident_bytes();
    long allocated = live_bytes;
    size_t of_template = descriptors_of(info->template_pid);
    size_t resident_of_template = resident_of(info->template_pid);
    size_t children = children_of(info->template_pid, NULL, 0), orphans = orphan_count();
    for (int i = 0; i < CYCLES; i++)
        cycle(engine, i);
    assert_int_equal(descriptor_count(), descriptors);
    assert_int_equal(descriptors_of(info->template_pid), of_template);
    assert_int_equal(children_of(info->template_pid, NULL, 0), children);
    assert_int_equal(orphan_count(), orphans);
    assert_int_equal(home_count(info->state_dir), 0);
    if (!support_sanitized()) {
        assert_true(live_bytes - allocated < CYCLES * RECORDS_BYTES);
        assert_in_range(resident_bytes(), 0, resident + (1 << 20) + CYCLES * RECORDS_BYTES);
    }
    assert_in_range(resident_of(info->template_pid), 0, resident_of_template + (1 << 20));
    clutch_engine_close(engine);
    assert_in_range(live_bytes, 0, before);
}

static void engines_that_come_and_go_leave_everything_where_it_was(void **state)
{
    (void)state;
    clutch_engine_close(open_bare(NULL));
    size_t descriptors = descriptor_count();
    long allocated = live_bytes;
    for (int i = 0; i < 15; i++) {
        clutch_engine *engine = open_bare(NULL);
        clutch_sandbox *sandbox = create(engine, NULL);
        do_run(sandbox, "1");
        if (i % 2)
            clutch_sandbox_destroy(sandbox);
        clutch_engine_close(engine);
        if (i % 2 == 0)
            clutch_sandbox_destroy(sandbox);
    }
    assert_int_equal(descriptor_count(), descriptors);
    assert_int_equal(orphan_count(), 0);
    assert_in_range(live_bytes, 0, allocated);
}

/* What an execution received is given back: an idle sandbox costs the host no more than before it. */
static void an_idle_sandbox_keeps_no_large_buffers(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    do_run(sandbox, "1");
    long before = live_bytes;
    clutch_result_free(run(sandbox, "for i in range(50): print('x' * 20000)\n1/0"));
    clutch_result_free(run(sandbox, "raise ValueError('y' * 1000000)"));
    clutch_status_free(look_at(sandbox));
    assert_true(live_bytes < before + 4 * 65536); /* with what the records keep of it */
    clutch_sandbox_destroy(sandbox);
}

/* ---- Memory of the template ---- */

static long rollup_kib(pid_t pid, const char *field)
{
    char line[200], format_text[64];
    long value = -1;
    snprintf(format_text, sizeof format_text, "%s: %%ld", field);
    FILE *file = fopen(format("/proc/%d/smaps_rollup", pid), "re");
    while (file && value < 0 && fgets(line, sizeof line, file))
        if (sscanf(line, format_text, &value) != 1)
            value = -1;
    if (file)
        fclose(file);
    return value;
}

/* Whoever first writes to one that a child shares gets it in small pages for good; then each create has as
 * many more entries to copy. */
static void the_template_keeps_its_huge_pages(void **state)
{
    (void)state;
    clutch_engine *engine = the_engine();
    pid_t template = clutch_engine_describe(engine)->template_pid;
    if (rollup_kib(template, "AnonHugePages") <= 0) {
        print_message("# this kernel gives the template no huge pages\n");
        skip();
    }
    for (int i = 0; i < 5; i++) {
        clutch_sandbox *sandbox = fresh();
        do_run(sandbox, "import pandas; pandas.DataFrame({'a': [1]}).describe()");
        clutch_sandbox_destroy(sandbox);
    }
    long huge = rollup_kib(template, "AnonHugePages"), all = rollup_kib(template, "Anonymous");
    print_message("# of %ld KiB of the template's own, %ld are in huge pages\n", all, huge);
    assert_true(huge > all / 2);
}

/* User code splits them; what sandboxes are made of by the hundred gets them back, in the background. */
static void so_does_a_starting_point(void **state)
{
    (void)state;
    enum { TRIES = 300 };
    clutch_engine *engine = the_engine();
    pid_t children[64], template = clutch_engine_describe(engine)->template_pid;
    if (rollup_kib(template, "AnonHugePages") <= 0) {
        print_message("# this kernel gives the template no huge pages\n");
        skip();
    }
    clutch_starting_point point = CLUTCH_STARTING_POINT_INIT;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    clutch_error error = ERROR_UNTOUCHED;
    point.name = "large pages";
    point.setup = "import pandas; pandas.DataFrame({'a': [1]}).describe()";
    options.starting_point = point.name;
    assert_worked(clutch_engine_define(engine, &point, &error), &error);
    size_t before = children_of(template, NULL, 0);
    clutch_sandbox_destroy(create(engine, &options));
    assert_int_equal(children_of(template, children, 64), before + 1);
    long huge = 0, all = 1;
    for (int i = 0; i < TRIES && huge <= all / 2; i++) {
        for (size_t j = 0; j <= before && huge <= all / 2; j++) {
            huge = rollup_kib(children[j], "AnonHugePages");
            all = rollup_kib(children[j], "Anonymous");
        }
        usleep(10 * 1000);
    }
    print_message("# of %ld KiB of its own, %ld are in huge pages\n", all, huge);
    assert_true(huge > all / 2);
    for (int i = 0; i < 20; i++)
        clutch_sandbox_destroy(create(engine, &options));
}

/* It would keep in memory what the template has replaced since. */
static void the_namespaces_holder_keeps_little(void **state)
{
    (void)state;
    pid_t children[64], template = clutch_engine_describe(the_engine())->template_pid;
    size_t count = children_of(template, children, 64);
    for (size_t i = 0; i < count && i < 64; i++) {
        char name[32] = "";
        FILE *file = fopen(format("/proc/%d/comm", children[i]), "re");
        if (file && fgets(name, sizeof name, file) && strcmp(name, "clutch-holder\n") == 0)
            assert_true(rollup_kib(children[i], "Private_Dirty") < 12 * 1024); /* or not to be seen */
        if (file)
            fclose(file);
    }
}

/* ---- Folders ---- */

static void a_sandbox_gets_the_folders_that_were_made_ahead(void **state)
{
    (void)state;
    clutch_engine *engine = open_bare(NULL);
    const char *state_dir = clutch_engine_describe(engine)->state_dir;
    clutch_sandbox *first = create(engine, NULL);
    struct stat ahead, got;
    assert_int_equal(stat(format("%s/spare/work", state_dir), &ahead), 0);
    clutch_sandbox *second = create(engine, NULL);
    assert_int_equal(stat(clutch_sandbox_workdir(second), &got), 0);
    assert_int_equal(got.st_ino, ahead.st_ino);
    clutch_sandbox_destroy(first);
    clutch_sandbox_destroy(second);
    clutch_engine_close(engine);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_thousand_sandboxes_leave_everything_where_it_was),
        TEST(engines_that_come_and_go_leave_everything_where_it_was),
        TEST(an_idle_sandbox_keeps_no_large_buffers),
        TEST(the_template_keeps_its_huge_pages),
        TEST(so_does_a_starting_point),
        TEST(the_namespaces_holder_keeps_little),
        TEST(a_sandbox_gets_the_folders_that_were_made_ahead),
    };
    return RUN_TESTS(tests);
}
