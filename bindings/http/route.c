/* SPDX-License-Identifier: Apache-2.0 */
/* route.c: which handler answers what: one table. */
#include "route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console.h"
#include "console_execute.h"
#include "console_head.h"
#include "contexts.h"
#include "daytona.h"
#include "daytona_copy.h"
#include "daytona_life.h"
#include "daytona_list.h"
#include "daytona_settings.h"
#include "document.h"
#include "health.h"
#include "interpreter.h"
#include "metrics.h"
#include "page.h"
#include "process.h"
#include "recoup.h"
#include "sandcastles.h"
#include "sandcastles_exec.h"
#include "sandcastles_files.h"
#include "sandcastles_list.h"
#include "toolbox_files.h"
#include "toolbox_search.h"
#include "toolbox_system.h"
#include "toolbox_transfer.h"

static const struct route routes[] = {
    {"GET", "/healthz", FAMILY_PLAIN, SCOPE_NONE, ON_LOOP, health_live, false},
    {"GET", "/readyz", FAMILY_PLAIN, SCOPE_NONE, ON_LOOP, health_ready, false},
    {"GET", "/openapi.json", FAMILY_PLAIN, SCOPE_NONE, ON_LOOP, document_show, false},
    {"GET", "/metrics", FAMILY_PLAIN, SCOPE_METRICS, ON_LOOP, metrics_show, false},

    {"POST", "/v2/sandcastles", FAMILY_TEXTQL, SCOPE_WRITE, IN_POOL, sandcastles_start, false},
    {"GET", "/v2/sandcastles/{id}", FAMILY_TEXTQL, SCOPE_READ, IN_POOL, sandcastles_status, false},
    {"GET", "/v2/sandcastles", FAMILY_TEXTQL, SCOPE_READ, IN_POOL, sandcastles_list, false},
    {"DELETE", "/v2/sandcastles/{id}", FAMILY_TEXTQL, SCOPE_WRITE, IN_POOL, sandcastles_stop, false},
    {"POST", "/v2/sandcastles/{id}/exec", FAMILY_TEXTQL, SCOPE_WRITE, ON_LOOP, sandcastles_exec, false},
    {"GET", "/v2/sandcastles/{id}/executions", FAMILY_TEXTQL, SCOPE_READ, IN_POOL, sandcastles_log, false},
    {"GET", "/v2/sandcastles/{id}/files", FAMILY_TEXTQL, SCOPE_READ, IN_POOL, files_list, false},
    {"POST", "/v2/sandcastles/{id}/files", FAMILY_TEXTQL, SCOPE_WRITE, IN_POOL, files_upload, true},
    {"GET", "/v2/sandcastles/{id}/files/{path...}", FAMILY_TEXTQL, SCOPE_LINK, IN_POOL, files_download,
     false},
    {"DELETE", "/v2/sandcastles/{id}/files/{path...}", FAMILY_TEXTQL, SCOPE_WRITE, IN_POOL, files_remove,
     false},
    {"GET", "/v2/connectors", FAMILY_TEXTQL, SCOPE_READ, ON_LOOP, sandcastles_connectors, false},
    {"POST", "/v2/sandcastles/{id}/execute", FAMILY_TEXTQL, SCOPE_WRITE, ON_LOOP, sandcastles_execute, false},

    {"POST", "/api/sandbox", FAMILY_RECOUP, SCOPE_WRITE, ON_LOOP, recoup_create, false},
    {"GET", "/api/sandbox/status", FAMILY_RECOUP, SCOPE_READ, IN_POOL, recoup_status, false},
    {"GET", "/api/sandbox/reconnect", FAMILY_RECOUP, SCOPE_READ, IN_POOL, recoup_reconnect, false},
    {"POST", "/api/sandbox/extend", FAMILY_RECOUP, SCOPE_WRITE, IN_POOL, recoup_extend, false},
    {"POST", "/api/sandbox/activity", FAMILY_RECOUP, SCOPE_WRITE, IN_POOL, recoup_activity, false},
    {"POST", "/api/sandbox/snapshot", FAMILY_RECOUP, SCOPE_WRITE, IN_POOL, recoup_pause, false},
    {"PUT", "/api/sandbox/snapshot", FAMILY_RECOUP, SCOPE_WRITE, IN_POOL, recoup_restore, false},

    {"POST", "/sandbox", FAMILY_DAYTONA, SCOPE_WRITE, IN_POOL, daytona_create, false},
    {"GET", "/sandbox", FAMILY_DAYTONA, SCOPE_READ, IN_POOL, daytona_list, false},
    {"GET", "/sandbox/{idOrName}", FAMILY_DAYTONA, SCOPE_READ, IN_POOL, daytona_get, false},
    {"DELETE", "/sandbox/{idOrName}", FAMILY_DAYTONA, SCOPE_WRITE, IN_POOL, daytona_delete, false},
    {"POST", "/sandbox/{idOrName}/start", FAMILY_DAYTONA, SCOPE_WRITE, IN_POOL, daytona_start, false},
    {"POST", "/sandbox/{idOrName}/stop", FAMILY_DAYTONA, SCOPE_WRITE, IN_POOL, daytona_stop, false},
    {"POST", "/sandbox/{idOrName}/pause", FAMILY_DAYTONA, SCOPE_WRITE, IN_POOL, daytona_pause, false},
    {"POST", "/sandbox/{idOrName}/archive", FAMILY_DAYTONA, SCOPE_WRITE, IN_POOL, daytona_archive, false},
    {"POST", "/sandbox/{idOrName}/recover", FAMILY_DAYTONA, SCOPE_WRITE, IN_POOL, daytona_recover, false},
    {"POST", "/sandbox/{idOrName}/resize", FAMILY_DAYTONA, SCOPE_WRITE, IN_POOL, daytona_resize, false},
    {"POST", "/sandbox/{idOrName}/fork", FAMILY_DAYTONA, SCOPE_WRITE, IN_POOL, daytona_fork, false},
    {"POST", "/sandbox/{idOrName}/snapshot", FAMILY_DAYTONA, SCOPE_WRITE, IN_POOL, daytona_snapshot, false},
    {"GET", "/sandbox/{idOrName}/forks", FAMILY_DAYTONA, SCOPE_READ, IN_POOL, daytona_forks, false},
    {"GET", "/sandbox/{idOrName}/parent", FAMILY_DAYTONA, SCOPE_READ, IN_POOL, daytona_parent, false},
    {"GET", "/sandbox/{idOrName}/ancestors", FAMILY_DAYTONA, SCOPE_READ, IN_POOL, daytona_ancestors, false},
    {"PUT", "/sandbox/{idOrName}/labels", FAMILY_DAYTONA, SCOPE_WRITE, IN_POOL, daytona_set_labels, false},
    {"POST", "/sandbox/{idOrName}/autostop/{minutes}", FAMILY_DAYTONA, SCOPE_WRITE, IN_POOL,
     daytona_set_autostop, false},
    {"POST", "/sandbox/{idOrName}/autoarchive/{minutes}", FAMILY_DAYTONA, SCOPE_WRITE, IN_POOL,
     daytona_set_autoarchive, false},
    {"POST", "/sandbox/{idOrName}/autodelete/{minutes}", FAMILY_DAYTONA, SCOPE_WRITE, IN_POOL,
     daytona_set_autodelete, false},
    {"POST", "/sandbox/{idOrName}/last-activity", FAMILY_DAYTONA, SCOPE_WRITE, IN_POOL, daytona_touch, false},

    {"GET", "/", FAMILY_PLAIN, SCOPE_NONE, ON_LOOP, page_show, false},
    {"GET", "/page/{name}", FAMILY_PLAIN, SCOPE_NONE, ON_LOOP, page_show, false},
    {"GET", "/console/v1/sandboxes", FAMILY_TEXTQL, SCOPE_READ, IN_POOL, console_list, false},
    {"POST", "/console/v1/sandboxes", FAMILY_TEXTQL, SCOPE_WRITE, IN_POOL, console_create, false},
    {"GET", "/console/v1/sandboxes/{id}", FAMILY_TEXTQL, SCOPE_READ, IN_POOL, console_get, false},
    {"DELETE", "/console/v1/sandboxes/{id}", FAMILY_TEXTQL, SCOPE_WRITE, IN_POOL, console_delete, false},
    {"POST", "/console/v1/sandboxes/{id}/start", FAMILY_TEXTQL, SCOPE_WRITE, IN_POOL, console_start, false},
    {"POST", "/console/v1/sandboxes/{id}/stop", FAMILY_TEXTQL, SCOPE_WRITE, IN_POOL, console_stop, false},
    {"POST", "/console/v1/sandboxes/{id}/clone", FAMILY_TEXTQL, SCOPE_WRITE, IN_POOL, console_clone, false},
    {"POST", "/console/v1/sandboxes/{id}/undo", FAMILY_TEXTQL, SCOPE_WRITE, IN_POOL, console_undo, false},
    {"POST", "/console/v1/sandboxes/{id}/interrupt", FAMILY_TEXTQL, SCOPE_WRITE, IN_POOL, console_interrupt,
     false},
    {"POST", "/console/v1/sandboxes/{id}/execute", FAMILY_TEXTQL, SCOPE_WRITE, ON_LOOP, console_execute,
     false},
    {"POST", "/console/v1/sandboxes/{id}/head", FAMILY_TEXTQL, SCOPE_WRITE, ON_LOOP, console_head, false},
    {"POST", "/toolbox/{id}/process/code-run", FAMILY_TOOLBOX, SCOPE_WRITE, ON_LOOP, process_run_code, false},
    {"POST", "/toolbox/{id}/process/execute", FAMILY_TOOLBOX, SCOPE_WRITE, ON_LOOP, process_execute, false},
    {"GET", "/toolbox/{id}/process/interpreter/execute", FAMILY_TOOLBOX, SCOPE_WRITE, ON_LOOP,
     interpreter_execute, false},
    {"POST", "/toolbox/{id}/process/interpreter/context", FAMILY_TOOLBOX, SCOPE_WRITE, IN_POOL,
     contexts_create, false},
    {"GET", "/toolbox/{id}/process/interpreter/context", FAMILY_TOOLBOX, SCOPE_READ, IN_POOL,
     contexts_list, false},
    {"DELETE", "/toolbox/{id}/process/interpreter/context/{context}", FAMILY_TOOLBOX, SCOPE_WRITE, IN_POOL,
     contexts_delete, false},
    {"GET", "/toolbox/{id}/files", FAMILY_TOOLBOX, SCOPE_READ, IN_POOL, toolbox_list_files, false},
    {"DELETE", "/toolbox/{id}/files", FAMILY_TOOLBOX, SCOPE_WRITE, IN_POOL, toolbox_delete_file, false},
    {"GET", "/toolbox/{id}/files/info", FAMILY_TOOLBOX, SCOPE_READ, IN_POOL,
     toolbox_describe_file, false},
    {"POST", "/toolbox/{id}/files/folder", FAMILY_TOOLBOX, SCOPE_WRITE, IN_POOL,
     toolbox_make_folder, false},
    {"POST", "/toolbox/{id}/files/move", FAMILY_TOOLBOX, SCOPE_WRITE, IN_POOL, toolbox_move_file, false},
    {"POST", "/toolbox/{id}/files/permissions", FAMILY_TOOLBOX, SCOPE_WRITE, IN_POOL,
     toolbox_permit_file, false},
    {"GET", "/toolbox/{id}/files/search", FAMILY_TOOLBOX, SCOPE_READ, IN_POOL,
     toolbox_search_files, false},
    {"GET", "/toolbox/{id}/files/find", FAMILY_TOOLBOX, SCOPE_READ, IN_POOL,
     toolbox_find_in_files, false},
    {"POST", "/toolbox/{id}/files/replace", FAMILY_TOOLBOX, SCOPE_WRITE, IN_POOL,
     toolbox_replace, false},
    {"POST", "/toolbox/{id}/files/upload", FAMILY_TOOLBOX, SCOPE_WRITE, IN_POOL, toolbox_upload, true},
    {"POST", "/toolbox/{id}/files/bulk-upload", FAMILY_TOOLBOX, SCOPE_WRITE, IN_POOL,
     toolbox_upload_many, true},
    {"GET", "/toolbox/{id}/files/download", FAMILY_TOOLBOX, SCOPE_READ, IN_POOL,
     toolbox_download, false},
    {"POST", "/toolbox/{id}/files/bulk-download", FAMILY_TOOLBOX, SCOPE_READ, IN_POOL,
     toolbox_download_many, false},
    {"GET", "/toolbox/{id}/system/metrics", FAMILY_TOOLBOX, SCOPE_READ, IN_POOL, toolbox_metrics, false},
    {"GET", "/toolbox/{id}/work-dir", FAMILY_TOOLBOX, SCOPE_READ, IN_POOL, toolbox_folder, false},
    {"GET", "/toolbox/{id}/user-home-dir", FAMILY_TOOLBOX, SCOPE_READ, IN_POOL, toolbox_folder, false},
};

