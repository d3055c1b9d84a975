/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp.c: turns the tables of syscalls.c into filter programs and loads them. libseccomp writes
 * the programs; two things are done to them afterwards. Numbers newer than libseccomp's own table
 * get ENOSYS in front of everything else. And where a filter compares with the sandbox's own
 * process id, which is known only in the sandbox, the program holds a placeholder until then.
 *
 * Loading costs time by length, and what the template loads its children inherit for nothing: hence
 * two filters, the long one in the template. */
#include "confine/parts.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/door.h"

#define OWN_PID_PLACEHOLDER 0x5ba7c0deu /* larger than any process id */
#if defined(__x86_64__)
#define SECCOMP_AUDIT_ARCH_NATIVE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define SECCOMP_AUDIT_ARCH_NATIVE AUDIT_ARCH_AARCH64
#endif
#define NEWEST_CALL 450                 /* newest number that the tables were written for */

enum { KIND_NETWORK = 1, KIND_PROCESSES = 2, KIND_COUNT = 4 };

struct program {
    struct sock_filter *code; /* NULL: sandboxes of this kind are not expected */
    unsigned short length;
};

static struct program programs[KIND_COUNT];
static bool has_door;

static uint32_t conditions_of(bool network, bool processes, bool read_only, uint32_t held)
{
    return (uint32_t)(network ? WHEN_NETWORK : WHEN_NO_NETWORK) |
           (uint32_t)(processes ? WHEN_PROCESSES : WHEN_NO_PROCESSES) |
           (uint32_t)(read_only ? WHEN_READ_ONLY : WHEN_WRITABLE) |
           (uint32_t)(held & CONFINE_LANDLOCK_SCOPE ? 0 : WHEN_SIGNALS_LEAVE) |
           (uint32_t)(held & CONFINE_DOOR ? 0 : WHEN_NO_DOOR);
}

bool seccomp_available(void)
{
    const uint32_t action = SECCOMP_RET_ERRNO;
    return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

static bool applies(const struct call_rule *rule, uint32_t conditions)
{
    return (rule->when & conditions) == rule->when;
}

/* Whether a row that applies mentions the call. */
static bool table_mentions(const struct call_table *table, uint32_t conditions, int call)
{
    for (size_t i = 0; i < table->count; i++)
        for (const int *other = table->rows[i].calls; *other != -1; other++)
            if (*other == call && applies(&table->rows[i], conditions))
                return true;
    return false;
}

static int check_never(uint32_t conditions, struct what *what)
{
    for (size_t i = 0; i < never_calls.count; i++) {
        const struct call_rule *rule = &never_calls.rows[i];
        for (const int *call = rule->calls; applies(rule, conditions) && *call != -1; call++)
            if (table_mentions(&base_calls, conditions, *call))
                return what_refused(what, EINVAL, "system call %d is allowed, though: %s", *call,
                                    rule->why);
    }
    return 0;
}

static struct scmp_arg_cmp comparison(const struct call_test *test, size_t value)
{
    if (test->kind == TEST_NOT_OWN_PID)
        return SCMP_CMP64(test->argument, SCMP_CMP_NE, OWN_PID_PLACEHOLDER);
    return SCMP_CMP64(test->argument, SCMP_CMP_MASKED_EQ, test->mask, test->values[value]);
}

/* Adds one call of a row; calls that the architecture does not have are left out by libseccomp. */
static int add_call(scmp_filter_ctx filter, const struct call_rule *rule, int call)
{
    uint32_t action = rule->answer == 0 ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO((uint32_t)rule->answer);
    size_t variants = rule->tests[0].value_count ? rule->tests[0].value_count : 1;
    int result = 0;
    for (size_t i = 0; i < variants && result == 0; i++) {
        struct scmp_arg_cmp compare[2];
        unsigned count = 0;
        for (size_t j = 0; j < 2 && rule->tests[j].kind != TEST_NONE; j++)
            compare[count++] = comparison(&rule->tests[j], j == 0 ? i : 0);
        result = seccomp_rule_add_array(filter, action, call, count, compare);
        if (result == -EEXIST) /* a row before it has it already */
            result = 0;
    }
    return result;
}

static int add_rules(scmp_filter_ctx filter, const struct call_table *table, uint32_t conditions,
                     struct what *what)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct call_rule *rule = &table->rows[i];
        for (const int *call = rule->calls; applies(rule, conditions) && *call != -1; call++) {
            int result = add_call(filter, rule, *call);
            if (result < 0)
                return what_refused(what, -result, "libseccomp refuses the rule for system call %d",
                                    *call);
        }
    }
    return 0;
}

/* What stands before libseccomp's program. Jumps are relative, so nothing in that has to change. */
struct head {
    struct sock_filter code[32];
    unsigned short length;
};

static void add_head(struct head *head, struct sock_filter instruction)
{
    head->code[head->length++] = instruction;
}

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define LOAD_HIGH(argument)                                                                        \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[argument]) + 4)
#define UNLESS(value, skipped) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skipped)
#define WHERE(value, skipped) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, skipped, 0)
#define TELL BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF)

/* The calls of base/door.h go to the listener, on this architecture alone. Each test that fails leads to
 * the end of the head. */
