/* SPDX-License-Identifier: Apache-2.0
 *
 * clutch.h: the whole contract of libclutch. What is not in this file is not API.
 *
 * clutch runs Python and pandas code in sandboxes. An engine holds one warm Python process, the
 * template, in which pandas is already imported; each sandbox is a process forked from it. Python
 * never runs in the process that links this library.
 *
 *     clutch_engine *engine;
 *     clutch_sandbox *sandbox;
 *     clutch_result *result;
 *     clutch_error error;
 *     if (clutch_engine_open(NULL, &engine, &error) < 0) return complain(error.message);
 *     if (clutch_sandbox_create(engine, NULL, &sandbox, &error) < 0) ...
 *     if (clutch_sandbox_run(sandbox, "print(1 + 1)", 12, NULL, &result, &error) < 0) ...
 *     puts(result->output[0].text);
 *     clutch_result_free(result);
 *     clutch_sandbox_destroy(sandbox);
 *     clutch_engine_close(engine);
 *
 * Two things are kept apart everywhere. An *error* is what the engine could not do: the call returns
 * a negative code and fills a clutch_error. An *outcome* is what the user's code did: a
 * ZeroDivisionError is a successful call whose result has the outcome CLUTCH_OUTCOME_EXCEPTION.
 *
 * Conventions
 *   - A fallible function returns 0 or a negative CLUTCH_E_* code. Its last parameter is a nullable
 *     clutch_error, written only on failure. Outputs are untouched on failure.
 *   - Options structs begin with struct_size. Make one with CLUTCH_..._INIT or clutch_..._init(). A
 *     zero field means the default, which is written beside the field. NULL options mean all defaults.
 *     They are read during the call only: everything in them is copied.
 *   - Ownership has four words. *copied*: the library keeps its own copy. *borrowed until X*: valid
 *     until X, do not free. *owned*: the caller frees it with the function named. *moved*: the callee
 *     takes it and the caller must not use it again.
 *   - Strings are UTF-8 and end with NUL. Where a length is given the text may hold NUL bytes too.
 *   - Each function has a contract line: who may call it · whether it blocks · how it fails · who owns
 *     what it hands out. "any thread" means concurrent calls on the same object are safe; "one thread
 *     at a time" means the caller serialises calls on that object, from whichever threads.
 *   - The library installs no signal handlers, never prints, never aborts, waits for no child that it
 *     did not start, and opens every descriptor close-on-exec. After fork() in the host without exec the
 *     child must not use the handles that it inherited.
 */
#ifndef CLUTCH_H
#define CLUTCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define CLUTCH_API __attribute__((visibility("default")))
#define CLUTCH_WARN_UNUSED __attribute__((warn_unused_result))
#else
#define CLUTCH_API
#define CLUTCH_WARN_UNUSED
#endif

/* ---- Version -------------------------------------------------------------------------------- */

#define CLUTCH_VERSION_MAJOR 0
#define CLUTCH_VERSION_MINOR 1
#define CLUTCH_VERSION_PATCH 0
#define CLUTCH_VERSION "0.1.0"
#define CLUTCH_VERSION_NUMBER 100u /* major * 10000 + minor * 100 + patch */

/* The version of the library that is linked, as CLUTCH_VERSION; compare it with the header's.
 * any thread · does not block · cannot fail · borrowed until the process ends */
CLUTCH_API const char *clutch_version(void);

/* The same as CLUTCH_VERSION_NUMBER.
 * any thread · does not block · cannot fail · owns nothing */
CLUTCH_API uint32_t clutch_version_number(void);

/* What the library was built with, one line: the Python version of the embedded worker and the
 * environment that it uses when none is given.
 * any thread · does not block · cannot fail · borrowed until the process ends */
CLUTCH_API const char *clutch_built_with(void);

/* ---- Errors: what the engine could not do --------------------------------------------------- */

/* Codes are never reused. X(name, code, sentence) */
#define CLUTCH_ERRORS(X)                                                                           \
    X(INVALID, -1, "an argument is not usable")                                                    \
    X(MEMORY, -2, "the host has no memory left")                                                   \
    X(SYSTEM, -3, "the operating system refused a call")                                           \
    X(ENVIRONMENT, -4, "the Python environment is not usable")                                     \
    X(PRELOAD, -5, "a module to preload cannot be used")                                           \
    X(WORKER, -6, "the worker program cannot be started")                                          \
    X(TEMPLATE, -7, "the template process has ended")                                              \
    X(PROTOCOL, -8, "the worker broke the protocol and was ended")                                 \
    X(BUSY, -9, "the sandbox is running another execution")                                        \
    X(ENDED, -10, "the sandbox has ended")                                                         \
    X(CLOSED, -11, "the engine is closed")                                                         \
    X(TIMEOUT, -12, "the time given for the call has passed")                                      \
    X(EXISTS, -13, "the id or name is in use")                                                     \
    X(NOT_FOUND, -14, "there is no such thing")                                                    \
    X(TOO_LARGE, -15, "it is larger than the caller allows")                                       \
    X(UNSUPPORTED, -16, "this machine does not give what is required")                             \
    X(STATE, -17, "the sandbox's state does not allow it")                                         \
    X(DAMAGED, -18, "a file that clutch wrote is damaged")                                         \
    X(NEWER, -19, "a file was written by a newer clutch")                                          \
    X(LOCKED, -20, "another engine uses the state folder")                                         \
    X(UNCLONABLE, -21, "the sandbox cannot be copied while it is running")                         \
    X(REPOSITORY, -22, "the repository cannot be checked out")                                     \
    X(DISK, -23, "the disk is full, read-only or failing")

#define CLUTCH_ERROR_ENUM(name, code, sentence) CLUTCH_E_##name = code,
enum clutch_error_code { CLUTCH_OK = 0, CLUTCH_ERRORS(CLUTCH_ERROR_ENUM) };
#undef CLUTCH_ERROR_ENUM

/* One failure. The caller allocates it; there is nothing to free. */
typedef struct clutch_error {
    int32_t code;      /* a CLUTCH_E_* code */
    int32_t sys_errno; /* errno of the system call that failed, or 0 */
    char message[504]; /* one line: the fact, the limit, what to do; for people, not for parsing */
} clutch_error;

/* The name of a code, such as "BUSY"; "UNKNOWN" for a number that is none.
 * any thread · does not block · cannot fail · borrowed until the process ends */
CLUTCH_API const char *clutch_error_name(int code);

/* The sentence of a code.
 * any thread · does not block · cannot fail · borrowed until the process ends */
CLUTCH_API const char *clutch_error_sentence(int code);

/* ---- Limits --------------------------------------------------------------------------------- */

/* In any limit field: 0 is the default, CLUTCH_UNLIMITED is no limit. */
#define CLUTCH_UNLIMITED UINT64_MAX

