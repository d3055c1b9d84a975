/* SPDX-License-Identifier: Apache-2.0 */
/* options.c: the command lines of all commands.
 *
 * getopt_long reads it with the ordering '-': files are met in their place among the -c, and
 * options may follow them. It would also take abbreviations such as --time, which a later option
 * can make ambiguous under a script's feet, so those are refused. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
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
    OPTION_STATE,
    OPTION_NAME,
    OPTION_UNDO,
    OPTION_REPO,
    OPTION_BRANCH,
};

#define RUN OPTIONS_RUN
#define REPL OPTIONS_REPL
#define TELL (OPTIONS_LS | OPTIONS_STATUS | OPTIONS_LOG)
#define ONE_NAME                                                                       \
    (OPTIONS_STATUS | OPTIONS_LOG | OPTIONS_START | OPTIONS_STOP | OPTIONS_UNDO |      \
     OPTIONS_ARCHIVE | OPTIONS_RM)
#define SESSIONS (OPTIONS_LS | OPTIONS_CLONE | ONE_NAME)
#define ALL (RUN | REPL | OPTIONS_DOCTOR | SESSIONS)

static const struct {
    const char *name;
    int value;
    int argument;
    unsigned commands;
} table[] = {
    {"help", OPTION_HELP, no_argument, ALL},
    {"venv", OPTION_VENV, required_argument, ALL},
    {"preload", OPTION_PRELOAD, required_argument, ALL},
    {"require", OPTION_REQUIRE, required_argument, ALL},
    {"disable", OPTION_DISABLE, required_argument, ALL},
    {"state", OPTION_STATE, required_argument, RUN | REPL | SESSIONS},
    {"name", OPTION_NAME, required_argument, RUN | REPL},
    {"undo", OPTION_UNDO, no_argument, RUN | REPL},
    {"repo", OPTION_REPO, required_argument, RUN | REPL},
    {"branch", OPTION_BRANCH, required_argument, RUN | REPL},
    {"network", OPTION_NETWORK, no_argument, RUN | REPL},
    {"processes", OPTION_PROCESSES, no_argument, RUN | REPL},
    {"disk", OPTION_DISK, required_argument, RUN | REPL},
    {"timeout", OPTION_TIMEOUT, required_argument, RUN | REPL},
    {"memory", OPTION_MEMORY, required_argument, RUN | REPL},
    {"output", OPTION_OUTPUT, required_argument, RUN | REPL},
    {"workdir", OPTION_WORKDIR, required_argument, RUN | REPL},
    {"env", OPTION_ENV, required_argument, RUN | REPL},
    {"json", OPTION_JSON, no_argument, RUN | TELL},
    {"status", OPTION_STATUS, no_argument, RUN},
    {"keep-going", OPTION_KEEP_GOING, no_argument, RUN},
};

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

/* An existing folder, as an absolute path. */
static bool set_folder(char **out, const char *command, const char *option, const char *path)
{
    char *absolute = realpath(path, NULL);
    struct stat info;
    int failure = absolute == NULL || stat(absolute, &info) < 0 ? errno : 0;
    if (failure == 0 && !S_ISDIR(info.st_mode))
        failure = ENOTDIR;
    free(*out);
    *out = absolute;
    return failure == 0 || refuse(command, option, path, strerror(failure));
}

/* A name goes into lines of text, whatever else may use it. */
static bool is_name(const char *text)
{
    json_t *utf8 = json_string(text);
    size_t length = utf8 != NULL ? strlen(text) : 0;
    bool fine = length > 0 && length <= 255;
    for (const char *at = text; fine && *at != '\0'; at++)
        fine = (unsigned char)*at >= ' ' && *at != 0x7f;
    json_decref(utf8);
    return fine;
}

