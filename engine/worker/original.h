/* SPDX-License-Identifier: Apache-2.0 */
/* original.h: taking the place of a C library function for everything in this process.
 *
 * The worker program comes before the C library in the order of look-up, so a function that it
 * exports is what libpython, numpy and all others call. ORIGINAL declares it, exported, and finds the
 * C library's own, original_NAME, before any constructor runs: libpython's call some of these. */
#ifndef CLUTCH_WORKER_ORIGINAL_H
#define CLUTCH_WORKER_ORIGINAL_H

#include <dlfcn.h>

#define ORIGINAL(result, name, ...)                                                                \
    __attribute__((visibility("default"))) result name(__VA_ARGS__);                               \
    static result (*original_##name)(__VA_ARGS__);                                                 \
    static void find_##name(void)                                                                  \
    {                                                                                              \
        original_##name = (result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name);                         \
    }                                                                                              \
    __attribute__((section(".preinit_array"), used)) static void (*const first_##name)(void) =     \
        find_##name;

#endif
