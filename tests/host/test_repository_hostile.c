/* SPDX-License-Identifier: Apache-2.0 */
/* test_repository_hostile.c: repositories, servers and arguments that mean ill, passwords, and manners. */
#include "repository_support.h"

/* ---- Arguments ---- */

static void only_plain_web_addresses_are_taken(void **state)
{
    (void)state;
    static const char *const urls[] = {
        "", "file:///etc", "/etc", "../x", "ext::sh -c id", "ext::sh%20-c%20id",
        "git@github.com:a/b", "ssh://git@github.com/a/b", "git://github.com/a/b", "ftp://a/b",
        "-oProxyCommand=id", "--upload-pack=id", "https://", "https:///a", "https://host",
        "https://host/", "https://-host/a", "https://host:/a", "https://host:99999/a",
        "https://ho st/a", "https://host/a b", "https://host/a\nb", "https://host/a\x01",
        "https://host/\xc3\xa4", "https://host/a\\b", "https://host/../a", "https://host/a/./b",
        "https://host//a", "https://host/%2e%2e/a", "https://host/a%0ab", "https://host/a%0",
        "https://host/a%7fb", "https://host/a?b=c", "https://host/a#b", "https://host/a\"b",
        "https://host/a`b`", "https://ann:hidden@host/a", "https://ann@host/a",
        "http://host@evil/a", "https://[::1/a", "https://[x]/a", "http::ext::x",
        "https://host,evil/a", "http+unix://a/b",
    };
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        struct repository_options options = options_for("plain.git");
        options.url = urls[i];
        const char *message = refused(options, CLUTCH_E_INVALID);
        assert_holds(message, "URL");
        assert_null(strstr(message, "hidden"));
    }
}

static void only_names_of_branches_are_taken(void **state)
{
    (void)state;
    static const char *const branches[] = {
        "", "-b", "--upload-pack=id", "a..b", "a b", "a\nb", "a~1", "a^", "a:b", "a?", "a*", "a[",
        "a\\b", ".a", "a/.b", "a.lock", "a.lock/b", "a/", "/a", "a//b", "a.", "@", "a@{1}", "HEAD",
        "a\x7f", "\x1b[31m",
    };
    for (size_t i = 0; i < sizeof branches / sizeof *branches; i++) {
        struct repository_options options = options_for("plain.git");
        options.branch = branches[i];
        assert_holds(refused(options, CLUTCH_E_INVALID), "branch");
    }
    char long_one[300];
    memset(long_one, 'a', sizeof long_one);
    long_one[299] = 0;
    struct repository_options options = options_for("plain.git");
    options.branch = long_one;
    refused(options, CLUTCH_E_INVALID);
}

static void spellings_of_one_address_share_a_copy(void **state)
{
    (void)state;
    make_repository("spelled");
    struct repository_options options = options_for("spelled.git");
    options.cache_dir = format("%s/top/spelled-cache", getenv("TMPDIR"));
    check_out(options);
    options.url = format("HTTP://127.0.0.1:%d/spelled.git//", server_port);
    check_out(options);
    sh("test $(ls -d %s/*.git | wc -l) = 1", options.cache_dir);
}

/* ---- Passwords ---- */

static struct repository_options as(const char *username, const char *password)
{
    struct repository_options options = options_for("private/secret.git");
    options.username = username;
    options.password = password;
    return options;
}

static void a_password_opens_and_nothing_else_does(void **state)
{
    (void)state;
    make_repository("secret");
    assert_holds(refused(as(NULL, NULL), CLUTCH_E_REPOSITORY), "needs a user name and password");
    check_out(as("ann", "s3cr3t pass"));
    /* Now there is a copy, which is of no use to others. */
    assert_holds(refused(as(NULL, NULL), CLUTCH_E_REPOSITORY), "needs a user name and password");
    const char *message = refused(as("ann", "wr0ng pass"), CLUTCH_E_REPOSITORY);
    assert_holds(message, "does not accept");
    assert_null(strstr(message, "wr0ng"));
    refused(as("bob", "s3cr3t pass"), CLUTCH_E_REPOSITORY);
    check_out(as("ann", "s3cr3t pass"));
    refused(as("ann", "s3cr3t\npass"), CLUTCH_E_INVALID);
    struct repository_options options = as("ann", "s3cr3t pass");
    options.url = "http://host.invalid/a"; /* in the clear */
    assert_holds(refused(options, CLUTCH_E_INVALID), "https://");
}

static void a_password_stays_nowhere(void **state)
{
    (void)state;
    const char *folder = check_out(as("ann", "s3cr3t pass"));
    const char *encoded = "YW5uOnMzY3IzdCBwYXNz";
    assert_true(requests_with(encoded) > 0);
    sh("! grep -rqaF -e 's3cr3t' -e %s %s %s", encoded, folder, cache);
}