/* Per sandbox, with an engine's as the default; the ones marked * also per execution. */
typedef struct clutch_limits {
    size_t struct_size;    /* sizeof(clutch_limits) */
    uint64_t wall_ms;      /* * wall time of one execution; default 60,000 */
    uint64_t cpu_ms;       /* * CPU time of one execution; default unlimited */
    uint64_t grace_ms;     /* * what code gets to yield once it is interrupted, before it is killed;
                              default 500 */
    uint64_t output_bytes; /* * output kept of one execution; default 1 MiB. What comes after it is
                              counted and dropped, and the execution goes on */
    uint64_t code_bytes;   /* longest code of one execution; default 16 MiB, at most 64 MiB */
    uint64_t memory_bytes; /* memory that a sandbox may map beyond the template's; default 4 GiB.
                              Python raises MemoryError at it */
    uint64_t file_bytes;   /* size of any one file that it writes; default 4 GiB. Writes fail with EFBIG */
    uint64_t open_files;   /* descriptors open at once; default 1,024. EMFILE */
    uint64_t threads;      /* threads and processes at once; default 256. "can't start new thread". Running
                              sandboxes that are copies of one another share it, and each needs two:
                              raise it where there are to be many. Those of a starting point do not, but
                              have 16,384 together */
    uint64_t disk_bytes;   /* of working and temporary folder together; default unlimited. ENOSPC. With
                              this limit or the next one both folders live in memory, the host sees
                              them only through the clutch_sandbox_..._file functions, and they go
                              with the sandbox */
    uint64_t disk_files;   /* files and folders in both; default unlimited. ENOSPC */
    uint64_t cpu_weight;   /* share of the processors when there are more who want them; 1 to 10,000,
                              default 100, in proportion to other sandboxes'. In options.cgroup with a
                              controller of the processors it holds for all of the sandbox together;
                              elsewhere for each of its threads, by the kernel's nice levels, from 2 to
                              100: what is more counts as 100 */
} clutch_limits;

#define CLUTCH_LIMITS_INIT {sizeof(clutch_limits), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}

/* Sets all fields to CLUTCH_LIMITS_INIT.
 * any thread · does not block · cannot fail · owns nothing */
CLUTCH_API void clutch_limits_init(clutch_limits *limits);

/* Which limit ended or cut an execution: X(name, number, word). MEMORY to DISK are told when the
 * exception that they raise reaches the top; DISK stands for disk_files too. */
#define CLUTCH_LIMITS(X)                                                                           \
    X(NONE, 0, "none")                                                                             \
    X(WALL, 1, "wall_ms")                                                                          \
    X(CPU, 2, "cpu_ms")                                                                            \
    X(MEMORY, 3, "memory_bytes")                                                                   \
    X(OUTPUT, 4, "output_bytes")                                                                   \
    X(FILE, 5, "file_bytes")                                                                       \
    X(OPEN_FILES, 6, "open_files")                                                                 \
    X(THREADS, 7, "threads")                                                                       \
    X(DISK, 8, "disk_bytes")

#define CLUTCH_LIMIT_ENUM(name, number, word) CLUTCH_LIMIT_##name = number,
enum clutch_limit { CLUTCH_LIMITS(CLUTCH_LIMIT_ENUM) };
#undef CLUTCH_LIMIT_ENUM

/* ---- Engine: a template and its sandboxes --------------------------------------------------- */

typedef struct clutch_engine clutch_engine;

enum clutch_log_level { CLUTCH_LOG_DEBUG = 0, CLUTCH_LOG_INFO = 1, CLUTCH_LOG_WARNING = 2 };

/* Receives one line about the engine's own doings; never a sandbox's output. Called on the thread
 * that is inside a library call; must not call the library. The message is borrowed until it
 * returns. */
typedef void clutch_log_fn(uint32_t level, const char *message, void *user);

/* What a sandbox is doing with its life: X(NAME, number, word). Words ending in -ing pass by themselves. */
#define CLUTCH_STATES(X)                                                                           \
    X(RUNNING, 1, "running")     /* it has a process, and its variables are in memory */           \
    X(STOPPED, 2, "stopped")     /* no process; files and saved variables are on disk */           \
    X(CREATING, 3, "creating")                                                                     \
    X(PAUSED, 4, "paused")       /* a process that uses no processor */                            \
    X(STOPPING, 5, "stopping")                                                                     \
    X(STARTING, 6, "starting")                                                                     \
    X(ARCHIVING, 7, "archiving")                                                                   \
    X(ARCHIVED, 8, "archived")   /* all of it is one compressed file */                            \
    X(RESTORING, 9, "restoring")                                                                   \
    X(DELETING, 10, "deleting")                                                                    \
    X(DELETED, 11, "deleted")    /* only handles are left of it */                                 \
    X(FAILED, 12, "failed")      /* it could not be started or restored; start tries again */

#define CLUTCH_STATE_ENUM(name, number, word) CLUTCH_STATE_##name = number,
enum clutch_state { CLUTCH_STATES(CLUTCH_STATE_ENUM) };
#undef CLUTCH_STATE_ENUM

/* The word of a state, such as "running"; "unknown" for a number that is none.
 * any thread · does not block · cannot fail · borrowed until the process ends */
CLUTCH_API const char *clutch_state_name(uint32_t state);

/* One change of a sandbox's state. */
typedef struct clutch_change {
    const char *id;     /* of the sandbox */
    uint32_t from, to;  /* CLUTCH_STATE_*; from is 0 at its creation */
    const char *reason; /* "stop was called", "idle for 900 s", .. */
    int64_t at_ms;      /* since 1970 */
} clutch_change;

/* Is told of each change after it has happened, on the thread that made it, which may be one of the
 * engine's own. Must not call the library. The change is borrowed until it returns. */
typedef void clutch_change_fn(const clutch_change *change, void *user);

typedef struct clutch_engine_options {
    size_t struct_size;         /* sizeof(clutch_engine_options) */
    const char *environment;    /* a virtual environment's folder, or a prefix such as "/usr" whose
                                   bin/python3 is the worker's CPython version; default: the one that
                                   clutch_built_with() names */
    const char *const *preload; /* modules to import in the template, ended by NULL; default
                                   {"numpy", "pandas", NULL}. A module that starts a thread at import is
                                   refused */
    const clutch_limits *limits; /* defaults of the engine's sandboxes; default: those of clutch_limits */
    const char *state_dir;      /* existing folder in which sandboxes have their folders and records, which
                                   outlive the engine; one engine at a time may use it (LOCKED). Default:
                                   a new private folder below $TMPDIR or /tmp, removed at the end, and
                                   records in memory */
    const char *worker_path;    /* a worker program to start instead of the one inside the library */
    clutch_log_fn *log;         /* default: nothing is logged */
    void *log_user;             /* handed to log */
    uint32_t open_timeout_ms;   /* for starting the template; default 60,000 */
    const char *const *require; /* words of facilities (see clutch_facility), ended by NULL, without
                                   which opening and creating fail with UNSUPPORTED; default: what
                                   keeps hostile code inside: {"no_new_privs", "capabilities",
                                   "landlock_files", "seccomp", NULL}. An empty list requires nothing */
    const char *const *disable; /* words of facilities to leave out although the machine gives them, for
                                   tests and for hosts that know better; default: none */
    const char *cgroup;         /* a writable cgroup v2 folder in which sandboxes get theirs; default:
                                   none, memory of every kind is not accounted then */
    clutch_change_fn *on_change; /* default: nobody is told of changes of state */
    void *change_user;           /* handed to on_change */
    uint32_t retention_days;     /* how long executions are kept in the records; default 30 */
    uint32_t pool_min, pool_max; /* how many sandboxes are kept ready to be created from, following demand
                                    between the two. Each costs some MB and descriptors; default 0: no
                                    pool, and a create forks */
    const struct clutch_sandbox_options *pool_sandbox; /* limits, env, network and processes of these: what
                                    a create has to want to get one, and neither id nor workdir,
                                    repository or snapshot; default: those of all defaults */
} clutch_engine_options;

