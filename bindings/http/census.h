/* SPDX-License-Identifier: Apache-2.0 */
/* census.h: how many sandboxes each organisation has, and what they do. Any thread. */
#ifndef HTTP_CENSUS_H
#define HTTP_CENSUS_H

#include <stdbool.h>
#include <stdint.h>

#include "clutch.h"

struct census;

struct census *census_new(void); /* NULL when memory runs out */
void census_free(struct census *census); /* NULL is allowed */

/* For clutch_engine_options.on_change, with the census as user. */
void census_change(const clutch_change *change, void *census);

/* Counts what the state folder holds already, before anything else. As the library's functions. */
int census_load(struct census *census, clutch_engine *engine, clutch_error *error);

/* Asks for a place: for one more sandbox (fresh), or for one more that runs. NULL, and census_leave is
 * due; or one line that says which limit is reached. */
const char *census_enter(struct census *census, const char *organisation, bool fresh, uint64_t sandboxes,
                         uint64_t running);

/* The place is taken by the sandbox of this id, or given back (NULL). */
void census_leave(struct census *census, const char *organisation, bool fresh, const char *id);

enum { CENSUS_STATES = 16 };

/* Sandboxes by CLUTCH_STATE_*. */
void census_states(struct census *census, uint64_t counts[CENSUS_STATES]);

/* Whether the sandbox is there and neither stopped nor archived. Any thread. */
bool census_runs(struct census *census, const char *id);

/* Whether any has stopped running since the last call. Any thread. */
bool census_have_ended(struct census *census);

#endif
