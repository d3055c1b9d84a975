/* SPDX-License-Identifier: Apache-2.0 */
/* tls.h: the server's certificate. The loop only. */
#ifndef HTTP_TLS_H
#define HTTP_TLS_H

#include <gnutls/abstract.h>
#include <stdbool.h>
#include <stddef.h>

/* Reads the pair of PEM files, for all handshakes that begin from now on. False with a message, and nothing
 * changed, when they are none. */
bool tls_read(const char *certificate_path, const char *key_path, char *message, size_t size);

/* For libmicrohttpd: what a handshake asks for its certificate. */
gnutls_certificate_retrieve_function2 *tls_chooser(void);

/* After the last connection's end. */
void tls_free(void);

#endif