#define CLUTCH_ENGINE_OPTIONS_INIT                                                                 \
    {sizeof(clutch_engine_options), NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, \
     NULL, NULL, 0, 0, 0, NULL}

/* Sets all fields to CLUTCH_ENGINE_OPTIONS_INIT.
 * any thread · does not block · cannot fail · owns nothing */
CLUTCH_API void clutch_engine_options_init(clutch_engine_options *options);

/* Starts a template: a warm Python process with the preloads imported. A host may open many engines.
 * Expected errors: ENVIRONMENT, PRELOAD, WORKER, TIMEOUT.
 * any thread · blocks until the template is warm, about 0.5 s, at most open_timeout_ms · may fail ·
 * *out is owned, end it with clutch_engine_close */
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_engine_open(const clutch_engine_options *options,
                                                     clutch_engine **out, clutch_error *error);

/* Ends the template and every sandbox, whatever they run; calls that wait on them in other threads
 * return CLOSED first. Sandbox and execution handles stay valid, and fail with CLOSED, until they are
 * freed with their own functions. NULL is allowed.
 * any thread, once · blocks until all processes are gone, as a rule milliseconds, 10 s at most ·
 * cannot fail · engine is moved */
CLUTCH_API void clutch_engine_close(clutch_engine *engine);

/* Something of the kernel that confines sandboxes, or helps otherwise, and whether this machine gives it
 * to this engine. */
typedef struct clutch_facility {
    const char *name;   /* "landlock_files", "seccomp", "pid_namespace", "page_tracking", .. */
    bool available;     /* the machine gives it */
    bool held;          /* every sandbox of this engine is confined by it */
    const char *detail; /* a version, a reason, a consequence; one line */
} clutch_facility;

/* What an engine runs on. The library allocates it; fields may be added at the end. */
typedef struct clutch_engine_info {
    const char *python_version; /* "3.11.2" */
    const char *pandas_version; /* "3.1.1", or "" when pandas is not preloaded */
    const char *numpy_version;  /* the same for numpy, which CPython 3.13 and later always preload */
    const char *environment;    /* the folder in use */
    const char *state_dir;      /* where sandboxes have their folders */
    int32_t template_pid;       /* process id of the template */
    size_t facility_count;
    const clutch_facility *facilities; /* what the machine gives, and what of it holds */
} clutch_engine_info;

/* The pool of ready sandboxes. The caller allocates it. */
typedef struct clutch_pool_info {
    uint32_t ready, target; /* how many there are, and are wanted now */
    uint64_t hits, misses;  /* creates that could have used one, and did, or found none and forked */
} clutch_pool_info;

/* any thread · does not block · cannot fail · *out is the caller's */
CLUTCH_API void clutch_engine_pool(clutch_engine *engine, clutch_pool_info *out);

/* any thread · does not block · cannot fail · borrowed until clutch_engine_close, and until the
 * template is started again after its death */
CLUTCH_API const clutch_engine_info *clutch_engine_describe(const clutch_engine *engine);

/* ---- Sandbox: one process with one subinterpreter ------------------------------------------- */

typedef struct clutch_sandbox clutch_sandbox;

enum clutch_network {
    CLUTCH_NETWORK_NONE = 0, /* no sockets but socket pairs: no TCP, UDP, DNS, Unix, netlink, vsock */
    CLUTCH_NETWORK_ALL = 1,  /* the host's network */
};

/* What happens to a sandbox by itself. In seconds; 0 is never. Running code and file calls are activity,
 * looking is not. Time is that of a clock that nobody can set. */
typedef struct clutch_intervals {
    size_t struct_size;      /* sizeof(clutch_intervals) */
    uint32_t auto_pause_s;   /* running without activity: pause */
    uint32_t auto_stop_s;    /* running or paused without activity: stop */
    uint32_t auto_archive_s; /* stopped: archive */
    uint32_t auto_delete_s;  /* stopped or archived: delete; CLUTCH_AT_ONCE: a stop deletes */
    uint32_t lifetime_s;     /* since it was last started, whatever it does: stop */
} clutch_intervals;

#define CLUTCH_AT_ONCE UINT32_MAX

#define CLUTCH_INTERVALS_INIT {sizeof(clutch_intervals), 0, 0, 0, 0, 0}
/* What the services whose behaviour clutch reproduces do by default. */
#define CLUTCH_INTERVALS_DAYTONA {sizeof(clutch_intervals), 0, 15 * 60, 7 * 86400, 0, 0}
#define CLUTCH_INTERVALS_RECOUP {sizeof(clutch_intervals), 0, 5 * 60, 0, 0, 30 * 60}
#define CLUTCH_INTERVALS_TEXTQL {sizeof(clutch_intervals), 0, 60 * 60, 0, 0, 0}

/* Sets all fields to CLUTCH_INTERVALS_INIT.
 * any thread · does not block · cannot fail · owns nothing */
CLUTCH_API void clutch_intervals_init(clutch_intervals *intervals);

/* A git repository for a sandbox's working folder. */
typedef struct clutch_repository {
    size_t struct_size;     /* sizeof(clutch_repository) */
    const char *url;        /* https:// or http://, without credentials */
    const char *branch;     /* default: the remote's */
    const char *username;   /* for this call only: neither kept nor shown to the sandbox */
    const char *password;   /* the same; a token */
    uint32_t timeout_ms;    /* of the whole check-out; default 120,000 */
    uint64_t size_bytes;    /* largest repository; default 4 GiB */
} clutch_repository;

#define CLUTCH_REPOSITORY_INIT {sizeof(clutch_repository), NULL, NULL, NULL, NULL, 0, 0}

/* Sets all fields to CLUTCH_REPOSITORY_INIT.
 * any thread · does not block · cannot fail · owns nothing */
CLUTCH_API void clutch_repository_init(clutch_repository *repository);

/* When an execution that has a checkpoint is taken back. Losing the process always is. */
enum clutch_rollback {
    CLUTCH_ROLLBACK_DEFAULT = 0, /* execution: as the sandbox has it; sandbox: DEATH */
    CLUTCH_ROLLBACK_DEATH = 1,   /* when its process ended: crash, kill, memory, an unyielding time-out */
    CLUTCH_ROLLBACK_FAILURE = 2, /* at every outcome but ok, exit and incomplete */
};

typedef struct clutch_sandbox_options {
    size_t struct_size;         /* sizeof(clutch_sandbox_options) */
    const char *id;             /* a UUID in its 36-character form; default: a random one */
    const char *name;           /* at most 255 bytes, unique per owner; default: the id */
    const char *owner;          /* at most 255 bytes; default "" */
    const char *const *env;     /* "KEY=VALUE" strings ended by NULL: all that the sandbox's
                                   environment holds beside PATH, HOME, LANG, TMPDIR and the like */
    const char *const *labels;  /* "KEY=VALUE" strings ended by NULL, kept for the host */
    const char *workdir;        /* existing folder to work in, kept at the end; default: a new one below
                                   the engine's state_dir, removed with the sandbox */
    const clutch_limits *limits; /* zero fields: the engine's */
    uint32_t network;           /* CLUTCH_NETWORK_*; default none */
    bool processes;             /* may start child processes, confined alike; default no */
    const clutch_intervals *intervals;   /* default: nothing happens by itself */
    uint32_t undo_depth;        /* checkpoints to keep, one before each execution; default none, at most
                                   64. Each is a parked copy of the process, memory shared with it */
    uint32_t rollback;          /* CLUTCH_ROLLBACK_*; default death */
    const char *snapshot;       /* start as a copy of a snapshot of this owner: variables, files, limits,
                                   network and processes are then the snapshot's */
    const char *starting_point; /* the same with a clutch_engine_define */
    const clutch_repository *repository; /* check this out into the working folder */
} clutch_sandbox_options;

