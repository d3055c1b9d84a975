/* SPDX-License-Identifier: Apache-2.0 */
/* labels.c: labels of sandboxes: the clients', and those that the server keeps for itself. */
#include "labels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "request.h"

enum { LABELS_MAX = 100, KEY_MAX = 255, VALUE_MAX = 4096, TOGETHER_MAX = 64 << 10 };

static bool is_own(const char *text)
{
    return strncmp(text, LABELS_OWN, strlen(LABELS_OWN)) == 0;
}

/* The text after the key's "=", or NULL when the label has another key. */
static const char *value_of(const char *label, const char *key)
{
    size_t length = strlen(key);
    return strncmp(label, key, length) == 0 && label[length] == '=' ? label + length + 1 : NULL;
}

const char *labels_find(const char *const *labels, const char *key)
{
    const char *value = NULL;
    for (; labels != NULL && *labels != NULL && value == NULL; labels++)
        value = value_of(*labels, key);
    return value;
}

json_t *labels_json(const char *const *labels)
{
    json_t *object = json_object();
    for (; labels != NULL && *labels != NULL && object != NULL; labels++) {
        const char *equals = strchr(*labels, '=');
        if (equals == NULL || is_own(*labels))
            continue;
        char *key = strndup(*labels, (size_t)(equals - *labels));
        if (key != NULL && json_object_set_new(object, key, json_string(equals + 1)) != 0) {
            json_decref(object);
            object = NULL;
        }
        free(key);
    }
    return object;
}

void labels_free(char **labels)
{
    for (size_t i = 0; labels != NULL && labels[i] != NULL; i++)
        free(labels[i]);
    free(labels);
}

static size_t count_own(const char *const *labels)
{
    size_t count = 0;
    for (; labels != NULL && *labels != NULL; labels++)
        count += is_own(*labels);
    return count;
}

static bool is_label(const char *key, const json_t *value)
{
    return json_is_string(value) && *key != '\0' && strlen(key) <= KEY_MAX && strchr(key, '=') == NULL &&
           !is_own(key) && json_string_length(value) <= VALUE_MAX &&
           strlen(json_string_value(value)) == json_string_length(value);
}

static size_t size_of(const json_t *object)
{
    size_t size = 0;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value)
        size += strlen(key) + json_string_length(value);
    return size;
}

char **labels_read(struct request *request, const json_t *object, const char *const *keep)
{
    if (!json_is_object(object) || json_object_size(object) > LABELS_MAX) {
        reply_error(request, 400, "labels must be an object of at most %d texts", LABELS_MAX);
        return NULL;
    }
    if (size_of(object) > TOGETHER_MAX) {
        reply_error(request, 400, "labels, and variables of the environment, have at most %d bytes together",
                    TOGETHER_MAX);
        return NULL;
    }
    size_t count = 0;
    char **labels = calloc(json_object_size(object) + count_own(keep) + 1, sizeof *labels);
    bool fine = labels != NULL;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value) {
        if (!is_label(key, value)) {
            labels_free(labels);
            reply_error(request, 400, "a label is a text under a name of 1 to %d bytes without = that does "
                        "not begin with " LABELS_OWN, KEY_MAX);
            return NULL;
        }
        fine = fine && asprintf(&labels[count], "%s=%s", key, json_string_value(value)) >= 0;
        count += fine;
    }
    for (; fine && keep != NULL && *keep != NULL; keep++)
        if (is_own(*keep))
            fine = (labels[count++] = strdup(*keep)) != NULL;
    if (fine)
        return labels;
    labels_free(labels);
    reply_error(request, 500, "no memory is left");
    return NULL;
}

bool labels_set(struct request *request, clutch_sandbox *sandbox, const clutch_sandbox_info *info,
                const char *key, const char *value)
{
    size_t count = 0;
    while (info->labels != NULL && info->labels[count] != NULL)
        count++;
    const char **labels = calloc(count + 2, sizeof *labels);
    char *label = NULL;
    clutch_error error = {.code = CLUTCH_E_MEMORY};
    bool fine = labels != NULL && asprintf(&label, "%s=%s", key, value) >= 0;
    if (fine) {
        size_t used = 0;
        for (size_t i = 0; i < count; i++)
            if (value_of(info->labels[i], key) == NULL)
                labels[used++] = info->labels[i];
        labels[used] = label;
        fine = clutch_sandbox_set_labels(sandbox, labels, &error) == 0;
        free(label);
    }
    free(labels);
    if (!fine)
        reply_failure(request, &error);
    return fine;
}
