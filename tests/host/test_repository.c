/* SPDX-License-Identifier: Apache-2.0 */
/* test_repository.c: working folders from git repositories. */
#include "repository_support.h"

#include <pthread.h>
#include <sched.h>
#include <sys/mount.h>

/* ---- What a checkout is ---- */

static void a_folder_is_the_default_branch(void **state)
{
    (void)state;
    make_repository("plain");
    const char *folder = check_out(options_for("plain.git"));
    assert_text(branch_of_last, "main");
    assert_text(content_of(format("%s/file", folder)), "one\n");
    sh("cd %s; test -z \"$(git status --porcelain)\"; test \"$(git branch --show-current)\" = main; "
       "test \"$(git remote get-url origin)\" = %s; test \"$(git rev-parse @{u})\" = \"$(git rev-parse "
       "HEAD)\"; git fsck --strict", folder, url_of("plain.git"));
}

static void a_folder_shares_nothing_with_the_cache(void **state)
{
    (void)state;
    const char *folder = check_out(options_for("plain.git"));
    sh("cd %s; test ! -e .git/objects/info/alternates; test -z \"$(find . -type f -links +1)\"; "
       "! grep -rqF %s .", folder, cache);
    sh("mv %s %s.away; cd %s; git fsck --strict; mv %s.away %s", cache, cache, folder, cache, cache);
}

static void other_branches_are_checked_out_by_name(void **state)
{
    (void)state;
    static const char *const names[] = {"side", "feature/x;y", "quo\"te#'$(id)", "main.2"};
    make_repository("many");
    sh("cd many; git commit -qm two --allow-empty");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_int_equal(setenv("BRANCH_OF_TEST", names[i], 1), 0);
        sh("cd many; git push -q origin \"HEAD:refs/heads/$BRANCH_OF_TEST\"");
        struct repository_options options = options_for("many.git");
        options.branch = names[i];
        const char *folder = check_out(options);
        assert_text(branch_of_last, names[i]);
        sh("cd %s; test \"$(git branch --show-current)\" = \"$BRANCH_OF_TEST\"; test \"$(git rev-parse "
           "--symbolic-full-name @{u})\" = \"refs/remotes/origin/$BRANCH_OF_TEST\"; "
           "test \"$(git log --format=%%s)\" = \"$(printf 'two\\none')\"", folder);
    }
    unsetenv("BRANCH_OF_TEST");
}

static void a_branch_may_take_the_place_of_anothers_folder(void **state)
{
    (void)state;
    make_repository("folders");
    sh("cd folders; git push -q origin HEAD:a");
    struct repository_options options = options_for("folders.git");
    options.branch = "a";
    check_out(options);
    sh("cd folders; git push -q origin :a; git push -q origin HEAD:a/b");
    options.branch = "a/b";
    check_out(options);
    assert_text(branch_of_last, "a/b");
}

static void a_head_on_no_branch_is_told_by_its_commit(void **state)
{
    (void)state;
    make_repository("detached");
    sh("cd detached.git; git rev-parse main >../commit; git update-ref --no-deref HEAD main; git update-ref "
       "-d refs/heads/main");
    const char *folder = check_out(options_for("detached.git"));
    assert_int_equal(strlen(branch_of_last), 12);
    assert_memory_equal(content_of(format("%s/commit", root)), branch_of_last, 12);
    assert_text(content_of(format("%s/file", folder)), "one\n");
}

static void an_empty_repository_is_an_empty_folder(void **state)
{
    (void)state;
    sh("git init -q --bare empty.git");
    const char *folder = check_out(options_for("empty.git"));
    assert_text(branch_of_last, "main");
    sh("cd %s; git status --porcelain; test \"$(ls -A)\" = .git", folder);
}

/* ---- The cache ---- */

static void the_second_time_only_the_branch_is_asked_for(void **state)
{
    (void)state;
    make_repository("twice");
    check_out(options_for("twice.git"));
    int first = requests_with("POST /twice.git");
    check_out(options_for("twice.git"));
    assert_in_range(first, 2, 4);
    assert_int_equal(requests_with("POST /twice.git"), first + 1);
}