#define CLUTCH_SANDBOX_OPTIONS_INIT                                                                \
    {sizeof(clutch_sandbox_options), NULL, NULL, NULL, NULL, NULL, NULL, NULL,                     \
     CLUTCH_NETWORK_NONE, false, NULL, 0, 0, NULL, NULL, NULL}

/* Sets all fields to CLUTCH_SANDBOX_OPTIONS_INIT.
 * any thread · does not block · cannot fail · owns nothing */
CLUTCH_API void clutch_sandbox_options_init(clutch_sandbox_options *options);

/* Forks a sandbox from the template. If the template has died it is started again first. Expected
 * errors: EXISTS, TEMPLATE, CLOSED; with a snapshot or a repository also theirs.
 * any thread · blocks about a millisecond, for a repository longer · may fail · *out is owned, end it
 * with clutch_sandbox_destroy or clutch_sandbox_release; it may outlive the engine */
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_sandbox_create(clutch_engine *engine,
                                                        const clutch_sandbox_options *options,
                                                        clutch_sandbox **out, clutch_error *error);

/* clutch_sandbox_delete and clutch_sandbox_release in one: kills the sandbox's process, whatever it
 * runs, removes the folders that clutch made for it, and frees the handle. Free its executions first,
 * and let no other thread be inside a call on it. Once the engine is closed it only frees. NULL is
 * allowed.
 * one thread, once · blocks until the process is gone · cannot fail · sandbox is moved */
CLUTCH_API void clutch_sandbox_destroy(clutch_sandbox *sandbox);

/* Each: any thread · does not block · cannot fail · borrowed until the handle is freed */
CLUTCH_API const char *clutch_sandbox_id(const clutch_sandbox *sandbox);
CLUTCH_API const char *clutch_sandbox_name(const clutch_sandbox *sandbox);
CLUTCH_API const char *clutch_sandbox_owner(const clutch_sandbox *sandbox);
CLUTCH_API const char *clutch_sandbox_workdir(const clutch_sandbox *sandbox);

/* The value of a label, or NULL when there is none of that key.
 * any thread · does not block · cannot fail · borrowed until clutch_sandbox_set_labels or the handle is
 * freed */
CLUTCH_API const char *clutch_sandbox_label(const clutch_sandbox *sandbox, const char *key);

/* Process id of the sandbox, for looking at; 0 once it has ended.
 * any thread · does not block · cannot fail · owns nothing */
CLUTCH_API int32_t clutch_sandbox_pid(const clutch_sandbox *sandbox);

/* One pandas DataFrame in the globals. */
typedef struct clutch_dataframe {
    const char *name;
    int64_t rows;
    int64_t columns;
    int64_t memory_bytes; /* as df.memory_usage(index=True, deep=True).sum(); -1 in an execution's
                             result, where it is not counted */
} clutch_dataframe;

/* A point-in-time look at a sandbox. The library allocates it; fields may be added at the end. */
typedef struct clutch_status {
    uint32_t state;        /* CLUTCH_STATE_* */
    bool executing;        /* it was running code; then dataframes are those of the last look */
    uint64_t memory_bytes; /* private memory of the process, as the kernel counts it, a second ago at
                              most when no code has run since; 0 if stopped */
    uint64_t executions;   /* executions started so far */
    size_t dataframe_count;
    const clutch_dataframe *dataframes; /* in the order of the globals */
    bool dataframes_truncated;          /* there were more than the limit of 10,000 */
} clutch_status;

/* Looks at a sandbox: never waits for an execution to end. A sandbox whose process has ended by itself
 * has the state STOPPED, which is no error.
 * any thread · blocks about a millisecond, 5 s at most · may fail · *out is owned, free it with
 * clutch_status_free */
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_sandbox_status(clutch_sandbox *sandbox,
                                                        clutch_status **out, clutch_error *error);

/* NULL is allowed.
 * any thread, once · does not block · cannot fail · status is moved */
CLUTCH_API void clutch_status_free(clutch_status *status);

/* ---- Result: what an execution did ---------------------------------------------------------- */

/* X(name, number, word) */
#define CLUTCH_OUTCOMES(X)                                                                         \
    X(OK, 0, "ok")                 /* it ran to its end */                                         \
    X(EXCEPTION, 1, "exception")   /* an exception reached the top */                              \
    X(EXIT, 2, "exit")             /* sys.exit; or os._exit, which ends the sandbox too */         \
    X(TIMEOUT, 3, "timeout")       /* a time limit was reached */                                  \
    X(MEMORY, 4, "memory")         /* the memory limit was reached */                              \
    X(CANCELLED, 5, "cancelled")   /* the host cancelled it and it yielded */                      \
    X(KILLED, 6, "killed")         /* cancelled, did not yield and was killed; or killed from outside */ \
    X(CRASHED, 7, "crashed")       /* a fatal signal of its own: segmentation fault, abort */      \
    X(INCOMPLETE, 8, "incomplete") /* only with allow_incomplete: the source wants more lines */

#define CLUTCH_OUTCOME_ENUM(name, number, word) CLUTCH_OUTCOME_##name = number,
enum clutch_outcome { CLUTCH_OUTCOMES(CLUTCH_OUTCOME_ENUM) };
#undef CLUTCH_OUTCOME_ENUM

/* The word of an outcome, such as "timeout"; "unknown" for a number that is none.
 * any thread · does not block · cannot fail · borrowed until the process ends */
CLUTCH_API const char *clutch_outcome_name(uint32_t outcome);

/* The word of a limit, such as "wall_ms"; "unknown" for a number that is none.
 * any thread · does not block · cannot fail · borrowed until the process ends */
CLUTCH_API const char *clutch_limit_name(uint32_t limit);

/* X(name, number, word) */
#define CLUTCH_REFUSALS(X)                                                                         \
    X(NETWORK, 1, "network")                                                                       \
    X(FILE, 2, "file")                                                                             \
    X(PROCESS, 3, "process")                                                                       \
    X(SYSCALL, 4, "syscall")

#define CLUTCH_REFUSAL_ENUM(name, number, word) CLUTCH_REFUSAL_##name = number,
enum clutch_refusal_kind { CLUTCH_REFUSALS(CLUTCH_REFUSAL_ENUM) };
#undef CLUTCH_REFUSAL_ENUM

/* The word of a kind of refusal, such as "network"; "unknown" for a number that is none.
 * any thread · does not block · cannot fail · borrowed until the process ends */
CLUTCH_API const char *clutch_refusal_name(uint32_t kind);

/* Something that the kernel refused to the code, caught there or not. The sandbox reports it, for
 * people and models that want to know why: calls made around the C library are refused as well but not
 * seen. */
typedef struct clutch_refusal {
    uint32_t kind;    /* CLUTCH_REFUSAL_* */
    uint32_t line;    /* line of the executed code, from 1; 0 if unknown */
    const char *what; /* "connect", a path, a program, "system call 101" */
} clutch_refusal;

enum clutch_stream { CLUTCH_STDOUT = 1, CLUTCH_STDERR = 2 };

