/* SPDX-License-Identifier: Apache-2.0 */
/* test_fuzz_corpus.c: replays what the fuzzer found worth keeping, and the seeds, cut at every length. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "wire.c"

#include "seeds.h"

#define CORPUS "tests/fuzz/corpus"

static int open_descriptors(void)
{
    int count = 0;
    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

/* Each input in a block of exactly its size, so that a sanitizer sees reads beyond it. */
static void replay(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void the_corpus_is_survived(void **state)
{
    (void)state;
    static uint8_t bytes[1 << 20];
    int before = open_descriptors(), count = 0;
    DIR *folder = opendir(CORPUS);
    if (!folder)
        fail_msg("there is no folder %s: run it in the root of the repository", CORPUS);
    struct dirent *entry;
    while ((entry = readdir(folder))) {
        char path[4096];
        snprintf(path, sizeof path, CORPUS "/%s", entry->d_name);
        FILE *file = entry->d_name[0] == '.' ? NULL : fopen(path, "re");
        if (!file)
            continue;
        size_t size = fread(bytes, 1, sizeof bytes, file);
        fclose(file);
        replay(bytes, size);
        count++;
    }
    closedir(folder);
    assert_in_range(count, 10, 10000);
    assert_int_equal(open_descriptors(), before);
}

static void the_seeds_are_survived_at_every_length(void **state)
{
    (void)state;
    struct seeds seeds;
    seeds_make(&seeds);
    assert_in_range(seeds.count, 15, SEEDS_MAX);
    for (size_t i = 0; i < seeds.count; i++)
        for (size_t size = 0; size <= seeds.inputs[i].length; size++)
            replay(seeds.inputs[i].data, size);
    seeds_free(&seeds);
}

static void the_seeds_are_survived_with_any_byte_changed(void **state)
{
    (void)state;
    struct seeds seeds;
    seeds_make(&seeds);
    for (size_t i = 0; i < seeds.count; i++)
        for (size_t at = 0; at < seeds.inputs[i].length; at++) {
            static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
            uint8_t *byte = &seeds.inputs[i].data[at], before = *byte;
            for (size_t j = 0; j < sizeof values; j++) {
                *byte = values[j];
                replay(seeds.inputs[i].data, seeds.inputs[i].length);
            }
            *byte = before;
        }
    seeds_free(&seeds);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_corpus_is_survived),
        cmocka_unit_test(the_seeds_are_survived_at_every_length),
        cmocka_unit_test(the_seeds_are_survived_with_any_byte_changed),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
