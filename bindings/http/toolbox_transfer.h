/* SPDX-License-Identifier: Apache-2.0 */
/* toolbox_transfer.h: the Daytona family's toolbox: files to a sandbox and from it. */
#ifndef HTTP_TOOLBOX_TRANSFER_H
#define HTTP_TOOLBOX_TRANSFER_H

struct request;

void toolbox_upload(struct request *request);        /* POST /toolbox/{id}/files/upload */
void toolbox_upload_many(struct request *request);   /* POST /toolbox/{id}/files/bulk-upload */
void toolbox_download(struct request *request);      /* GET /toolbox/{id}/files/download */
void toolbox_download_many(struct request *request); /* POST /toolbox/{id}/files/bulk-download */

#endif