/* One element of the output: what one print call printed, without print's end; or one line that was
 * written to a stream, without its newline. */
typedef struct clutch_output {
    const char *text; /* valid UTF-8, ended by NUL; may hold NUL bytes too */
    size_t length;    /* in bytes, without the final NUL */
    uint32_t stream;  /* CLUTCH_STDOUT or CLUTCH_STDERR */
} clutch_output;

/* A file that the execution created or changed in the working folder. */
typedef struct clutch_file {
    const char *name;      /* path relative to the working folder */
    const char *url;       /* file:// URL of it on this machine */
    const char *mime_type; /* by the name's ending; "application/octet-stream" when unknown */
    uint64_t size_bytes;
} clutch_file;

/* The library allocates a result; fields may be added at the end. All pointers are borrowed until
 * clutch_result_free. Strings about an exception are NULL when there was none. */
typedef struct clutch_result {
    uint32_t outcome;   /* CLUTCH_OUTCOME_* */
    bool sandbox_ended; /* the process is gone, and its variables with it */
    int32_t exit_status; /* with EXIT: the status; otherwise 0 */
    int32_t signal;      /* with CRASHED or KILLED: the signal; otherwise 0 */
    uint32_t limit;      /* CLUTCH_LIMIT_* that was reached; OUTPUT beside any outcome */
    uint64_t limit_value; /* its value, in the unit of its field */
    uint64_t limit_used;  /* what was used of it, in the same unit */

    size_t output_count; /* kept also when the execution failed */
    const clutch_output *output;
    uint64_t omitted_bytes;    /* output text that the cap left out, in bytes, exactly */
    uint64_t omitted_elements; /* output elements that the cap left out wholly or in part */

    const char *error;   /* "executing Python code: " and the exception's repr, or what ended it; NULL
                            when the execution was fine */
    const char *exception_type;    /* "ZeroDivisionError", qualified by its module unless built in */
    const char *exception_message; /* str(exception) */
    const char *traceback;         /* as Python prints it, frames of user code only */
    uint32_t line;                 /* line of the executed code that raised it, from 1; 0 if unknown */

    const char *value; /* repr of a last bare expression that is not None, cut at 64 KiB; else NULL */

    uint64_t serial;   /* 1 for a sandbox's first execution */
    uint64_t wall_ns;  /* measured by the host */
    uint64_t cpu_ns;   /* CPU time of all threads, as the sandbox reports it; 0 when it has ended */
    uint64_t memory_peak_bytes; /* highest resident memory of the process so far, template's shared part
                                   included, as the sandbox reports it; 0 when it has ended */

    size_t file_count;
    const clutch_file *files;
    bool files_truncated; /* there were more changed files than 1,000, or more to look at than 20,000 */
    size_t dataframe_count;
    const clutch_dataframe *dataframes; /* created or modified by this execution */
    bool dataframes_truncated;          /* there were more than 10,000 */
    size_t refusal_count;
    const clutch_refusal *refusals; /* each once per line, in order */
    bool refusals_truncated;        /* there were more than 100 */
    bool rolled_back;       /* the sandbox is as it was before this execution; then it has not ended */
    bool files_rolled_back; /* the working folder is too */
    bool checkpointed;      /* there was a checkpoint to go back to */
    bool recorded;          /* it is in the records: with a state_dir, on disk */
} clutch_result;

/* NULL is allowed.
 * any thread, once · does not block · cannot fail · result is moved */
CLUTCH_API void clutch_result_free(clutch_result *result);

/* Writes the JSON of the seed services' execute reply, without a final newline:
 *   {"output": [..] or null, "error": "..", "execution_time_ms": n, "files": [..], "dataframes": [..]}
 * "output" is null when the execution failed, "error" is absent when it did not.
 * any thread · does not block · fails only with MEMORY · *out is owned, free it with clutch_free */
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_result_json(const clutch_result *result, char **out,
                                                     clutch_error *error);

/* Writes the JSON of the seed services' status reply, without a final newline:
 *   {"status": "running", "memory_usage": "5.2 MB", "dataframes": [{"name", "num_rows", "num_cols",
 *   "memory_usage_bytes"}]}
 * The last two are absent when the sandbox is stopped.
 * any thread · does not block · fails only with MEMORY · *out is owned, free it with clutch_free */
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_status_json(const clutch_status *status, char **out,
                                                     clutch_error *error);

/* Frees what a function handed out as "free it with clutch_free". NULL is allowed.
 * any thread · does not block · cannot fail · memory is moved */
CLUTCH_API void clutch_free(void *memory);

/* ---- Files: the working folder from the host's side ----------------------------------------- */

/* Names are paths relative to the working folder. None of these functions ever leaves that folder,
 * whatever links, mounts, devices or pipes the sandbox has put there, and whatever it changes
 * meanwhile: links are not followed, only regular files with a single name are read, and a name with
 * "..", an empty part or more than 4,095 bytes is INVALID. NOT_FOUND is an expected error of all. */

/* Reads a whole file; TOO_LARGE when it has more than maximum bytes. A NUL that *length does not count
 * follows the data.
 * any thread · blocks for the disk · may fail · *out is owned, free it with clutch_free */
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_sandbox_read_file(clutch_sandbox *sandbox, const char *name,
                                                           size_t maximum, char **out,
                                                           size_t *length, clutch_error *error);

/* Opens a file for reading, for hosts that send it on or read parts of it.
 * any thread · blocks for the disk · may fail · *out is an owned descriptor, close it */
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_sandbox_open_file(clutch_sandbox *sandbox, const char *name,
                                                           int *out, clutch_error *error);

/* Writes a file and makes the folders that it needs. It appears whole or not at all, in place of a
 * file or a link of that name.
 * any thread · blocks for the disk · may fail · data is borrowed until it returns */
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_sandbox_write_file(clutch_sandbox *sandbox,
                                                            const char *name, const void *data,
                                                            size_t length, clutch_error *error);

/* Removes a file, a link or an empty folder.
 * any thread · blocks for the disk · may fail · owns nothing */
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_sandbox_remove_file(clutch_sandbox *sandbox,
                                                             const char *name, clutch_error *error);

/* One entry of a folder: a regular file or a folder; all else is left out. */
typedef struct clutch_entry {
    const char *name; /* within its folder */
    uint64_t size_bytes;
    int64_t modified_ns; /* since 1970 */
    bool is_folder;
} clutch_entry;

/* Lists a folder, "" or NULL for the working folder itself, in order of names; TOO_LARGE when it has
 * more than 100,000 entries. *out is one block of *count entries, names included.
 * any thread · blocks for the disk · may fail · *out is owned, free it with clutch_free */
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_sandbox_list_files(clutch_sandbox *sandbox,
                                                            const char *folder, clutch_entry **out,
                                                            size_t *count, clutch_error *error);

/* ---- Execution: one run of code ------------------------------------------------------------- */

typedef struct clutch_execution clutch_execution;

/* Receives each output element as it is printed, on the thread that waits for or polls the
 * execution. The element is borrowed until it returns; it also appears in the result. May call
 * clutch_execution_cancel, and nothing else on this sandbox. */
typedef void clutch_output_fn(const clutch_output *element, void *user);

/* What a call does when the sandbox runs another execution. */
enum clutch_busy { CLUTCH_BUSY_DEFAULT = 0, CLUTCH_BUSY_WAIT = 1, CLUTCH_BUSY_REFUSE = 2 };

