/* SPDX-License-Identifier: Apache-2.0 */
/* test_copies_hostile.c: sandboxes that lie about their copies harm nobody but themselves.
 *
 * The code takes the worker's part: it answers the host's frames itself, and makes the calls that the host
 * lets pass, or lets another process make them. */
#include "support.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

/* on_clone(number, flags) is what it does when a copy is asked for. */
#define HOSTILE                                                                                    \
    "import ctypes, mmap, os, struct, time\n"                                                      \
    "libc = ctypes.PyDLL(None, use_errno=True)\n"                                                  \
    "ANNOUNCE = 0x80008011\n"                                                                      \
    "def door(flags, number):\n"                                                                   \
    "    return libc.syscall(*[ctypes.c_ulong(v) for v in (56, flags, 0, 0, 0, 0, number)])\n"     \
    "def take(size):\n"                                                                            \
    "    data = b''\n"                                                                             \
    "    while len(data) < size: data += os.read(3, size - len(data)) or os._exit(1)\n"            \
    "    return data\n"                                                                            \
    "def send(kind, payload=b'', fd=3):\n"                                                         \
    "    os.write(fd, struct.pack('<IHH', len(payload), kind, 0) + payload)\n"                     \
    "def done(serial): send(19, struct.pack('<QIiIIIQQQQII', serial, *[0] * 11) + bytes(44))\n"    \
    "def be_hostile(serial, on_clone):\n"                                                          \
    "    done(serial)\n"                                                                           \
    "    while True:\n"                                                                            \
    "        size, kind, _ = struct.unpack('<IHH', take(8))\n"                                     \
    "        frame = take(size)\n"                                                                 \
    "        if kind == 34:\n"                                                                     \
    "            number, apart = struct.unpack_from('<QI', frame)\n"                               \
    "            on_clone(number, 0x11228011 if apart else 0x01208011)\n"                          \
    "        else:\n"                                                                              \
    "            exec(frame[28 + struct.unpack_from('<I', frame, 20)[0]:].decode(), globals())\n"  \
    "            done(struct.unpack_from('<Q', frame)[0])\n"

/* What it answers is its own affair. */
static void run_anyhow(clutch_sandbox *sandbox, const char *code)
{
    clutch_result *result;
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_sandbox_run(sandbox, code, strlen(code), NULL, &result, &error), &error);
    clutch_result_free(result);
}

/* A process of the host's own with that number, in a group of its own; 0 when it was not had. */
static pid_t process_with_number(pid_t number)
{
    for (int i = 0; i < 50; i++) {
        int fd = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);
        bool written = fd >= 0 && dprintf(fd, "%d", number - 1) > 0;
        close(fd);
        pid_t child = written ? fork() : -1;
        if (child == 0) {
            pause();
            _exit(0);
        }
        if (child < 0)
            return 0;
        setpgid(child, child);
        if (child == number)
            return child;
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
    return 0;
}

/* What the template was told before is done then. */
static void create_and_drop(void)
{
    clutch_sandbox_destroy(fresh());
}

/* A child process of the sandbox's says that it is the copy, and ends. Another process gets its number. */
static void a_number_that_a_sandbox_gave_away_is_not_killed(void **state)
{
    (void)state;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.processes = true;
    options.undo_depth = 1;
    clutch_sandbox *sandbox = create(the_engine(), &options);
    run_anyhow(sandbox, HOSTILE "child = 0\n"
                                "def on_clone(number, flags):\n"
                                "    global child\n"
                                "    child = libc.fork()\n"
                                "    while child == 0:\n"
                                "        if door(ANNOUNCE, number) >= 0: time.sleep(100)\n"
                                "    if door(flags, number) == 0: os._exit(0)\n"
                                "    send(35)\n"
                                "be_hostile(1, on_clone)");
    clutch_execution *execution =
        start(sandbox, "time.sleep(0.3); os.kill(child, 9); os.waitpid(child, 0); child = 0");
    pid_t number = 0;
    while (children_of(clutch_sandbox_pid(sandbox), &number, 1) == 0)
        sleep_ms(1);
    clutch_result_free(wait_for(execution));
    pid_t bystander = process_with_number(number);
    if (bystander == 0) {
        clutch_sandbox_destroy(sandbox);
        skip();
    }
    run_anyhow(sandbox, "pass"); /* and the checkpoint goes, as there is another one */
    clutch_sandbox_destroy(sandbox);
    create_and_drop();
    assert_true(is_alive(bystander));
    kill(bystander, SIGKILL);
    waitpid(bystander, NULL, 0);
}

