/* SPDX-License-Identifier: Apache-2.0 */
/* options.h: the command line of `run`, `repl` and `doctor`. */
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
    "                      without limit); nothing of them stays\n"                  \
    "  --env NAME=VALUE    set an environment variable; may be repeated\n"

enum options_command { OPTIONS_RUN = 1, OPTIONS_REPL = 2, OPTIONS_DOCTOR = 4 };

struct options {
    bool help;
    bool json;
    bool status;
    bool keep_going;
    const char *environment; /* NULL: the library's default */
    char *workdir;           /* absolute; NULL: a new folder */
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
