/* SPDX-License-Identifier: Apache-2.0 */
/* tls.c: the server's certificate, of which there can be a newer one at the next handshake.
 *
 * GnuTLS gives the chooser no argument of ours, hence the static variable. */
#include "tls.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHAIN_MAX = 16, KEY_ID = 32 };

struct pair {
    struct pair *older; /* of which a handshake may still make use */
    gnutls_datum_t texts[2];
    gnutls_pcert_st chain[CHAIN_MAX];
    unsigned length;
    gnutls_privkey_t key;
};

static struct pair *newest;

static void free_pair(struct pair *pair)
{
    for (unsigned i = 0; i < pair->length; i++)
        gnutls_pcert_deinit(&pair->chain[i]);
    if (pair->key != NULL)
        gnutls_privkey_deinit(pair->key);
    for (int i = 0; i < 2; i++) {
        if (pair->texts[i].data != NULL)
            gnutls_memset(pair->texts[i].data, 0, pair->texts[i].size);
        gnutls_free(pair->texts[i].data);
    }
    free(pair);
}

/* Whether the chain's first certificate is of this key. */
static bool belong_together(struct pair *pair)
{
    unsigned char ids[2][KEY_ID];
    size_t sizes[] = {KEY_ID, KEY_ID};
    gnutls_pubkey_t public_key;
    if (gnutls_pubkey_init(&public_key) < 0)
        return false;
    bool same = gnutls_pubkey_import_privkey(public_key, pair->key, 0, 0) >= 0 &&
                gnutls_pubkey_get_key_id(public_key, GNUTLS_KEYID_USE_SHA256, ids[0], &sizes[0]) >= 0 &&
                gnutls_pubkey_get_key_id(pair->chain[0].pubkey, GNUTLS_KEYID_USE_SHA256, ids[1],
                                         &sizes[1]) >= 0 &&
                memcmp(ids[0], ids[1], KEY_ID) == 0;
    gnutls_pubkey_deinit(public_key);
    return same;
}

static bool parse(struct pair *pair, const char *const paths[2], char *message, size_t size)
{
    unsigned length = CHAIN_MAX;
    int code = gnutls_pcert_list_import_x509_raw(pair->chain, &length, &pair->texts[0],
                                                 GNUTLS_X509_FMT_PEM, 0);
    if (code < 0) {
        snprintf(message, size, "%s: no PEM file of certificates: %s", paths[0], gnutls_strerror(code));
        return false;
    }
    pair->length = length;
    code = gnutls_privkey_init(&pair->key);
    if (code >= 0)
        code = gnutls_privkey_import_x509_raw(pair->key, &pair->texts[1], GNUTLS_X509_FMT_PEM, NULL, 0);
    if (code < 0) {
        snprintf(message, size, "%s: no PEM file of a key: %s", paths[1], gnutls_strerror(code));
        return false;
    }
    if (belong_together(pair))
        return true;
    snprintf(message, size, "%s: the key is not that of the certificate %s", paths[1], paths[0]);
    return false;
}

static bool is_same(const gnutls_datum_t *a, const gnutls_datum_t *b)
{
    return a->size == b->size && memcmp(a->data, b->data, a->size) == 0;
}

bool tls_read(const char *certificate_path, const char *key_path, char *message, size_t size)
{
    const char *const paths[2] = {certificate_path, key_path};
    struct pair *pair = calloc(1, sizeof *pair);
    if (pair == NULL) {
        snprintf(message, size, "no memory is left");
        return false;
    }
    for (int i = 0; i < 2; i++)
        if (gnutls_load_file(paths[i], &pair->texts[i]) < 0) {
            snprintf(message, size, "%s: the file cannot be read", paths[i]);
            free_pair(pair);
            return false;
        }
    bool known = newest != NULL && is_same(&pair->texts[0], &newest->texts[0]) &&
                 is_same(&pair->texts[1], &newest->texts[1]);
    if (known || !parse(pair, paths, message, size)) {
        free_pair(pair);
        return known;
    }
    pair->older = newest;
    newest = pair;
    return true;
}

static int choose(gnutls_session_t session, const gnutls_datum_t *authorities, int authority_count,
                  const gnutls_pk_algorithm_t *algorithms, int algorithm_count, gnutls_pcert_st **chain,
                  unsigned *length, gnutls_privkey_t *key)
{
    (void)session, (void)authorities, (void)authority_count, (void)algorithms, (void)algorithm_count;
    *chain = newest->chain;
    *length = newest->length;
    *key = newest->key;
    return 0;
}

gnutls_certificate_retrieve_function2 *tls_chooser(void)
{
    return choose;
}

void tls_free(void)
{
    while (newest != NULL) {
        struct pair *older = newest->older;
        free_pair(newest);
        newest = older;
    }
}
