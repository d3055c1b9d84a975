/* SPDX-License-Identifier: Apache-2.0 */
/* keys.c: who may call: a file of hashed keys. */
#include "keys.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct keys {
    struct key **items;
    size_t count;
};

/* ---- One line ---- */

static bool is_word(const char *text)
{
    size_t length = strlen(text);
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)text[i]) && strchr("._-@:", text[i]) == NULL)
            return false;
    return length > 0 && length <= 200;
}

static bool set_scopes(struct key *key, const char *text)
{
    const struct {
        const char *name;
        bool *may;
    } scopes[] = {{"read", &key->may_read}, {"write", &key->may_write}, {"metrics", &key->may_measure}};
    for (;;) {
        size_t length = strcspn(text, ","), i = 0;
        while (i < 3 && (strlen(scopes[i].name) != length || memcmp(scopes[i].name, text, length) != 0))
            i++;
        if (i == 3)
            return false;
        *scopes[i].may = true;
        if (text[length] == '\0')
            return true;
        text += length + 1;
    }
}

static bool set_limit(struct key *key, const char *text)
{
    const struct {
        const char *name;
        uint64_t *value;
    } limits[] = {{"rate=", &key->rate}, {"burst=", &key->burst}, {"sandboxes=", &key->sandboxes},
                  {"running=", &key->running}};
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        size_t length = strlen(limits[i].name);
        if (strncmp(text, limits[i].name, length) != 0)
            continue;
        char *rest;
        unsigned long long number = strtoull(text + length, &rest, 10);
        *limits[i].value = number;
        return isdigit((unsigned char)text[length]) && *rest == '\0' && number > 0 && number <= 1000000000;
    }
    return false;
}

/* NULL when fine, else one phrase. */
static const char *read_line(char *line, struct key *key)
{
    char *rest = NULL;
    const char *words[4];
    for (size_t i = 0; i < 4; i++) {
        words[i] = strtok_r(i == 0 ? line : NULL, " \t\r\n", &rest);
        if (words[i] == NULL)
            return "a line is ID ORGANISATION SCOPES SHA256, and limits such as rate=100";
    }
    if (!is_word(words[0]) || !is_word(words[1]))
        return "id and organisation are made of letters, digits and . _ - @ :";
    if (!set_scopes(key, words[2]))
        return "scopes are read, write and metrics, with commas";
    if (!digest_unhex(words[3], key->hash, sizeof key->hash))
        return "the hash is not 64 lower-case hexadecimal digits";
    for (const char *word; (word = strtok_r(NULL, " \t\r\n", &rest)) != NULL;)
        if (!set_limit(key, word))
            return "limits are rate=N, burst=N, sandboxes=N and running=N";
    key->id = strdup(words[0]);
    key->organisation = strdup(words[1]);
    return key->id != NULL && key->organisation != NULL ? NULL : "no memory is left";
}

/* ---- The file ---- */

static const struct key *find_id(const struct keys *keys, const char *id)
{
    for (size_t i = 0; keys != NULL && i < keys->count; i++)
        if (strcmp(keys->items[i]->id, id) == 0)
            return keys->items[i];
    return NULL;
}

static const char *add_line(struct keys *keys, char *line, const struct config *config,
                            const struct keys *before)
{
    struct key *key = calloc(1, sizeof *key);
    struct key **items = realloc(keys->items, (keys->count + 1) * sizeof *items);
    if (items != NULL)
        keys->items = items;
    if (key == NULL || items == NULL) {
        free(key);
        return "no memory is left";
    }
    *key = (struct key){.references = 1, .rate = config->rate, .burst = config->burst,
                        .sandboxes = config->sandboxes, .running = config->running};
    const char *problem = read_line(line, key);
    if (problem == NULL && find_id(keys, key->id) != NULL)
        problem = "an earlier line has the same id";
    if (problem != NULL) {
        keys_release(key);
        return problem;
    }
    const struct key *same = find_id(before, key->id);
    key->bucket = same != NULL ? same->bucket : (struct bucket){(double)key->burst, 0};
    keys->items[keys->count++] = key;
    return NULL;
}

