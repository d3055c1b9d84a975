/* SPDX-License-Identifier: Apache-2.0 */
/* fake_execute.h: the faults of fake_worker.c that only an execution can have.
 *
 * Part of that file: it uses its scenario and its ways of sending. */

static void send_done(int fd, const struct wire_done *done, const struct encoded_list *files,
                      const struct encoded_list *rows, const struct encoded_list *refusals)
{
    struct buf frame = {0};
    encode_done(&frame, done, files, rows, refusals);
    send_plainly(fd, &frame, -1);
    buf_free(&frame);
}

static void send_output(int fd, uint32_t stream, uint32_t more, const char *text, size_t length)
{
    struct buf frame = {0};
    encode_output(&frame, stream, more, text, length);
    send_plainly(fd, &frame, -1);
    buf_free(&frame);
}

/* Output without end, until the host ends us. */
static void flood(int fd)
{
    static char text[LIMIT_OUTPUT_FRAME_BYTES];
    memset(text, 'x', sizeof text);
    for (;;) {
        if (is_fault("flood-bytes"))
            send_output(fd, 1, 0, text, sizeof text);
        else if (is_fault("flood-pieces"))
            send_output(fd, 1, 1, text, 1);
        else
            send_output(fd, 1, 0, "", 0);
    }
}

/* Outputs that no worker of ours sends. */
static bool spoil_output(int fd)
{
    static char text[LIMIT_OUTPUT_FRAME_BYTES + 1];
    memset(text, 'x', sizeof text);
    if (is_fault("stream"))
        send_output(fd, (uint32_t)scenario.number, 0, "text", 4);
    else if (is_fault("more"))
        send_output(fd, 1, (uint32_t)scenario.number, "text", 4);
    else if (is_fault("more-nothing"))
        send_output(fd, 1, 1, "", 0);
    else if (is_fault("long-output"))
        send_output(fd, 1, 0, text, sizeof text);
    else if (is_fault("not-utf8"))
        send_output(fd, 1, 0, "\xff\xfe", 2);
    else if (is_fault("surrogate"))
        send_output(fd, 1, 0, "\xed\xa0\x80", 3);
    else if (is_fault("cut-character"))
        send_output(fd, 1, 0, "\xc3", 1);
    else
        return false;
    return true;
}

/* Names that lead out of the folder, and ones that do not. */
static const struct {
    const char *name;
    size_t length;
} names[] = {
    {"", 0},       {"/etc/passwd", 11}, {"..", 2},       {"a/../b", 6}, {"../x", 4},
    {"a//b", 4},   {"./a", 3},          {"a/", 2},       {"nul\0x", 5}, {"\xff", 1},
    {"a/b/..", 6}, {".", 1},            {"/", 1},        {"a/.", 3},    {NULL, 20000},
    {"line\nbreak", 10}, {"...", 3},    {"a/..b", 5},    {"-rf ~", 5},
};

static void spoil_file(int fd, struct wire_done *done)
{
    static char long_name[20000];
    struct encoded_list files = {0};
    memset(long_name, 'n', sizeof long_name);
    size_t i = (size_t)scenario.number;
    encode_file(&files, names[i].name ? names[i].name : long_name, names[i].length, 5);
    send_done(fd, done, &files, NULL, NULL);
    buf_free(&files.items);
}

/* Lists whose count or length is not that of their items. */
static bool spoil_list(int fd, struct wire_done *done)
{
    struct encoded_list list = {0};
    bool spoilt = true;
    encode_dataframe(&list, "df", 3, 2, -1);
    if (is_fault("count"))
        list.count = (uint32_t)scenario.number;
    else if (is_fault("negative-rows"))
        memset(list.items.data + 6, 0xff, 8);
    else if (is_fault("item-length"))
        memset(list.items.data, 0xff, 4);
    else if (is_fault("half-item"))
        list.items.length -= 9;
    else if (is_fault("not-utf8-name"))
        list.items.data[4] = 0xff;
    else
        spoilt = false;
    if (spoilt)
        send_done(fd, done, NULL, &list, NULL);
    buf_free(&list.items);
    return spoilt;
}

static bool spoil_refusal(int fd, struct wire_done *done)
{
    if (!is_fault("refusal-kind"))
        return false;
    struct encoded_list list = {0};
    encode_refusal(&list, (uint32_t)scenario.number, 1, "what");
    send_done(fd, done, NULL, NULL, &list);
    buf_free(&list.items);
    return true;
}

static bool spoil_number(struct wire_done *done)
{
    uint32_t number = (uint32_t)scenario.number;
    if (is_fault("serial"))
        done->serial += (uint64_t)scenario.number;
    else if (is_fault("ending"))
        done->ending = number;
    else if (is_fault("limit"))
        done->limit = number;
    else if (is_fault("truncated"))
        done->truncated = number;
    else
        return false;
    return true;
}

/* The largest result that the limits allow: it is fine. */
static void send_large(int fd, struct wire_done *done)
{
    static char text[LIMIT_TRACEBACK_BYTES];
    struct encoded_list rows = {0};
    memset(text, 't', sizeof text);
    for (size_t i = 0; i < LIMIT_DATAFRAMES; i++)
        encode_dataframe(&rows, "a name that is some thirty bytes", 1, 1, -1);
    done->has_error = done->has_value = true;
    done->ending = WIRE_ENDED_EXCEPTION;
    done->error = done->message = done->value = (struct wire_text){text, LIMIT_ERROR_BYTES};
    done->traceback = (struct wire_text){text, sizeof text};
    send_done(fd, done, NULL, &rows, NULL);
    buf_free(&rows.items);
}

/* True when the fault was one of these and there is nothing more to send. */
static bool fake_execute(int fd, const struct wire_execute *request)
{
    struct wire_done done = {.serial = request->serial};
    if (strncmp(scenario.fault, "flood-", 6) == 0)
        flood(fd);
    if (is_fault("file")) {
        spoil_file(fd, &done);
    } else if (is_fault("stream-changes")) {
        send_output(fd, 1, 1, "one", 3);
        send_output(fd, 2, 0, "two", 3);
    } else if (is_fault("two-dones")) {
        send_done(fd, &done, NULL, NULL, NULL);
        send_done(fd, &done, NULL, NULL, NULL);
    } else if (is_fault("late-output")) {
        send_done(fd, &done, NULL, NULL, NULL);
        send_output(fd, 1, 0, "late", 4);
        send_output(fd, 1, 1, "open", 4);
    } else if (is_fault("open-element")) {
        send_output(fd, 1, 1, "open", 4);
        send_done(fd, &done, NULL, NULL, NULL);
    } else if (is_fault("large")) {
        send_large(fd, &done);
    } else if (is_fault("exit")) {
        _exit((int)scenario.number);
    } else if (is_fault("signal")) {
        signal((int)scenario.number, SIG_DFL); /* a sanitizer may have taken it */
        raise((int)scenario.number);
    } else if (spoil_number(&done)) {
        send_done(fd, &done, NULL, NULL, NULL);
    } else {
        return spoil_output(fd) || spoil_list(fd, &done) || spoil_refusal(fd, &done);
    }
    return true;
}
