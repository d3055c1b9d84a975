/* SPDX-License-Identifier: Apache-2.0 */
/* test_folder.c: the host's way to a sandbox's files never leads out of the working folder. */
#include "support.h"

#include <fcntl.h>

/* Reads a file of the sandbox; its text, or the code as a number in brackets. */
static const char *read_text(clutch_sandbox *sandbox, const char *name)
{
    clutch_error error;
    char *text;
    size_t length;
    int code = clutch_sandbox_read_file(sandbox, name, 1000, &text, &length, &error);
    const char *seen =
        code == 0 ? format("%.*s", (int)length, text) : format("[%s]", clutch_error_name(code));
    if (code == 0)
        clutch_free(text);
    return seen;
}

static int write_text(clutch_sandbox *sandbox, const char *name, const char *text)
{
    clutch_error error;
    return clutch_sandbox_write_file(sandbox, name, text, strlen(text), &error);
}

/* A folder of the host with a secret, and a sandbox that works in a folder beside it. Links from one to
 * the other are made by the host here, since a confined sandbox cannot. */
static const char *outside, *inside;

static clutch_sandbox *beside_a_secret(void)
{
    outside = make_folder();
    inside = make_folder();
    write_file(format("%s/secret", outside), "secret");
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.workdir = inside;
    return create(the_engine(), &options);
}

static void leave(clutch_sandbox *sandbox)
{
    clutch_sandbox_destroy(sandbox);
    remove_tree(inside);
    remove_tree(outside);
}

static void files_are_written_read_listed_and_removed(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_error error = ERROR_UNTOUCHED;
    clutch_entry *entries;
    size_t count;
    assert_int_equal(write_text(sandbox, "in/deep/a.csv", "x,y"), 0);
    assert_text(answer(sandbox, "print(open('in/deep/a.csv').read())"), "x,y");
    do_run(sandbox, "open('b.txt', 'w').write('from python')");
    assert_text(read_text(sandbox, "b.txt"), "from python");
    assert_worked(clutch_sandbox_list_files(sandbox, NULL, &entries, &count, &error), &error);
    assert_int_equal(count, 2);
    assert_text(entries[0].name, "b.txt");
    assert_int_equal(entries[0].size_bytes, 11);
    assert_false(entries[0].is_folder);
    assert_true(entries[0].modified_ns > 0);
    assert_text(entries[1].name, "in");
    assert_true(entries[1].is_folder);
    clutch_free(entries);
    assert_worked(clutch_sandbox_remove_file(sandbox, "in/deep/a.csv", &error), &error);
    assert_worked(clutch_sandbox_remove_file(sandbox, "in/deep", &error), &error);
    assert_text(read_text(sandbox, "in/deep/a.csv"), "[NOT_FOUND]");
    assert_refused(clutch_sandbox_remove_file(sandbox, "nothing", &error), CLUTCH_E_NOT_FOUND, &error);
    clutch_sandbox_destroy(sandbox);
}

static void names_that_lead_out_are_invalid(void **state)
{
    (void)state;
    static const char *const names[] = {"..",   "../x", "a/../b", "/etc/passwd", "",
                                        "a//b", "./a",  "a/",     "a/.."};
    clutch_sandbox *sandbox = fresh();
    clutch_error error;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_text(read_text(sandbox, names[i]), "[INVALID]");
        assert_int_equal(write_text(sandbox, names[i], "x"), CLUTCH_E_INVALID);
        assert_refused(clutch_sandbox_remove_file(sandbox, names[i], &error), CLUTCH_E_INVALID, &error);
    }
    assert_int_equal(write_text(sandbox, "line\nbreak", "fine"), 0);
    assert_text(read_text(sandbox, "line\nbreak"), "fine");
    clutch_sandbox_destroy(sandbox);
}

static void links_are_not_followed(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = beside_a_secret();
    clutch_error error;
    clutch_entry *entries;
    size_t count;
    assert_int_equal(symlink(format("%s/secret", outside), format("%s/link", inside)), 0);
    assert_int_equal(symlink(outside, format("%s/folder", inside)), 0);
    assert_int_equal(link(format("%s/secret", outside), format("%s/hard", inside)), 0);
    assert_text(read_text(sandbox, "link"), "[SYSTEM]");
    assert_text(read_text(sandbox, "folder/secret"), "[SYSTEM]");
    assert_text(read_text(sandbox, "hard"), "[INVALID]");
    assert_refused(clutch_sandbox_list_files(sandbox, "folder", &entries, &count, &error),
                   CLUTCH_E_NOT_FOUND, &error);
    assert_int_equal(write_text(sandbox, "folder/new", "x"), CLUTCH_E_NOT_FOUND);
    assert_false(file_exists(format("%s/new", outside)));
    leave(sandbox);
}