static void add_door(struct head *head)
{
    const struct sock_filter door[] = {
        /*  0 */ LOAD(arch),
        /*  1 */ UNLESS(SECCOMP_AUDIT_ARCH_NATIVE, 20),
        /*  2 */ LOAD_HIGH(DOOR_NUMBER),
        /*  3 */ BPF_STMT(BPF_ALU | BPF_AND | BPF_K, (uint32_t)(DOOR_MARK_MASK >> 32)),
        /*  4 */ UNLESS((uint32_t)(DOOR_MARK >> 32), 17),
        /*  5 */ LOAD(nr),
        /*  6 */ WHERE(SYS_clone, 4),
        /*  7 */ WHERE(SYS_capset, 2),
        /*  8 */ WHERE(SYS_landlock_create_ruleset, 1),
        /*  9 */ UNLESS(SYS_landlock_restrict_self, 12),
        /* 10 */ TELL,
        /* 11 */ LOAD_HIGH(DOOR_FLAGS),
        /* 12 */ UNLESS(0, 9),
        /* 13 */ LOAD(args[DOOR_STACK]),
        /* 14 */ UNLESS(0, 7),
        /* 15 */ LOAD_HIGH(DOOR_STACK),
        /* 16 */ UNLESS(0, 5),
        /* 17 */ LOAD(args[DOOR_FLAGS]),
        /* 18 */ WHERE(DOOR_SAME, 2),
        /* 19 */ WHERE(DOOR_APART, 1),
        /* 20 */ UNLESS(DOOR_ANNOUNCE, 1),
        /* 21 */ TELL,
    };
    for (size_t i = 0; i < sizeof door / sizeof door[0]; i++)
        add_head(head, door[i]);
}

/* Reads the program that libseccomp writes to a descriptor, and puts the head in front of it. */
static int export_program(scmp_filter_ctx filter, const struct head *head, struct program *program)
{
    struct stat status;
    int fd = memfd_create("filter", MFD_CLOEXEC);
    if (fd < 0)
        return -1;
    int result = seccomp_export_bpf(filter, fd);
    if (result < 0 || fstat(fd, &status) < 0) {
        close(fd);
        errno = result < 0 ? -result : errno;
        return -1;
    }
    size_t size = (size_t)status.st_size, length = size / sizeof(struct sock_filter) + head->length;
    struct sock_filter *code = malloc(sizeof(head->code) + size);
    if (!code || pread(fd, code + head->length, size, 0) != (ssize_t)size || length > BPF_MAXINSNS) {
        free(code);
        close(fd);
        errno = code ? EIO : ENOMEM;
        return -1;
    }
    close(fd);
    memcpy(code, head->code, head->length * sizeof(head->code[0]));
    *program = (struct program){code, (unsigned short)length};
    return 0;
}

static int build_program(const struct call_table *table, uint32_t otherwise, uint32_t conditions,
                         bool door, struct program *program, struct what *what)
{
    struct head head = {.length = 0};
    if (door)
        add_door(&head);
    /* Numbers that the tables do not know. */
    add_head(&head, (struct sock_filter)LOAD(nr));
    add_head(&head, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, NEWEST_CALL, 0, 1));
    add_head(&head, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS));
    scmp_filter_ctx filter = seccomp_init(otherwise);
    if (!filter)
        return what_refused(what, ENOMEM, "libseccomp cannot start a filter");
    /* Calls of another architecture's table, such as 32-bit ones: as if the kernel had none. */
    int result = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS));
    if (result == 0)
        result = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a binary tree */
    if (result < 0) {
        seccomp_release(filter);
        return what_refused(what, -result, "libseccomp refuses an attribute");
    }
    result = add_rules(filter, table, conditions, what);
    if (result == 0 && export_program(filter, &head, program) < 0)
        result = what_failed(what, "seccomp program");
    seccomp_release(filter);
    return result;
}

/* Returns a descriptor with a flag that asks for one, else 0; -1 on failure. */
static int load(const struct program *program, unsigned flags, struct what *what)
{
    struct sock_fprog loaded = {program->length, program->code};
    int result = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &loaded);
    return result < 0 ? what_failed(what, "seccomp filter") : result;
}

int seccomp_prepare(const struct confine_options *options, uint32_t held, bool read_only,
                    struct what *what)
{
    struct program base;
    has_door = held & CONFINE_DOOR;
    uint32_t conditions = conditions_of(options->network, options->processes, read_only, held);
    if (check_never(conditions, what) < 0 ||
        build_program(&base_calls, SCMP_ACT_ERRNO(EPERM), conditions, false, &base, what) < 0)
        return -1;
    for (unsigned kind = 0; kind < KIND_COUNT; kind++) {
        bool network = kind & KIND_NETWORK, processes = kind & KIND_PROCESSES;
        if ((network && !options->network) || (processes && !options->processes))
            continue;
        conditions = conditions_of(network, processes, read_only, held);
        if (build_program(&sandbox_calls, SCMP_ACT_ALLOW, conditions, has_door, &programs[kind], what) < 0)
            return -1;
    }
    int result = privileges_seal(what);
    if (result == 0)
        result = load(&base, 0, what);
    free(base.code);
    return result;
}

/* Writes the process id over the placeholders. The program is the sandbox's own copy of the
 * page. */
static void set_own_pid(struct program *program, uint32_t pid)
{
    for (unsigned short i = 0; i < program->length; i++) {
        struct sock_filter *code = &program->code[i];
        if (code->code == (BPF_JMP | BPF_JEQ | BPF_K) && code->k == OWN_PID_PLACEHOLDER)
            code->k = pid;
    }
}

int seccomp_enter(const struct confine_policy *policy, int *door_fd, struct what *what)
{
    struct program *program = &programs[(policy->network ? KIND_NETWORK : 0) |
                                        (policy->processes ? KIND_PROCESSES : 0)];
    if (!program->code)
        return what_refused(what, EINVAL, "the template was not prepared for %s%s%s",
                            policy->network ? "the network" : "",
                            policy->network && policy->processes ? " and " : "",
                            policy->processes ? "child processes" : "");
    set_own_pid(program, (uint32_t)getpid());
    int result = load(program, has_door ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0, what);
    *door_fd = has_door ? result : -1;
    return result < 0 ? -1 : 0;
}
