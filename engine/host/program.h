/* SPDX-License-Identifier: Apache-2.0 */
/* program.h: the worker program that travels inside the library. */
#ifndef CLUTCH_HOST_PROGRAM_H
#define CLUTCH_HOST_PROGRAM_H

#include "clutch.h"

/* Opens the program to start: the file at path, or a memory file with the embedded one when path is
 * NULL. Returns a descriptor for execveat, or a negative code. */
int program_open(const char *path, clutch_error *error);

#endif
