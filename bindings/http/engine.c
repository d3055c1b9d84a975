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

void engine_set_usual(const struct config *config, clutch_sandbox_options *options, clutch_limits *limits)
{
    *limits = (clutch_limits)CLUTCH_LIMITS_INIT;
    limits->code_bytes = config->code_bytes;
    limits->output_bytes = config->output_bytes;
    limits->memory_bytes = config->memory_bytes;
    limits->wall_ms = config->execution_ms;
    options->limits = limits;
    options->network = config->network ? CLUTCH_NETWORK_ALL : CLUTCH_NETWORK_NONE;
    options->processes = config->processes;
}

/* Importing matplotlib takes a sandbox the better part of a second, at its first chart. */
static const char *const with_charts[] = {"numpy", "pandas", "matplotlib.pyplot", NULL};

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
    clutch_limits limits;
    clutch_sandbox_options usual = CLUTCH_SANDBOX_OPTIONS_INIT;
    engine_set_usual(config, &usual, &limits);
    options.pool_sandbox = &usual;
    options.pool_min = (uint32_t)config->ready;
    options.pool_max = (uint32_t)(config->ready * 8);
    if (options.preload == NULL)
        options.preload = with_charts;
    int code = clutch_engine_open(&options, out, error);
    if (code == CLUTCH_E_PRELOAD && options.preload == with_charts) {
        options.preload = NULL; /* the environment may do without charts */
        code = clutch_engine_open(&options, out, error);
    }
    free(preload.text);
    free(require.text);
    free(disable.text);
    return code;
}
