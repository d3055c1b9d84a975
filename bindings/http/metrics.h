/* SPDX-License-Identifier: Apache-2.0 */
/* metrics.h: what the server counts, in the text format that Prometheus reads. The loop only. */
#ifndef HTTP_METRICS_H
#define HTTP_METRICS_H

#include "clutch.h"

struct metrics;
struct request;

struct metrics *metrics_new(void); /* NULL when memory runs out */
void metrics_free(struct metrics *metrics); /* NULL is allowed */

/* A request that was answered, or whose client has left (status 0). */
void metrics_request(struct metrics *metrics, const struct request *request, unsigned status);

void metrics_execution(struct metrics *metrics, const clutch_result *result);

/* GET /metrics */
void metrics_show(struct request *request);

#endif
