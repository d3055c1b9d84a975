/* SPDX-License-Identifier: Apache-2.0 */
/* dataframe_identity.c: records of objects in a chained hash table keyed by address. */
#include "python/dataframe_identity.h"

#include <stdbool.h>
#include <stdlib.h>

static struct dataframe_identity **bucket(struct dataframe_identities *identities,
                                          const PyObject *object)
{
    uint64_t key = (uint64_t)(uintptr_t)object * UINT64_C(0x9e3779b97f4a7c15);
    return &identities->buckets[(key >> 32) % DATAFRAME_IDENTITY_BUCKETS];
}

static bool refers_to(PyObject *reference, const PyObject *object)
{
#if PY_VERSION_HEX >= 0x030d0000
    PyObject *found = NULL;
    if (PyWeakref_GetRef(reference, &found) < 0)
        PyErr_Clear();
    Py_XDECREF(found); /* the caller holds the object, if it is this one */
    return found == object;
#else
    return PyWeakref_GetObject(reference) == object;
#endif
}

static void drop(struct dataframe_identities *identities, struct dataframe_identity **link)
{
    struct dataframe_identity *record = *link;
    *link = record->next;
    identities->count--;
    if (identities->dispose)
        identities->dispose(record);
    Py_DECREF(record->reference);
    free(record);
}

void *dataframe_identity_find(struct dataframe_identities *identities, PyObject *object)
{
    struct dataframe_identity **link = bucket(identities, object);
    while (*link && (*link)->address != object)
        link = &(*link)->next;
    if (!*link)
        return NULL;
    if (!refers_to((*link)->reference, object)) {
        drop(identities, link);
        return NULL;
    }
    (*link)->round = identities->round;
    return *link;
}

void *dataframe_identity_add(struct dataframe_identities *identities, PyObject *object)
{
    if (identities->count >= identities->limit)
        return NULL;
    struct dataframe_identity *record = calloc(1, identities->record_bytes);
    /* A type without weak references raises TypeError. */
    PyObject *reference = record ? PyWeakref_NewRef(object, NULL) : NULL;
    if (!reference) {
        PyErr_Clear();
        free(record);
        return NULL;
    }
    struct dataframe_identity **first = bucket(identities, object);
    *record = (struct dataframe_identity){
        .next = *first, .address = object, .reference = reference, .round = identities->round};
    *first = record;
    identities->count++;
    return record;
}

void dataframe_identity_expire(struct dataframe_identities *identities)
{
    for (size_t i = 0; identities->count && i < DATAFRAME_IDENTITY_BUCKETS; i++) {
        struct dataframe_identity **link = &identities->buckets[i];
        while (*link) {
            if ((*link)->round == identities->round)
                link = &(*link)->next;
            else
                drop(identities, link);
        }
    }
    identities->round++;
}
