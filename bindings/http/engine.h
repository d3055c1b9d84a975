/* SPDX-License-Identifier: Apache-2.0 */
/* engine.h: the library's engine as the settings want it. */
#ifndef HTTP_ENGINE_H
#define HTTP_ENGINE_H

#include "clutch.h"

struct census;
struct config;

/* As clutch_engine_open; changes of state are told to the census. */
int engine_open(const struct config *config, struct census *census, clutch_engine **out,
                clutch_error *error);

/* The limits and permissions of every sandbox, so that one out of the engine's pool will do. limits must
 * last as long as options. */
void engine_set_usual(const struct config *config, clutch_sandbox_options *options, clutch_limits *limits);

#endif
