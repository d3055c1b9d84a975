/* SPDX-License-Identifier: Apache-2.0 */
/* daytona_settings.h: the Daytona family: what is changed of a sandbox in whatever state it is. */
#ifndef HTTP_DAYTONA_SETTINGS_H
#define HTTP_DAYTONA_SETTINGS_H

struct request;

void daytona_set_labels(struct request *request);      /* PUT /sandbox/{idOrName}/labels */
void daytona_set_autostop(struct request *request);    /* POST /sandbox/{idOrName}/autostop/{minutes} */
void daytona_set_autoarchive(struct request *request); /* POST /sandbox/{idOrName}/autoarchive/{minutes} */
void daytona_set_autodelete(struct request *request);  /* POST /sandbox/{idOrName}/autodelete/{minutes} */
void daytona_touch(struct request *request);           /* POST /sandbox/{idOrName}/last-activity */

#endif
