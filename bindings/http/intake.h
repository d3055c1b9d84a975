/* SPDX-License-Identifier: Apache-2.0 */
/* intake.h: what must hold before a request gets to its handler. The loop only. */
#ifndef HTTP_INTAKE_H
#define HTTP_INTAKE_H

struct request;

/* Once the headers are there: finds the route, who calls, and whether it may. What does not pass has a
 * reply after it. */
void intake_begin(struct request *request);

/* Once all of the body is there: calls the handler, or has it called in the pool. Afterwards there is a
 * reply, or one will come. */
void intake_dispatch(struct request *request);

#endif
