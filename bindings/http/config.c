/* SPDX-License-Identifier: Apache-2.0 */
/* config.c: the settings of `clutch serve`, from its flags and one file of `name = value` lines.
 *
 * One table names each setting once: it is the same word on the command line and in the file. */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { TEXT, COUNT, BYTES, SECONDS, CHOICE, FLAG_TEXT };

static const struct setting {
    const char *name;
    enum kind kind;
    size_t offset;
    uint64_t usual, least, most; /* numbers, in the field's unit */
    const char *help;
} settings[] = {
#define AT(field) offsetof(struct config, field)
#define KIB UINT64_C(1024)
#define MIB (UINT64_C(1024) * KIB)
#define GIB (UINT64_C(1024) * MIB)
    {"state", TEXT, AT(state), 0, 0, 0, "folder that sandboxes, records and keys live in (made if missing)"},
    {"listen", TEXT, AT(listen), 0, 0, 0, "ADDRESS:PORT (default 127.0.0.1:8080; port 0: any that is free)"},
    {"keys", TEXT, AT(keys), 0, 0, 0, "file of keys (default serve.keys in the state folder)"},
    {"public-url", TEXT, AT(public_url), 0, 0, 0,
     "how clients reach the server (default http://ADDRESS:PORT)"},
    {"tls-certificate", TEXT, AT(tls_certificate), 0, 0, 0, "PEM file; with tls-key the server speaks TLS"},
    {"tls-key", TEXT, AT(tls_key), 0, 0, 0, "PEM file"},
    {"venv", TEXT, AT(environment), 0, 0, 0, "take Python and its packages from this environment"},
    {"preload", TEXT, AT(preload), 0, 0, 0,
     "modules imported in advance (default numpy,pandas,matplotlib.pyplot)"},
    {"require", TEXT, AT(require), 0, 0, 0, "kernel facilities without which nothing starts, or none"},
    {"disable", TEXT, AT(disable), 0, 0, 0, "kernel facilities to do without"},
    {"repositories", TEXT, AT(repositories), 0, 0, 0,
     "how the URL of a repository begins (default https://github.com/)"},
    {"log", TEXT, AT(log), 0, 0, 0, "all, errors or none (default all): JSON lines on standard error"},
    {"add-key", FLAG_TEXT, AT(add_key), 0, 0, 0, "add a key for this organisation, print it and end"},
    {"scopes", FLAG_TEXT, AT(scopes), 0, 0, 0,
     "of the key to add: read, write, metrics (default read,write)"},
    {"threads", COUNT, AT(threads), 8, 1, 256, "threads for calls that block"},
    {"queue", COUNT, AT(queue), 1024, 1, 1000000, "calls that may wait for these threads"},
    {"connections", COUNT, AT(connections), 1024, 1, 100000, "connections at once"},
    {"connections-per-address", COUNT, AT(connections_per_address), 512, 1, 100000,
     "the same, of one address"},
    {"header-size", BYTES, AT(header_bytes), 32 * KIB, 4 * KIB, MIB, "request line and headers together"},
    {"body-size", BYTES, AT(body_bytes), 16 * MIB, KIB, GIB, "a request's body"},
    {"upload-size", BYTES, AT(upload_bytes), 64 * MIB, KIB, 4 * GIB, "an upload's body"},
    {"bodies-size", BYTES, AT(bodies_bytes), 512 * MIB, MIB, 64 * GIB, "all bodies in memory at once"},
    {"idle", SECONDS, AT(idle_ms), 60000, 1000, 3600000, "a connection without a request, in seconds"},
    {"request-time", SECONDS, AT(request_ms), 30000, 100, 3600000, "to send a request's headers and body"},
    {"drain", SECONDS, AT(drain_ms), 10000, 0, 3600000, "what executions get at a graceful stop"},
    {"save", SECONDS, AT(save_ms), 60000, 100, 3600000, "what saving all sandboxes gets after that"},
    {"link-time", SECONDS, AT(link_ms), 3600000, 1000, UINT64_C(1000) * 86400 * 366,
     "how long the link to a file works"},
    {"code-size", BYTES, AT(code_bytes), 4 * MIB, 1, 64 * MIB, "the code of one execution"},
    {"execution-time", SECONDS, AT(execution_ms), 360000, 100, 86400000, "wall time of one execution"},
    {"output-size", BYTES, AT(output_bytes), 4 * MIB, KIB, GIB, "output kept of one execution"},
    {"memory", BYTES, AT(memory_bytes), 4 * GIB, 64 * MIB, 1024 * GIB, "memory that a sandbox may map"},
    {"ready", COUNT, AT(ready), 4, 0, 1000, "sandboxes kept ready, up to eight times as many on demand"},
    {"rate", COUNT, AT(rate), 1000, 1, 10000000, "requests a second of one key, in the long run"},
    {"burst", COUNT, AT(burst), 2000, 1, 10000000, "requests of one key at once"},
    {"sandboxes", COUNT, AT(sandboxes), 10000, 1, 10000000,
     "sandboxes of one organisation, stopped ones too"},
    {"running", COUNT, AT(running), 1000, 1, 100000, "running sandboxes of one organisation"},
    {"network", CHOICE, AT(network), 0, 0, 1, "yes: sandboxes may use the host's network"},
    {"processes", CHOICE, AT(processes), 0, 0, 1, "yes: sandboxes may start child processes"},
};

