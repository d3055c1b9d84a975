/* SPDX-License-Identifier: Apache-2.0 */
/* repository_parts.h: what the files repository*.c share. */
#ifndef CLUTCH_HOST_REPOSITORY_PARTS_H
#define CLUTCH_HOST_REPOSITORY_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "host/repository.h"

enum { REPOSITORY_URL_BYTES = 2048, REPOSITORY_ID_BYTES = 65 };

/* A URL that was found fit, in one spelling. */
struct repository_url {
    char text[REPOSITORY_URL_BYTES];
    char server[REPOSITORY_URL_BYTES]; /* scheme, host and port */
    char key[17];                      /* names its copy; others may have the same */
    bool is_https, is_loopback;
};

/* INVALID unless it is a plain http(s) URL without user, password, query and tricks. */
int repository_read_url(const char *url, struct repository_url *out, clutch_error *error);

/* INVALID unless git would allow such a branch. */
int repository_check_branch(const char *branch, clutch_error *error);

/* 64 bits of a text, in hexadecimal. */
void repository_hash(const char *text, char out[17]);

/* One call of repository_check_out. */
struct repository_job {
    const struct repository_options *options;
    struct repository_url url;
    uint64_t deadline_ns;
    int program_fd, credentials_fd; /* the second may be -1 */
    char *home;   /* an empty folder, where git finds no configuration */
    char *copy;   /* the cached bare repository */
    char *fresh;  /* where one is made before it gets that name */
    char *lock;
    char head[REPOSITORY_BRANCH_BYTES + 16]; /* the remote's name of what is wanted: refs/heads/.. or HEAD */
    char branch[REPOSITORY_BRANCH_BYTES];    /* "": HEAD is on none */
    char commit[REPOSITORY_ID_BYTES];        /* "": the repository is empty */
    bool is_unclear; /* the last failure of git's may be the copy's fault */
};

/* One run of git. */
struct repository_call {
    const char *const *arguments; /* after "git", ended by NULL */
    const char *git_dir;          /* NULL: none */
    const char *work_tree;        /* NULL: none */
    const char *protocols;        /* that git may use: "https:http", "file", "none" */
    const char *watched;          /* folder that may not outgrow size_max_bytes; NULL: none */
    struct buf *output;           /* NULL: dropped */
    bool with_credentials;
};

/* UNSUPPORTED when there is no git, or one too old. */
int repository_find_git(struct repository_job *job, clutch_error *error);

int repository_git(struct repository_job *job, const struct repository_call *call,
                   clutch_error *error);

/* The code and sentence of what git complained about. */
int repository_explain(struct repository_job *job, const char *complaint, clutch_error *error);

/* A failed system call on something of ours. */
int repository_fail(int fault, const char *what, clutch_error *error);

int repository_timeout(const struct repository_job *job, clutch_error *error);
int repository_too_large(const struct repository_job *job, clutch_error *error);

#endif