static void writing_replaces_a_link_and_not_what_it_leads_to(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = beside_a_secret();
    assert_int_equal(symlink(format("%s/secret", outside), format("%s/link", inside)), 0);
    assert_int_equal(link(format("%s/secret", outside), format("%s/hard", inside)), 0);
    assert_int_equal(write_text(sandbox, "link", "mine"), 0);
    assert_int_equal(write_text(sandbox, "hard", "mine"), 0);
    assert_text(read_text(sandbox, "link"), "mine");
    FILE *secret = fopen(format("%s/secret", outside), "r");
    char text[16] = "";
    assert_non_null(fgets(text, sizeof text, secret));
    fclose(secret);
    assert_text(text, "secret");
    leave(sandbox);
}

static void only_regular_files_are_read(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    do_run(sandbox, "import os; os.mkfifo('pipe'); os.mkdir('folder')");
    uint64_t before_ms = now_ms();
    assert_text(read_text(sandbox, "pipe"), "[INVALID]");
    assert_text(read_text(sandbox, "folder"), "[INVALID]");
    assert_true(now_ms() - before_ms < 1000);
    clutch_sandbox_destroy(sandbox);
}

static void a_larger_file_than_allowed_is_refused(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_error error;
    char *text = UNTOUCHED;
    size_t length = 77;
    do_run(sandbox, "open('a', 'w').write('x' * 11)");
    assert_refused(clutch_sandbox_read_file(sandbox, "a", 10, &text, &length, &error), CLUTCH_E_TOO_LARGE,
                   &error);
    assert_ptr_equal(text, UNTOUCHED);
    assert_int_equal(clutch_sandbox_read_file(sandbox, "a", 11, &text, &length, &error), 0);
    assert_int_equal(length, 11);
    clutch_free(text);
    clutch_sandbox_destroy(sandbox);
}

/* A folder on the way is swapped for a link, to and fro, while the host reads and writes through it. */
static void a_folder_that_is_swapped_meanwhile_leads_nowhere_else(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = beside_a_secret();
    assert_int_equal(write_text(sandbox, "real/secret", "own"), 0);
    assert_int_equal(symlink(outside, format("%s/link", inside)), 0);
    clutch_execution *swapping = start(sandbox, "import ctypes\n"
                                                "rename = ctypes.CDLL(None).renameat2\n"
                                                "while True: rename(-100, b'real', -100, b'link', 2)");
    for (int i = 0; i < 3000; i++) {
        const char *seen = read_text(sandbox, "real/secret");
        assert_true(strcmp(seen, "own") == 0 || seen[0] == '[');
        (void)write_text(sandbox, "real/planted", "x");
    }
    clutch_execution_cancel(swapping);
    clutch_result_free(wait_for(swapping));
    assert_false(file_exists(format("%s/planted", outside)));
    leave(sandbox);
}

static void an_opened_file_is_a_descriptor_that_exec_closes(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_error error = ERROR_UNTOUCHED;
    int fd;
    char text[8] = "";
    do_run(sandbox, "open('a', 'w').write('text')");
    assert_worked(clutch_sandbox_open_file(sandbox, "a", &fd, &error), &error);
    assert_int_equal(read(fd, text, sizeof text), 4);
    assert_text(text, "text");
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    close(fd);
    clutch_sandbox_destroy(sandbox);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(files_are_written_read_listed_and_removed),
        TEST(names_that_lead_out_are_invalid),
        TEST(links_are_not_followed),
        TEST(writing_replaces_a_link_and_not_what_it_leads_to),
        TEST(only_regular_files_are_read),
        TEST(a_larger_file_than_allowed_is_refused),
        TEST(a_folder_that_is_swapped_meanwhile_leads_nowhere_else),
        TEST(an_opened_file_is_a_descriptor_that_exec_closes),
    };
    return RUN_TESTS(tests);
}
