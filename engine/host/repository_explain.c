/* SPDX-License-Identifier: Apache-2.0 */
/* repository_explain.c: the code and sentence of what went wrong with a repository.
 *
 * What git writes is partly the server's text. It decides which sentence is chosen, and one line of
 * it, without user, password and control characters, is quoted when no sentence fits. */
#include "host/repository_parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/command.h"
#include "host/error.h"

int repository_fail(int fault, const char *what, clutch_error *error)
{
    bool is_disk = fault == ENOSPC || fault == EDQUOT || fault == EROFS || fault == EIO;
    return error_set(error, is_disk ? CLUTCH_E_DISK : CLUTCH_E_SYSTEM, fault, "%.300s", what);
}

int repository_timeout(const struct repository_job *job, clutch_error *error)
{
    return error_set(error, CLUTCH_E_TIMEOUT, 0,
                     "the repository %.200s was not there after %llu ms: allow more time, or ask again "
                     "when its server is faster", job->url.text,
                     (unsigned long long)job->options->timeout_ms);
}

int repository_too_large(const struct repository_job *job, clutch_error *error)
{
    return error_set(error, CLUTCH_E_TOO_LARGE, 0,
                     "the repository %.200s takes more than %llu bytes on disk, which is the limit",
                     job->url.text, (unsigned long long)job->options->size_max_bytes);
}

/* ---- Phrases of git, of libcurl and of the C library ---- */

enum cause {
    CAUSE_LARGE, CAUSE_FULL, CAUSE_READ_ONLY, CAUSE_QUOTA, CAUSE_IO, CAUSE_WRITE,
    CAUSE_AUTHENTICATION, CAUSE_MISSING, CAUSE_BRANCH, CAUSE_HOST, CAUSE_REACH,
    CAUSE_CERTIFICATE, CAUSE_PROTOCOL, CAUSE_FSCK, CAUSE_MEMORY, CAUSE_UNKNOWN,
};

static const struct {
    const char *phrase;
    enum cause cause;
} phrases[] = {
    {"File too large", CAUSE_LARGE},
    {"died of signal 25", CAUSE_LARGE},
    {"No space left on device", CAUSE_FULL},
    {"Disk quota exceeded", CAUSE_QUOTA},
    {"Read-only file system", CAUSE_READ_ONLY},
    {"Input/output error", CAUSE_IO},
    {"unable to write file", CAUSE_WRITE}, /* git says no more */
    {"Authentication failed", CAUSE_AUTHENTICATION},
    {"could not read Username", CAUSE_AUTHENTICATION},
    {"could not read Password", CAUSE_AUTHENTICATION},
    {"returned error: 401", CAUSE_AUTHENTICATION},
    {"returned error: 403", CAUSE_AUTHENTICATION},
    {"Couldn't find remote ref", CAUSE_BRANCH},
    {"couldn't find remote ref", CAUSE_BRANCH},
    {"' not found", CAUSE_MISSING},
    {"returned error: 404", CAUSE_MISSING},
    {"not valid: is this a git repository", CAUSE_MISSING},
    {"Could not resolve host", CAUSE_HOST},
    {"Could not resolve proxy", CAUSE_HOST},
    {"certificate", CAUSE_CERTIFICATE},
    {"SSL", CAUSE_CERTIFICATE},
    {"Failed to connect", CAUSE_REACH},
    {"Couldn't connect", CAUSE_REACH},
    {"Connection refused", CAUSE_REACH},
    {"Connection timed out", CAUSE_REACH},
    {"No route to host", CAUSE_REACH},
    {"Network is unreachable", CAUSE_REACH},
    {"' not allowed", CAUSE_PROTOCOL},
    {"not supported or disabled", CAUSE_PROTOCOL},
    {"Unsupported protocol", CAUSE_PROTOCOL},
    {"fsck error", CAUSE_FSCK},
    {"Out of memory", CAUSE_MEMORY},
    {"out of memory", CAUSE_MEMORY},
};

static bool begins(const char *line, const char *with)
{
    return strncmp(line, with, strlen(with)) == 0;
}

/* What the server says for people to read is none of git's complaints. */
static bool is_of_the_server(const char *line)
{
    return begins(line, "remote:");
}

