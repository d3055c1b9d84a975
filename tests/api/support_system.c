/* SPDX-License-Identifier: Apache-2.0 */
/* support_system.c: time, processes, descriptors and folders, as the tests ask for them. */
#include "support.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>

uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void sleep_ms(unsigned duration_ms)
{
    struct timespec duration = {duration_ms / 1000, (long)(duration_ms % 1000) * 1000000};
    while (nanosleep(&duration, &duration) != 0 && errno == EINTR)
        continue;
}

bool eventually(bool (*is_so)(void *user), void *user, unsigned patience_ms)
{
    uint64_t deadline_ms = now_ms() + patience_ms;
    for (;;) {
        if (is_so(user))
            return true;
        if (now_ms() > deadline_ms)
            return false;
        sleep_ms(5);
    }
}

/* ---- Processes ---- */

/* Reads a process's state and parent; false when there is none. */
static bool read_process(pid_t pid, char *state, pid_t *parent)
{
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t got = read(fd, text, sizeof text - 1);
    close(fd);
    if (got <= 0)
        return false;
    text[got] = 0;
    /* The name, in brackets, may hold anything. */
    const char *after = strrchr(text, ')');
    return after && sscanf(after + 1, " %c %d", state, parent) == 2;
}

size_t children_of(pid_t pid, pid_t *out, size_t maximum)
{
    DIR *processes = opendir("/proc");
    size_t count = 0;
    struct dirent *entry;
    while (processes && (entry = readdir(processes))) {
        char state;
        pid_t child = atoi(entry->d_name), parent;
        if (child <= 0 || !read_process(child, &state, &parent) || parent != pid)
            continue;
        if (count < maximum)
            out[count] = child;
        count++;
    }
    if (processes)
        closedir(processes);
    return count;
}

pid_t parent_of(pid_t pid)
{
    char state;
    pid_t parent;
    return read_process(pid, &state, &parent) ? parent : 0;
}

char process_state(pid_t pid)
{
    char state;
    pid_t parent;
    return read_process(pid, &state, &parent) ? state : 0;
}

bool is_alive(pid_t pid)
{
    char state;
    pid_t parent;
    return read_process(pid, &state, &parent) && state != 'Z' && state != 'X';
}

size_t orphan_count(void)
{
    pid_t all[4096];
    size_t count = children_of(getppid(), all, 4096), living = 0;
    assert_in_range(count, 1, 4096);
    for (size_t i = 0; i < count; i++)
        living += all[i] != getpid() && is_alive(all[i]);
    return living;
}

static bool has_no_orphan(void *unused)
{
    (void)unused;
    return orphan_count() == 0;
}

bool no_orphan_is_left(unsigned patience_ms)
{
    return eventually(has_no_orphan, NULL, patience_ms);
}

static bool is_dead(void *pid)
{
    return !is_alive(*(pid_t *)pid);
}

bool dies(pid_t pid, unsigned patience_ms)
{
    return eventually(is_dead, &pid, patience_ms);
}

/* ---- Descriptors and memory ---- */

size_t descriptor_count(void)
{
    return entry_count("/proc/self/fd") - 1; /* without the one that looks */
}

size_t resident_bytes(void)
{
    unsigned long all, resident = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file && fscanf(file, "%lu %lu", &all, &resident) != 2)
        resident = 0;
    if (file)
        fclose(file);
    return resident * (size_t)sysconf(_SC_PAGESIZE);
}

/* ---- Folders and files ---- */

size_t entry_count(const char *folder)
{
    DIR *entries = opendir(folder);
    size_t count = 0;
    struct dirent *entry;
    while (entries && (entry = readdir(entries)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            count++;
    if (entries)
        closedir(entries);
    return count;
}

size_t home_count(const char *state_dir)
{
    return entry_count(state_dir) - file_exists(format("%s/spare", state_dir));
}

bool file_exists(const char *path)
{
    struct stat about;
    return lstat(path, &about) == 0;
}

void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

enum { FORMAT_TEXTS = 64 };

const char *format(const char *pattern, ...)
{
    static char texts[FORMAT_TEXTS][8192];
    static unsigned turn;
    char *text = texts[turn++ % FORMAT_TEXTS];
    va_list arguments;
    va_start(arguments, pattern);
    vsnprintf(text, sizeof texts[0], pattern, arguments);
    va_end(arguments);
    return text;
}

const char *program(const char *name)
{
    const char *folder = getenv("CLUTCH_TEST_PROGRAMS");
    if (!folder)
        fail_msg("CLUTCH_TEST_PROGRAMS is not set: it names the folder of the helper programs");
    return format("%s/%s", folder, name);
}

const char *make_folder(void)
{
    static char folders[4][4096];
    static unsigned turn;
    char *folder = folders[turn++ % 4];
    snprintf(folder, sizeof folders[0], "%s/folder-XXXXXX", getenv("TMPDIR"));
    assert_non_null(mkdtemp(folder));
    return folder;
}

static int remove_entry(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about;
    (void)kind;
    (void)where;
    return remove(path);
}

void remove_tree(const char *path)
{
    nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}