/* A copy that was made before, and has been told the number. */
static void a_process_is_no_two_sandboxes(void **state)
{
    (void)state;
    clutch_sandbox *origin = fresh(), *copy = UNTOUCHED, *second = UNTOUCHED;
    clutch_error error = ERROR_UNTOUCHED;
    run_anyhow(origin, "import mmap\nshared = mmap.mmap(-1, 4096)");
    assert_worked(clutch_sandbox_clone(origin, NULL, &copy, &error), &error);
    run_anyhow(origin, HOSTILE "def on_clone(number, flags):\n"
                               "    if door(flags, number) == 0: os._exit(0)\n"
                               "    shared[:8] = struct.pack('<Q', number)\n"
                               "    send(35)\n"
                               "be_hostile(2, on_clone)");
    clutch_execution *execution =
        start(copy, HOSTILE "while (number := struct.unpack('<Q', shared[:8])[0]) == 0: time.sleep(0.001)\n"
                            "fd = door(ANNOUNCE, number)\n"
                            "if fd >= 0:\n"
                            "    send(13, fd=fd)\n"
                            "    time.sleep(1)\n"); /* it is ended as the copy that it said it was */
    int code = clutch_sandbox_clone(origin, NULL, &second, &error);
    assert_true(code < 0);
    clutch_result_free(wait_for(execution));
    clutch_sandbox_destroy(copy);
    clutch_sandbox_destroy(origin);
}

/* It says that there is no copy, and there is one, which says nothing. */
static void copies_that_are_kept_secret_are_ended(void **state)
{
    (void)state;
    enum { COPIES = 5 };
    clutch_sandbox *sandbox = fresh();
    clutch_error error = ERROR_UNTOUCHED;
    pid_t template = clutch_engine_describe(the_engine())->template_pid;
    size_t before = children_of(template, NULL, 0);
    run_anyhow(sandbox, HOSTILE "def on_clone(number, flags):\n"
                                "    if door(flags, number) == 0: time.sleep(1000)\n"
                                "    send(37, struct.pack('<II', 7, 0))\n"
                                "be_hostile(1, on_clone)");
    for (int i = 0; i < COPIES; i++) {
        clutch_sandbox *copy = UNTOUCHED;
        assert_refused(clutch_sandbox_clone(sandbox, NULL, &copy, &error), CLUTCH_E_UNCLONABLE, &error);
    }
    assert_in_range(children_of(template, NULL, 0), 0, before + 3); /* the last one, and helpers */
    clutch_sandbox_destroy(sandbox);
    for (int i = 0; i < 200 && children_of(template, NULL, 0) >= before + 3; i++) {
        create_and_drop(); /* it looks for those that have ended now and then */
        sleep_ms(5);
    }
    assert_in_range(children_of(template, NULL, 0), 0, before + 2);
}

/* Its family waits for as long: one of them is copied at a time. */
static void half_a_word_of_a_copy_is_not_waited_for_longer_than_a_copy(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh(), *copy = UNTOUCHED;
    clutch_error error = ERROR_UNTOUCHED;
    run_anyhow(sandbox, HOSTILE "def on_clone(number, flags):\n"
                                "    if door(flags, number) == 0:\n"
                                "        os.write(door(ANNOUNCE, number), b'abc')\n"
                                "        time.sleep(100)\n"
                                "    send(35)\n"
                                "be_hostile(1, on_clone)");
    uint64_t before_ms = now_ms();
    assert_refused(clutch_sandbox_clone(sandbox, NULL, &copy, &error), CLUTCH_E_TIMEOUT, &error);
    assert_in_range(now_ms() - before_ms, 4000, 8000);
    pid_t pid = clutch_sandbox_pid(sandbox);
    assert_true(pid == 0 || dies(pid, 2000));
    clutch_sandbox_destroy(sandbox);
}

/* A snapshot's process that never gets ready keeps those of its own sandbox waiting. */
static void *take_snapshot(void *sandbox)
{
    clutch_error error = ERROR_UNTOUCHED;
    return (void *)(intptr_t)clutch_sandbox_snapshot(sandbox, "slow", &error);
}

static void snapshots_that_take_their_time_keep_nobody_waiting(void **state)
{
    (void)state;
    clutch_sandbox *quick = fresh(), *slow = fresh();
    clutch_error error = ERROR_UNTOUCHED;
    do_run(quick, "x = 1");
    assert_worked(clutch_sandbox_snapshot(quick, "quick", &error), &error);
    run_anyhow(slow, HOSTILE "def on_clone(number, flags):\n"
                             "    if door(flags, number) == 0:\n"
                             "        door(ANNOUNCE, number)\n"
                             "        time.sleep(3)\n"
                             "        os._exit(0)\n"
                             "    send(35)\n"
                             "be_hostile(1, on_clone)");
    pthread_t taking;
    void *code;
    assert_int_equal(pthread_create(&taking, NULL, take_snapshot, slow), 0);
    sleep_ms(300);
    uint64_t before_ms = now_ms();
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.snapshot = "quick";
    clutch_sandbox *copy = create(the_engine(), &options);
    assert_in_range(now_ms() - before_ms, 0, 1500);
    assert_text(answer(copy, "print(x)"), "1");
    pthread_join(taking, &code);
    assert_true((intptr_t)code < 0);
    clutch_sandbox_destroy(copy);
    clutch_sandbox_destroy(quick);
    clutch_sandbox_destroy(slow);
    assert_worked(clutch_snapshot_delete(the_engine(), NULL, "quick", &error), &error);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_number_that_a_sandbox_gave_away_is_not_killed),
        TEST(a_process_is_no_two_sandboxes),
        TEST(copies_that_are_kept_secret_are_ended),
        TEST(half_a_word_of_a_copy_is_not_waited_for_longer_than_a_copy),
        TEST(snapshots_that_take_their_time_keep_nobody_waiting),
    };
    return RUN_TESTS(tests);
}
