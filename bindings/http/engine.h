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

#endif
