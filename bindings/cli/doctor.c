/* SPDX-License-Identifier: Apache-2.0 */
/* doctor.c: `clutch doctor`: what this machine can give, one line a check: "ok|warn|fail  name:
 * fact".
 *
 * The checks are a table and run in its order; a check that needs an engine says nothing without
 * one, since the reason is on the engine's own line. */
#include "doctor.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "clutch.h"
#include "options.h"
#include "print.h"
#include "session.h"
#include "signals.h"

static const char help[] =
    "usage: clutch doctor [options]\n"
    "\n"
    "Prints what this machine can give, one line a check:\n"
    "\"ok|warn|fail  name: fact\".\n"
    "\n"
    OPTIONS_HELP_ENGINE
    "\n"
    "Exit status: 0 an engine opens and runs code, 2 usage, 3 it does not.\n";

/* A sandbox holds about this many descriptors in the host: its socket, its process, its poll
 * descriptor and what an execution opens. */
enum { DESCRIPTORS_PER_SANDBOX = 4, DESCRIPTORS_OF_HOST = 32, SANDBOXES_WANTED = 100 };

enum level { LEVEL_NOTHING, LEVEL_OK, LEVEL_WARN, LEVEL_FAIL };

struct doctor {
    const struct options *options;
    clutch_engine *engine;
    clutch_sandbox *sandbox;
    bool runs_code;
    char fact[1024];
};

/* Writes the fact of a check, and returns the level. */
__attribute__((format(printf, 3, 4))) static enum level say(struct doctor *doctor, enum level level,
                                                            const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vsnprintf(doctor->fact, sizeof doctor->fact, format, values);
    va_end(values);
    return level;
}

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* ---- The machine ---------------------------------------------------------------------------- */

static enum level check_clutch(struct doctor *doctor)
{
    return say(doctor, LEVEL_OK, "%s", clutch_version());
}

static enum level check_build(struct doctor *doctor)
{
    return say(doctor, LEVEL_OK, "%s", clutch_built_with());
}

static enum level check_kernel(struct doctor *doctor)
{
    struct utsname name;
    if (uname(&name) < 0)
        return say(doctor, LEVEL_WARN, "%s", strerror(errno));
    return say(doctor, LEVEL_OK, "%s %s %s", name.sysname, name.release, name.machine);
}

static enum level check_processors(struct doctor *doctor)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) < 0)
        return say(doctor, LEVEL_OK, "%ld", sysconf(_SC_NPROCESSORS_ONLN));
    return say(doctor, LEVEL_OK, "%d of %ld may be used", CPU_COUNT(&set),
               sysconf(_SC_NPROCESSORS_ONLN));
}

static uint64_t read_meminfo(const char *field)
{
    FILE *file = fopen("/proc/meminfo", "re");
    if (file == NULL)
        return 0;
    char line[256];
    uint64_t kibibytes = 0;
    size_t length = strlen(field);
    while (kibibytes == 0 && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, field, length) == 0 && line[length] == ':')
            kibibytes = strtoull(line + length + 1, NULL, 10);
    fclose(file);
    return kibibytes;
}

static enum level check_memory(struct doctor *doctor)
{
    double total = (double)read_meminfo("MemTotal") / (1 << 20);
    double available = (double)read_meminfo("MemAvailable") / (1 << 20);
    if (total <= 0)
        return say(doctor, LEVEL_WARN, "/proc/meminfo cannot be read");
    return say(doctor, available < 0.5 ? LEVEL_WARN : LEVEL_OK, "%.1f GiB, %.1f GiB available",
               total, available);
}

static enum level check_memory_files(struct doctor *doctor)
{
    int fd = memfd_create("clutch-doctor", MFD_CLOEXEC);
    if (fd < 0)
        return say(doctor, LEVEL_FAIL,
                   "memfd_create: %s; the worker inside the library is started from one",
                   strerror(errno));
    close(fd);
    int policy = 0;
    FILE *file = fopen("/proc/sys/vm/memfd_noexec", "re");
    if (file != NULL) {
        if (fscanf(file, "%d", &policy) != 1)
            policy = 0;
        fclose(file);
    }
    if (policy >= 2)
        return say(doctor, LEVEL_FAIL,
                   "they cannot be executed, because vm.memfd_noexec is %d; set it to 1 or 0",
                   policy);
    return say(doctor, LEVEL_OK, "can be made and executed");
}

