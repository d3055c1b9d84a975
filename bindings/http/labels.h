/* SPDX-License-Identifier: Apache-2.0 */
/* labels.h: labels of sandboxes: the clients', and those that the server keeps for itself. */
#ifndef HTTP_LABELS_H
#define HTTP_LABELS_H

#include <jansson.h>
#include <stdbool.h>

#include "clutch.h"

struct request;

/* What begins so is the server's own: clients neither see nor set it. */
#define LABELS_OWN "clutch."
#define LABEL_VERSION "clutch.version" /* how often a session was brought to life */
/* What was asked for at the creation, each as JSON. */
#define LABEL_ENV "clutch.env"
#define LABEL_USER "clutch.user"
#define LABEL_TARGET "clutch.target"
#define LABEL_SNAPSHOT "clutch.snapshot"
#define LABEL_MEMORY "clutch.memory"
#define LABEL_BLOCKED "clutch.blocked" /* networkBlockAll */
#define LABEL_CONTEXT "clutch.context" /* of an interpreter's context: its folder */
#define LABEL_HELPER "clutch.helper"   /* what a helper is for, if it lasts: "context" */
#define LABEL_PARENT "clutch.parent"   /* id of the sandbox that it was forked from */

/* The value of a label of "KEY=VALUE" texts, or NULL. */
const char *labels_find(const char *const *labels, const char *key);

/* The clients' labels as an object; NULL when memory runs out. */
json_t *labels_json(const char *const *labels);

/* "KEY=VALUE" texts ended by NULL, of an object of texts; NULL, and a reply, for something else. With keep,
 * which may be NULL, the server's own labels among those are added. Free it with labels_free. */
char **labels_read(struct request *request, const json_t *object, const char *const *keep);

void labels_free(char **labels); /* NULL is allowed */

/* Sets one of the server's own beside all that info has. False when the reply is made. */
bool labels_set(struct request *request, clutch_sandbox *sandbox, const clutch_sandbox_info *info,
                const char *key, const char *value);

#endif
