/* SPDX-License-Identifier: Apache-2.0 */
/* engine.c: the library's engine as the settings want it. */
#include "engine.h"

#include <stdlib.h>
#include <string.h>

#include "census.h"
#include "config.h"
#include "log.h"

enum { WORDS_MAX = 64 };

struct words {
    char *text;
    const char *items[WORDS_MAX + 1];
};

/* "a,b" as an array; "none" is an empty one. NULL, the library's default, when text is. */
static const char *const *split(struct words *words, const char *text)
{
    if (text == NULL)
        return NULL;
    words->text = strdup(strcmp(text, "none") == 0 ? "" : text);
    char *rest = NULL;
    size_t count = 0;
    for (char *word = words->text != NULL ? strtok_r(words->text, ",", &rest) : NULL;
         word != NULL && count < WORDS_MAX; word = strtok_r(NULL, ",", &rest))
        words->items[count++] = word;
    words->items[count] = NULL;
    return words->items;
}

int engine_open(const struct config *config, struct census *census, clutch_engine **out,
                clutch_error *error)
{
    struct words preload = {NULL, {NULL}}, require = preload, disable = preload;
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    options.environment = config->environment;
    options.preload = split(&preload, config->preload);
    options.require = split(&require, config->require);
    options.disable = split(&disable, config->disable);
    options.state_dir = config->state;
    options.log = log_engine;
    options.on_change = census_change;
    options.change_user = census;
    int code = clutch_engine_open(&options, out, error);
    free(preload.text);
    free(require.text);
    free(disable.text);
    return code;
}