static enum level check_descriptors(struct doctor *doctor)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return say(doctor, LEVEL_WARN, "%s", strerror(errno));
    if (limit.rlim_cur == RLIM_INFINITY)
        return say(doctor, LEVEL_OK, "no limit");
    uint64_t soft = limit.rlim_cur;
    uint64_t room = soft > DESCRIPTORS_OF_HOST ? soft - DESCRIPTORS_OF_HOST : 0;
    room /= DESCRIPTORS_PER_SANDBOX;
    return say(doctor, room < SANDBOXES_WANTED ? LEVEL_WARN : LEVEL_OK,
               "%" PRIu64 ", enough for about %" PRIu64 " sandboxes at once; hard limit %" PRIu64,
               soft, room, (uint64_t)limit.rlim_max);
}

static enum level check_processes(struct doctor *doctor)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NPROC, &limit) < 0)
        return say(doctor, LEVEL_WARN, "%s", strerror(errno));
    if (limit.rlim_cur == RLIM_INFINITY)
        return say(doctor, LEVEL_OK, "no limit");
    return say(doctor, limit.rlim_cur < SANDBOXES_WANTED ? LEVEL_WARN : LEVEL_OK,
               "%" PRIu64 " of this user, one a sandbox", (uint64_t)limit.rlim_cur);
}

static enum level check_temporary_folder(struct doctor *doctor)
{
    const char *folder = getenv("TMPDIR");
    if (folder == NULL || *folder != '/')
        folder = "/tmp";
    struct statvfs info;
    if (access(folder, W_OK | X_OK) < 0 || statvfs(folder, &info) < 0)
        return say(doctor, LEVEL_FAIL, "%s: %s; set TMPDIR to a folder that can be written", folder,
                   strerror(errno));
    double free_gib = (double)info.f_bavail * (double)info.f_frsize / (1 << 30);
    return say(doctor, free_gib < 0.1 ? LEVEL_WARN : LEVEL_OK, "%s, %.1f GiB free", folder,
               free_gib);
}

/* ---- The engine ----------------------------------------------------------------------------- */

static const char *advice(int code)
{
    switch (code) {
    case CLUTCH_E_ENVIRONMENT: return "; --venv DIR chooses it";
    case CLUTCH_E_PRELOAD:
        return "; install it there, choose an environment with --venv DIR, or try --preload none";
    case CLUTCH_E_WORKER: return "; see \"memory files\" above";
    case CLUTCH_E_TIMEOUT: return "; is the machine overloaded?";
    default: return "";
    }
}

static enum level check_engine(struct doctor *doctor)
{
    clutch_error error;
    double start_ms = now_ms();
    if (session_open_engine(doctor->options, &doctor->engine, &error) < 0)
        return say(doctor, LEVEL_FAIL, "%s%s", error.message, advice(error.code));
    return say(doctor, LEVEL_OK, "opened in %.0f ms", now_ms() - start_ms);
}

static enum level check_environment(struct doctor *doctor)
{
    if (doctor->engine == NULL)
        return LEVEL_NOTHING;
    return say(doctor, LEVEL_OK, "%s", clutch_engine_describe(doctor->engine)->environment);
}

static enum level check_python(struct doctor *doctor)
{
    if (doctor->engine == NULL)
        return LEVEL_NOTHING;
    return say(doctor, LEVEL_OK, "%s", clutch_engine_describe(doctor->engine)->python_version);
}

static enum level say_version(struct doctor *doctor, const char *version)
{
    if (*version != '\0')
        return say(doctor, LEVEL_OK, "%s", version);
    return say(doctor, LEVEL_WARN, "not preloaded");
}

static enum level check_pandas(struct doctor *doctor)
{
    if (doctor->engine == NULL)
        return LEVEL_NOTHING;
    return say_version(doctor, clutch_engine_describe(doctor->engine)->pandas_version);
}

static enum level check_numpy(struct doctor *doctor)
{
    if (doctor->engine == NULL)
        return LEVEL_NOTHING;
    return say_version(doctor, clutch_engine_describe(doctor->engine)->numpy_version);
}

static enum level check_sandbox(struct doctor *doctor)
{
    if (doctor->engine == NULL)
        return LEVEL_NOTHING;
    clutch_error error;
    double start_ms = now_ms();
    if (clutch_sandbox_create(doctor->engine, NULL, &doctor->sandbox, &error) < 0)
        return say(doctor, LEVEL_FAIL, "%s", error.message);
    return say(doctor, LEVEL_OK, "created in %.1f ms", now_ms() - start_ms);
}

