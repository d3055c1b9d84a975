/* SPDX-License-Identifier: Apache-2.0 */
/* capture.h: print, sys.stdout and sys.stderr of user code. */
#ifndef CLUTCH_PYTHON_CAPTURE_H
#define CLUTCH_PYTHON_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum capture_stream { CAPTURE_STDOUT = 1, CAPTURE_STDERR = 2 };

/* Where output goes. All are called with the GIL held and must not block, but flush, which is called
 * without it. Text is valid UTF-8. */
struct capture_sink {
    /* One element: what a print call printed. */
    void (*element)(uint32_t stream, const char *text, size_t length);
    /* Text written to a stream, which makes an element of each line. */
    void (*write)(uint32_t stream, const char *text, size_t length);
    /* The same for bytes of any kind. */
    void (*bytes)(uint32_t stream, const void *data, size_t length);
    /* Whether flush should be called soon. */
    bool (*wants_flush)(void);
    void (*flush)(void);
};

/* In the template, GIL held: makes the types and objects. Each execution finds them as print, input and the
 * streams of sys (see pristine.h). False with an exception set. */
bool capture_prepare(const struct capture_sink *sink);

/* Before each execution, GIL held: takes from the streams what user code has set on them. */
void capture_clear(void);

/* One element from the engine itself. GIL held. */
void capture_put(uint32_t stream, const char *text, size_t length);

#endif
