/* SPDX-License-Identifier: Apache-2.0 */
/* toolbox_system.c: the Daytona family's toolbox: what a sandbox uses, and where it is. */
#include "toolbox_system.h"

#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "request.h"
#include "toolbox.h"

/* ---- GET /toolbox/{id}/system/metrics ---- */

/* Processor time of a process so far, in clock ticks; 0 when it is gone. */
static unsigned long long ticks_of(int pid)
{
    char path[40], text[1024];
    unsigned long long user = 0, kernel = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = pid > 0 ? fopen(path, "re") : NULL;
    if (file == NULL)
        return 0;
    const char *line = fgets(text, sizeof text, file), *rest = line != NULL ? strrchr(line, ')') : NULL;
    if (rest == NULL || sscanf(rest + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user,
                               &kernel) != 2)
        user = kernel = 0;
    fclose(file);
    return user + kernel;
}

/* A field of /proc/PID/status, in bytes. */
static unsigned long long memory_of(int pid, const char *field)
{
    char path[40], text[256];
    unsigned long long kib = 0;
    size_t length = strlen(field);
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *file = pid > 0 ? fopen(path, "re") : NULL;
    while (file != NULL && fgets(text, sizeof text, file) != NULL)
        if (strncmp(text, field, length) == 0 && text[length] == ':')
            (void)sscanf(text + length + 1, "%llu", &kib);
    if (file != NULL)
        fclose(file);
    return kib * 1024;
}

/* Of all processors together, over a moment. */
static double used_percent(int pid, long processors)
{
    const struct timespec moment = {.tv_nsec = 100000000};
    unsigned long long before = ticks_of(pid);
    int64_t begun_ns = server_now_ns();
    (void)nanosleep(&moment, NULL);
    unsigned long long after = ticks_of(pid);
    double seconds = (double)(server_now_ns() - begun_ns) / 1e9;
    double used = after > before ? (double)(after - before) / (double)sysconf(_SC_CLK_TCK) : 0;
    double percent = 100 * used / seconds / (double)processors;
    return percent < 100 ? percent : 100;
}

static void answer(struct request *request, clutch_sandbox *sandbox, const clutch_status *status)
{
    struct statvfs disk = {0};
    int pid = clutch_sandbox_pid(sandbox);
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (statvfs(clutch_sandbox_workdir(sandbox), &disk) != 0) {
        reply_error(request, 500, "the sandbox's folder cannot be looked at");
        return;
    }
    json_int_t total = (json_int_t)(disk.f_blocks * disk.f_frsize);
    json_int_t left = (json_int_t)(disk.f_bavail * disk.f_frsize);
    json_int_t free_bytes = (json_int_t)(disk.f_bfree * disk.f_frsize);
    double percent = used_percent(pid, processors);
    int64_t now_ms = request->begun_ms + (server_now_ns() - request->begun_ns) / 1000000;
    reply_json(request, 200,
               json_pack("{s:I,s:f,s:I,s:I,s:I,s:I,s:I,s:I,s:o,s:I}", "cpuCount", (json_int_t)processors,
                         "cpuUsedPct", percent, "memUsed", (json_int_t)status->memory_bytes, "memTotal",
                         (json_int_t)request->server->config->memory_bytes, "memCache",
                         (json_int_t)memory_of(pid, "RssFile"), "diskUsed", total - free_bytes, "diskTotal",
                         total, "diskFree", left, "timestamp", reply_time(now_ms), "timestampUnix",
                         (json_int_t)(now_ms / 1000)));
}

void toolbox_metrics(struct request *request)
{
    clutch_sandbox *sandbox;
    clutch_status *status;
    clutch_error error;
    if (!toolbox_open(request, &sandbox))
        return;
    if (clutch_sandbox_status(sandbox, &status, &error) < 0) {
        reply_failure(request, &error);
    } else {
        answer(request, sandbox, status);
        clutch_status_free(status);
    }
    clutch_sandbox_release(sandbox);
}

/* ---- GET /toolbox/{id}/work-dir, /user-home-dir ---- */

void toolbox_folder(struct request *request)
{
    clutch_sandbox *sandbox;
    if (!toolbox_open(request, &sandbox))
        return;
    reply_json(request, 200, json_pack("{s:s}", "dir", clutch_sandbox_workdir(sandbox)));
    clutch_sandbox_release(sandbox);
}
