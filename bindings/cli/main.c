/* SPDX-License-Identifier: Apache-2.0 */
/* main.c: the `clutch` command: finds the sub-command and hands the rest of the line to it. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "clutch.h"
#include "doctor.h"
#include "http/serve.h"
#include "print.h"
#include "repl.h"
#include "run.h"
#include "sessions.h"

static const char help[] =
    "usage: clutch COMMAND [options]\n"
    "\n"
    "Runs Python and pandas code in sandboxes forked from one warm interpreter.\n"
    "\n"
    "  clutch run [options] [-c CODE | FILE]...   run code, each piece one execution\n"
    "  clutch repl [options]                      an interactive prompt\n"
    "  clutch doctor [options]                    what this machine can give\n"
    "  clutch serve --state DIR [options]         serve sandboxes over HTTP\n"
    "\n"
    "Sessions last from one command to the next, in the folder --state DIR or\n"
    "CLUTCH_STATE. No process of theirs does: each command saves what it has used.\n"
    "\n"
    "  clutch run --name NAME ...     create a session or go on with it, and save it\n"
    "  clutch ls                      list them\n"
    "  clutch status NAME             what is known of one\n"
    "  clutch log NAME                what ran in it\n"
    "  clutch start NAME              try whether it can be brought back\n"
    "  clutch stop NAME               make sure that it is stopped\n"
    "  clutch clone NAME NEW          copy it\n"
    "  clutch undo NAME               see clutch undo --help\n"
    "  clutch archive NAME            pack it into one file\n"
    "  clutch rm NAME                 delete it\n"
    "\n"
    "  -h, --help      print this; clutch COMMAND --help tells a command's options\n"
    "  -V, --version   print the version and what it was built with\n"
    "\n"
    "Exit status: 0 all was fine, 1 an execution failed, or a session is not there or\n"
    "does not allow what is asked, 2 usage, 3 the engine failed.\n";

static int print_version(void)
{
    print_text(STDOUT_FILENO, "clutch ");
    print_line(STDOUT_FILENO, clutch_version());
    print_line(STDOUT_FILENO, clutch_built_with());
    return STATUS_FINE;
}

/* A caller may have closed a standard stream. Something has to stand in its place, or the next
 * descriptor opened lands there; opened the wrong way round, so that using it still fails. */
static void occupy_standard_streams(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)!open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
}

static int dispatch(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
    } commands[] = {{"run", run_main}, {"repl", repl_main}, {"doctor", doctor_main}, {"serve", serve_main}};

    if (argc < 2) {
        print_notice("a command is missing; see clutch --help");
        return STATUS_USAGE;
    }
    const char *word = argv[1];
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(word, commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    if (sessions_has(word))
        return sessions_main(argc - 1, argv + 1);
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)
        return print_version();
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        print_text(STDOUT_FILENO, help);
        return STATUS_FINE;
    }
    print_notice("unknown %s '%s'; see clutch --help", *word == '-' ? "option" : "command", word);
    return STATUS_USAGE;
}

int main(int argc, char **argv)
{
    occupy_standard_streams();
    return print_finish(dispatch(argc, argv));
}
