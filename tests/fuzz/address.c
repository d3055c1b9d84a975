/* SPDX-License-Identifier: Apache-2.0 */
/* address.c: fuzzes what the host server makes of a request's target. */
#include "address.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void must(bool condition)
{
    if (!condition)
        abort();
}

/* Whether the text lies in the decoded copy, which is no longer than the target. */
static void check_text(const struct address *address, const char *text, size_t length)
{
    must(text >= address->text && text + strlen(text) <= address->text + length);
    must(address_is_utf8(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct address address;
    char *target = malloc(size + 1);
    if (target == NULL)
        return 0;
    memcpy(target, data, size);
    target[size] = '\0';
    size_t length = strlen(target);
    if (address_read(&address, target)) {
        must(address.word_count > 0 && address.word_count <= ADDRESS_WORDS_MAX);
        must(address.pair_count <= ADDRESS_PAIRS_MAX);
        for (size_t i = 0; i < address.word_count; i++)
            check_text(&address, address.words[i], length);
        for (size_t i = 0; i < address.pair_count; i++) {
            check_text(&address, address.pairs[i].name, length);
            check_text(&address, address.pairs[i].value, length);
            must(address_query(&address, address.pairs[i].name) != NULL);
        }
    }
    address_clear(&address);
    free(target);
    return 0;
}
