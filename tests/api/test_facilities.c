/* SPDX-License-Identifier: Apache-2.0 */
/* test_facilities.c: with any one facility switched off the report says so, sandboxes work, and what
 * another one holds still holds. */
#include "support.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/ipc.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

enum { WORDS_MAX = 40, HOLDERS_MAX = 4 };

/* ---- What the attacks aim at ---- */

static struct {
    const char *folder;
    int listener, named; /* on the loopback, and at an abstract name */
    unsigned port;
    int memory; /* a System V segment */
    char host_name[128];
    const char *impossible; /* what this process itself cannot do, unconfined */
} scene;

static int set_up(void **state)
{
    (void)state;
    scene.folder = make_folder();
    chmod(scene.folder, 0755);
    write_file(format("%s/secret", scene.folder), "secret");
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    scene.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(scene.listener, (struct sockaddr *)&address, length), 0);
    assert_int_equal(getsockname(scene.listener, (struct sockaddr *)&address, &length), 0);
    assert_int_equal(listen(scene.listener, 64), 0);
    scene.port = ntohs(address.sin_port);
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int size = snprintf(name.sun_path + 1, sizeof name.sun_path - 1, "clutch-test-%d", getpid());
    scene.named = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(scene.named, (struct sockaddr *)&name,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)size)), 0);
    assert_int_equal(listen(scene.named, 64), 0);
    scene.memory = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0666);
    assert_true(scene.memory >= 0);
    gethostname(scene.host_name, sizeof scene.host_name - 1);
    scene.impossible = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? "gain_privileges" : "";
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    close(scene.listener);
    close(scene.named);
    shmctl(scene.memory, IPC_RMID, NULL);
    remove_tree(scene.folder);
    return 0;
}

/* ---- The claims ---- */

/* What a sandbox cannot do as long as one of the holders is there, and can when none is. */
struct claim {
    const char *name, *attack; /* an expression that is true, or raises nothing, when it worked */
    const char *holders[HOLDERS_MAX + 1];
};

static const struct claim claims[] = {
    {"read_a_file", "open(FOLDER + '/secret').read() == 'secret'", {"landlock_files", "mount_namespace"}},
    {"make_a_file", "open(FOLDER + '/made', 'w')", {"landlock_files", "mount_namespace"}},
    {"connect_to_a_port", "socket.create_connection(('127.0.0.1', PORT))",
     {"seccomp", "network_namespace", "landlock_network"}},
    {"connect_to_a_name", "socket.socket(socket.AF_UNIX).connect(NAME) is None",
     {"seccomp", "network_namespace", "landlock_scope"}},
    {"signal_the_host", "os.kill(HOST, 0) is None", {"pid_namespace", "landlock_scope", "seccomp"}},
    {"share_memory_with_the_host", "libc.shmat(MEMORY, None, 0) not in (None, 2**64 - 1)",
     {"seccomp", "ipc_namespace"}},
    {"learn_the_hosts_name", "os.uname().nodename == HOST_NAME", {"uts_namespace"}},
    {"make_a_memory_file", "os.memfd_create('m')", {"seccomp"}},
    {"take_more_memory", "bytearray(1 << 30)", {"memory_limit"}},
    {"start_more_threads", "start_threads(30)", {"thread_limit"}},
    {"fill_the_disk", "open('big', 'wb', buffering=0).write(bytes(2 << 20)) == 2 << 20", {"disk_limit"}},
    {"gain_privileges", "libc.prctl(39, 0, 0, 0, 0) == 0",
     {"no_new_privs", "seccomp", "landlock_files", "landlock_network"}},
};

/* In every sandbox, before the attacks. */
static const char work[] = "import json, threading\nkept, told = {'a': [1, 2.5]}, []\n"
                           "with open('kept.json', 'w') as file: json.dump(kept, file)\n"
                           "thread = threading.Thread(target=lambda: told.append(sum(range(1000))))\n"
                           "thread.start(); thread.join()\n"
                           "print(json.load(open('kept.json')) == kept and told[0])";

