/* SPDX-License-Identifier: Apache-2.0 */
/* saving.h: stops all sandboxes that run, on the pool's threads, so that their variables last. The loop only.
 *
 * User code can hold up the saving of its own sandbox; other organisations' are saved beside it. */
#ifndef HTTP_SAVING_H
#define HTTP_SAVING_H

#include <stddef.h>
#include <stdint.h>

struct saving;
struct server;

/* No new sandbox may be made from here on. each_ms: what one of them gets. NULL, and the log tells why, on
 * failure. */
struct saving *saving_begin(struct server *server, uint64_t each_ms);

/* How many are not stopped yet. Hands more of them to the pool: to be called each turn of the loop. */
size_t saving_left(struct saving *saving);

/* When none is left. NULL is allowed. */
void saving_free(struct saving *saving);

#endif
