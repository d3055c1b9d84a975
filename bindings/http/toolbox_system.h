/* SPDX-License-Identifier: Apache-2.0 */
/* toolbox_system.h: the Daytona family's toolbox: what a sandbox uses, and where it is. In the pool. */
#ifndef HTTP_TOOLBOX_SYSTEM_H
#define HTTP_TOOLBOX_SYSTEM_H

struct request;

void toolbox_metrics(struct request *request); /* GET /toolbox/{id}/system/metrics */
void toolbox_folder(struct request *request);  /* GET /toolbox/{id}/work-dir, /user-home-dir */

#endif