static void a_password_does_not_go_to_another_server(void **state)
{
    (void)state;
    pid_t other;
    int port = start_server(&other, NULL, NULL);
    write_file(format("%s/other", root), format("%d\n", port));
    unlink(format("%s/log", root));
    struct repository_options options = as("ann", "s3cr3t pass");
    options.url = url_of("to-other/secret.git");
    refused(options, CLUTCH_E_REPOSITORY);
    assert_true(requests_with("GET /private/secret.git/info/refs") > 0);
    assert_int_equal(requests_with("Basic"), 0);
    stop_server(other);
}

/* ---- While it runs ---- */

static int marker_fd;

/* A process of its own, which waits for a silent server, as a host that may be killed. */
static pid_t begin_waiting(const char *path)
{
    struct repository_options options = options_for(path);
    options.username = "ann";
    options.password = "s3cr3t pass";
    options.workdir = new_folder();
    pid_t pid = fork();
    if (pid == 0) {
        char branch[REPOSITORY_BRANCH_BYTES];
        _exit(repository_check_out(&options, branch, NULL) != CLUTCH_E_TIMEOUT);
    }
    return pid;
}

/* The one that talks to the server is two below git itself. */
static bool talks(void *path)
{
    return processes_with(path, NULL) >= 3 && requests_with(path) >= 1;
}

static bool is_silent(void *path)
{
    return processes_with(path, NULL) == 0;
}

static void git_dies_with_its_host(void **state)
{
    (void)state;
    static const int ends[] = {SIGKILL, SIGTERM, SIGABRT};
    for (int i = 0; i < 3; i++) {
        char path[32];
        snprintf(path, sizeof path, "/slow/dying-%d.git", i);
        pid_t host = begin_waiting(path + 1);
        assert_true(eventually(talks, path, 10000));
        kill(host, ends[i]);
        assert_int_equal(waitpid(host, NULL, 0), host);
        assert_true(eventually(is_silent, path, 2000));
    }
}

static void git_sees_nothing_of_the_host_and_shows_no_password(void **state)
{
    (void)state;
    setenv("SECRET_OF_THE_HOST", "hidden-value", 1);
    marker_fd = open(format("%s/marker", root), O_RDWR | O_CREAT, 0600); /* without close-on-exec */
    char *path = (char *)(uintptr_t)"/slow/shown.git";
    pid_t host = begin_waiting(path + 1), one = 0;
    assert_true(eventually(talks, path, 10000));
    assert_int_equal(processes_with("s3cr3t", NULL), 0);
    processes_with(path, &one);
    assert_true(one > 0);
    sh("for f in /proc/[0-9]*/cmdline; do if grep -qaF %s $f; then p=$(dirname $f); tr '\\0' '\\n' "
       "<$p/cmdline | head -n 1 | grep -q git || continue; ! grep -qaF -e hidden-value -e s3cr3t "
       "$p/environ; ! ls -l $p/fd | grep -q marker; fi; done", path);
    kill(host, SIGKILL);
    assert_int_equal(waitpid(host, NULL, 0), host);
    assert_true(eventually(is_silent, path, 2000));
    close(marker_fd);
    unsetenv("SECRET_OF_THE_HOST");
}

static volatile sig_atomic_t signals_seen;

static void count_signal(int number)
{
    (void)number;
    signals_seen++;
}

static void the_host_hears_of_no_child(void **state)
{
    (void)state;
    make_repository("quiet");
    struct sigaction before, counting = {.sa_handler = count_signal};
    void (*const handlers[])(int) = {count_signal, SIG_IGN, SIG_DFL};
    for (int i = 0; i < 3; i++) {
        counting.sa_handler = handlers[i];
        sigaction(SIGCHLD, &counting, &before);
        signals_seen = 0;
        size_t descriptors = descriptor_count();
        check_out(options_for("quiet.git"));
        struct repository_options options = options_for("slow/quiet.git");
        options.timeout_ms = 300;
        refused(options, CLUTCH_E_TIMEOUT);
        assert_int_equal(signals_seen, 0);
        assert_int_equal(descriptor_count(), descriptors);
        siginfo_t about = {0};
        assert_int_equal(waitid(P_ALL, 0, &about, WEXITED | WNOHANG | WNOWAIT | __WALL), 0);
        assert_int_equal(about.si_pid, 0);
        sigaction(SIGCHLD, &before, NULL);
    }
    assert_true(no_orphan_is_left(1000));
}

/* ---- Contents ---- */