/* Finds the first phrase of the table that is there; *line gets git's own first complaint. */
static enum cause find_cause(char *complaint, const char **line)
{
    enum cause cause = CAUSE_UNKNOWN;
    size_t best = sizeof phrases / sizeof *phrases;
    *line = "";
    char *rest = complaint, *at;
    while ((at = strsep(&rest, "\r\n"))) {
        if (!*at || is_of_the_server(at))
            continue;
        if (!**line || (!begins(*line, "fatal:") && !begins(*line, "error:")))
            *line = at;
        for (size_t i = 0; i < best; i++)
            if (strstr(at, phrases[i].phrase)) {
                best = i;
                cause = phrases[i].cause;
            }
    }
    return cause;
}

/* A line that may be shown: not one with the password in it, or an address with one. */
static const char *fit_line(const struct repository_job *job, const char *line)
{
    const char *secrets[] = {job->options->password, job->options->username, job->home};
    for (size_t i = 0; i < 3; i++)
        if (secrets[i] && *secrets[i] && strstr(line, secrets[i]))
            return "it does not say why";
    const char *address = strstr(line, "://");
    if (!*line || (address && strchr(address, '@')))
        return "it does not say why";
    return begins(line, "fatal: ") || begins(line, "error: ") ? line + 7 : line;
}

static int refused_access(const struct repository_job *job, clutch_error *error)
{
    const struct repository_options *options = job->options;
    if (options->password || options->username)
        return error_set(error, CLUTCH_E_REPOSITORY, 0,
                         "the server of the repository %.200s does not accept the user name and "
                         "password given", job->url.text);
    return error_set(error, CLUTCH_E_REPOSITORY, 0,
                     "the repository %.200s needs a user name and password, or does not exist",
                     job->url.text);
}

int repository_explain(struct repository_job *job, const char *complaint, clutch_error *error)
{
    char text[COMMAND_COMPLAINT_BYTES + 1];
    const char *line, *url = job->url.text;
    snprintf(text, sizeof text, "%s", complaint);
    enum cause cause = find_cause(text, &line);
    switch (cause) {
    case CAUSE_LARGE:
        return repository_too_large(job, error);
    case CAUSE_FULL:
        return repository_fail(ENOSPC, "the disk for the repository", error);
    case CAUSE_QUOTA:
        return repository_fail(EDQUOT, "the disk for the repository", error);
    case CAUSE_READ_ONLY:
        return repository_fail(EROFS, "the disk for the repository", error);
    case CAUSE_IO:
        return repository_fail(EIO, "the disk for the repository", error);
    case CAUSE_WRITE:
        return error_set(error, CLUTCH_E_DISK, 0, "the disk for the repository is full or failing");
    case CAUSE_AUTHENTICATION:
        return refused_access(job, error);
    case CAUSE_MISSING:
        return error_set(error, CLUTCH_E_REPOSITORY, 0,
                         "there is no repository at %.200s, or it is not shown to this user", url);
    case CAUSE_BRANCH:
        return error_set(error, CLUTCH_E_REPOSITORY, 0, "the repository %.200s has no branch \"%.100s\"",
                         url, job->options->branch ? job->options->branch : "HEAD");
    case CAUSE_HOST:
    case CAUSE_REACH:
        return error_set(error, CLUTCH_E_REPOSITORY, 0,
                         cause == CAUSE_HOST ? "the host of the repository %.200s is not known"
                                             : "the server of the repository %.200s cannot be reached",
                         url);
    case CAUSE_CERTIFICATE:
        return error_set(error, CLUTCH_E_REPOSITORY, 0,
                         "the server of the repository %.200s has no certificate that is trusted: give "
                         "the file of its issuer as ca_file", url);
    case CAUSE_PROTOCOL:
        return error_set(error, CLUTCH_E_REPOSITORY, 0,
                         "the repository %.200s leads to a protocol that is not allowed", url);
    case CAUSE_FSCK:
        return error_set(error, CLUTCH_E_REPOSITORY, 0,
                         "the repository %.150s holds an object that git refuses: %.150s", url,
                         fit_line(job, line));
    case CAUSE_MEMORY:
        return error_set(error, CLUTCH_E_TOO_LARGE, 0,
                         "the repository %.200s needs more memory than git may have", url);
    case CAUSE_UNKNOWN:
        break;
    }
    job->is_unclear = true;
    return error_set(error, CLUTCH_E_REPOSITORY, 0, "git could not read the repository %.150s: %.200s", url,
                     fit_line(job, line));
}
