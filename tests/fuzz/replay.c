/* SPDX-License-Identifier: Apache-2.0 */
/* replay.c: gives each file of a folder to a fuzzed function, as the fuzzer would, and speaks TAP. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http.h"

static char bytes[1 << 20];

static unsigned replay(DIR *folder, const char *name)
{
    unsigned count = 0;
    struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", name, entry->d_name);
        FILE *file = entry->d_name[0] == '.' ? NULL : fopen(path, "re");
        if (file == NULL)
            continue;
        size_t size = fread(bytes, 1, sizeof bytes, file);
        fclose(file);
        uint8_t *copy = malloc(size + 1); /* of its size, so that a sanitizer sees reads beyond it */
        if (copy == NULL)
            break;
        memcpy(copy, bytes, size);
        (void)LLVMFuzzerTestOneInput(copy, size);
        free(copy);
        count++;
    }
    return count;
}

int main(int count, char **arguments)
{
    DIR *folder = count == 2 ? opendir(arguments[1]) : NULL;
    if (folder == NULL) {
        printf("1..0\nBail out! usage: replay FOLDER, in the root of the repository\n");
        return 1;
    }
    unsigned inputs = replay(folder, arguments[1]);
    closedir(folder);
    printf("1..1\n%s 1 - %u inputs of the fuzzer are survived\n", inputs >= 20 ? "ok" : "not ok", inputs);
    return inputs < 20;
}
