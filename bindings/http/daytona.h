/* SPDX-License-Identifier: Apache-2.0 */
/* daytona.h: the Daytona family, /sandbox. */
#ifndef HTTP_DAYTONA_H
#define HTTP_DAYTONA_H

struct request;

void daytona_create(struct request *request); /* POST /sandbox */
void daytona_get(struct request *request);    /* GET /sandbox/{idOrName} */

#endif