enum { CLAIMS = sizeof claims / sizeof claims[0] };

static const char prelude[] =
    "import ctypes, os, socket, threading\n"
    "FOLDER, PORT, NAME, HOST, MEMORY, HOST_NAME = '%s', %u, '\\0clutch-test-%d', %d, %d, '%s'\n"
    "libc = ctypes.CDLL(None, use_errno=True)\nlibc.shmat.restype = ctypes.c_void_p\n"
    "def start_threads(count):\n"
    "    threading.stack_size(1 << 18)\n"
    "    go, started = threading.Event(), []\n"
    "    try:\n"
    "        for i in range(count):\n"
    "            started.append(threading.Thread(target=go.wait)); started[-1].start()\n"
    "        return True\n"
    "    finally:\n"
    "        go.set(); [thread.join() for thread in started if thread.ident]\n"
    "def worked(attack):\n"
    "    try: return bool(attack())\n"
    "    except (OSError, MemoryError, RuntimeError) as error: print(error); return False\n";

/* ---- Reports ---- */

static const clutch_facility *find(clutch_engine *engine, const char *word)
{
    const clutch_engine_info *info = clutch_engine_describe(engine);
    for (size_t i = 0; i < info->facility_count; i++)
        if (strcmp(info->facilities[i].name, word) == 0)
            return &info->facilities[i];
    fail_msg("the report does not tell of %s", word);
    return NULL;
}

static bool holds(clutch_engine *engine, const char *word)
{
    return find(engine, word)->held;
}

static bool is_one_of(const char *word, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(*words, word) == 0)
            return true;
    return false;
}

/* The facilities that hold with all defaults; ended by NULL. */
static size_t list_held(const char **words)
{
    static char names[WORDS_MAX][64];
    clutch_engine *engine = open_bare(NULL);
    const clutch_engine_info *info = clutch_engine_describe(engine);
    size_t count = 0;
    assert_in_range(info->facility_count, 16, WORDS_MAX);
    for (size_t i = 0; i < info->facility_count; i++) {
        if (!info->facilities[i].held)
            continue;
        assert_true(info->facilities[i].available);
        snprintf(names[count], sizeof names[count], "%s", info->facilities[i].name);
        words[count] = names[count];
        count++;
    }
    words[count] = NULL;
    clutch_engine_close(engine);
    return count;
}

static clutch_engine *open_without(const char *const *disable)
{
    static const char *const nothing[] = {NULL};
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    options.require = nothing;
    options.disable = disable;
    return open_bare(&options);
}

/* What one facility needs goes with that one. An ordinary user makes all namespaces in a user namespace;
 * root's sandboxes are a user of their own, whose threads are counted, where both of two are there. The door
 * through which copies are made is there only where copies can be confined as their origin is. */
static bool goes_with(const char *word, const char *disabled)
{
    static const char *const namespaces[] = {"pid_namespace", "mount_namespace", "network_namespace",
                                             "ipc_namespace", "uts_namespace", "disk_limit",
                                             "thread_limit", NULL};
    static const char *const of_door[] = {"no_new_privs", "pid_namespace", "landlock_scope", "seccomp",
                                          NULL};
    bool is_root = geteuid() == 0;
    if (strcmp(word, "clone_door") == 0)
        return is_one_of(disabled, of_door) || (!is_root && strcmp(disabled, "user_namespace") == 0);
    if (strcmp(disabled, "user_namespace") == 0)
        return is_root ? strcmp(word, "thread_limit") == 0 : is_one_of(word, namespaces);
    if (strcmp(disabled, "mount_namespace") == 0)
        return strcmp(word, "disk_limit") == 0 || (is_root && strcmp(word, "thread_limit") == 0);
    return false;
}

/* ---- Attacks ---- */

