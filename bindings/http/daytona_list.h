/* SPDX-License-Identifier: Apache-2.0 */
/* daytona_list.h: the Daytona family: which sandboxes there are. */
#ifndef HTTP_DAYTONA_LIST_H
#define HTTP_DAYTONA_LIST_H

struct request;

void daytona_list(struct request *request); /* GET /sandbox */

#endif