static void new_commits_come_also_after_history_was_rewritten(void **state)
{
    (void)state;
    make_repository("moving");
    check_out(options_for("moving.git"));
    sh("cd moving; echo two >file; git commit -qam two; git push -q origin main");
    assert_text(content_of(format("%s/file", check_out(options_for("moving.git")))), "two\n");
    sh("cd moving; echo three >file; git commit -qa --amend -m three; git push -qf origin main");
    assert_text(content_of(format("%s/file", check_out(options_for("moving.git")))), "three\n");
}

static void a_damaged_copy_is_made_again(void **state)
{
    (void)state;
    static const char *const damages[] = {
        "for p in *.git/objects/pack/*.pack; do chmod +w $p; printf XXXXXXXX | dd of=$p bs=1 seek=20 "
        "conv=notrunc; done",
        "rm *.git/objects/pack/*.idx",
        "chmod +w *.git/objects/pack/*.pack; truncate -s 30 *.git/objects/pack/*.pack",
        "rm *.git/HEAD",
        "rm *.git/clutch-url",
        "rm -r *.git/objects",
        "echo '[' >>$(echo *.git/config)",
        "for c in *.git; do mv $c ${c%%.git}.new; done",
        "for c in *.git; do rm -r $c; mkdir $c; done",
        "for c in *.git; do printf http://127.0.0.1/another.git >$c/clutch-url; done",
    };
    make_repository("damaged");
    struct repository_options options = options_for("damaged.git");
    options.cache_dir = format("%s/top/own-cache", getenv("TMPDIR"));
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        check_out(options);
        sh("cd %s; %s", options.cache_dir, damages[i]);
        assert_text(content_of(format("%s/file", check_out(options))), "one\n");
        sh("cd %s; test $(ls -d *.git | wc -l) = 1; test ! -e *.new; git -C *.git fsck --strict",
           options.cache_dir);
    }
}

struct crowd {
    struct repository_options options;
    int code;
    clutch_error error;
};

static void *join_crowd(void *argument)
{
    struct crowd *crowd = argument;
    char branch[REPOSITORY_BRANCH_BYTES];
    crowd->code = repository_check_out(&crowd->options, branch, &crowd->error);
    return NULL;
}