static void programs_that_a_repository_names_do_not_run(void **state)
{
    (void)state;
    make_repository("evil");
    const char *proof = format("%s/proof", root);
    sh("cd evil; mkdir hooks .githooks; for h in post-checkout post-index-change "
       "reference-transaction; do "
       "printf '#!/bin/sh\\ntouch %s\\n' | tee hooks/$h >.githooks/$h; done; chmod +x "
       "hooks/* .githooks/*; "
       "printf '* filter=evil diff=evil merge=evil\\nbig filter=lfs\\n' >.gitattributes; "
       "printf '[core]\\nhooksPath = hooks\\nfsmonitor = touch %s\\n[filter "
       "\"evil\"]\\nsmudge = touch %s\\n' "
       "| tee config .gitconfig >.lfsconfig; echo version https://git-lfs.github.com/spec/v1 >big; "
       "git add .; git commit -qm evil; git push -q origin main", proof, proof, proof);
    const char *folder = check_out(options_for("evil.git"));
    assert_false(file_exists(proof));
    assert_text(content_of(format("%s/big", folder)), "version https://git-lfs.github.com/spec/v1\n");
    assert_false(file_exists(format("%s/.git/hooks/post-checkout", folder)));
}

static void submodules_are_left_alone(void **state)
{
    (void)state;
    const char *proof = format("%s/proof", root);
    make_repository("modules");
    sh("cd modules; printf '[submodule \"a\"]\\npath = a\\nurl = "
       "file://%s/file.git\\n[submodule \"b\"]\\n"
       "path = b\\nurl = https://127.0.0.1:1/x\\nshallow = true\\n' >.gitmodules; git add "
       ".gitmodules; for m in a b; do "
       "git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),$m; done; git "
       "commit -qm m; git push "
       "-q origin main", root);
    const char *folder = check_out(options_for("modules.git"));
    assert_int_equal(entry_count(format("%s/a", folder)), 0);
    assert_false(file_exists(format("%s/.git/modules", folder)));
    sh("cd modules; printf '[submodule \"a\"]\\npath = a\\nurl = ext::touch%%%% %s\\nupdate "
       "= !touch %s\\n' "
       ">.gitmodules; git add .gitmodules; git commit -qm m; git push -q origin main", proof, proof);
    assert_holds(refused(options_for("modules.git"), CLUTCH_E_REPOSITORY), "gitmodules");
    assert_false(file_exists(proof));
}

/* Each makes a tree, whose name it prints. */
static void trees_that_reach_out_are_refused_or_harmless(void **state)
{
    (void)state;
    static const char *const trees[] = {
        "printf '040000 tree %s\\t.git\\n' $t | git mktree",
        "printf '040000 tree %s\\t.GIT\\n' $t | git mktree",
        "printf '040000 tree %s\\tgit~1\\n' $t | git mktree",
        "printf '040000 tree %s\\t..\\n' $t | git mktree",
        "{ printf '100644 a/../../x\\0'; printf %s $b | perl -ne 'print pack \"H*\", $_'; } "
        "| git hash-object "
        "-t tree -w --stdin --literally",
        "l=$(printf %s $OUT | git hash-object -w --stdin); printf '120000 blob "
        "%s\\td\\n040000 tree %s\\td\\n' "
        "$l $t | git mktree",
        "l=$(printf %s $OUT | git hash-object -w --stdin); printf '120000 blob "
        "%s\\t.gitmodules\\n' $l | "
        "git mktree",
    };
    const char *outside = new_folder();
    setenv("OUT", outside, 1);
    for (size_t i = 0; i < sizeof trees / sizeof *trees; i++) {
        const char *name = format("tree-%zu", i);
        make_repository(name);
        sh("cd %s.git; b=$(echo evil | git hash-object -w --stdin); t=$(printf '100644 blob "
           "%%s\\tx\\n' $b | "
           "git mktree); r=$(%s); git update-ref refs/heads/main $(git commit-tree -m evil "
           "$r)", name, trees[i]);
        refused(options_for(format("%s.git", name)), CLUTCH_E_REPOSITORY);
    }
    make_repository("links");
    sh("cd links; ln -s $OUT out; ln -s /etc/passwd secret; git add .; git commit -qm l; "
       "git push -q origin "
       "main");
    const char *folder = check_out(options_for("links.git"));
    sh("cd %s; test -L out; test -L secret", folder);
    assert_int_equal(entry_count(outside), 0);
    unsetenv("OUT");
}

static void redirects_lead_to_the_web_only(void **state)
{
    (void)state;
    refused(options_for("to-file/evil.git"), CLUTCH_E_REPOSITORY);
    refused(options_for("to-ext/evil.git"), CLUTCH_E_REPOSITORY);
    assert_false(file_exists("/tmp/clutch-ext"));
}

