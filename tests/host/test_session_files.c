/* SPDX-License-Identifier: Apache-2.0 */
/* test_session_files.c: session files that are damaged, poisoned, newer or in the way, and sandboxes that
 * do not answer as they should. */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "host/session.h"
#include "wire/codec.h"
#include "wire/session_format.h"

enum { ALLOWED_MS = 60000 };

static int new_file(void)
{
    int fd = memfd_create("session", MFD_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static int file_of(const uint8_t *data, size_t size)
{
    int fd = new_file();
    assert_int_equal(pwrite(fd, data, size, 0), (ssize_t)size);
    return fd;
}

static void save(clutch_sandbox *sandbox, int fd, int level)
{
    clutch_session_report *report = NULL;
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(session_save(sandbox, fd, level, ALLOWED_MS, &report, &error), &error);
    clutch_session_report_free(report);
}

/* The code that restoring a file gives; the sandbox lives on afterwards. */
static int restore_code(clutch_sandbox *sandbox, int fd, clutch_error *error)
{
    clutch_session_report *report = NULL;
    int code = session_restore(sandbox, fd, ALLOWED_MS, &report, error);
    clutch_session_report_free(report);
    return code;
}

static uint8_t *saved(const char *code, int level, size_t *size)
{
    clutch_sandbox *sandbox = fresh();
    int fd = new_file();
    do_run(sandbox, code);
    save(sandbox, fd, level);
    *size = (size_t)lseek(fd, 0, SEEK_END);
    uint8_t *data = malloc(*size + 1);
    assert_int_equal(pread(fd, data, *size, 0), (ssize_t)*size);
    close(fd);
    clutch_sandbox_destroy(sandbox);
    return data;
}

/* ---- Damage ---- */

static void damage_at_any_byte_is_found(void **state)
{
    (void)state;
    size_t size;
    uint8_t *data = saved("x = [1, 2, 'abc']\nimport random, linecache\nlinecache.cache.clear()\n"
                          "random.seed(1)", 1, &size);
    clutch_sandbox *sandbox = fresh();
    clutch_error error;
    for (size_t i = 0; i < size; i++) {
        data[i] ^= (uint8_t)(1 << i % 8);
        int fd = file_of(data, size);
        int code = restore_code(sandbox, fd, &error);
        if (code != CLUTCH_E_DAMAGED)
            fail_msg("a wrong byte %zu of %zu gave %d", i, size, code);
        data[i] ^= (uint8_t)(1 << i % 8);
        close(fd);
    }
    for (size_t cut = 0; cut < size; cut++) {
        int fd = file_of(data, cut);
        if (restore_code(sandbox, fd, &error) != CLUTCH_E_DAMAGED)
            fail_msg("%zu of %zu bytes were taken", cut, size);
        close(fd);
    }
    data[size] = 0;
    int fd = file_of(data, size + 1);
    assert_refused(restore_code(sandbox, fd, &error), CLUTCH_E_DAMAGED, &error);
    assert_refused(session_check(fd, &error), CLUTCH_E_DAMAGED, &error);
    assert_int_equal(ftruncate(fd, (off_t)size), 0);
    assert_int_equal(session_check(fd, &error), 0);
    assert_text(answer(sandbox, "print('x' in globals())"), "False");
    assert_int_equal(restore_code(sandbox, fd, &error), 0);
    assert_text(answer(sandbox, "print(x)"), "[1, 2, 'abc']");
    close(fd);
    free(data);
    clutch_sandbox_destroy(sandbox);
}

static void damage_of_large_sessions_is_found(void **state)
{
    (void)state;
    for (int level = 0; level <= 1; level++) {
        size_t size;
        uint8_t *data = saved("import numpy as np\na = np.arange(3000000) % 7\nb = np.random.rand(1000000)\n"
                              "c = ['%d' % i for i in range(500000)]", level, &size);
        clutch_sandbox *sandbox = fresh();
        clutch_error error;
        for (size_t i = 0; i < 40; i++) {
            size_t at = i * (size / 40) + i;
            data[at] ^= 0x10;
            int fd = file_of(data, size);
            assert_refused(restore_code(sandbox, fd, &error), CLUTCH_E_DAMAGED, &error);
            close(fd);
            data[at] ^= 0x10;
        }
        int fd = file_of(data, size);
        assert_int_equal(restore_code(sandbox, fd, &error), 0);
        do_run(sandbox, "assert (a == np.arange(3000000) % 7).all() and len(b) == 1000000\n"
                        "assert c == ['%d' % i for i in range(500000)]");
        close(fd);
        free(data);
        clutch_sandbox_destroy(sandbox);
    }
}

static void a_newer_version_is_refused_as_such(void **state)
{
    (void)state;
    size_t size;
    uint8_t *data = saved("x = 1", 1, &size);
    struct session_header *header = (struct session_header *)data;
    header->preamble.version = SESSION_VERSION + 1;
    header->preamble.checksum = session_format_checksum(data, 24);
    memset(data + 32, 0xff, size - 32);
    int fd = file_of(data, size);
    clutch_sandbox *sandbox = fresh();
    clutch_error error;
    assert_refused(session_check(fd, &error), CLUTCH_E_NEWER, &error);
    assert_refused(restore_code(sandbox, fd, &error), CLUTCH_E_NEWER, &error);
    do_run(sandbox, "1");
    clutch_sandbox_destroy(sandbox);
    close(fd);
    free(data);
}

/* Code that another minor version of CPython has made is refused by name, and nothing else is. */
static void code_of_another_python_is_left_out(void **state)
{
    (void)state;
    size_t size;
    uint8_t *data = saved("import math\nx = [1]\ndef f(): pass\ny = [x]\ng = lambda: 1\n"
                          "class C:\n  def f(self): pass\nclass D: v = 1\nc = C()\nd = D()\nco = f.__code__\n"
                          "h = {'in': f}\nz = math.sin", 1, &size);
    struct session_header *header = (struct session_header *)data;
    memcpy(header->python, "3.99.1", 7);
    session_format_seal(header);
    int fd = file_of(data, size);
    clutch_sandbox *sandbox = fresh();
    clutch_session_report *report = NULL;
    clutch_error error;
    assert_int_equal(session_restore(sandbox, fd, ALLOWED_MS, &report, &error), 0);
    assert_text(report->python_version, "3.99.1");
    static const char *const lost[] = {"f", "g", "C", "c", "co", "h"};
    assert_int_equal(report->left_out_count, sizeof lost / sizeof lost[0]);
    for (size_t i = 0; i < report->left_out_count; i++)
        assert_text(report->left_out[i].name, lost[i]);
    for (size_t i = 0; i < 3; i++)
        assert_holds(report->left_out[i].reason, "its code was made by Python 3.99 and this is Python 3.");
    assert_text(report->left_out[0].type, "function");
    assert_text(answer(sandbox, "print(y[0] is x, d.v, type(d) is D, z(0))"), "True 1 True 0.0");
    clutch_session_report_free(report);
    clutch_sandbox_destroy(sandbox);
    close(fd);
    free(data);
}

static void what_is_no_session_is_damaged(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_error error;
    int fd = new_file();
    assert_refused(session_check(fd, &error), CLUTCH_E_DAMAGED, &error);
    assert_refused(restore_code(sandbox, fd, &error), CLUTCH_E_DAMAGED, &error);
    assert_int_equal(ftruncate(fd, 100000), 0);
    assert_refused(restore_code(sandbox, fd, &error), CLUTCH_E_DAMAGED, &error);
    close(fd);
    clutch_sandbox_destroy(sandbox);
}

/* ---- Poison: every checksum is right, what is in it is not ---- */

/* A file with one block: pickles, then the manifest. */
static int poisoned(const char *pickles, size_t pickles_size, const char *manifest)
{
    size_t size = pickles_size + strlen(manifest);
    uint8_t *stream = malloc(size);
    memcpy(stream, pickles, pickles_size);
    memcpy(stream + pickles_size, manifest, strlen(manifest));
    struct session_block block = {.checksum = session_format_checksum(stream, size),
                                  .stored_bytes = (uint32_t)size, .raw_bytes = (uint32_t)size};
    struct session_header header = {.python = "3.11.2", .variables = 1, .pickles_bytes = pickles_size,
                                    .manifest_bytes = strlen(manifest), .block_count = 1,
                                    .table_offset = sizeof header + size,
                                    .table_checksum = session_format_checksum(&block, sizeof block),
                                    .file_bytes = sizeof header + size + sizeof block};
    session_format_seal(&header);
    int fd = new_file();
    assert_int_equal(pwrite(fd, &header, sizeof header, 0), (ssize_t)sizeof header);
    assert_int_equal(pwrite(fd, stream, size, sizeof header), (ssize_t)size);
    assert_int_equal(pwrite(fd, &block, sizeof block, (off_t)header.table_offset), (ssize_t)sizeof block);
    free(stream);
    return fd;
}

static const char *manifest(const char *frames)
{
    return format("{\"frames\": %s, \"names\": [\"x\"], \"left_out\": [], \"workdir\": \"/\","
                  "\"base_path\": [],"
                  "\"path\": [], \"folder\": null, \"environ\": {}, \"removed_environ\": [],"
                  "\"submodules\": [], \"recursion\": null, \"extra\": {}}", frames);
}

#define PICKLE(text) text, sizeof(text) - 1

static void poison_hurts_only_the_sandbox_that_takes_it(void **state)
{
    (void)state;
    clutch_sandbox *bystander = fresh();
    do_run(bystander, "x = 5");
    static const char crash[] = "\x80\x05(cctypes\nstring_at\nK\0t\x81.";
    static const char system_call[] = "\x80\x05](cos\nabort\n)Rh\0e.";
    static const char exits[] = "\x80\x05](cos\n_exit\n(K\5tRh\0e.";
    const char *manifests[] = {"", "[]", "{}", "{\"frames\": 5}", "nonsense", "\"\\ud800\"",
                               manifest("[[1]]"), manifest("[[\"x\", -5, 9999999999, 7, \"t\"]]"),
                               manifest("[[\"x\", 0, 0, 0, \"t\"]]"), manifest("[[\"x\", 0, 3, 0, 4]]")};
    clutch_error error;
    for (size_t i = 0; i < sizeof manifests / sizeof manifests[0]; i++) {
        clutch_sandbox *sandbox = fresh();
        int fd = poisoned(PICKLE("\x80\x05]."), manifests[i]);
        int code = restore_code(sandbox, fd, &error);
        if (code != CLUTCH_E_DAMAGED)
            fail_msg("the manifest %s gave %d", manifests[i], code);
        close(fd);
        clutch_sandbox_destroy(sandbox);
    }
    const struct {
        const char *data;
        size_t size;
        bool deadly;
    } pickles[] = {{PICKLE(crash), false}, {PICKLE(system_call), true}, {PICKLE(exits), true},
                   {PICKLE("\x80\x05\x97h\x63."), false}};
    for (size_t i = 0; i < sizeof pickles / sizeof pickles[0]; i++) {
        clutch_sandbox *sandbox = fresh();
        int fd = poisoned(pickles[i].data, pickles[i].size,
                          manifest(format("[[\"x\", 0, %zu, 0, \"t\"]]", pickles[i].size)));
        int code = restore_code(sandbox, fd, &error);
        if (code != (pickles[i].deadly ? CLUTCH_E_ENDED : CLUTCH_E_DAMAGED))
            fail_msg("pickle %zu gave %d: %s", i, code, error.message);
        close(fd);
        clutch_sandbox_destroy(sandbox);
    }
    assert_text(answer(bystander, "print(x)"), "5");
    clutch_sandbox_destroy(bystander);
}

/* Tables whose checksum is right and whose numbers are not. */
static void tables_that_contradict_themselves_are_damaged(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_error error;
    struct session_block block = {.stored_bytes = 1, .raw_bytes = 1};
    const struct session_block blocks[] = {
        {.stored_bytes = 0, .raw_bytes = 0}, {.stored_bytes = UINT32_MAX, .raw_bytes = UINT32_MAX},
        {.stored_bytes = 1, .raw_bytes = 2}, {.stored_bytes = 2, .raw_bytes = 1, .method = 1},
        {.stored_bytes = 1, .raw_bytes = 1, .method = 2}, {.stored_bytes = 1, .raw_bytes = 1, .zero = 1},
        {.stored_bytes = 1, .raw_bytes = SESSION_BLOCK_BYTES + 1, .method = 1}};
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        block = blocks[i];
        block.checksum = session_format_checksum("x", 1);
        struct session_header header = {.python = "3.11.2", .pickles_bytes = block.raw_bytes,
                                        .block_count = 1, .table_offset = sizeof header + 1,
                                        .table_checksum = session_format_checksum(&block, sizeof block),
                                        .file_bytes = sizeof header + 1 + sizeof block};
        session_format_seal(&header);
        int fd = new_file();
        assert_int_equal(write(fd, &header, sizeof header), (ssize_t)sizeof header);
        assert_int_equal(write(fd, "x", 1), 1);
        assert_int_equal(write(fd, &block, sizeof block), (ssize_t)sizeof block);
        assert_refused(restore_code(sandbox, fd, &error), CLUTCH_E_DAMAGED, &error);
        close(fd);
    }
    do_run(sandbox, "1");
    clutch_sandbox_destroy(sandbox);
}

/* ---- Time, limits, hostility ---- */

static void saving_that_takes_too_long_is_interrupted(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_session_report *report = UNTOUCHED;
    clutch_error error;
    int fd = new_file();
    do_run(sandbox, "import time\nclass S:\n  def __reduce__(self):\n"
                    "    print('noise'); time.sleep(60)\nx = S()");
    uint64_t began_ms = now_ms();
    assert_refused(session_save(sandbox, fd, 1, 300, &report, &error), CLUTCH_E_TIMEOUT, &error);
    assert_in_range(now_ms() - began_ms, 200, 5000);
    assert_ptr_equal(report, UNTOUCHED);
    assert_text(answer(sandbox, "print('goes on')"), "goes on");
    do_run(sandbox, "del x");
    assert_int_equal(ftruncate(fd, 0), 0);
    save(sandbox, fd, 1);
    close(fd);
    clutch_sandbox_destroy(sandbox);
}

static void saving_that_never_yields_is_killed(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_session_report *report = UNTOUCHED;
    clutch_error error;
    int fd = new_file();
    /* An interrupt may come between two turns of the loop within; the one around it takes that. */
    do_run(sandbox, "class S:\n  def stay(self):\n    while True:\n"
                    "      try:\n        while True: print('x')\n"
                    "      except BaseException: pass\n"
                    "  def __reduce__(self):\n    while True:\n"
                    "      try: self.stay()\n"
                    "      except BaseException: pass\nx = S()");
    clutch_result *result = UNTOUCHED;
    uint64_t began_ms = now_ms();
    assert_refused(session_save(sandbox, fd, 1, 300, &report, &error), CLUTCH_E_TIMEOUT, &error);
    assert_in_range(now_ms() - began_ms, 300, 8000);
    assert_refused(clutch_sandbox_run(sandbox, "1", 1, NULL, &result, &error),
                   CLUTCH_E_ENDED, &error);
    close(fd);
    clutch_sandbox_destroy(sandbox);
}

static void restoring_that_takes_too_long_is_interrupted(void **state)
{
    (void)state;
    size_t size;
    uint8_t *data = saved("import time\nclass S:\n  def __reduce__(self): return (time.sleep, (60,))\n"
                          "print(1)\nx = S()", 1, &size);
    clutch_sandbox *sandbox = fresh();
    clutch_session_report *report = UNTOUCHED;
    clutch_error error;
    int fd = file_of(data, size);
    assert_refused(session_restore(sandbox, fd, 300, &report, &error), CLUTCH_E_TIMEOUT, &error);
    assert_text(answer(sandbox, "print('goes on')"), "goes on");
    close(fd);
    free(data);
    clutch_sandbox_destroy(sandbox);
}

static void what_is_printed_meanwhile_goes_nowhere(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    int fd = new_file();
    do_run(sandbox, "import os\nclass P:\n  def __reduce__(self):\n    print('saving', flush=True)\n"
                    "    os.write(1, b'raw\\n')\n    return (print, ('restoring',))\nx = P()");
    save(sandbox, fd, 1);
    assert_text(answer(sandbox, "print('next')"), "next");
    clutch_sandbox_destroy(sandbox);
    sandbox = fresh();
    clutch_error error;
    assert_int_equal(restore_code(sandbox, fd, &error), 0);
    assert_text(answer(sandbox, "print('next')"), "next");
    close(fd);
    clutch_sandbox_destroy(sandbox);
}

static void a_file_limit_that_is_too_small_is_said(void **state)
{
    (void)state;
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.file_bytes = 1 << 20;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.limits = &limits;
    clutch_sandbox *sandbox = create(the_engine(), &options);
    clutch_session_report *report = UNTOUCHED;
    clutch_error error;
    int fd = new_file();
    do_run(sandbox, "import os; x = os.urandom(3 << 20)");
    assert_refused(session_save(sandbox, fd, 1, ALLOWED_MS, &report, &error), CLUTCH_E_STATE, &error);
    assert_holds(error.message, "file limit");
    assert_text(answer(sandbox, "print(len(x))"), "3145728");
    close(fd);
    clutch_sandbox_destroy(sandbox);
}

static void a_full_disk_is_said(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_session_report *report = UNTOUCHED;
    clutch_error error;
    int fd = open("/dev/full", O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_refused(session_save(sandbox, fd, 1, ALLOWED_MS, &report, &error), CLUTCH_E_DISK, &error);
    assert_int_equal(error.sys_errno, ENOSPC);
    do_run(sandbox, "1");
    close(fd);
    clutch_sandbox_destroy(sandbox);
}

static void a_sandbox_without_descriptors_says_so(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_session_report *report = NULL;
    clutch_error error;
    int fd = new_file();
    do_run(sandbox, "import os\nfds = []\ntry:\n  while True: fds.append(os.open('/dev/null', os.O_RDONLY))\n"
                    "except OSError: pass");
    assert_refused(session_save(sandbox, fd, 1, ALLOWED_MS, &report, &error), CLUTCH_E_STATE, &error);
    assert_holds(error.message, "descriptor");
    do_run(sandbox, "for f in fds: os.close(f)");
    save(sandbox, fd, 1);
    close(fd);
    clutch_sandbox_destroy(sandbox);
}

/* What the sandbox writes into its own channel is as good as any answer of it. */
static void a_sandbox_that_lies_is_found_out(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        int code;
    } lies[] = {
        {"b'\\xff' * 64", CLUTCH_E_PROTOCOL},
        {"struct.pack('=IHH', 0, 27, 0)", CLUTCH_E_PROTOCOL},
        {"struct.pack('=IHHQQQIIII', 40, 27, 0, 9, 9, 9, 0, 0, 0, 0)", CLUTCH_E_DAMAGED},
        {"struct.pack('=IHHQQQIIII', 40, 27, 0, 9, 9, 9, 0, 0, 5, 0)", CLUTCH_E_PROTOCOL},
        {"struct.pack('=IHHQQQIIII', 40, 31, 0, 9, 9, 9, 0, 0, 0, 0)", CLUTCH_E_PROTOCOL},
        {"struct.pack('=IHHIII', 12, 29, 0, 99, 0, 0)", CLUTCH_E_PROTOCOL},
        {"struct.pack('=IHH', 2 ** 31, 27, 0)", CLUTCH_E_PROTOCOL},
    };
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        clutch_sandbox *sandbox = fresh();
        clutch_session_report *report = UNTOUCHED;
        clutch_error error;
        int fd = new_file();
        do_run(sandbox, format("import os, struct\nclass L:\n  def __reduce__(self):\n"
                               "    os.write(3, %s); os._exit(0)\nx = L()", lies[i].bytes));
        int code = session_save(sandbox, fd, 1, ALLOWED_MS, &report, &error);
        if (code != lies[i].code)
            fail_msg("%s gave %d: %s", lies[i].bytes, code, error.message);
        assert_ptr_equal(report, UNTOUCHED);
        close(fd);
        clutch_sandbox_destroy(sandbox);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(damage_at_any_byte_is_found),
        TEST(damage_of_large_sessions_is_found),
        TEST(a_newer_version_is_refused_as_such),
        TEST(code_of_another_python_is_left_out),
        TEST(what_is_no_session_is_damaged),
        TEST(poison_hurts_only_the_sandbox_that_takes_it),
        TEST(tables_that_contradict_themselves_are_damaged),
        TEST(saving_that_takes_too_long_is_interrupted),
        TEST(saving_that_never_yields_is_killed),
        TEST(restoring_that_takes_too_long_is_interrupted),
        TEST(what_is_printed_meanwhile_goes_nowhere),
        TEST(a_file_limit_that_is_too_small_is_said),
        TEST(a_full_disk_is_said),
        TEST(a_sandbox_that_lies_is_found_out),
        TEST(a_sandbox_without_descriptors_says_so),
    };
    return RUN_TESTS(tests);
}