static bool set_name(const char **out, const char *command, const char *what, const char *text)
{
    *out = text;
    return is_name(text) ||
           refuse(command, what, text, "a session's name is 1 to 255 bytes of text in one line");
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

static size_t names_wanted(enum options_command command)
{
    return command == OPTIONS_CLONE ? 2 : (command & ONE_NAME) != 0;
}

/* What is no option: a file to run, or a session's name. */
static bool add_argument(struct options *options, enum options_command which, const char *command,
                         const char *text)
{
    if (which == OPTIONS_RUN)
        return add_file(options, command, text);
    if (options->name_count == names_wanted(which))
        return refuse(command, "argument", text,
                      options->name_count == 0 ? "none is taken" : "it is one too many");
    return set_name(&options->names[options->name_count++], command, "name", text);
}

static bool apply(struct options *options, const char *command, int option, const char *text)
{
    switch (option) {
    case OPTION_CODE: add_code(options, text); return true;
    case OPTION_HELP: options->help = true; return true;
    case OPTION_JSON: options->json = true; return true;
    case OPTION_STATUS: options->status = true; return true;
    case OPTION_KEEP_GOING: options->keep_going = true; return true;
    case OPTION_VENV: options->environment = text; return true;
    case OPTION_WORKDIR: return set_folder(&options->workdir, command, "--workdir", text);
    case OPTION_STATE: return set_folder(&options->state, command, "--state", text);
    case OPTION_NAME: return set_name(&options->name, command, "--name", text);
    case OPTION_UNDO: options->undo = true; return true;
    case OPTION_REPO: options->repository = text; return true;
    case OPTION_BRANCH: options->branch = text; return true;
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

/* What options want of each other. The environment's state folder counts only where a session is
 * asked for, so that it does not change what else the command does. */
static bool conclude(struct options *options, enum options_command which, const char *command)
{
    bool session = options->name != NULL || (which & SESSIONS) != 0;
    const char *state = getenv("CLUTCH_STATE");
    if (which == OPTIONS_RUN && options->source_count == 0 && !add_file(options, command, "-"))
        return false;
    if (options->name_count < names_wanted(which)) {
        print_notice("a session's name is missing; see clutch %s --help", command);
        return false;
    }
    if (!session && options->state != NULL)
        return refuse(command, "--state", options->state, "it needs --name, the session's name");
    if (!session && options->repository != NULL)
        return refuse(command, "--repo", options->repository, "it needs --name, the session's name");
    if (options->branch != NULL && options->repository == NULL)
        return refuse(command, "--branch", options->branch, "it needs --repo, the repository's URL");
    if (!session || options->state != NULL)
        return true;
    if (state != NULL && *state != '\0')
        return set_folder(&options->state, command, "CLUTCH_STATE", state);
    print_notice("sessions need a folder to live in: give --state DIR or set CLUTCH_STATE; "
                 "see clutch %s --help",
                 command);
    return false;
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
    opterr = 0;
    optind = 1;
    for (;;) {
        const char *token = optind < argc ? argv[optind] : "";
        int row = -1;
        int result = getopt_long(argc, argv, command == OPTIONS_RUN ? "-:hc:" : "-:h", known, &row);
        if (result == -1)
            break;
        if (result == '?' || result == ':')
            return refuse_token(argv[0], token, result);
        if (row >= 0 && is_abbreviation(token, known[row].name))
            return refuse(argv[0], "unknown option", token, "");
        bool fine = result == OPTION_FILE ? add_argument(options, command, argv[0], optarg)
                                          : apply(options, argv[0], result, optarg);
        if (!fine)
            return false;
        if (options->help)
            return true;
    }
    for (; optind < argc; optind++)
        if (!add_argument(options, command, argv[0], argv[optind]))
            return false;
    return conclude(options, command, argv[0]);
}

void options_clear(struct options *options)
{
    for (size_t i = 0; i < options->source_count; i++)
        source_clear(&options->sources[i]);
    free(options->sources);
    free(options->workdir);
    free(options->state);
    args_list_clear(&options->env);
    args_list_clear(&options->preload);
    args_list_clear(&options->require);
    args_list_clear(&options->disable);
    *options = (struct options){0};
}
