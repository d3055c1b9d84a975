/* SPDX-License-Identifier: Apache-2.0 */
/* tree.h: removing a folder and all below it without ever leaving it. */
#ifndef CLUTCH_BASE_TREE_H
#define CLUTCH_BASE_TREE_H

/* Removes name, relative to the folder dirfd, with everything below it. Links are removed, never
 * followed, and other file systems are left alone. The tree may be changed by a hostile process
 * meanwhile. Returns 0, or -1 with errno of the first thing that could not be removed; the rest is
 * removed all the same. */
int tree_remove(int dirfd, const char *name);

/* The same for all that is in a folder, which stays. */
int tree_empty(int dirfd, const char *name);

#endif