typedef struct clutch_execute_options {
    size_t struct_size;          /* sizeof(clutch_execute_options) */
    const char *filename;        /* the code's name in tracebacks; default "<execution N>" */
    const clutch_limits *limits; /* the fields marked *; zero fields: the sandbox's */
    clutch_output_fn *on_output; /* default: output is only in the result */
    void *user;                  /* handed to on_output */
    uint32_t when_busy;          /* CLUTCH_BUSY_*; default: run waits its turn, start is refused */
    bool allow_incomplete;       /* source that wants more lines is not run: INCOMPLETE */
    bool checkpoint;             /* keep one although the sandbox's undo_depth is 0; refused like clone */
    uint32_t rollback;           /* CLUTCH_ROLLBACK_*; default: the sandbox's */
    const char *source;          /* who wants it, a word for the records; default "api" */
} clutch_execute_options;

#define CLUTCH_EXECUTE_OPTIONS_INIT                                                                \
    {sizeof(clutch_execute_options), NULL, NULL, NULL, NULL, CLUTCH_BUSY_DEFAULT, false, false, 0, NULL}

/* Sets all fields to CLUTCH_EXECUTE_OPTIONS_INIT.
 * any thread · does not block · cannot fail · owns nothing */
CLUTCH_API void clutch_execute_options_init(clutch_execute_options *options);

/* Runs code in the sandbox's __main__ and waits for its end. Variables last from one execution to
 * the next. Expected errors: BUSY, ENDED, CLOSED.
 * any thread · blocks until the execution ends, at most its wall and grace limits · may fail ·
 * *out is owned, free it with clutch_result_free */
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_sandbox_run(clutch_sandbox *sandbox, const char *code,
                                                     size_t code_length,
                                                     const clutch_execute_options *options,
                                                     clutch_result **out, clutch_error *error);

/* The same without waiting. With CLUTCH_BUSY_WAIT it blocks until the sandbox is free.
 * any thread · does not block, but see above, and 5 s at most when a broken sandbox does not take a
 * large code · may fail · *out is owned, free it with
 * clutch_execution_free */
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_execution_start(clutch_sandbox *sandbox, const char *code,
                                                       size_t code_length,
                                                       const clutch_execute_options *options,
                                                       clutch_execution **out, clutch_error *error);

/* A descriptor for poll, select, epoll or an event loop: readable (POLLIN) whenever
 * clutch_execution_poll has something to do, deadlines included. The same for all executions of one
 * sandbox. Never read from it or close it.
 * any thread · does not block · returns a negative code when descriptors run out · borrowed until the
 * sandbox is destroyed */
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_execution_fd(clutch_execution *execution,
                                                      clutch_error *error);

/* Goes on with an execution as far as that is possible at once. Returns 1 and sets *out when it has
 * ended, 0 when it has not; the result is handed out once.
 * one thread at a time · does not block · may fail · *out is owned, free it with clutch_result_free */
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_execution_poll(clutch_execution *execution,
                                                        clutch_result **out, clutch_error *error);

/* Waits until an execution has ended; TIMEOUT when timeout_ms pass first, which leaves it running.
 * UINT64_MAX waits without end.
 * one thread at a time · blocks · may fail · *out is owned, free it with clutch_result_free */
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_execution_wait(clutch_execution *execution,
                                                        uint64_t timeout_ms, clutch_result **out,
                                                        clutch_error *error);

/* Interrupts an execution: a KeyboardInterrupt is raised in its Python code, and its process is
 * killed when it has not yielded after the grace limit. Its end is still reported by poll or wait. An
 * execution that has ended is left as it is, which is no error.
 * any thread, while the execution is not freed · does not block · cannot fail · owns nothing */
CLUTCH_API void clutch_execution_cancel(clutch_execution *execution);

/* The same for whatever the sandbox is executing now, such as a clutch_sandbox_run in another thread;
 * nothing happens when it is idle.
 * any thread · does not block · cannot fail · owns nothing */
CLUTCH_API void clutch_sandbox_cancel(clutch_sandbox *sandbox);

/* Frees an execution. One that still runs is killed, and its sandbox with it: cancel and wait first
 * to keep the sandbox. NULL is allowed.
 * one thread at a time, once · does not block · cannot fail · execution is moved */
CLUTCH_API void clutch_execution_free(clutch_execution *execution);

/* ---- Sessions: a sandbox's life ------------------------------------------------------------- */

/* A sandbox lives in its engine, and a handle is a way to it: several may lead to the same one. With a
 * state_dir it outlives engine and host: the next engine on that folder finds it stopped.
 *
 *     running -- pause --> paused -- resume --> running
 *     running, paused -- stop --> stopped -- archive --> archived
 *     paused, stopped, archived, failed -- start --> running
 *     any -- delete --> deleted
 *
 * What a state does not allow fails with STATE and says what it allows. A start of a running sandbox and
 * a stop of a stopped one change nothing and succeed. Executions need a running sandbox; a paused one is
 * resumed by them. Files can be had whatever it does, but not once it is archived or deleted. */

/* Something that could not be kept, or not be brought back. */
typedef struct clutch_left_out {
    const char *name;   /* of the variable, "file <name>", .. */
    const char *type;   /* "_io.TextIOWrapper" */
    const char *reason; /* one line */
} clutch_left_out;

/* How a session came to run. */
enum clutch_ready {
    CLUTCH_READY_CREATED = 1,  /* it is new */
    CLUTCH_READY_FOUND = 2,    /* it was running */
    CLUTCH_READY_RESUMED = 3,  /* it was paused */
    CLUTCH_READY_STARTED = 4,  /* it was stopped */
    CLUTCH_READY_RESTORED = 5, /* it was archived */
};

/* What a stop has kept, or a start has brought back. The library allocates it; fields may be added at
 * the end. */
typedef struct clutch_session_report {
    size_t variables;           /* kept */
    uint64_t size_bytes;        /* on disk, without the working folder */
    uint64_t took_ns;           /* until stopped or ready */
    uint64_t serial;            /* executions so far */
    const char *python_version; /* that saved it; "" when there was nothing saved */
    size_t left_out_count;
    const clutch_left_out *left_out; /* in the order of the globals */
    bool left_out_truncated;         /* there were more than 1,000 */
    uint32_t ready;                  /* CLUTCH_READY_*; 0 after a stop */
    bool saved;                      /* the variables were saved, or saved ones brought back */
    const char *why_not_saved;       /* one line, "" when saved */
} clutch_session_report;

/* NULL is allowed.
 * any thread, once · does not block · cannot fail · report is moved */
CLUTCH_API void clutch_session_report_free(clutch_session_report *report);

/* A handle on a sandbox of that owner (NULL: of any), by id or by name, whatever its state. NOT_FOUND is
 * an expected error, and the same for a foreign one.
 * any thread · blocks for the disk · may fail · *out is owned, free it with clutch_sandbox_release */
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_sandbox_open(clutch_engine *engine, const char *owner,
                                                      const char *id_or_name, clutch_sandbox **out,
                                                      clutch_error *error);

/* Makes the sandbox of that owner and name run: creates it, or finds, resumes, starts or restores it as
 * it was. The other options count only when it is created. *report, which may be NULL, tells which it
 * was and how long it took.
 * any thread · blocks as create and start do · may fail · *out is owned, free it with
 * clutch_sandbox_release; *report is owned, free it with clutch_session_report_free */
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_sandbox_ensure(clutch_engine *engine,
                                                        const clutch_sandbox_options *options,
                                                        clutch_sandbox **out,
                                                        clutch_session_report **report,
                                                        clutch_error *error);

