/* SPDX-License-Identifier: Apache-2.0 */
/* options.c: the command line of `run`, `repl` and `doctor`.
 *
 * getopt_long reads it with the ordering '-': files are met in their place among the -c, and
 * options may follow them. It would also take abbreviations such as --time, which a later option
 * can make ambiguous under a script's feet, so those are refused. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "memory.h"
#include "print.h"

enum {
    OPTION_FILE = 1, /* getopt's number for what is no option */
    OPTION_CODE = 'c',
    OPTION_HELP = 'h',
    OPTION_JSON = 256,
    OPTION_STATUS,
    OPTION_KEEP_GOING,
    OPTION_TIMEOUT,
    OPTION_MEMORY,
    OPTION_OUTPUT,
    OPTION_WORKDIR,
    OPTION_VENV,
    OPTION_ENV,
    OPTION_PRELOAD,
    OPTION_NETWORK,
    OPTION_PROCESSES,
    OPTION_DISK,
    OPTION_REQUIRE,
    OPTION_DISABLE,
};

#define RUN OPTIONS_RUN
#define REPL OPTIONS_REPL
#define DOCTOR OPTIONS_DOCTOR

static const struct {
    const char *name;
    int value;
    int argument;
    unsigned commands;
} table[] = {
    {"help", OPTION_HELP, no_argument, RUN | REPL | DOCTOR},
    {"venv", OPTION_VENV, required_argument, RUN | REPL | DOCTOR},
    {"preload", OPTION_PRELOAD, required_argument, RUN | REPL | DOCTOR},
    {"require", OPTION_REQUIRE, required_argument, RUN | REPL | DOCTOR},
    {"disable", OPTION_DISABLE, required_argument, RUN | REPL | DOCTOR},
    {"network", OPTION_NETWORK, no_argument, RUN | REPL},
    {"processes", OPTION_PROCESSES, no_argument, RUN | REPL},
    {"disk", OPTION_DISK, required_argument, RUN | REPL},
    {"timeout", OPTION_TIMEOUT, required_argument, RUN | REPL},
    {"memory", OPTION_MEMORY, required_argument, RUN | REPL},
    {"output", OPTION_OUTPUT, required_argument, RUN | REPL},
    {"workdir", OPTION_WORKDIR, required_argument, RUN | REPL},
    {"env", OPTION_ENV, required_argument, RUN | REPL},
    {"json", OPTION_JSON, no_argument, RUN},
    {"status", OPTION_STATUS, no_argument, RUN},
    {"keep-going", OPTION_KEEP_GOING, no_argument, RUN},
};

#undef RUN
#undef REPL
#undef DOCTOR

enum { TABLE_ROWS = sizeof table / sizeof table[0] };

/* Always false: for `return refuse(...)`. */
static bool refuse(const char *command, const char *what, const char *text, const char *why)
{
    print_notice("%s '%s'%s%s; see clutch %s --help", what, text, *why ? ": " : "", why, command);
    return false;
}

static void add_source(struct options *options, struct source source)
{
    size_t bytes = (options->source_count + 1) * sizeof *options->sources;
    options->sources = memory_grow(options->sources, bytes);
    options->sources[options->source_count++] = source;
}

static void add_code(struct options *options, const char *code)
{
    struct source source = {
        .name = memory_format("<execution %zu>", options->source_count + 1),
        .code = memory_copy(code, strlen(code)),
        .length = strlen(code),
    };
    add_source(options, source);
}

/* Standard input can be read only once. */
static bool add_file(struct options *options, const char *command, const char *path)
{
    bool standard_input = strcmp(path, "-") == 0;
    for (size_t i = 0; standard_input && i < options->source_count; i++) {
        const char *other = options->sources[i].path;
        if (other != NULL && strcmp(other, "-") == 0)
            return refuse(command, "file", "-", "standard input is given twice");
    }
    const char *name = standard_input ? "<stdin>" : path;
    add_source(options, (struct source){.path = path, .name = memory_copy(name, strlen(name))});
    return true;
}

static bool set_workdir(struct options *options, const char *command, const char *path)
{
    char *absolute = realpath(path, NULL);
    struct stat info;
    int failure = absolute == NULL || stat(absolute, &info) < 0 ? errno : 0;
    if (failure == 0 && !S_ISDIR(info.st_mode))
        failure = ENOTDIR;
    free(options->workdir);
    options->workdir = absolute;
    return failure == 0 || refuse(command, "--workdir", path, strerror(failure));
}

/* A list of modules with commas; they come after the default ones, "none" forgets all so far. */
static bool add_preload(struct options *options, const char *command, const char *modules)
{
    struct args_list *preload = &options->preload;
    if (!options->preload_given) {
        args_list_add(preload, "numpy", strlen("numpy"));
        args_list_add(preload, "pandas", strlen("pandas"));
        options->preload_given = true;
    }
    if (strcmp(modules, "none") == 0) {
        args_list_clear(preload);
        return true;
    }
    for (const char *module = modules;; module++) {
        size_t length = strcspn(module, ",");
        if (length == 0)
            return refuse(command, "--preload", modules, "a module's name is empty");
        args_list_add(preload, module, length);
        module += length;
        if (*module == '\0')
            return true;
    }
}

