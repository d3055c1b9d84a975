/* SPDX-License-Identifier: Apache-2.0 */
/* test_archive.c: archives, from packing to those that somebody forged. */
#include "inside_tree.h"

#include <archive.h>
#include <archive_entry.h>
#include <pthread.h>
#include <zstd.h>

#include "host/archive.h"

static clutch_error error;
#define UNTOUCHED ((char *)0x5a5a)
static const char label[] = "\x50\x2a\x4d\x18\x14\0\0\0" "clutch archive 0001\n";
enum { LABEL_BYTES = sizeof label - 1 };

static int file_at(const char *name)
{
    int fd = open(in(name), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    return fd;
}

/* A sandbox packed into "archive"; its home is "home". */
static int pack_everything(struct archive_report *report)
{
    int home = make_dir(in("home"));
    assert_int_equal(mkdirat(home, "work", 0755), 0);
    int work = open_at(home, "work");
    fill_tree(work);
    put_file(home, "session", "saved variables", 15, 0600);
    int session = openat(home, "session", O_RDONLY | O_CLOEXEC), out = file_at("archive");
    struct archive_source source = {"{\"a\": 1}", 8, session, work};
    assert_fine(archive_pack(&source, out, report, &error), &error);
    close(session);
    close(out);
    close(work);
    return home;
}

static int unpack_into(int home, int work, uint64_t bytes, uint64_t files, char **record)
{
    int in_ = open(in("archive"), O_RDONLY | O_CLOEXEC);
    struct archive_target target = {home, work, bytes, files};
    struct archive_report report;
    size_t length = 0;
    error = (clutch_error){0};
    int code = archive_unpack(in_, "archive", &target, record, &length, &report, &error);
    close(in_);
    if (code == 0 && record && *record)
        assert_int_equal(strlen(*record), length);
    return code;
}

/* ---- There and back ---- */

static void everything_comes_back(void **state)
{
    (void)state;
    struct archive_report report;
    int home = pack_everything(&report), back = make_dir(in("back"));
    assert_int_equal(report.files, KEPT_FILES + 1);
    assert_int_equal(report.folders, KEPT_FOLDERS);
    assert_int_equal(report.links, KEPT_LINKS);
    assert_int_equal(report.left_out.count, LEFT_OUT);
    assert_true(report.content_bytes < 4 << 20);
    struct stat about;
    assert_int_equal(stat(in("archive"), &about), 0);
    assert_int_equal(about.st_size, report.packed_bytes);
    assert_true(about.st_size < 4 << 20);
    char *record = NULL;
    assert_fine(unpack_into(back, -1, 0, 0, &record), &error);
    assert_string_equal(record, "{\"a\": 1}");
    free(record);
    int one = open_at(home, "work"), two = open_at(back, "work");
    assert_int_equal(assert_same_tree(one, two), KEPT_FILES + KEPT_FOLDERS + KEPT_LINKS);
    assert_same_file(home, back, "session", 15);
    walk_left_out_free(&report.left_out);
    close(one);
    close(two);
    close(home);
    close(back);
}

static void a_folder_alone_comes_back(void **state)
{
    (void)state;
    int from = make_dir(in("from")), to = make_dir(in("to")), out = file_at("archive");
    fill_tree(from);
    struct archive_report report;
    struct archive_source source = {NULL, 0, -1, from};
    assert_fine(archive_pack(&source, out, &report, &error), &error);
    walk_left_out_free(&report.left_out);
    close(out);
    char *record = UNTOUCHED;
    assert_fine(unpack_into(-1, to, 0, 0, &record), &error);
    assert_null(record);
    assert_int_equal(assert_same_tree(from, to), KEPT_FILES + KEPT_FOLDERS + KEPT_LINKS);
    close(from);
    close(to);
}

static void the_record_is_read_alone(void **state)
{
    (void)state;
    struct archive_report report;
    int home = pack_everything(&report);
    char *record = NULL;
    size_t length = 0;
    int fd = open(in("archive"), O_RDONLY | O_CLOEXEC);
    assert_fine(archive_read_record(fd, "archive", &record, &length, &error), &error);
    assert_string_equal(record, "{\"a\": 1}");
    assert_int_equal(length, 8);
    free(record);
    close(fd);
    fd = file_at("archive");
    struct archive_source source = {NULL, 0, -1, -1};
    walk_left_out_free(&report.left_out);
    assert_fine(archive_pack(&source, fd, &report, &error), &error);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    record = NULL;
    assert_fails(archive_read_record(fd, "archive", &record, &length, &error), CLUTCH_E_DAMAGED, &error);
    assert_null(record);
    close(fd);
    close(home);
}

static void common_tools_can_read_it(void **state)
{
    (void)state;
    struct archive_report report;
    close(pack_everything(&report));
    walk_left_out_free(&report.left_out);
    if (system("command -v zstd tar >/dev/null 2>&1") != 0)
        return;
    assert_int_equal(system(say("zstd -qdc %s | tar -t 2>/dev/null | head -n 2 | tr '\\n' ' ' > %s",
                                in("archive"), in("list"))), 0);
    char text[64] = "";
    int fd = open(in("list"), O_RDONLY | O_CLOEXEC);
    assert_true(read(fd, text, sizeof text - 1) > 0);
    assert_string_equal(text, "record.json session ");
    close(fd);
}

/* ---- Limits ---- */

static void more_than_allowed_is_refused(void **state)
{
    (void)state;
    struct archive_report report;
    close(pack_everything(&report));
    walk_left_out_free(&report.left_out);
    int back = make_dir(in("back"));
    assert_fails(unpack_into(back, -1, 3 << 20, 0, NULL), CLUTCH_E_TOO_LARGE, &error);
    assert_int_equal(entries_of(back), 0);
    assert_fails(unpack_into(back, -1, 0, 5, NULL), CLUTCH_E_TOO_LARGE, &error);
    assert_int_equal(entries_of(back), 0);
    assert_fine(unpack_into(back, -1, report.content_bytes, 100, NULL), &error);
    close(back);
}

static void a_full_disk_is_a_disks_error(void **state)
{
    (void)state;
    struct archive_report report;
    close(pack_everything(&report));
    walk_left_out_free(&report.left_out);
    int archive = open(in("archive"), O_RDONLY | O_CLOEXEC);
    if (!mount_small(1000, 0)) {
        close(archive);
        return;
    }
    int back = make_dir(in("back")), out = file_at("packed");
    struct archive_target target = {.home_fd = back, .work_fd = -1};
    assert_fails(archive_unpack(archive, "archive", &target, NULL, NULL, &report, &error), CLUTCH_E_DISK,
                 &error);
    assert_int_equal(entries_of(back), 0);
    char *large = malloc(2 << 20);
    for (size_t i = 0; i < 2 << 20; i++)
        large[i] = (char)rand();
    struct archive_source source = {large, 2 << 20, -1, -1};
    assert_fails(archive_pack(&source, out, &report, &error), CLUTCH_E_DISK, &error);
    free(large);
    close(back);
    close(out);
    close(archive);
}

/* ---- Damage ---- */

/* A small sandbox, so that each of its bytes can be tried. */
static size_t pack_small(char *out, size_t room)
{
    int work = make_dir(in("work")), fd = file_at("archive");
    put_file(work, "a", "some text that is kept", 22, 0600);
    assert_int_equal(symlinkat("a", work, "b"), 0);
    assert_int_equal(mkdirat(work, "c", 0755), 0);
    struct archive_source source = {"{}", 2, -1, work};
    struct archive_report report;
    assert_fine(archive_pack(&source, fd, &report, &error), &error);
    ssize_t size = pread(fd, out, room, 0);
    assert_true(size > 100 && (size_t)size < room);
    close(fd);
    close(work);
    return (size_t)size;
}

static void write_archive(const char *data, size_t size)
{
    int fd = file_at("archive");
    assert_int_equal(write(fd, data, size), (ssize_t)size);
    close(fd);
}

static void damage_at_every_byte_is_noticed(void **state)
{
    (void)state;
    static char good[8192], bad[8192];
    size_t size = pack_small(good, sizeof good), harmless = 0;
    int back = make_dir(in("back")), work = open_at(AT_FDCWD, in("work"));
    for (size_t i = 0; i < size; i++)
        for (unsigned bit = 0; bit < 8; bit += 3) {
            memcpy(bad, good, size);
            bad[i] ^= (char)(1 << bit);
            write_archive(bad, size);
            char *record = NULL;
            int code = unpack_into(back, -1, 0, 0, &record);
            if (code == 0) { /* another way to say the same, such as how much memory unpacking needs */
                int made = open_at(back, "work");
                assert_string_equal(record, "{}");
                assert_int_equal(assert_same_tree(work, made), 3);
                close(made);
                assert_int_equal(tree_remove(back, "work"), 0);
                harmless++;
            } else {
                assert_true(code == CLUTCH_E_DAMAGED || code == CLUTCH_E_NEWER);
                assert_true(code == CLUTCH_E_DAMAGED || i < LABEL_BYTES);
                assert_non_null(strstr(error.message, "archive"));
                assert_int_equal(entries_of(back), 0);
            }
            free(record);
        }
    print_message("# %zu of %zu changes of a bit changed nothing\n", harmless, 3 * size);
    assert_true(harmless < 3 * size / 20);
    close(work);
    for (size_t i = 0; i < size; i++) {
        write_archive(good, i);
        assert_fails(unpack_into(back, -1, 0, 0, NULL), CLUTCH_E_DAMAGED, &error);
        assert_int_equal(entries_of(back), 0);
    }
    memcpy(bad, good, size);
    bad[size] = 0;
    write_archive(bad, size + 1);
    assert_fails(unpack_into(back, -1, 0, 0, NULL), CLUTCH_E_DAMAGED, &error);
    close(back);
}

static void a_newer_format_is_refused(void **state)
{
    (void)state;
    static char data[8192];
    size_t size = pack_small(data, sizeof data);
    data[LABEL_BYTES - 2] = '2';
    write_archive(data, size);
    int back = make_dir(in("back"));
    assert_fails(unpack_into(back, -1, 0, 0, NULL), CLUTCH_E_NEWER, &error);
    assert_int_equal(entries_of(back), 0);
    close(back);
}

/* ---- Forgeries ---- */

struct member {
    const char *name;
    mode_t type;
    const char *text; /* content, or target */
    bool hard_link;
};

static void forge(const struct member *members, size_t count)
{
    static char tar[1 << 20], packed[1 << 20];
    size_t used = 0;
    struct archive *archive = archive_write_new();
    archive_write_set_format_pax(archive);
    archive_write_set_options(archive, "hdrcharset=BINARY");
    assert_int_equal(archive_write_open_memory(archive, tar, sizeof tar, &used), ARCHIVE_OK);
    for (size_t i = 0; i < count; i++) {
        struct archive_entry *entry = archive_entry_new();
        archive_entry_copy_pathname(entry, members[i].name);
        archive_entry_set_filetype(entry, members[i].type);
        archive_entry_set_perm(entry, 0644);
        const char *text = members[i].text ? members[i].text : "";
        if (members[i].hard_link)
            archive_entry_copy_hardlink(entry, text);
        else if (members[i].type == AE_IFLNK)
            archive_entry_copy_symlink(entry, text);
        else if (members[i].type == AE_IFREG)
            archive_entry_set_size(entry, (la_int64_t)strlen(text));
        assert_true(archive_write_header(archive, entry) >= ARCHIVE_WARN);
        if (members[i].type == AE_IFREG && !members[i].hard_link)
            archive_write_data(archive, text, strlen(text));
        archive_entry_free(entry);
    }
    archive_write_free(archive);
    memcpy(packed, label, LABEL_BYTES);
    size_t size = ZSTD_compress(packed + LABEL_BYTES, sizeof packed - LABEL_BYTES, tar, used, 1);
    assert_false(ZSTD_isError(size));
    write_archive(packed, LABEL_BYTES + size);
}

#define RECORD {"record.json", AE_IFREG, "{}", false}
#define WORK {"work", AE_IFDIR, NULL, false}
#define FILE_(name) {name, AE_IFREG, "evil", false}

static void forged_members_are_refused(void **state)
{
    (void)state;
    const struct member forgeries[][4] = {
        {RECORD, WORK, FILE_("work/../evil")},
        {RECORD, WORK, FILE_("../evil")},
        {RECORD, WORK, FILE_("/evil")},
        {RECORD, WORK, FILE_("work//evil")},
        {RECORD, WORK, FILE_("work/./evil")},
        {RECORD, WORK, FILE_("work/")},
        {RECORD, WORK, FILE_("work/missing/evil")},
        {RECORD, WORK, FILE_("work/a"), FILE_("work/a")},
        {RECORD, WORK, FILE_("work/a"), FILE_("work/a/b")},
        {RECORD, WORK, {"work/out", AE_IFLNK, "../../outside", false}, FILE_("work/out/evil")},
        {RECORD, WORK, {"work/out", AE_IFLNK, "../../evil", false}, FILE_("work/out")},
        {RECORD, WORK, {"work/pipe", AE_IFIFO, NULL, false}},
        {RECORD, WORK, {"work/device", AE_IFCHR, NULL, false}},
        {RECORD, WORK, FILE_("work/a"), {"work/b", AE_IFREG, "work/a", true}},
        {RECORD, WORK, {"work/b", AE_IFREG, "/etc/passwd", true}},
        {RECORD, {"work", AE_IFLNK, "../outside", false}, FILE_("work/evil")},
        {RECORD, FILE_("work/evil")},
        {RECORD, WORK, RECORD},
        {RECORD, WORK, {"session", AE_IFREG, "late", false}},
        {RECORD, {"session", AE_IFLNK, "/etc/passwd", false}},
        {RECORD, {"session", AE_IFREG, "one", false}, {"session", AE_IFREG, "two", false}},
        {RECORD, WORK, WORK},
        {RECORD, FILE_("other")},
        {{"record.json", AE_IFDIR, NULL, false}},
    };
    int outside = make_dir(in("outside")), holder = make_dir(in("holder")), back;
    assert_int_equal(mkdirat(holder, "back", 0700), 0);
    back = open_at(holder, "back");
    for (size_t i = 0; i < sizeof forgeries / sizeof *forgeries; i++) {
        size_t count = 0;
        while (count < 4 && forgeries[i][count].name)
            count++;
        forge(forgeries[i], count);
        int code = unpack_into(back, -1, 0, 0, NULL);
        if (code != CLUTCH_E_DAMAGED)
            print_error("forgery %zu: %d\n", i, code);
        assert_int_equal(code, CLUTCH_E_DAMAGED);
        assert_null(strchr(error.message, '\n'));
        assert_int_equal(entries_of(back), 0);
        assert_int_equal(entries_of(outside), 0);
        assert_int_equal(entries_of(holder), 1);
    }
    const struct member fine[] = {
        RECORD, WORK, {"work/out", AE_IFLNK, "/etc/passwd", false}, FILE_("work/x")};
    forge(fine, 4);
    assert_fine(unpack_into(back, -1, 0, 0, NULL), &error);
    close(back);
    close(holder);
    close(outside);
}

static void random_content_is_refused(void **state)
{
    (void)state;
    static char noise[40000], packed[100000];
    int back = make_dir(in("back"));
    srand(3);
    for (unsigned round = 0; round < 300; round++) {
        size_t length = (size_t)rand() % sizeof noise;
        for (size_t i = 0; i < length; i++)
            noise[i] = (char)(round % 2 ? rand() : rand() % 12 ? 0 : '0' + rand() % 8);
        memcpy(packed, label, LABEL_BYTES);
        size_t size = ZSTD_compress(packed + LABEL_BYTES, sizeof packed - LABEL_BYTES, noise, length, 1);
        write_archive(packed, LABEL_BYTES + size);
        int code = unpack_into(back, -1, 1 << 20, 1000, NULL);
        assert_true(code == CLUTCH_E_DAMAGED || code == CLUTCH_E_TOO_LARGE || code == 0);
        assert_int_equal(entries_of(back), 0);
    }
    close(back);
}

/* ---- Hostile working folders ---- */

static void holes_without_end_take_no_time(void **state)
{
    (void)state;
    int work = make_dir(in("work")), back = make_dir(in("back")), out = file_at("archive");
    put_sparse(work, "tib", (off_t)1 << 40, (const off_t[]){(off_t)1 << 39}, 1);
    put_sparse(work, "too-large", ((off_t)1 << 40) + 1, NULL, 0);
    int fd = openat(work, "sieve", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    for (off_t i = 0; i < 4200; i++)
        assert_int_equal(pwrite(fd, "x", 1, i * 65536), 1);
    close(fd);
    struct archive_source source = {NULL, 0, -1, work};
    struct archive_report report;
    uint64_t start = now_us();
    assert_fine(archive_pack(&source, out, &report, &error), &error);
    assert_fine(unpack_into(back, -1, 1 << 20, 10, NULL), &error);
    assert_true(now_us() - start < 20000000);
    assert_int_equal(report.left_out.count, 2);
    int unpacked = open_at(back, "work");
    struct stat about;
    assert_int_equal(fstatat(unpacked, "tib", &about, 0), 0);
    assert_true(about.st_size == (off_t)1 << 40 && about.st_blocks < 100);
    assert_same_file(work, unpacked, "tib", (off_t)1 << 40);
    walk_left_out_free(&report.left_out);
    close(unpacked);
    close(work);
    close(back);
    close(out);
}

static void deep_folders_come_back_as_far_as_they_go(void **state)
{
    (void)state;
    int work = make_dir(in("work")), back = make_dir(in("back")), out = file_at("archive");
    char name[256];
    memset(name, 'd', 255);
    name[255] = 0;
    int at = fcntl(work, F_DUPFD_CLOEXEC, 0);
    for (unsigned i = 0; i < 200; i++) { /* a path of 51,000 bytes */
        assert_int_equal(mkdirat(at, name, 0755), 0);
        int next = open_at(at, name);
        close(at);
        at = next;
        put_file(at, "file", "x", 1, 0600);
    }
    close(at);
    struct archive_source source = {NULL, 0, -1, work};
    struct archive_report report;
    assert_fine(archive_pack(&source, out, &report, &error), &error);
    assert_int_equal(report.folders, WALK_DEPTH - 1);
    assert_fine(unpack_into(back, -1, 0, 0, NULL), &error);
    int unpacked = open_at(back, "work");
    assert_int_equal(assert_same_tree(work, unpacked), 2 * (WALK_DEPTH - 1));
    walk_left_out_free(&report.left_out);
    close(unpacked);
    close(work);
    close(back);
    close(out);
}

static _Atomic bool stop;

static void *change(void *user)
{
    int folder = *(int *)user;
    for (unsigned i = 0; !stop; i++) {
        int fd = openat(folder, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        (void)!ftruncate(fd, (off_t)(i * 7919 % 3000000));
        (void)!pwrite(fd, "changed", 7, (off_t)(i % 1000));
        close(fd);
        if (i % 3 == 0)
            unlinkat(folder, "file", 0);
    }
    return NULL;
}

static void files_that_change_meanwhile_do_no_harm(void **state)
{
    (void)state;
    int work = make_dir(in("work")), back = make_dir(in("back"));
    pthread_t thread;
    stop = false;
    assert_int_equal(pthread_create(&thread, NULL, change, &work), 0);
    for (uint64_t until = now_us() + 1000000; now_us() < until;) {
        int out = file_at("archive");
        struct archive_source source = {"{}", 2, -1, work};
        struct archive_report report;
        assert_fine(archive_pack(&source, out, &report, &error), &error);
        walk_left_out_free(&report.left_out);
        close(out);
        assert_fine(unpack_into(back, -1, 0, 0, NULL), &error);
        assert_int_equal(tree_remove(back, "work"), 0);
    }
    stop = true;
    pthread_join(thread, NULL);
    close(work);
    close(back);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(everything_comes_back),
        TEST(a_folder_alone_comes_back),
        TEST(the_record_is_read_alone),
        TEST(common_tools_can_read_it),
        TEST(more_than_allowed_is_refused),
        TEST(a_full_disk_is_a_disks_error),
        TEST(damage_at_every_byte_is_noticed),
        TEST(a_newer_format_is_refused),
        TEST(forged_members_are_refused),
        TEST(random_content_is_refused),
        TEST(holes_without_end_take_no_time),
        TEST(deep_folders_come_back_as_far_as_they_go),
        TEST(files_that_change_meanwhile_do_no_harm),
    };
    return cmocka_run_group_tests_name("host/test_archive", tests, NULL, NULL);
}
