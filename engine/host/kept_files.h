/* SPDX-License-Identifier: Apache-2.0 */
/* kept_files.h: a working folder's content put aside, and put back. */
#ifndef CLUTCH_HOST_KEPT_FILES_H
#define CLUTCH_HOST_KEPT_FILES_H

#include "host/sandbox.h"

/* All with the turn. */

/* Copies the working folder into a new folder of that path. On failure there is none. */
int kept_files_take(clutch_sandbox *sandbox, const char *path, clutch_error *error);

/* The same to be put back in its place: fails when that costs more than sharing, and when something cannot
 * be taken along, since putting the rest back would remove it. */
int kept_files_take_whole(clutch_sandbox *sandbox, const char *path, clutch_error *error);

/* Whether there is nothing in it, so that nothing needs to be kept. */
bool kept_files_none(clutch_sandbox *sandbox);

/* Fills the working folder with what is in that folder, or with nothing if path is NULL; and with nothing
 * else if empty is set: then all that is in it goes first. */
int kept_files_give(clutch_sandbox *sandbox, const char *path, bool empty, clutch_error *error);

/* Fills the empty working folder of copy with what is in that of sandbox. */
int kept_files_copy(clutch_sandbox *sandbox, clutch_sandbox *copy, clutch_error *error);

#endif
