/* SPDX-License-Identifier: Apache-2.0 */
/* config.h: the settings of `clutch serve`, from its flags and one file of `name = value` lines. */
#ifndef HTTP_CONFIG_H
#define HTTP_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config {
    /* Texts are owned; NULL when not given. */
    char *state, *listen, *keys, *public_url, *tls_certificate, *tls_key;
    char *environment, *preload, *require, *disable, *log, *repositories;
    char *add_key, *scopes; /* flags only: makes a key for this organisation, and ends */
    uint64_t threads, queue;
    uint64_t connections, connections_per_address, header_bytes, body_bytes, bodies_bytes, upload_bytes;
    uint64_t idle_ms, request_ms, drain_ms, save_ms, link_ms;
    uint64_t code_bytes, execution_ms, output_bytes, memory_bytes;
    uint64_t ready;
    uint64_t rate, burst, sandboxes, running; /* of a key and its organisation, when the key has none */
    uint64_t network, processes;              /* 0 or 1 */
    bool help;
};

/* Flags win over the file that --config names. False after one line about what is wrong was written to
 * message, with the file's line number if it is in the file. config_clear is due in any case. */
bool config_read(struct config *config, int argc, char **argv, char *message, size_t size);

void config_clear(struct config *config);

/* The lines of the help, one for each setting. */
void config_print_help(void);

#endif
