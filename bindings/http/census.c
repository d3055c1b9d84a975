/* SPDX-License-Identifier: Apache-2.0 */
/* census.c: how many sandboxes each organisation has, and what they do.
 *
 * The library tells of every change of state, by id. Whose a new sandbox is becomes known when the call
 * that made it returns; until then its place is held by whoever asked for it. */
#include "census.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

enum { CENSUS_NAME = 256 };

struct organisation {
    uint64_t sandboxes, running; /* counted */
    uint64_t fresh, starting;    /* asked for, and not counted yet */
};

struct citizen {
    struct organisation *organisation; /* NULL while it is not known */
    uint32_t state;
};

struct census {
    pthread_mutex_t lock;
    struct table citizens, organisations;
    uint64_t states[CENSUS_STATES];
    bool have_ended; /* some, since it was asked for */
};

static bool runs(uint32_t state)
{
    return state != CLUTCH_STATE_STOPPED && state != CLUTCH_STATE_ARCHIVED &&
           state != CLUTCH_STATE_ARCHIVING && state != CLUTCH_STATE_DELETING &&
           state != CLUTCH_STATE_DELETED && state != CLUTCH_STATE_FAILED;
}

struct census *census_new(void)
{
    struct census *census = calloc(1, sizeof *census);
    if (census != NULL)
        pthread_mutex_init(&census->lock, NULL);
    return census;
}

static void free_value(void *value, void *unused)
{
    (void)unused;
    free(value);
}

void census_free(struct census *census)
{
    if (census == NULL)
        return;
    table_each(&census->citizens, free_value, NULL);
    table_each(&census->organisations, free_value, NULL);
    table_clear(&census->citizens);
    table_clear(&census->organisations);
    pthread_mutex_destroy(&census->lock);
    free(census);
}

/* ---- Under the lock ---- */

static struct organisation *organisation_of(struct census *census, const char *name)
{
    struct organisation *organisation = table_find(&census->organisations, name);
    if (organisation != NULL)
        return organisation;
    organisation = calloc(1, sizeof *organisation);
    if (organisation == NULL || table_put(&census->organisations, name, organisation))
        return organisation;
    free(organisation);
    return NULL;
}

/* Adds a citizen to the sums, or takes it away. */
static void count(struct census *census, const struct citizen *citizen, bool add)
{
    uint64_t one = add ? 1 : (uint64_t)-1;
    if (citizen->state < CENSUS_STATES)
        census->states[citizen->state] += one;
    if (citizen->organisation == NULL)
        return;
    citizen->organisation->sandboxes += one;
    if (runs(citizen->state))
        citizen->organisation->running += one;
}

static void set_state(struct census *census, const char *id, uint32_t state,
                      struct organisation *organisation)
{
    struct citizen *citizen = table_find(&census->citizens, id);
    if (citizen == NULL && state == CLUTCH_STATE_DELETED)
        return;
    if (citizen == NULL) {
        citizen = calloc(1, sizeof *citizen);
        if (citizen == NULL || !table_put(&census->citizens, id, citizen)) {
            free(citizen);
            return;
        }
    } else {
        count(census, citizen, false);
    }
    citizen->state = state;
    if (organisation != NULL)
        citizen->organisation = organisation;
    if (state != CLUTCH_STATE_DELETED)
        count(census, citizen, true);
    else
        free(table_take(&census->citizens, id));
}

/* ---- For everybody ---- */

void census_change(const clutch_change *change, void *user)
{
    struct census *census = user;
    pthread_mutex_lock(&census->lock);
    set_state(census, change->id, change->to, NULL);
    census->have_ended = census->have_ended || !runs(change->to);
    pthread_mutex_unlock(&census->lock);
}

bool census_runs(struct census *census, const char *id)
{
    pthread_mutex_lock(&census->lock);
    const struct citizen *citizen = table_find(&census->citizens, id);
    bool found = citizen != NULL && runs(citizen->state);
    pthread_mutex_unlock(&census->lock);
    return found;
}

bool census_have_ended(struct census *census)
{
    pthread_mutex_lock(&census->lock);
    bool have_ended = census->have_ended;
    census->have_ended = false;
    pthread_mutex_unlock(&census->lock);
    return have_ended;
}

static const char *name_of(const char *owner, char name[CENSUS_NAME])
{
    snprintf(name, CENSUS_NAME, "%.*s", (int)strcspn(owner, " "), owner);
    return name;
}

int census_load(struct census *census, clutch_engine *engine, clutch_error *error)
{
    clutch_list_options options = CLUTCH_LIST_OPTIONS_INIT;
    clutch_sandbox_page *page, *before = NULL;
    char name[CENSUS_NAME];
    options.limit = 200;
    do { /* what belongs to a sandbox has an owner of its own: "ORGANISATION SANDBOX" */
        int code = clutch_engine_list(engine, &options, &page, error);
        clutch_sandbox_page_free(before);
        if (code < 0)
            return code;
        pthread_mutex_lock(&census->lock);
        for (size_t i = 0; i < page->count; i++)
            set_state(census, page->sandboxes[i]->id, page->sandboxes[i]->state,
                      organisation_of(census, name_of(page->sandboxes[i]->owner, name)));
        pthread_mutex_unlock(&census->lock);
        options.cursor = page->next_cursor;
        before = page;
    } while (page->next_cursor != NULL);
    clutch_sandbox_page_free(page);
    return 0;
}

const char *census_enter(struct census *census, const char *organisation, bool fresh, uint64_t sandboxes,
                         uint64_t running)
{
    const char *problem = NULL;
    pthread_mutex_lock(&census->lock);
    struct organisation *of = organisation_of(census, organisation);
    if (of == NULL)
        problem = "no memory is left";
    else if (fresh && of->sandboxes + of->fresh >= sandboxes)
        problem = "the organisation has as many sandboxes as it may have; delete some";
    else if (of->running + of->starting >= running)
        problem = "as many sandboxes of the organisation run as may run at once; stop some";
    if (problem == NULL) {
        of->fresh += fresh;
        of->starting++;
    }
    pthread_mutex_unlock(&census->lock);
    return problem;
}

void census_leave(struct census *census, const char *organisation, bool fresh, const char *id)
{
    pthread_mutex_lock(&census->lock);
    struct organisation *of = organisation_of(census, organisation);
    if (of != NULL) {
        of->fresh -= fresh;
        of->starting--;
    }
    struct citizen *citizen = id != NULL ? table_find(&census->citizens, id) : NULL;
    if (citizen != NULL && citizen->organisation == NULL)
        set_state(census, id, citizen->state, of);
    pthread_mutex_unlock(&census->lock);
}

void census_states(struct census *census, uint64_t counts[CENSUS_STATES])
{
    pthread_mutex_lock(&census->lock);
    memcpy(counts, census->states, sizeof census->states);
    pthread_mutex_unlock(&census->lock);
}