static void many_threads_and_processes_share_one_copy(void **state)
{
    (void)state;
    enum { THREADS = 4, PROCESSES = 3 };
    make_repository("crowd");
    pid_t pids[PROCESSES];
    for (int i = 0; i < PROCESSES; i++) {
        struct repository_options options = options_for("crowd.git");
        char branch[REPOSITORY_BRANCH_BYTES];
        options.workdir = new_folder();
        if ((pids[i] = fork()) == 0)
            _exit(repository_check_out(&options, branch, NULL) != 0);
    }
    struct crowd crowds[THREADS];
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        crowds[i] = (struct crowd){.options = options_for("crowd.git")};
        crowds[i].options.workdir = new_folder();
        assert_int_equal(pthread_create(&threads[i], NULL, join_crowd, &crowds[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        if (crowds[i].code)
            fail_msg("thread %d: %s", i, crowds[i].error.message);
        assert_text(content_of(format("%s/file", crowds[i].options.workdir)), "one\n");
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
    }
    /* Each asks once for the branch, and one has fetched, which takes two requests. */
    assert_int_equal(requests_with("POST /crowd.git"), THREADS + PROCESSES + 2);
}

/* ---- What fails, and how ---- */

/* Files in the folder for copies. */
static size_t cache_count(void)
{
    size_t count = 0;
    DIR *folder = opendir(cache);
    assert_non_null(folder);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

static void what_is_missing_is_named(void **state)
{
    (void)state;
    size_t before = cache_count();
    assert_holds(refused(options_for("none.git"), CLUTCH_E_REPOSITORY), "there is no repository at");
    struct repository_options options = options_for("plain.git");
    options.branch = "nowhere";
    assert_holds(refused(options, CLUTCH_E_REPOSITORY), "no branch \"nowhere\"");
    options = options_for("plain.git");
    options.url = "http://127.0.0.1:1/plain.git";
    assert_holds(refused(options, CLUTCH_E_REPOSITORY), "cannot be reached");
    options.url = "http://no-such-host.invalid/plain.git";
    assert_holds(refused(options, CLUTCH_E_REPOSITORY), "is not known");
    options = options_for("plain.git");
    options.workdir = root;
    clutch_error error;
    char branch[REPOSITORY_BRANCH_BYTES];
    assert_refused(repository_check_out(&options, branch, &error), CLUTCH_E_INVALID, &error);
    assert_holds(error.message, "not empty");
    assert_int_equal(cache_count(), before);
}

static void a_slow_server_gets_the_time_that_was_given(void **state)
{
    (void)state;
    struct repository_options options = options_for("slow/plain.git");
    options.timeout_ms = 400;
    uint64_t before_ms = now_ms();
    assert_holds(refused(options, CLUTCH_E_TIMEOUT), "400 ms");
    assert_in_range(now_ms() - before_ms, 400, 2000);
    assert_int_equal(processes_with("/slow/plain.git", NULL), 0);
}

static void a_machine_without_git_is_told_what_to_install(void **state)
{
    (void)state;
    const char *path = strdup(getenv("PATH"));
    setenv("PATH", "/nonexistent:relative", 1);
    const char *message = refused(options_for("plain.git"), CLUTCH_E_UNSUPPORTED);
    setenv("PATH", path, 1);
    free((char *)(uintptr_t)path);
    assert_holds(message, "package git");
}

static bool write_to(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    if (fd >= 0)
        close(fd);
    return written;
}

/* Makes a user other than root the root of a new user namespace. */
static bool map_user(uid_t user, gid_t group)
{
    return user == 0 || (write_to("/proc/self/setgroups", "deny") &&
                         write_to("/proc/self/uid_map", format("0 %u 1\n", user)) &&
                         write_to("/proc/self/gid_map", format("0 %u 1\n", group)));
}

/* In a process with mounts of its own, of which a user other than root has none everywhere. */
static int in_small_disk(unsigned long flags, const char *size, bool in_cache)
{
    struct repository_options options = options_for("heavy.git");
    const char *disk = new_folder();
    pid_t pid = fork();
    if (pid == 0) {
        uid_t user = geteuid();
        gid_t group = getegid();
        if (unshare(CLONE_NEWNS | (user ? CLONE_NEWUSER : 0)) != 0 || !map_user(user, group) ||
            mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
            mount("none", disk, "tmpfs", 0, size) != 0)
            _exit(200);
        const char *folder = format("%s/inner", disk);
        mkdir(folder, 0700);
        if (flags && mount(NULL, disk, NULL, MS_REMOUNT | flags, NULL) != 0)
            _exit(200);
        options.workdir = in_cache ? new_folder() : folder;
        options.cache_dir = in_cache ? folder : options.cache_dir;
        clutch_error error = {0};
        char branch[REPOSITORY_BRANCH_BYTES];
        int code = repository_check_out(&options, branch, &error);
        printf("# %s\n", error.message);
        _exit(code < -100 || entry_count(options.workdir) ? 201 : -code);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 200)
        skip();
    return -WEXITSTATUS(status);
}

static void a_full_or_read_only_disk_is_a_disk_error(void **state)
{
    (void)state;
    make_repository("heavy");
    sh("cd heavy; head -c 3000000 /dev/urandom >data; git add data; git commit -qm data; git push -q origin "
       "main");
    assert_int_equal(in_small_disk(0, "size=1m", true), CLUTCH_E_DISK);
    assert_int_equal(in_small_disk(0, "size=1m", false), CLUTCH_E_DISK);
    assert_int_equal(in_small_disk(0, "size=4m", false), CLUTCH_E_DISK); /* objects fit, files do not */
    assert_int_equal(in_small_disk(MS_RDONLY, "size=1m", true), CLUTCH_E_DISK);
    check_out(options_for("heavy.git"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_folder_is_the_default_branch, begin_repositories),
        TEST(a_folder_shares_nothing_with_the_cache),
        TEST(other_branches_are_checked_out_by_name),
        TEST(a_branch_may_take_the_place_of_anothers_folder),
        TEST(a_head_on_no_branch_is_told_by_its_commit),
        TEST(an_empty_repository_is_an_empty_folder),
        TEST(the_second_time_only_the_branch_is_asked_for),
        TEST(new_commits_come_also_after_history_was_rewritten),
        TEST(a_damaged_copy_is_made_again),
        TEST(many_threads_and_processes_share_one_copy),
        TEST(what_is_missing_is_named),
        TEST(a_slow_server_gets_the_time_that_was_given),
        TEST(a_machine_without_git_is_told_what_to_install),
        TEST(a_full_or_read_only_disk_is_a_disk_error),
        TEST(the_server_is_ended),
    };
    return RUN_TESTS(tests);
}
