/* SPDX-License-Identifier: Apache-2.0 */
/* options.h: the command lines of all commands. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "args.h"
#include "source.h"

/* The lines of a command's help about options that several commands share. */
#define OPTIONS_HELP_ENGINE                                                          \
    "  --venv DIR          take Python and its packages from this environment\n"     \
    "  --preload MODULES   import these in advance, after numpy and pandas; names\n" \
    "                      with commas, may be repeated; \"none\": import nothing\n"  \
    "  --require WORDS     start nothing unless the kernel holds these facilities;\n" \
    "                      words with commas, as clutch doctor lists them, or \"none\"\n" \
    "  --disable WORDS     do without these facilities\n"                              \
    "  -h, --help          print this\n"
#define OPTIONS_HELP_SANDBOX                                                         \
    "  --memory SIZE       memory that the sandbox may map, such as 512M or 2G, or\n" \
    "                      \"none\" for no limit (default 4G)\n"                     \
    "  --output SIZE       output kept of one execution, or \"none\" (default 1M)\n" \
    "  --workdir DIR       work in this folder (default: a new one, which is kept\n" \
    "                      when files are in it)\n"                                 \
    "  --network           allow the host's network (default: none at all)\n"        \
    "  --processes         allow child processes (default: none)\n"                 \
    "  --disk SIZE         keep files in memory, at most so much (default: on disk,\n" \
    "                      without limit); only a session's stay\n"                  \
    "  --env NAME=VALUE    set an environment variable; may be repeated\n"

#define OPTIONS_HELP_STATE                                                           \
    "  --state DIR         the folder that sessions live in (default: CLUTCH_STATE\n" \
    "                      of the environment)\n"
#define OPTIONS_HELP_SESSION                                                         \
    "  --name NAME         work in this session: its variables and files are saved\n" \
    "                      at the end, and are there the next time\n"              \
    OPTIONS_HELP_STATE                                                               \
    "  --undo              an execution that costs the process (a crash, memory, a\n" \
    "                      time-out that does not yield) is taken back\n"          \
    "  --repo URL          a new session's folder is a checkout of this repository\n" \
    "  --branch NAME       of that repository (default: its own)\n"

enum options_command {
    OPTIONS_RUN = 1,
    OPTIONS_REPL = 2,
    OPTIONS_DOCTOR = 4,
    OPTIONS_LS = 8,
    OPTIONS_STATUS = 16,
    OPTIONS_LOG = 32,
    OPTIONS_START = 64,
    OPTIONS_STOP = 128,
    OPTIONS_CLONE = 256,
    OPTIONS_UNDO = 512,
    OPTIONS_ARCHIVE = 1024,
    OPTIONS_RM = 2048,
};

struct options {
    bool help;
    bool json;
    bool status;
    bool keep_going;
    const char *environment; /* NULL: the library's default */
    char *workdir;           /* absolute; NULL: a new folder */
    char *state;             /* absolute; NULL: no session is asked for */
    const char *name;        /* of the session to work in; NULL: a sandbox to throw away */
    const char *names[2];    /* arguments of the commands about sessions */
    size_t name_count;
    const char *repository, *branch;
    bool undo;
    struct args_list env;
    struct args_list preload; /* meaningful when preload_given; items is NULL when it is empty */
    bool preload_given;
    struct args_list require, disable; /* meaningful when given */
    bool require_given, disable_given;
    bool network, processes;
    uint64_t disk_bytes;
    uint64_t timeout_ms; /* these four: 0 is the library's default */
    uint64_t memory_bytes;
    uint64_t output_bytes;
    struct source *sources; /* in the order of the command line; files are not read yet */
    size_t source_count;
};

/* argv[0] is the command's name. False after one line that names what is wrong. */
bool options_parse(struct options *options, enum options_command command, int argc, char **argv);

void options_clear(struct options *options);

#endif
