/* SPDX-License-Identifier: Apache-2.0 */
/* corpus.c: runs scripts that say in comments what their executions give, and prints TAP.
 *
 *     corpus [-e ENVIRONMENT] [--filter TEXT] [--must-fail] FILE|FOLDER...
 *
 * One engine, one sandbox a script. Folders are searched for *.py; folders whose names begin with
 * an underscore only when they are named. With --must-fail the scripts are those that test this
 * program: each has to be complained of for exactly the keys that it names, and together they have
 * to name every key that there is. script.h, check.h and drive.h tell what a script may say. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "check.h"
#include "clutch.h"
#include "drive.h"
#include "script.h"

static struct {
    clutch_engine *engine;
    const char *filter;
    bool must_fail;
    size_t run, failed;
    json_t *complained; /* object: the keys that scripts were complained of for, with --must-fail */
} corpus;

/* ---- TAP ---- */

static void print_result(bool fine, const char *name, const char *skipped, const char *lines)
{
    corpus.run++;
    corpus.failed += !fine;
    printf("%s %zu - %s%s%s\n", fine ? "ok" : "not ok", corpus.run, name,
           skipped ? " # SKIP needs " : "", skipped ? skipped : "");
    while (!fine && lines && *lines) {
        size_t length = strcspn(lines, "\n");
        printf("# %.*s\n", (int)length, lines);
        lines += length + (lines[length] != 0);
    }
    fflush(stdout);
}

/* "folder/name" of ".../folder/name.py". */
static char *name_of(const char *path)
{
    const char *begin = path + strlen(path);
    for (int slashes = 0; begin > path; begin--)
        if (begin[-1] == '/' && ++slashes == 2)
            break;
    size_t length = strlen(begin);
    bool python = length > 3 && strcmp(begin + length - 3, ".py") == 0;
    return strndup(begin, python ? length - 3 : length);
}

/* ---- One script ---- */

static bool has_text(const json_t *texts, const char *text)
{
    size_t at;
    json_t *item;
    json_array_foreach((json_t *)texts, at, item)
        if (strcmp(json_string_value(item), text) == 0)
            return true;
    return false;
}

static bool all_in(const json_t *these, const json_t *those)
{
    size_t at;
    json_t *item;
    json_array_foreach((json_t *)these, at, item)
        if (!has_text(those, json_string_value(item)))
            return false;
    return true;
}

static bool is_fine(const struct script *script, struct report *report)
{
    size_t at;
    json_t *key;
    if (!corpus.must_fail) {
        if (json_array_size(script->must_fail))
            check_complain(report, "must_fail", "has a meaning only with --must-fail");
        return json_array_size(report->keys) == 0;
    }
    json_array_foreach(report->keys, at, key)
        json_object_set_new(corpus.complained, json_string_value(key), json_true());
    bool fine = json_array_size(report->keys) > 0 && all_in(script->must_fail, report->keys) &&
                all_in(report->keys, script->must_fail);
    if (!fine) {
        char *wanted = json_dumps(script->must_fail, 0);
        fprintf(report->lines, "expected complaints of exactly %s\n", wanted ? wanted : "?");
        free(wanted);
    }
    return fine;
}

static int run_file(const char *path)
{
    char *name = name_of(path), *lines = NULL;
    if (name && corpus.filter && !strstr(name, corpus.filter)) {
        free(name);
        return 0;
    }
    size_t size;
    struct script *script = script_read(path);
    struct report report = {open_memstream(&lines, &size), json_array()};
    bool enough_memory = name && script && report.lines && report.keys;
    if (enough_memory) {
        const char *missing = script->fault[0] ? NULL : drive_missing(corpus.engine, script);
        if (script->fault[0])
            check_complain(&report, "script", "%s", script->fault);
        else if (!missing)
            drive_script(corpus.engine, script, &report);
        bool fine = missing || is_fine(script, &report);
        fflush(report.lines);
        print_result(fine, name, missing, lines);
    }
    if (report.lines)
        fclose(report.lines);
    json_decref(report.keys);
    script_free(script);
    free(lines);
    free(name);
    return enough_memory ? 0 : -1;
}

/* ---- All scripts ---- */

static int wanted(const struct dirent *item)
{
    const char *name = item->d_name, *end = strrchr(name, '.');
    if (name[0] == '.' || name[0] == '_')
        return 0;
    return !end || strcmp(end, ".py") == 0;
}

static int run_path(const char *path)
{
    struct stat about;
    if (stat(path, &about) == 0 && !S_ISDIR(about.st_mode))
        return run_file(path);
    struct dirent **items;
    int count = scandir(path, &items, wanted, alphasort);
    if (count < 0) {
        fprintf(stderr, "corpus: %s: %s\n", path, strerror(errno));
        return -1;
    }
    int failure = 0;
    for (int i = 0; i < count; i++) {
        char *inner;
        if (failure == 0 && asprintf(&inner, "%s/%s", path, items[i]->d_name) > 0) {
            failure = run_path(inner);
            free(inner);
        }
        free(items[i]);
    }
    free(items);
    return failure;
}

/* Every key has to have been complained of at least once: none is silently ignored. */
static void check_all_keys(void)
{
    for (size_t i = 0; check_key(i); i++) {
        char name[64];
        snprintf(name, sizeof name, "the key %s is looked at", check_key(i));
        print_result(json_object_get(corpus.complained, check_key(i)) != NULL, name, NULL, NULL);
    }
}

static int run_all(char *const *paths, int count)
{
    for (int i = 0; i < count; i++)
        if (run_path(paths[i]) < 0)
            return 2;
    if (corpus.must_fail && !corpus.filter)
        check_all_keys();
    printf("1..%zu\n", corpus.run);
    if (corpus.run == 0)
        fprintf(stderr, "corpus: no script was found\n");
    return corpus.failed || corpus.run == 0 ? 1 : 0;
}

int main(int count, char **arguments)
{
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    int at = 1;
    for (; at < count && arguments[at][0] == '-'; at++) {
        if (strcmp(arguments[at], "--must-fail") == 0)
            corpus.must_fail = true;
        else if (strcmp(arguments[at], "-e") == 0 && at + 1 < count)
            options.environment = arguments[++at];
        else if (strcmp(arguments[at], "--filter") == 0 && at + 1 < count)
            corpus.filter = arguments[++at];
        else
            at = count;
    }
    if (at >= count) {
        fprintf(stderr, "usage: corpus [-e ENVIRONMENT] [--filter TEXT] [--must-fail] "
                        "FILE|FOLDER...\n");
        return 2;
    }
    clutch_error error;
    if (clutch_engine_open(&options, &corpus.engine, &error) < 0) {
        fprintf(stderr, "corpus: %s\n", error.message);
        return 2;
    }
    const clutch_engine_info *info = clutch_engine_describe(corpus.engine);
    printf("# Python %s, pandas %s, numpy %s, %s\n", info->python_version, info->pandas_version,
           info->numpy_version, info->environment);
    corpus.complained = json_object();
    int status = run_all(arguments + at, count - at);
    json_decref(corpus.complained);
    clutch_engine_close(corpus.engine);
    return status;
}