/* Gives a handle back; the sandbox goes on. Free its executions first. NULL is allowed.
 * one thread, once · does not block · cannot fail · sandbox is moved */
CLUTCH_API void clutch_sandbox_release(clutch_sandbox *sandbox);

/* Stops the process and keeps its memory; resume lets it go on at once. BUSY while it executes.
 * any thread · blocks about a millisecond · may fail · owns nothing */
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_sandbox_pause(clutch_sandbox *sandbox, clutch_error *error);
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_sandbox_resume(clutch_sandbox *sandbox,
                                                        clutch_error *error);

/* How a stop behaves. */
typedef struct clutch_stop_options {
    size_t struct_size;  /* sizeof(clutch_stop_options) */
    uint32_t timeout_ms; /* for saving; default 60,000 */
    bool discard;        /* variables are not saved; those of the last stop stay */
} clutch_stop_options;

#define CLUTCH_STOP_OPTIONS_INIT {sizeof(clutch_stop_options), 0, false}

/* Sets all fields to CLUTCH_STOP_OPTIONS_INIT.
 * any thread · does not block · cannot fail · owns nothing */
CLUTCH_API void clutch_stop_options_init(clutch_stop_options *options);

/* Saves the variables and ends the process. What runs is interrupted first, and killed when it does not
 * yield within its grace. When the variables cannot be saved because of the sandbox it is stopped all
 * the same, and the report says so; because of the disk (DISK) it goes on running. A start brings back
 * what the last saving stop has kept. Code of its objects that costs the process while it is saved is taken
 * back to the newest checkpoint, if there is one, and that is saved.
 * any thread · blocks for the disk, at most timeout_ms and the grace, twice when that is so · may fail ·
 * *report, which may be NULL, is owned, free it with clutch_session_report_free */
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_sandbox_stop(clutch_sandbox *sandbox,
                                                      const clutch_stop_options *options,
                                                      clutch_session_report **report,
                                                      clutch_error *error);

/* Stops every sandbox of the engine that runs, as clutch_sandbox_stop with the same options does. The
 * first failure is returned after all have been tried.
 * any thread · blocks for the disk · may fail · owns nothing */
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_engine_stop_all(clutch_engine *engine,
                                                         const clutch_stop_options *options,
                                                         clutch_error *error);

/* Makes a paused, stopped, archived or failed sandbox run again. Saved variables are read inside the
 * sandbox, never by the host. Expected errors: DAMAGED, NEWER, DISK.
 * any thread · blocks for the disk · may fail · *report, which may be NULL, is owned, free it with
 * clutch_session_report_free */
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_sandbox_start(clutch_sandbox *sandbox,
                                                       clutch_session_report **report,
                                                       clutch_error *error);

/* Packs a stopped sandbox into one compressed file, archives/<id>.clutch in the state_dir. That file is
 * all of it (but a working folder that the host gave), and may be moved. Files that have a second name, lie
 * more than 128 folders deep or are no files, such as pipes, are left out, and named in left_out of the
 * sandbox's info and of the report of its start.
 * any thread · blocks for the disk · may fail · owns nothing */
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_sandbox_archive(clutch_sandbox *sandbox,
                                                         clutch_error *error);

/* Takes over an archive file of another state_dir or machine, which is copied. The sandbox keeps its id
 * and gets the owner; name may be NULL for the name that it had. Expected errors: EXISTS, DAMAGED,
 * NEWER.
 * any thread · blocks for the disk · may fail · *out is owned, free it with clutch_sandbox_release */
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_sandbox_import(clutch_engine *engine, const char *path,
                                                        const char *owner, const char *name,
                                                        clutch_sandbox **out, clutch_error *error);

/* Kills the process, whatever it runs, and removes folders, saved variables and archive. Handles stay
 * valid and say DELETED. Its executions stay in the records for retention_days.
 * any thread · blocks until the process is gone · fails only with CLOSED · owns nothing */
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_sandbox_delete(clutch_sandbox *sandbox, clutch_error *error);

/* Copies a running sandbox, its memory and its files; both go on apart. Of the options only id, name,
 * owner, labels, intervals, undo_depth and rollback may be set; the rest is the origin's. Until it is
 * stopped and started, the copy sees its folders at the origin's paths, and has no /tmp and no /proc/self;
 * TMPDIR is there. Files that user code has open are shared, as after fork; those that an archive leaves out
 * the copy has not, which the log says. Expected errors: UNCLONABLE
 * when threads or child processes are alive, or after a dozen clones of one process (snapshots can be used
 * without end); UNSUPPORTED where clone_door is not held, with a disk limit and with a workdir of the host's;
 * BUSY.
 * any thread · blocks some milliseconds, and for the files · may fail · *out is owned, end it with
 * clutch_sandbox_destroy or clutch_sandbox_release */
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_sandbox_clone(clutch_sandbox *sandbox,
                                                       const clutch_sandbox_options *options,
                                                       clutch_sandbox **out, clutch_error *error);

/* Keeps a copy of a running sandbox in memory, under a name that is unique per owner, for sandboxes to
 * start from (options.snapshot). It lasts until it is deleted or the engine's template ends. Errors as
 * of clone, and EXISTS.
 * any thread · blocks some milliseconds, and for the files · may fail · owns nothing */
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_sandbox_snapshot(clutch_sandbox *sandbox, const char *name,
                                                          clutch_error *error);

/* NOT_FOUND when that owner has no such snapshot.
 * any thread · blocks about a millisecond · may fail · owns nothing */
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_snapshot_delete(clutch_engine *engine, const char *owner,
                                                         const char *name, clutch_error *error);

/* A warm starting point of sandboxes beside the template. */
typedef struct clutch_starting_point {
    size_t struct_size;          /* sizeof(clutch_starting_point) */
    const char *name;            /* at most 255 bytes, unique per owner */
    const char *owner;           /* default "" */
    const char *const *preload;  /* modules to import, ended by NULL; default none */
    const char *setup;           /* code to run then; default none */
    const char *files;           /* folder whose content the working folder begins with; default none */
    const clutch_limits *limits; /* of its sandboxes; default: the engine's */
    uint32_t network;            /* CLUTCH_NETWORK_* */
    bool processes;
} clutch_starting_point;

#define CLUTCH_STARTING_POINT_INIT                                                                 \
    {sizeof(clutch_starting_point), NULL, NULL, NULL, NULL, NULL, NULL, CLUTCH_NETWORK_NONE, false}

/* Sets all fields to CLUTCH_STARTING_POINT_INIT.
 * any thread · does not block · cannot fail · owns nothing */
CLUTCH_API void clutch_starting_point_init(clutch_starting_point *point);

/* Defines a starting point, in place of an older one of that owner and name. The first sandbox created
 * from it (options.starting_point) does the work inside itself and leaves a copy; the next ones are
 * copies of that. Where the kernel has huge pages that copy takes, in the background, memory of its own, as
 * much as the template has (some 45 MB), so that to create from it costs no more than from the template.
 * Where no copy can be made (see clutch_sandbox_clone), as with a disk limit, each does the work anew; the
 * log says so. When the work fails, that create fails with PRELOAD and the exception. NULL for point's name
 * is INVALID.
 * any thread · does not block · may fail · everything is copied, but files, which is read when used */
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_engine_define(clutch_engine *engine,
                                                       const clutch_starting_point *point,
                                                       clutch_error *error);

