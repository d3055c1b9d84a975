/* SPDX-License-Identifier: Apache-2.0 */
/* download.h: a file as a reply: all of it or a range. In the pool. */
#ifndef HTTP_DOWNLOAD_H
#define HTTP_DOWNLOAD_H

struct request;

/* The descriptor is moved. The type is told by the name's ending. What a sandbox has made is never shown as
 * a page of this server. */
void download_answer(struct request *request, const char *name, int fd);

/* The mime type of a name; "application/octet-stream" when its ending is unknown. A constant. */
const char *download_type(const char *name);

#endif