/* Runs code whose only output has to be `expected`. */
static enum level run_check(struct doctor *doctor, const char *code, const char *expected)
{
    clutch_error error;
    clutch_result *result;
    double start_ms = now_ms();
    if (clutch_sandbox_run(doctor->sandbox, code, strlen(code), NULL, &result, &error) < 0)
        return say(doctor, LEVEL_FAIL, "%s", error.message);
    double took_ms = now_ms() - start_ms;
    bool right = result->outcome == CLUTCH_OUTCOME_OK && result->output_count == 1 &&
                 strcmp(result->output[0].text, expected) == 0;
    enum level level;
    if (right)
        level = say(doctor, LEVEL_OK, "ran in %.1f ms", took_ms);
    else
        level = say(doctor, LEVEL_FAIL, "%s: %s", clutch_outcome_name(result->outcome),
                    result->error != NULL ? result->error : "its output is not what it should be");
    clutch_result_free(result);
    return level;
}

static enum level check_code(struct doctor *doctor)
{
    if (doctor->sandbox == NULL)
        return LEVEL_NOTHING;
    enum level level = run_check(doctor, "print(6 * 7)", "42");
    doctor->runs_code = level == LEVEL_OK;
    return level;
}

static enum level check_dataframe(struct doctor *doctor)
{
    if (!doctor->runs_code)
        return LEVEL_NOTHING;
    if (*clutch_engine_describe(doctor->engine)->pandas_version == '\0')
        return LEVEL_NOTHING;
    enum level level = run_check(doctor,
                                 "import pandas\n"
                                 "frame = pandas.DataFrame({'k': [1, 2, 1], 'v': [3, 4, 5]})\n"
                                 "print(frame.groupby('k').v.sum().tolist())\n",
                                 "[8, 4]");
    doctor->runs_code = level == LEVEL_OK;
    return level;
}

/* ---- All of it ------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    enum level (*run)(struct doctor *doctor);
} checks[] = {
    {"clutch", check_clutch},
    {"built with", check_build},
    {"kernel", check_kernel},
    {"processors", check_processors},
    {"memory", check_memory},
    {"memory files", check_memory_files},
    {"open files", check_descriptors},
    {"processes", check_processes},
    {"temporary folder", check_temporary_folder},
    {"engine", check_engine},
    {"environment", check_environment},
    {"python", check_python},
    {"pandas", check_pandas},
    {"numpy", check_numpy},
    {"sandbox", check_sandbox},
    {"code", check_code},
    {"first dataframe", check_dataframe},
};

static const char *const words[] = {"", "ok    ", "warn  ", "fail  "};

static void print_check(enum level level, const char *name, const char *fact)
{
    print_text(STDOUT_FILENO, words[level]);
    print_text(STDOUT_FILENO, name);
    print_text(STDOUT_FILENO, ": ");
    print_line(STDOUT_FILENO, fact);
    print_flush();
}

/* What confines sandboxes, and what helps otherwise, as the library found it. */
static void print_facilities(const struct doctor *doctor)
{
    const clutch_engine_info *info = doctor->engine ? clutch_engine_describe(doctor->engine) : NULL;
    for (size_t i = 0; info && i < info->facility_count; i++) {
        const clutch_facility *facility = &info->facilities[i];
        char fact[512];
        snprintf(fact, sizeof fact, "%s%s%s",
                 facility->held        ? "held"
                 : facility->available ? "available"
                                       : "not available",
                 *facility->detail ? ": " : "", facility->detail);
        print_check(facility->available ? LEVEL_OK : LEVEL_WARN, facility->name, fact);
    }
}

static void print_checks(struct doctor *doctor)
{
    for (size_t i = 0; i < sizeof checks / sizeof checks[0] && !signals_stop(); i++) {
        enum level level = checks[i].run(doctor);
        if (level == LEVEL_NOTHING)
            continue;
        print_check(level, checks[i].name, doctor->fact);
    }
    print_facilities(doctor);
}

int doctor_main(int argc, char **argv)
{
    struct options options;
    struct doctor doctor = {.options = &options};
    int status = STATUS_USAGE;
    if (options_parse(&options, OPTIONS_DOCTOR, argc, argv)) {
        if (options.help)
            print_text(STDOUT_FILENO, help);
        else if (signals_open() == 0)
            print_checks(&doctor);
        status = options.help || doctor.runs_code ? STATUS_FINE : STATUS_ENGINE;
    }
    clutch_sandbox_destroy(doctor.sandbox);
    clutch_engine_close(doctor.engine);
    print_flush();
    signals_die();
    options_clear(&options);
    return status;
}
