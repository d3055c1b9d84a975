/* SPDX-License-Identifier: Apache-2.0 */
/* toolbox_search.h: the Daytona family's toolbox: files by name and by content. */
#ifndef HTTP_TOOLBOX_SEARCH_H
#define HTTP_TOOLBOX_SEARCH_H

struct request;

void toolbox_search_files(struct request *request);  /* GET /toolbox/{id}/files/search */
void toolbox_find_in_files(struct request *request); /* GET /toolbox/{id}/files/find */
void toolbox_replace(struct request *request);       /* POST /toolbox/{id}/files/replace */

#endif