enum { SETTINGS = sizeof settings / sizeof settings[0] };

static const struct setting *find(const char *name, size_t length)
{
    for (size_t i = 0; i < SETTINGS; i++)
        if (strlen(settings[i].name) == length && memcmp(settings[i].name, name, length) == 0)
            return &settings[i];
    return NULL;
}

static void *field(struct config *config, const struct setting *setting)
{
    return (char *)config + setting->offset;
}

/* ---- Values ---- */

static bool read_number(const char *text, enum kind kind, uint64_t *out)
{
    if (!isdigit((unsigned char)*text))
        return false;
    char *rest;
    errno = 0;
    unsigned long long number = strtoull(text, &rest, 10);
    if (errno != 0 || number > UINT64_MAX / 1024 / 1024 / 1024)
        return false;
    uint64_t unit = kind == SECONDS ? 1000 : 1;
    if (kind == BYTES && *rest != '\0') {
        static const char letters[] = "KMG";
        const char *letter = strchr(letters, toupper((unsigned char)*rest));
        if (letter == NULL || rest[1] != '\0')
            return false;
        unit = UINT64_C(1) << (10 * (letter - letters + 1));
        rest++;
    }
    *out = number * unit;
    return *rest == '\0';
}

/* *why is one phrase about what would be right. */
static bool set(struct config *config, const struct setting *setting, const char *text, char *why,
                size_t size)
{
    if (setting->kind == TEXT || setting->kind == FLAG_TEXT) {
        char **out = field(config, setting);
        free(*out);
        *out = strdup(text);
        snprintf(why, size, "%s", *text == '\0' ? "must not be empty" : "no memory is left");
        return *text != '\0' && *out != NULL;
    }
    uint64_t *out = field(config, setting);
    if (setting->kind == CHOICE) {
        *out = strcmp(text, "yes") == 0;
        snprintf(why, size, "must be yes or no");
        return *out || strcmp(text, "no") == 0;
    }
    if (read_number(text, setting->kind, out) && *out >= setting->least && *out <= setting->most)
        return true;
    uint64_t unit = setting->kind == SECONDS ? 1000 : 1;
    const char *what = setting->kind == BYTES     ? "a size, such as 512K or 4M, in bytes"
                       : setting->kind == SECONDS ? "whole seconds"
                                                  : "a number";
    snprintf(why, size, "must be %s from %llu to %llu", what, (unsigned long long)(setting->least / unit),
             (unsigned long long)(setting->most / unit));
    return false;
}

static bool has_text(struct config *config, const struct setting *setting)
{
    return (setting->kind == TEXT || setting->kind == FLAG_TEXT) && *(char **)field(config, setting) != NULL;
}

/* ---- The file ---- */

static char *trim(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    size_t length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        text[--length] = '\0';
    return text;
}

/* given[i] is true for what a flag has set already. */
static bool take_line(struct config *config, const bool *given, char *line, char *why, size_t size)
{
    line = trim(line);
    if (*line == '\0' || *line == '#')
        return true;
    char *equals = strchr(line, '=');
    if (equals == NULL) {
        snprintf(why, size, "'%.60s' is no line of the form name = value", line);
        return false;
    }
    *equals = '\0';
    char *name = trim(line), *value = trim(equals + 1);
    const struct setting *setting = find(name, strlen(name));
    if (setting == NULL || setting->kind == FLAG_TEXT) {
        snprintf(why, size, "there is no setting '%.60s'; clutch serve --help lists them", name);
        return false;
    }
    char reason[160];
    struct config ignored = {0};
    bool flagged = given[setting - settings];
    bool fine = set(flagged ? &ignored : config, setting, value, reason, sizeof reason);
    config_clear(&ignored);
    if (!fine)
        snprintf(why, size, "%s = %.60s: %s", name, value, reason);
    return fine;
}

