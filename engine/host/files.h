/* SPDX-License-Identifier: Apache-2.0 */
/* files.h: names, URLs and types of files in a sandbox's working folder. */
#ifndef CLUTCH_HOST_FILES_H
#define CLUTCH_HOST_FILES_H

#include <stdbool.h>
#include <stddef.h>

/* Whether a name that a worker gave can be a path below a folder: relative, no "..", no NUL. */
bool files_name_is_fine(const char *name, size_t length);

/* The file:// URL (RFC 8089) of a file in a folder; to be freed, NULL when memory ran out. */
char *files_url(const char *folder, const char *name, size_t length);

/* The media type that the name's ending tells; static. */
const char *files_mime_type(const char *name);

#endif
