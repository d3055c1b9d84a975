/* SPDX-License-Identifier: Apache-2.0 */
/* document.h: the OpenAPI document of all that is served. */
#ifndef HTTP_DOCUMENT_H
#define HTTP_DOCUMENT_H

struct request;

void document_show(struct request *request); /* GET /openapi.json */

#endif