static bool read_file(struct config *config, const bool *given, const char *path, char *message, size_t size)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        snprintf(message, size, "%s: %s", path, strerror(errno));
        return false;
    }
    char *line = NULL, why[300];
    size_t room = 0;
    unsigned number = 0;
    bool fine = true;
    while (fine && getline(&line, &room, file) >= 0) {
        number++;
        fine = take_line(config, given, line, why, sizeof why);
    }
    if (!fine)
        snprintf(message, size, "%s:%u: %s", path, number, why);
    if (fine && ferror(file)) {
        snprintf(message, size, "%s: %s", path, strerror(errno));
        fine = false;
    }
    free(line);
    fclose(file);
    return fine;
}

/* ---- The command line ---- */

/* Takes argv[*at] and the value after it; *path is borrowed from argv. */
static bool take_flag(struct config *config, bool *given, int argc, char **argv, int *at, const char **path,
                      char *message, size_t size)
{
    const char *word = argv[*at];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        config->help = true;
        return true;
    }
    if (strncmp(word, "--", 2) != 0) {
        snprintf(message, size, "'%.60s' is not expected; see clutch serve --help", word);
        return false;
    }
    const char *name = word + 2, *equals = strchr(name, '=');
    size_t length = equals != NULL ? (size_t)(equals - name) : strlen(name);
    const struct setting *setting = find(name, length);
    bool file = length == 6 && memcmp(name, "config", 6) == 0;
    if (setting == NULL && !file) {
        snprintf(message, size, "unknown option '%.60s'; see clutch serve --help", word);
        return false;
    }
    const char *value = equals != NULL ? equals + 1 : *at + 1 < argc ? argv[++*at] : NULL;
    if (value == NULL) {
        snprintf(message, size, "option '%s' needs a value", word);
        return false;
    }
    if (file) {
        *path = value;
        return true;
    }
    char why[160];
    given[setting - settings] = true;
    if (set(config, setting, value, why, sizeof why))
        return true;
    snprintf(message, size, "--%s %.60s: %s", setting->name, value, why);
    return false;
}

static bool check(struct config *config, char *message, size_t size)
{
    if (config->state == NULL)
        snprintf(message, size, "the option --state is missing: the folder to keep sandboxes in");
    else if ((config->tls_certificate == NULL) != (config->tls_key == NULL))
        snprintf(message, size, "tls-certificate and tls-key belong together");
    else if (config->log != NULL && strcmp(config->log, "all") != 0 && strcmp(config->log, "errors") != 0 &&
             strcmp(config->log, "none") != 0)
        snprintf(message, size, "log must be all, errors or none");
    else
        return true;
    return false;
}

bool config_read(struct config *config, int argc, char **argv, char *message, size_t size)
{
    bool given[SETTINGS] = {false};
    const char *path = NULL;
    *config = (struct config){0};
    for (size_t i = 0; i < SETTINGS; i++)
        if (settings[i].kind != TEXT && settings[i].kind != FLAG_TEXT)
            *(uint64_t *)field(config, &settings[i]) = settings[i].usual;
    for (int i = 1; i < argc; i++)
        if (!take_flag(config, given, argc, argv, &i, &path, message, size))
            return false;
    if (config->help)
        return true;
    if (path != NULL && !read_file(config, given, path, message, size))
        return false;
    return check(config, message, size);
}

void config_clear(struct config *config)
{
    for (size_t i = 0; i < SETTINGS; i++)
        if (has_text(config, &settings[i]))
            free(*(char **)field(config, &settings[i]));
    *config = (struct config){0};
}

static void print_setting(const struct setting *setting)
{
    static const char *const words[] = {"TEXT", "N", "SIZE", "SECONDS", "yes|no", "TEXT"};
    char option[64], usual[40] = "";
    snprintf(option, sizeof option, "--%s %s", setting->name, words[setting->kind]);
    unsigned long long value = setting->usual;
    if (setting->kind == COUNT)
        snprintf(usual, sizeof usual, " (default %llu)", value);
    else if (setting->kind == SECONDS)
        snprintf(usual, sizeof usual, " (default %llu)", value / 1000);
    else if (setting->kind == BYTES)
        snprintf(usual, sizeof usual, " (default %llu%s)",
                 value >> (value < MIB ? 10 : value < GIB ? 20 : 30),
                 value < MIB ? "K" : value < GIB ? "M" : "G");
    else if (setting->kind == CHOICE)
        snprintf(usual, sizeof usual, " (default %s)", value ? "yes" : "no");
    printf("  %-31s %s%s\n", option, setting->help, usual);
}

void config_print_help(void)
{
    for (size_t i = 0; i < SETTINGS; i++)
        print_setting(&settings[i]);
}