struct keys *keys_read(const char *path, const struct config *config, const struct keys *before,
                       char *message, size_t size)
{
    struct keys *keys = calloc(1, sizeof *keys);
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t room = 0;
    unsigned number = 0;
    const char *problem = NULL;
    if (keys == NULL || file == NULL) {
        snprintf(message, size, "%s: %s", path, strerror(errno));
        problem = "";
    }
    while (problem == NULL && getline(&line, &room, file) >= 0) {
        number++;
        if (line[strspn(line, " \t\r\n")] != '\0' && *line != '#')
            problem = add_line(keys, line, config, before);
        if (problem != NULL)
            snprintf(message, size, "%s:%u: %s", path, number, problem);
    }
    free(line);
    if (file != NULL)
        fclose(file);
    if (problem == NULL)
        return keys;
    keys_free(keys);
    return NULL;
}

void keys_free(struct keys *keys)
{
    if (keys == NULL)
        return;
    for (size_t i = 0; i < keys->count; i++)
        keys_release(keys->items[i]);
    free(keys->items);
    free(keys);
}

size_t keys_count(const struct keys *keys)
{
    return keys->count;
}

struct key *keys_find(const struct keys *keys, const char *text)
{
    unsigned char hash[DIGEST_BYTES];
    struct key *found = NULL;
    if (!digest_hash(text, strlen(text), hash))
        return NULL;
    for (size_t i = 0; i < keys->count; i++)
        if (digest_equal(keys->items[i]->hash, hash, sizeof hash))
            found = keys->items[i];
    return found;
}

struct key *keys_hold(struct key *key)
{
    key->references++;
    return key;
}

void keys_release(struct key *key)
{
    if (key == NULL || --key->references > 0)
        return;
    free(key->id);
    free(key->organisation);
    free(key);
}

unsigned keys_spend(struct key *key, int64_t now_ns)
{
    struct bucket *bucket = &key->bucket;
    if (bucket->filled_ns != 0)
        bucket->tokens += (double)(now_ns - bucket->filled_ns) * (double)key->rate / 1e9;
    bucket->filled_ns = now_ns;
    if (bucket->tokens > (double)key->burst)
        bucket->tokens = (double)key->burst;
    if (bucket->tokens >= 1) {
        bucket->tokens -= 1;
        return 0;
    }
    return 1 + (unsigned)((1 - bucket->tokens) / (double)key->rate);
}

/* ---- New keys ---- */

static bool append(const char *path, const char *line)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return false;
    size_t length = strlen(line);
    bool fine = write(fd, line, length) == (ssize_t)length && fsync(fd) == 0;
    int failure = errno;
    close(fd);
    errno = failure;
    return fine;
}

bool keys_add(const char *path, const char *organisation, const char *scopes, char text[KEYS_TEXT],
              char *message, size_t size)
{
    unsigned char secret[DIGEST_BYTES], hash[DIGEST_BYTES], id[6];
    char id_text[2 * sizeof id + 1], secret_text[DIGEST_TEXT], hash_text[DIGEST_TEXT], line[600];
    struct key checked = {0};
    if (!is_word(organisation) || !set_scopes(&checked, scopes)) {
        snprintf(message, size, "the organisation is made of letters, digits and . _ - @ :, and scopes are "
                 "read, write and metrics, with commas");
        return false;
    }
    if (!digest_random(secret, sizeof secret) || !digest_random(id, sizeof id)) {
        snprintf(message, size, "the system gives no random bytes");
        return false;
    }
    digest_hex(id, sizeof id, id_text);
    digest_hex(secret, sizeof secret, secret_text);
    snprintf(text, KEYS_TEXT, "clutch_%s", secret_text);
    if (!digest_hash(text, strlen(text), hash))
        return false;
    digest_hex(hash, sizeof hash, hash_text);
    snprintf(line, sizeof line, "%s %s %s %s\n", id_text, organisation, scopes, hash_text);
    if (append(path, line))
        return true;
    snprintf(message, size, "%s: %s", path, strerror(errno));
    return false;
}
