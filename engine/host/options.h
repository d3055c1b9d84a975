/* SPDX-License-Identifier: Apache-2.0 */
/* options.h: the caller's options, checked and with defaults filled in. */
#ifndef CLUTCH_HOST_OPTIONS_H
#define CLUTCH_HOST_OPTIONS_H

#include "clutch.h"

/* Copies options of any older size into *out, which has all fields. NULL gives the defaults. A size
 * that no version had is an INVALID error. */
int options_engine(const clutch_engine_options *options, clutch_engine_options *out,
                   clutch_error *error);
int options_sandbox(const clutch_sandbox_options *options, clutch_sandbox_options *out,
                    clutch_error *error);
int options_execute(const clutch_execute_options *options, clutch_execute_options *out,
                    clutch_error *error);

int options_intervals(const clutch_intervals *options, clutch_intervals *out, clutch_error *error);
int options_repository(const clutch_repository *options, clutch_repository *out,
                       clutch_error *error);
int options_stop(const clutch_stop_options *options, clutch_stop_options *out, clutch_error *error);
int options_starting_point(const clutch_starting_point *options, clutch_starting_point *out,
                           clutch_error *error);
int options_list(const clutch_list_options *options, clutch_list_options *out, clutch_error *error);

/* Sets *out to limits with its zero fields taken from defaults, which has none; NULL limits give the
 * defaults. */
int options_limits(const clutch_limits *limits, const clutch_limits *defaults, clutch_limits *out,
                   clutch_error *error);

/* The defaults of clutch_limits, no field of them zero. */
clutch_limits options_default_limits(void);

/* How many strings a list ended by NULL holds; SIZE_MAX when more than maximum. NULL holds none. */
size_t options_count(const char *const *list, size_t maximum);

/* A deep copy of such a list, in one block that free frees; NULL when memory ran out. */
char **options_copy_list(const char *const *list);

/* Whether each string of the list has the form KEY=VALUE with a key. */
int options_check_pairs(const char *const *list, const char *what, clutch_error *error);

#endif
