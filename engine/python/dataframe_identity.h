/* SPDX-License-Identifier: Apache-2.0 */
/* dataframe_identity.h: what is remembered of Python objects, by their identity, without keeping
 * them alive: a record hangs on a weak reference, so another object at a freed address is not taken
 * for the old one. GIL held. */
#ifndef CLUTCH_PYTHON_DATAFRAME_IDENTITY_H
#define CLUTCH_PYTHON_DATAFRAME_IDENTITY_H

#include <Python.h>

#include <stddef.h>
#include <stdint.h>

/* Every record begins with this. */
struct dataframe_identity {
    struct dataframe_identity *next;
    const PyObject *address;
    PyObject *reference; /* the object's plain weak reference */
    uint64_t round;      /* when it was last found or added */
};

enum { DATAFRAME_IDENTITY_BUCKETS = 512 };

struct dataframe_identities {
    size_t record_bytes;
    size_t limit;
    void (*dispose)(struct dataframe_identity *record); /* of what the record owns; may be NULL */
    size_t count;
    uint64_t round;
    struct dataframe_identity *buckets[DATAFRAME_IDENTITY_BUCKETS];
};

/* The object's record, or NULL. Marks it as used in this round. */
void *dataframe_identity_find(struct dataframe_identities *identities, PyObject *object);

/* A new record for an object that has none, zero behind its head; NULL past the limit, without
 * memory, or if the object takes no weak references. Leaves no exception set. */
void *dataframe_identity_add(struct dataframe_identities *identities, PyObject *object);

/* Drops the records not used in this round, and begins the next. */
void dataframe_identity_expire(struct dataframe_identities *identities);

#endif
