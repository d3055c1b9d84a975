/* SPDX-License-Identifier: Apache-2.0 */
/* check.h: comparing the result of an execution with what its script expects.
 *
 * What is not mentioned has to be unremarkable: without `error`, `error_contains` or `outcome_in`
 * there is no error and, without `outcome`, the outcome is ok; without `ended`, `limit`, `omitted`
 * and `files_cut` the sandbox goes on, no limit was reached and nothing is missing. */
#ifndef CORPUS_CHECK_H
#define CORPUS_CHECK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "clutch.h"

/* What did not hold: one line of text each, and the key. */
struct report {
    FILE *lines;
    json_t *keys; /* array of strings */
};

/* Whether a key exists and may have this value; otherwise says what is wrong. */
bool check_accepts(const char *key, const json_t *value, char *problem, size_t size);

/* Whether a key may be given several times for one execution. */
bool check_repeats(const char *key);

/* The name of the key with that number, NULL behind the last one. */
const char *check_key(size_t number);

/* Reports one thing that does not hold. */
void check_complain(struct report *report, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Compares. result is NULL when the library gave the error instead. */
void check_result(const json_t *expected, const clutch_result *result, const clutch_error *error,
                  struct report *report);

#endif
