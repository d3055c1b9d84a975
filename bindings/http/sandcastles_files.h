/* SPDX-License-Identifier: Apache-2.0 */
/* sandcastles_files.h: the TextQL family: a sandbox's files. In the pool. */
#ifndef HTTP_SANDCASTLES_FILES_H
#define HTTP_SANDCASTLES_FILES_H

struct request;

void files_list(struct request *request);     /* GET /v2/sandcastles/{id}/files */
void files_upload(struct request *request);   /* POST /v2/sandcastles/{id}/files */
void files_download(struct request *request); /* GET /v2/sandcastles/{id}/files/{path...} */
void files_remove(struct request *request);   /* DELETE /v2/sandcastles/{id}/files/{path...} */

#endif
