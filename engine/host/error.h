/* SPDX-License-Identifier: Apache-2.0 */
/* error.h: filling the caller's clutch_error. */
#ifndef CLUTCH_HOST_ERROR_H
#define CLUTCH_HOST_ERROR_H

#include "clutch.h"

/* Fills error, which may be NULL, and returns code. sys_errno is added to the message in words unless
 * it is 0. */
int error_set(clutch_error *error, int code, int sys_errno, const char *format, ...)
        __attribute__((format(printf, 4, 5)));

/* The error of running out of memory. */
int error_memory(clutch_error *error);

#endif
