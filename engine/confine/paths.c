/* SPDX-License-Identifier: Apache-2.0 */
/* paths.c: what of the host's file tree a sandbox may see. One list, which Landlock turns into
 * rules and the mount namespace into a tree. */
#include "confine/parts.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The system's part. Patterns of glob; what does not exist is left out. /etc and /usr are taken
 * apart because a root template's sandboxes could otherwise read what is only root's in them. */
static const struct {
    enum path_kind kind;
    const char *pattern;
    const char *why;
} system_paths[] = {
    {PATH_LIBRARY, "/usr/lib{,32,64,x32}", "shared libraries, Python's own modules, locales"},
    {PATH_LIBRARY, "/lib{,32,64,x32}", "the same where /usr is apart, and the dynamic loader"},
    {PATH_LIBRARY, "/usr/local/lib{,32,64}", "the same, installed by hand"},
    {PATH_LIBRARY, "/usr/share", "time zones, fonts, mime tables, certificates"},
    {PATH_LIBRARY, "/usr/local/share", "the same, installed by hand"},
    {PATH_LIBRARY, "/etc/ld.so.cache", "where shared libraries are"},
    {PATH_LIBRARY, "/etc/alternatives", "links to the chosen BLAS and LAPACK"},
    {PATH_LIBRARY, "/etc/localtime", "the time zone"},
    {PATH_LIBRARY, "/etc/timezone", "its name"},
    {PATH_LIBRARY, "/etc/mime.types", "mimetypes"},
    {PATH_LIBRARY, "/etc/fonts", "fontconfig"},
    {PATH_LIBRARY, "/etc/matplotlibrc", "Debian's matplotlib"},
    {PATH_LIBRARY, "/etc/python3*", "Debian's sitecustomize"},
    {PATH_LIBRARY, "/etc/os-release", "platform.freedesktop_os_release"},
    {PATH_LIBRARY, "/etc/services", "socket.getservbyname"},
    {PATH_LIBRARY, "/etc/protocols", "socket.getprotobyname"},
    {PATH_LIBRARY, "/etc/ssl/certs", "certificates"},
    {PATH_LIBRARY, "/etc/ssl/cert.pem", "certificates"},
    {PATH_LIBRARY, "/etc/ssl/openssl.cnf", "OpenSSL's defaults"},
    {PATH_LIBRARY, "/etc/pki/tls/certs", "certificates on Red Hat's systems"},
    {PATH_LIBRARY, "/etc/pki/tls/cert.pem", "the same"},
    {PATH_LIBRARY, "/etc/pki/tls/openssl.cnf", "the same"},
    {PATH_LIBRARY, "/etc/pki/ca-trust/extracted", "the same"},
    {PATH_LIBRARY, "/etc/crypto-policies", "the same"},
    {PATH_PROGRAM, "/usr/bin", "programs"},
    {PATH_PROGRAM, "/bin", "programs where /usr is apart"},
    {PATH_PROGRAM, "/usr/local/bin", "programs installed by hand"},
    {PATH_PROGRAM, "/usr/libexec", "programs that programs start"},
    {PATH_NETWORK, "/etc/hosts", "names of hosts"},
    {PATH_NETWORK, "/etc/resolv.conf", "where names are looked up"},
    {PATH_NETWORK, "/etc/host.conf", "how"},
    {PATH_NETWORK, "/etc/gai.conf", "which addresses come first"},
    {PATH_SINK, "/dev/null", "os.devnull"},
    {PATH_SINK, "/dev/zero", "zeros"},
    {PATH_SINK, "/dev/full", "a full disk, for tests"},
    {PATH_RANDOM, "/dev/random", "random numbers"},
    {PATH_RANDOM, "/dev/urandom", "random numbers"},
};

/* Folders that are never read as a whole, only by the rows above: a base prefix names them. */
static const char *const taken_apart[] = {"/", "/usr", "/usr/local", "/etc"};

bool path_is_below(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    while (length > 0 && folder[length - 1] == '/')
        length--;
    return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

/* Adds a path if it exists. */
static int add_path(struct paths *paths, const char *name, enum path_kind kind, bool own,
                    struct what *what)
{
    struct stat status;
    if (name[0] != '/')
        return what_refused(what, EINVAL, "the path %s is not absolute", name);
    char *real = realpath(name, NULL);
    if (!real || stat(real, &status) < 0) {
        free(real);
        return errno == ENOMEM ? what_failed(what, "paths") : 0;
    }
    for (size_t i = 0; i < sizeof(taken_apart) / sizeof(taken_apart[0]); i++) {
        if (strcmp(real, taken_apart[i]) == 0) {
            free(real);
            return 0;
        }
    }
    if (paths->count == PATHS_MAX) {
        free(real);
        return what_refused(what, E2BIG, "more than %d read-only paths", PATHS_MAX);
    }
    char *copy = strdup(name);
    if (!copy) {
        free(real);
        return what_failed(what, "paths");
    }
    paths->list[paths->count++] = (struct path){copy, real, kind, S_ISDIR(status.st_mode), own};
    return 0;
}

static int add_pattern(struct paths *paths, const char *pattern, enum path_kind kind,
                       struct what *what)
{
    glob_t found;
    int result = glob(pattern, GLOB_NOSORT | GLOB_BRACE, NULL, &found);
    if (result == GLOB_NOMATCH)
        return 0;
    if (result != 0)
        return what_refused(what, ENOMEM, "the folder of %s cannot be listed", pattern);
    for (size_t i = 0; i < found.gl_pathc && result == 0; i++)
        result = add_path(paths, found.gl_pathv[i], kind, false, what);
    globfree(&found);
    return result;
}

static int by_length(const void *a, const void *b)
{
    size_t first = strlen(((const struct path *)a)->real);
    size_t second = strlen(((const struct path *)b)->real);
    return first < second ? -1 : first > second;
}

/* A read-only folder around the sandboxes' own folders would show each of them all the others'. */
static int refuse_around(const struct paths *paths, const char *writable_root, struct what *what)
{
    char *real = realpath(writable_root, NULL);
    if (!real)
        return what_failed(what, "the folder of the sandboxes, %s", writable_root);
    int result = 0;
    for (size_t i = 0; i < paths->count && result == 0; i++)
        if (paths->list[i].folder && path_is_below(real, paths->list[i].real))
            result = what_refused(what, EINVAL,
                                  "sandboxes can read %s: their own folder %s must lie elsewhere",
                                  paths->list[i].real, real);
    free(real);
    return result;
}

int paths_collect(struct paths *paths, const struct confine_options *options, struct what *what)
{
    paths->count = 0;
    for (size_t i = 0; i < sizeof(system_paths) / sizeof(system_paths[0]); i++) {
        enum path_kind kind = system_paths[i].kind;
        if ((kind == PATH_PROGRAM && !options->processes) ||
            (kind == PATH_NETWORK && !options->network))
            continue;
        if (add_pattern(paths, system_paths[i].pattern, kind, what) < 0)
            return -1;
    }
    for (const char *const *path = options->read_only_paths; path && *path; path++)
        if (add_path(paths, *path, PATH_LIBRARY, true, what) < 0)
            return -1;
    qsort(paths->list, paths->count, sizeof(paths->list[0]), by_length);
    return options->writable_root ? refuse_around(paths, options->writable_root, what) : 0;
}

void paths_free(struct paths *paths)
{
    for (size_t i = 0; i < paths->count; i++) {
        free(paths->list[i].name);
        free(paths->list[i].real);
    }
    paths->count = 0;
}