static const char *make_attacks(void)
{
    static char code[16384];
    int length = snprintf(code, sizeof code, prelude, scene.folder, scene.port, getpid(), getpid(),
                          scene.memory, scene.host_name);
    for (size_t i = 0; i < CLAIMS; i++)
        length += snprintf(code + length, sizeof code - (size_t)length,
                           "print('@%s', worked(lambda: %s))\n", claims[i].name, claims[i].attack);
    assert_in_range(length, 1, sizeof code - 1);
    return code;
}

static const char *printed(const clutch_result *result)
{
    const char *all = "";
    for (size_t i = 0; i < result->output_count; i++)
        all = format("%s%s\n", all, result->output[i].text);
    return all;
}

/* Each attack works if and only if nothing that is reported to hold is in its way. */
static void assert_claims(clutch_engine *engine, const char *disabled)
{
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.memory_bytes = 512 << 20;
    limits.threads = 20;
    limits.disk_bytes = 1 << 20;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.limits = &limits;
    clutch_sandbox *sandbox = create(engine, &options);
    assert_text(answer(sandbox, work), "499500");
    clutch_result *result = run(sandbox, make_attacks());
    if (result->outcome != CLUTCH_OUTCOME_OK)
        fail_msg("without %s: %s", disabled, result->error);
    for (size_t i = 0; i < CLAIMS; i++) {
        bool is_held = false;
        for (const char *const *holder = claims[i].holders; *holder; holder++)
            is_held = is_held || holds(engine, *holder);
        if (!is_held && strcmp(claims[i].name, scene.impossible) == 0)
            continue;
        const char *line = format("@%s %s", claims[i].name, is_held ? "False" : "True");
        if (!strstr(printed(result), line))
            fail_msg("without %s: not \"%s\" in: %s", disabled, line, printed(result));
    }
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

/* ---- The tests ---- */

static void what_is_switched_off_alone_is_reported_and_all_else_holds(void **state)
{
    (void)state;
    const char *words[WORDS_MAX + 1];
    size_t count = list_held(words);
    for (size_t i = 0; i < count; i++) {
        const char *const disable[] = {words[i], NULL};
        clutch_engine *engine = open_without(disable);
        assert_true(find(engine, words[i])->available);
        for (size_t j = 0; j < count; j++) {
            bool expected = j != i && !goes_with(words[j], words[i]);
            if (holds(engine, words[j]) != expected)
                fail_msg("without %s %s is reported as %s", words[i], words[j],
                         expected ? "not held" : "held");
        }
        assert_claims(engine, words[i]);
        clutch_engine_close(engine);
    }
}

static void with_everything_switched_off_every_attack_works(void **state)
{
    (void)state;
    const char *words[WORDS_MAX + 1];
    size_t count = list_held(words);
    clutch_engine *engine = open_without(words);
    for (size_t i = 0; i < count; i++)
        assert_false(holds(engine, words[i]));
    assert_claims(engine, "anything");
    clutch_engine_close(engine);
}

/* What does not hold though it is required opens no engine, whether it was switched off itself or needs
 * what was. */
static void what_is_switched_off_cannot_be_required(void **state)
{
    (void)state;
    const char *words[WORDS_MAX + 1];
    size_t count = list_held(words);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++) {
            if (j != i && !goes_with(words[j], words[i]))
                continue;
            const char *const disable[] = {words[i], NULL}, *const require[] = {words[j], NULL};
            static const char *const nothing[] = {NULL};
            clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
            options.preload = nothing;
            options.disable = disable;
            options.require = require;
            clutch_engine *engine = UNTOUCHED;
            clutch_error error;
            assert_refused(clutch_engine_open(&options, &engine, &error), CLUTCH_E_UNSUPPORTED, &error);
            assert_ptr_equal(engine, UNTOUCHED);
            assert_holds(error.message, words[j]);
        }
}

#define IN_SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        IN_SCENE(what_is_switched_off_alone_is_reported_and_all_else_holds),
        IN_SCENE(with_everything_switched_off_every_attack_works),
        TEST(what_is_switched_off_cannot_be_required),
    };
    return RUN_TESTS(tests);
}
