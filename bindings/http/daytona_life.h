/* SPDX-License-Identifier: Apache-2.0 */
/* daytona_life.h: the Daytona family: a sandbox's way from one state to another. */
#ifndef HTTP_DAYTONA_LIFE_H
#define HTTP_DAYTONA_LIFE_H

struct request;

void daytona_start(struct request *request);   /* POST /sandbox/{idOrName}/start */
void daytona_stop(struct request *request);    /* POST /sandbox/{idOrName}/stop */
void daytona_pause(struct request *request);   /* POST /sandbox/{idOrName}/pause */
void daytona_archive(struct request *request); /* POST /sandbox/{idOrName}/archive */
void daytona_recover(struct request *request); /* POST /sandbox/{idOrName}/recover */
void daytona_resize(struct request *request);  /* POST /sandbox/{idOrName}/resize */
void daytona_delete(struct request *request);  /* DELETE /sandbox/{idOrName} */

#endif