/* Words with commas between them; "none" makes the list empty. */
static bool add_words(struct args_list *list, bool *given, const char *command, const char *option,
                      const char *words)
{
    *given = true;
    if (strcmp(words, "none") == 0) {
        args_list_clear(list);
        return true;
    }
    for (;;) {
        size_t length = strcspn(words, ",");
        if (length == 0)
            return refuse(command, option, words, "a word is empty");
        args_list_add(list, words, length);
        words += length;
        if (*words++ == '\0')
            return true;
    }
}

static bool add_env(struct options *options, const char *command, const char *pair)
{
    if (*pair == '=' || strchr(pair, '=') == NULL)
        return refuse(command, "--env", pair, "give NAME=VALUE");
    args_list_add(&options->env, pair, strlen(pair));
    return true;
}

static bool set_duration(uint64_t *out, const char *command, const char *name, const char *text)
{
    return args_duration(text, out) ||
           refuse(command, name, text, "give seconds from 0.001 to 1000000000 or none");
}

static bool set_size(uint64_t *out, const char *command, const char *name, const char *text)
{
    return args_size(text, out) ||
           refuse(command, name, text, "give bytes from 1 to 4194304T, such as 512M, or none");
}

static bool apply(struct options *options, const char *command, int option, const char *text)
{
    switch (option) {
    case OPTION_FILE: return add_file(options, command, text);
    case OPTION_CODE: add_code(options, text); return true;
    case OPTION_HELP: options->help = true; return true;
    case OPTION_JSON: options->json = true; return true;
    case OPTION_STATUS: options->status = true; return true;
    case OPTION_KEEP_GOING: options->keep_going = true; return true;
    case OPTION_VENV: options->environment = text; return true;
    case OPTION_WORKDIR: return set_workdir(options, command, text);
    case OPTION_ENV: return add_env(options, command, text);
    case OPTION_PRELOAD: return add_preload(options, command, text);
    case OPTION_NETWORK: options->network = true; return true;
    case OPTION_PROCESSES: options->processes = true; return true;
    case OPTION_REQUIRE:
        return add_words(&options->require, &options->require_given, command, "--require", text);
    case OPTION_DISABLE:
        return add_words(&options->disable, &options->disable_given, command, "--disable", text);
    case OPTION_DISK: return set_size(&options->disk_bytes, command, "--disk", text);
    case OPTION_TIMEOUT: return set_duration(&options->timeout_ms, command, "--timeout", text);
    case OPTION_MEMORY: return set_size(&options->memory_bytes, command, "--memory", text);
    default: return set_size(&options->output_bytes, command, "--output", text);
    }
}

/* getopt met something that it does not take: token is the argument that it was looking at. */
static bool refuse_token(const char *command, const char *token, int result)
{
    if (result == ':')
        return refuse(command, "option", token, "it needs a value");
    if (strncmp(token, "--", 2) == 0) {
        if (optopt != 0)
            return refuse(command, "option", token, "it takes no value");
        return refuse(command, "unknown option", token, "");
    }
    char option[] = {'-', (char)optopt, '\0'};
    return refuse(command, "unknown option", option, "");
}

static bool is_abbreviation(const char *token, const char *name)
{
    if (strncmp(token, "--", 2) != 0)
        return false;
    size_t length = strcspn(token + 2, "=");
    return strlen(name) != length || strncmp(token + 2, name, length) != 0;
}

bool options_parse(struct options *options, enum options_command command, int argc, char **argv)
{
    *options = (struct options){0};
    struct option known[TABLE_ROWS + 1] = {{0}};
    size_t count = 0;
    for (size_t i = 0; i < TABLE_ROWS; i++) {
        if ((table[i].commands & command) == 0)
            continue;
        known[count++] = (struct option){table[i].name, table[i].argument, NULL, table[i].value};
    }
    bool files = command == OPTIONS_RUN;
    opterr = 0;
    optind = 1;
    for (;;) {
        const char *token = optind < argc ? argv[optind] : "";
        int row = -1;
        int result = getopt_long(argc, argv, files ? "-:hc:" : "-:h", known, &row);
        if (result == -1)
            break;
        if (result == '?' || result == ':')
            return refuse_token(argv[0], token, result);
        if (row >= 0 && is_abbreviation(token, known[row].name))
            return refuse(argv[0], "unknown option", token, "");
        if (result == OPTION_FILE && !files)
            return refuse(argv[0], "argument", optarg, "none is taken");
        if (!apply(options, argv[0], result, optarg))
            return false;
        if (options->help)
            return true;
    }
    for (; optind < argc; optind++) {
        if (!files)
            return refuse(argv[0], "argument", argv[optind], "none is taken");
        if (!add_file(options, argv[0], argv[optind]))
            return false;
    }
    if (files && options->source_count == 0)
        return add_file(options, argv[0], "-");
    return true;
}

void options_clear(struct options *options)
{
    for (size_t i = 0; i < options->source_count; i++)
        source_clear(&options->sources[i]);
    free(options->sources);
    free(options->workdir);
    args_list_clear(&options->env);
    args_list_clear(&options->preload);
    args_list_clear(&options->require);
    args_list_clear(&options->disable);
    *options = (struct options){0};
}
