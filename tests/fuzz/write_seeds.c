/* SPDX-License-Identifier: Apache-2.0 */
/* write_seeds.c: writes the well-formed inputs into a folder, for the fuzzer to begin with. */
#include <stdio.h>

#include "seeds.h"

int main(int count, char **arguments)
{
    struct seeds seeds;
    if (count != 2)
        return 2;
    seeds_make(&seeds);
    for (size_t i = 0; i < seeds.count; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/seed-%02zu", arguments[1], i);
        FILE *file = fopen(path, "we");
        if (!file || fwrite(seeds.inputs[i].data, 1, seeds.inputs[i].length, file) !=
                         seeds.inputs[i].length || fclose(file) != 0) {
            perror(path);
            return 1;
        }
    }
    seeds_free(&seeds);
    return 0;
}
