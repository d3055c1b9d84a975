/* SPDX-License-Identifier: Apache-2.0 */
/* facilities.c: confinement as the host asks for it and is told of it. */
#include "worker/facilities.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "python/interpreter.h"
#include "wire/codec.h"

enum { READ_ONLY_PATHS_MAX = 64 };

static struct {
    struct confine_capability capabilities[CONFINE_CAPABILITIES_MAX];
    size_t count;
    struct confine_report report;
    bool tracking_disabled;
} facilities;

/* Confines nothing, but can be left out like what does: then frames are looked at by reading them. */
static const char tracking[] = "page_write_tracking";

static bool is_word(struct wire_text text, const char *word)
{
    return strlen(word) == text.length && memcmp(word, text.data, text.length) == 0;
}

/* A list of words as bits. False, with one line in message, when a word is none; the one that is no bit
 * is allowed where there is a place for it. */
static bool take_words(struct wire_list list, uint32_t *out, bool *tracking_disabled, char *message,
                       size_t size)
{
    struct wire_text word;
    *out = 0;
    while (codec_next_text(&list, &word)) {
        uint32_t found = 0;
        for (unsigned bit = 0; bit < CONFINE_FACILITY_COUNT; bit++)
            if (is_word(word, confine_facility_word(1u << bit)))
                found = 1u << bit;
        if (tracking_disabled && is_word(word, tracking)) {
            *tracking_disabled = true;
        } else if (!found) {
            snprintf(message, size, "\"%.*s\" is no facility that confines: clutch doctor lists them",
                     (int)(word.length < 64 ? word.length : 64), word.data);
            return false;
        }
        *out |= found;
    }
    return true;
}

static char *copy_text(struct wire_text text)
{
    return text.length ? strndup(text.data, text.length) : NULL;
}

int facilities_prepare(const struct wire_warm *warm, char *message, size_t size)
{
    const char *paths[READ_ONLY_PATHS_MAX + 1] = {NULL};
    struct confine_options options = {.read_only_paths = paths, .network = true, .processes = true};
    if (!take_words(warm->require, &options.require, NULL, message, size) ||
        !take_words(warm->disable, &options.disable, &facilities.tracking_disabled, message, size))
        return -1;
    interpreter_paths(paths, READ_ONLY_PATHS_MAX);
    char *state_dir = copy_text(warm->state_dir), *cgroup = copy_text(warm->cgroup);
    options.writable_root = state_dir;
    options.cgroup = cgroup;
    facilities.count = confine_probe(facilities.capabilities, CONFINE_CAPABILITIES_MAX);
    int prepared = confine_prepare(&options, &facilities.report, message, size);
    free(state_dir);
    free(cgroup);
    return prepared;
}

/* One row for each thing the machine was tried for; what confines is named by the same word there and
 * in the report. */
void facilities_put(struct buf *out)
{
    size_t begun = codec_list_begin(out);
    uint32_t count = 0;
    for (size_t i = 0; i < facilities.count; i++) {
        const struct confine_capability *capability = &facilities.capabilities[i];
        bool held = strcmp(capability->name, tracking) == 0 && capability->available &&
                    !facilities.tracking_disabled;
        if (strcmp(capability->name, "kernel") == 0)
            continue; /* that it is there goes without saying */
        for (unsigned bit = 0; bit < CONFINE_FACILITY_COUNT; bit++)
            if (facilities.report.held & (1u << bit) &&
                strcmp(confine_facility_word(1u << bit), capability->name) == 0)
                held = true;
        codec_put_string(out, capability->name);
        codec_put_string(out, capability->detail);
        codec_put_u32(out, capability->available);
        codec_put_u32(out, held);
        count++;
    }
    codec_list_end(out, begun, count);
}

bool facilities_tracking(void)
{
    return !facilities.tracking_disabled;
}

struct confine_policy facilities_policy(const struct wire_fork *fork, const char *workdir,
                                        const char *tmpdir)
{
    return (struct confine_policy){
        .limits = {.memory_bytes = fork->memory_bytes,
                   .file_bytes = fork->file_bytes,
                   .open_files = fork->open_files,
                   .threads = fork->threads,
                   .disk_bytes = fork->disk_bytes,
                   .disk_files = fork->disk_files,
                   .cpu_weight = fork->cpu_weight},
        .workdir = workdir,
        .tmpdir = tmpdir,
        .network = fork->network,
        .processes = fork->processes,
    };
}