enum { ROUTES = sizeof routes / sizeof routes[0] };

/* The words from first on, with slashes between them. NULL when memory runs out. */
static char *join(const struct address *address, size_t first)
{
    size_t size = 1;
    for (size_t i = first; i < address->word_count; i++)
        size += strlen(address->words[i]) + 1;
    char *text = malloc(size), *at = text;
    if (text == NULL)
        return NULL;
    *at = '\0';
    for (size_t i = first; i < address->word_count; i++)
        at += sprintf(at, "%s%s", i > first ? "/" : "", address->words[i]);
    return text;
}

static bool fits(const char *pattern, const struct address *address, struct route_match *match)
{
    size_t word = 0, parameters = 0;
    *match = (struct route_match){{NULL}, NULL};
    while (*pattern == '/') {
        const char *part = ++pattern;
        size_t length = strcspn(part, "/");
        pattern += length;
        bool rest = length > 4 && memcmp(part + length - 4, "...}", 4) == 0;
        if (word == address->word_count)
            return false;
        if (rest) {
            match->rest = join(address, word);
            match->parameters[parameters] = match->rest;
            return match->rest != NULL;
        }
        const char *given = address->words[word++];
        if (*part == '{' && *given != '\0')
            match->parameters[parameters++] = given;
        else if (strlen(given) != length || memcmp(given, part, length) != 0)
            return false;
    }
    return word == address->word_count;
}

/* By how a path begins. */
enum family route_family(const struct address *address)
{
    const char *first = address->word_count > 0 ? address->words[0] : "";
    if (strcmp(first, "v2") == 0)
        return FAMILY_TEXTQL;
    if (strcmp(first, "sandbox") == 0)
        return FAMILY_DAYTONA;
    if (strcmp(first, "toolbox") == 0)
        return FAMILY_TOOLBOX;
    return strcmp(first, "api") == 0 ? FAMILY_RECOUP : FAMILY_PLAIN;
}

const struct route *route_find(const char *method, const struct address *address, struct route_match *match,
                               char *methods, size_t size, enum family *family)
{
    const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
    *methods = '\0';
    *family = route_family(address);
    for (size_t i = 0; i < ROUTES; i++) {
        if (!fits(routes[i].pattern, address, match))
            continue;
        *family = routes[i].family;
        if (strcmp(routes[i].method, wanted) == 0)
            return &routes[i];
        free(match->rest);
        size_t used = strlen(methods);
        snprintf(methods + used, size - used, "%s%s", used > 0 ? ", " : "", routes[i].method);
    }
    *match = (struct route_match){{NULL}, NULL};
    return NULL;
}