/* What an undo has done. The caller allocates it. */
typedef struct clutch_undone {
    uint32_t steps;           /* executions taken back */
    uint32_t left;            /* that could still be taken back */
    bool files_rolled_back;   /* the working folder is as it was too */
} clutch_undone;

/* Takes the last executions back, at most as many as there are checkpoints: variables are as they were.
 * Files too where that is cheap: see files_rolled_back. NOT_FOUND when there are fewer checkpoints.
 * Checkpoints end with the process. Of a stopped sandbox a step is all that was executed between its last
 * two stops, if there were checkpoints then: what the earlier one saved takes its place again, which lasts
 * over engines; an archive does not have it.
 * any thread · blocks some milliseconds · may fail · *out, which may be NULL, is the caller's */
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_sandbox_undo(clutch_sandbox *sandbox, uint32_t steps,
                                                      clutch_undone *out, clutch_error *error);

/* ---- Records: what is known of sandboxes, running or not ------------------------------------- */

/* The library allocates it; fields may be added at the end. Times are milliseconds since 1970, 0 when
 * there is none. */
typedef struct clutch_sandbox_info {
    const char *id, *name, *owner;
    uint32_t state;             /* CLUTCH_STATE_* */
    const char *reason;         /* of the last change of state */
    const char *const *labels;  /* "KEY=VALUE" strings ended by NULL */
    int64_t created_ms, updated_ms, activity_ms;
    int64_t changed_ms;         /* when the state changed */
    int64_t saved_ms;           /* when variables were last saved */
    uint64_t saved_bytes;
    uint64_t executions;
    clutch_intervals intervals;
    uint32_t undo_depth;
    const char *origin;         /* id of the sandbox that it was cloned from, or "" */
    const char *repository_url; /* "" when there is none */
    const char *current_branch;
    bool live;                  /* this engine has its process */
    size_t left_out_count;      /* at the last stop or start */
    const clutch_left_out *left_out;
} clutch_sandbox_info;

/* What is recorded of a sandbox; is no activity.
 * any thread · blocks for the disk · may fail · *out is owned, free it with clutch_sandbox_info_free */
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_sandbox_describe(clutch_sandbox *sandbox,
                                                          clutch_sandbox_info **out,
                                                          clutch_error *error);

/* NULL is allowed.
 * any thread, once · does not block · cannot fail · info is moved */
CLUTCH_API void clutch_sandbox_info_free(clutch_sandbox_info *info);

/* Change what the records say: labels ("KEY=VALUE" strings ended by NULL) replace all there were, and
 * intervals count from the last activity. touch is activity and does nothing else.
 * Each: any thread · blocks for the disk · may fail · everything is copied */
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_sandbox_set_labels(clutch_sandbox *sandbox,
                                                            const char *const *labels,
                                                            clutch_error *error);
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_sandbox_set_intervals(clutch_sandbox *sandbox,
                                                               const clutch_intervals *intervals,
                                                               clutch_error *error);
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_sandbox_touch(clutch_sandbox *sandbox, clutch_error *error);

enum clutch_order {
    CLUTCH_ORDER_ACTIVITY = 0, /* the most recent first, as with the next two */
    CLUTCH_ORDER_CREATED = 1,
    CLUTCH_ORDER_UPDATED = 2,
    CLUTCH_ORDER_NAME = 3, /* from a to z */
};

/* Which records, and how many of them. All given filters must match. */
typedef struct clutch_list_options {
    size_t struct_size;        /* sizeof(clutch_list_options) */
    const char *owner;         /* default: of all owners */
    uint32_t states;           /* bits 1 << CLUTCH_STATE_*; default: all but deleted */
    const char *const *labels; /* "KEY=VALUE" strings ended by NULL; default: any */
    const char *name_prefix;   /* default: any */
    uint32_t order;            /* CLUTCH_ORDER_* */
    bool ascending;            /* the other way round */
    uint32_t limit;            /* 1 to 200; default 50 */
    const char *cursor;        /* next_cursor of the page before; default: from the start */
} clutch_list_options;

#define CLUTCH_LIST_OPTIONS_INIT                                                                   \
    {sizeof(clutch_list_options), NULL, 0, NULL, NULL, CLUTCH_ORDER_ACTIVITY, false, 0, NULL}

/* Sets all fields to CLUTCH_LIST_OPTIONS_INIT.
 * any thread · does not block · cannot fail · owns nothing */
CLUTCH_API void clutch_list_options_init(clutch_list_options *options);

typedef struct clutch_sandbox_page {
    size_t count;
    clutch_sandbox_info *const *sandboxes;
    const char *next_cursor; /* NULL at the end */
} clutch_sandbox_page;

/* Lists sandboxes, of this engine and of those before it. INVALID for a cursor that is none.
 * any thread · blocks for the disk · may fail · *out is owned, free it with clutch_sandbox_page_free */
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_engine_list(clutch_engine *engine,
                                                     const clutch_list_options *options,
                                                     clutch_sandbox_page **out, clutch_error *error);

/* NULL is allowed.
 * any thread, once · does not block · cannot fail · page is moved */
CLUTCH_API void clutch_sandbox_page_free(clutch_sandbox_page *page);

/* One recorded execution. */
typedef struct clutch_record {
    uint64_t serial;
    const char *kind;   /* "python" */
    const char *source; /* as clutch_execute_options had it */
    const char *code;   /* in full */
    size_t code_length;
    const char *output_preview; /* at most 16 KiB; ends with "...[truncated]" (with U+2026) when cut */
    const char *error;          /* "" when it was fine */
    uint32_t outcome;           /* CLUTCH_OUTCOME_* */
    uint64_t wall_ns;
    int64_t created_ms;
    bool rolled_back;
} clutch_record;

typedef struct clutch_record_page {
    size_t count;
    const clutch_record *records; /* newest first */
    const char *next_cursor;      /* NULL at the end */
} clutch_record_page;

/* Lists a sandbox's executions, also after its end; limit is 1 to 200, or 0 for 50, and cursor may be
 * NULL. Without a state_dir only the newest 1,000 are kept.
 * any thread · blocks for the disk · may fail · *out is owned, free it with clutch_record_page_free */
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_sandbox_log(clutch_sandbox *sandbox, uint32_t limit,
                                                     const char *cursor, clutch_record_page **out,
                                                     clutch_error *error);

/* NULL is allowed.
 * any thread, once · does not block · cannot fail · page is moved */
CLUTCH_API void clutch_record_page_free(clutch_record_page *page);

typedef struct clutch_change_page {
    size_t count;
    const clutch_change *changes; /* newest first */
    const char *next_cursor;      /* NULL at the end */
} clutch_change_page;

/* Lists a sandbox's changes of state; limit and cursor as of clutch_sandbox_log.
 * any thread · blocks for the disk · may fail · *out is owned, free it with clutch_change_page_free */
CLUTCH_API CLUTCH_WARN_UNUSED int clutch_sandbox_changes(clutch_sandbox *sandbox, uint32_t limit,
                                                         const char *cursor,
                                                         clutch_change_page **out,
                                                         clutch_error *error);

/* NULL is allowed.
 * any thread, once · does not block · cannot fail · page is moved */
CLUTCH_API void clutch_change_page_free(clutch_change_page *page);

#ifdef __cplusplus
}
#endif

#endif /* CLUTCH_H */
