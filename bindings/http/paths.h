/* SPDX-License-Identifier: Apache-2.0 */
/* paths.h: places in a sandbox's working folder, found without ever leaving it. In the pool.
 *
 * The sandbox is hostile and may change its folders meanwhile: each step is one name below an open folder,
 * and no link is followed. */
#ifndef HTTP_PATHS_H
#define HTTP_PATHS_H

#include <stdbool.h>
#include <sys/stat.h>

#include "clutch.h"

struct request;

enum { PATH_ROOM = 4096 };

struct spot {
    int folder;           /* owned; of the last name */
    char name[256];       /* "." for the working folder itself */
    char path[PATH_ROOM]; /* below the working folder, without a slash in front */
};

/* The path as it may be handed to the library: relative, without "." and empty words. An absolute one must
 * lead into the working folder. False when the reply is made, which calls the path by this name. */
bool paths_clean(struct request *request, clutch_sandbox *sandbox, const char *what, const char *path,
                 char out[PATH_ROOM]);

/* With `make` the folders above it are made. paths_leave is due after true; false when the reply is made. */
bool paths_find(struct request *request, clutch_sandbox *sandbox, const char *what, const char *path,
                bool make, struct spot *out);
void paths_leave(struct spot *spot);

/* What is there; no link is followed. False when the reply is made: 404 above all. */
bool paths_look(struct request *request, const struct spot *spot, struct stat *out);

/* A folder for reading; -1 when the reply is made. */
int paths_open_folder(struct request *request, const struct spot *spot);

/* A regular file that has no other name, for reading; -1, without a reply, for all else. */
int paths_open_file(int folder, const char *name, struct stat *out);

/* Answers for an errno that was met at that path. */
void paths_refuse(struct request *request, const char *path, int failure);

#endif