static void the_hosts_own_git_configuration_is_not_heeded(void **state)
{
    (void)state;
    make_repository("alone");
    const char *proof = format("%s/proof", root), *home = new_folder();
    sh("mkdir -p %s/t/hooks; printf '#!/bin/sh\\ntouch %s\\n' >%s/t/hooks/post-checkout; chmod +x "
       "%s/t/hooks/post-checkout; printf '[core]\\nhooksPath = "
       "%s/t/hooks\\n[init]\\ntemplateDir = %s/t\\n[url "
       "\"http://127.0.0.1:1/\"]\\ninsteadOf = http://127\\n' >%s/.gitconfig", home, proof,
       home, home, home, home,
       home);
    static const char *const names[] = {
        "HOME", "XDG_CONFIG_HOME", "GIT_TEMPLATE_DIR", "GIT_DIR", "GIT_EXEC_PATH", "GIT_TRACE",
        "GIT_CONFIG_GLOBAL",
    };
    const char *old_home = strdup(getenv("HOME") ? getenv("HOME") : "/");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        setenv(names[i], strcmp(names[i], "GIT_CONFIG_GLOBAL") ? home : format("%s/.gitconfig", home), 1);
    const char *folder = check_out(options_for("alone.git"));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
    setenv("HOME", old_home, 1);
    free((char *)(uintptr_t)old_home);
    assert_false(file_exists(proof));
    assert_false(file_exists(format("%s/.git/hooks", folder)));
}

static void what_is_too_large_is_ended(void **state)
{
    (void)state;
    make_repository("noise");
    make_repository("bomb");
    sh("cd noise; head -c 8000000 /dev/urandom >data; git add data; git commit -qm data; "
       "git push -q origin "
       "main; cd ../bomb; head -c 60000000 /dev/zero >data; git add data; for i in 1 2 3 4 "
       "5 6 7 8 9; do "
       "git update-index --add --cacheinfo 100644,$(git rev-parse :data),data$i; done; git "
       "commit -qm data; "
       "git push -q origin main");
    struct repository_options options = options_for("noise.git");
    options.size_max_bytes = 2000000;
    assert_holds(refused(options, CLUTCH_E_TOO_LARGE), "2000000 bytes");
    sh("cd noise; git push -q origin main~:refs/heads/small");
    options.branch = "small";
    options.size_max_bytes = 1 << 30;
    check_out(options);
    options.branch = "main"; /* into a copy that is there already */
    options.size_max_bytes = 2000000;
    refused(options, CLUTCH_E_TOO_LARGE);
    options = options_for("bomb.git");
    options.size_max_bytes = 50000000;
    refused(options, CLUTCH_E_TOO_LARGE); /* one file */
    options.size_max_bytes = 200000000;
    refused(options, CLUTCH_E_TOO_LARGE); /* all together */
    sh("test -z \"$(find %s -name 'tmp_*')\"", cache);
    sh("test $(du -sk %s | cut -f 1) -lt 20000", cache);
}

static void certificates_are_checked(void **state)
{
    (void)state;
    if (system("command -v openssl >/dev/null") != 0)
        skip();
    make_repository("safe");
    sh("for n in one two; do openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "
       "/CN=localhost -addext "
       "subjectAltName=IP:127.0.0.1 -keyout $n.key -out $n.pem; done");
    pid_t pid;
    int port = start_server(&pid, format("%s/one.pem", root), format("%s/one.key", root));
    struct repository_options options = options_for("safe.git");
    options.url = format("https://127.0.0.1:%d/safe.git", port);
    assert_holds(refused(options, CLUTCH_E_REPOSITORY), "certificate");
    options.ca_file = format("%s/two.pem", root);
    assert_holds(refused(options, CLUTCH_E_REPOSITORY), "certificate");
    options.ca_file = format("%s/one.pem", root);
    check_out(options);
    stop_server(pid);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(only_plain_web_addresses_are_taken, begin_repositories),
        TEST(only_names_of_branches_are_taken),
        TEST(spellings_of_one_address_share_a_copy),
        TEST(a_password_opens_and_nothing_else_does),
        TEST(a_password_stays_nowhere),
        TEST(a_password_does_not_go_to_another_server),
        TEST(git_dies_with_its_host),
        TEST(git_sees_nothing_of_the_host_and_shows_no_password),
        TEST(the_host_hears_of_no_child),
        TEST(programs_that_a_repository_names_do_not_run),
        TEST(submodules_are_left_alone),
        TEST(trees_that_reach_out_are_refused_or_harmless),
        TEST(redirects_lead_to_the_web_only),
        TEST(the_hosts_own_git_configuration_is_not_heeded),
        TEST(what_is_too_large_is_ended),
        TEST(certificates_are_checked),
        TEST(the_server_is_ended),
    };
    return RUN_TESTS(tests);
}
