/* SPDX-License-Identifier: Apache-2.0 */
/* toolbox_files.h: the Daytona family's toolbox: a sandbox's files and folders. */
#ifndef HTTP_TOOLBOX_FILES_H
#define HTTP_TOOLBOX_FILES_H

#include <stdbool.h>

#include "clutch.h"

struct request;

void toolbox_list_files(struct request *request);   /* GET /toolbox/{id}/files */
void toolbox_delete_file(struct request *request);  /* DELETE /toolbox/{id}/files */
void toolbox_describe_file(struct request *request); /* GET /toolbox/{id}/files/info */
void toolbox_make_folder(struct request *request);  /* POST /toolbox/{id}/files/folder */
void toolbox_move_file(struct request *request);    /* POST /toolbox/{id}/files/move */
void toolbox_permit_file(struct request *request);  /* POST /toolbox/{id}/files/permissions */

/* As toolbox_open, and counts as activity. */
bool toolbox_open_files(struct request *request, clutch_sandbox **sandbox);

/* A reply without a body. */
void toolbox_done(struct request *request, unsigned status);

#endif
