/* SPDX-License-Identifier: Apache-2.0 */
/* test_buf.c: the growing buffer and its maximum. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

static void it_grows_and_keeps_what_it_holds(void **state)
{
    (void)state;
    struct buf buf = {0};
    for (int i = 0; i < 10000; i++)
        assert_true(buf_append(&buf, &i, sizeof i));
    assert_int_equal(buf.length, 10000 * sizeof(int));
    for (int i = 0; i < 10000; i++)
        assert_memory_equal(buf.data + (size_t)i * sizeof i, &i, sizeof i);
    buf_free(&buf);
    assert_null(buf.data);
    assert_true(buf_append(&buf, "x", 1));
    buf_free(&buf);
}

static void appending_nothing_gives_it_an_address(void **state)
{
    (void)state;
    struct buf buf = {0};
    assert_true(buf_append(&buf, NULL, 0));
    assert_non_null(buf.data);
    assert_int_equal(buf.length, 0);
    buf_free(&buf);
}

static void the_maximum_is_reached_and_not_passed(void **state)
{
    (void)state;
    struct buf buf = {.maximum = 1000};
    char bytes[1001] = {0};
    assert_true(buf_append(&buf, bytes, 999));
    assert_true(buf_append(&buf, bytes, 1));
    assert_false(buf_append(&buf, bytes, 1));
    assert_true(buf.failed);
    assert_int_equal(buf.length, 1000);
    assert_in_range(buf.capacity, 1000, 1000);
    buf_free(&buf);
    assert_int_equal(buf.maximum, 1000);
    assert_false(buf_append(&buf, bytes, 1001));
    buf_free(&buf);
}

static void a_failure_stays_until_the_buffer_is_emptied(void **state)
{
    (void)state;
    struct buf buf = {.maximum = 10};
    assert_false(buf_append(&buf, "01234567890", 11));
    assert_false(buf_append(&buf, "0", 1));
    assert_null(buf_reserve(&buf, 0));
    buf_clear(&buf);
    assert_true(buf_append(&buf, "0", 1));
    buf_free(&buf);
}

static void sizes_that_overflow_are_refused(void **state)
{
    (void)state;
    struct buf buf = {0};
    assert_true(buf_append(&buf, "x", 1));
    assert_null(buf_reserve(&buf, SIZE_MAX));
    assert_true(buf.failed);
    buf_clear(&buf);
    assert_null(buf_reserve(&buf, SIZE_MAX / 2));
    buf_free(&buf);
}

static void reserving_changes_no_length(void **state)
{
    (void)state;
    struct buf buf = {0};
    buf_append(&buf, "ab", 2);
    uint8_t *room = buf_reserve(&buf, 100);
    assert_ptr_equal(room, buf.data + 2);
    assert_int_equal(buf.length, 2);
    buf_free(&buf);
}

static void consuming_takes_from_the_front(void **state)
{
    (void)state;
    struct buf buf = {0};
    buf_append(&buf, "abcdef", 6);
    buf_consume(&buf, 2);
    assert_int_equal(buf.length, 4);
    assert_memory_equal(buf.data, "cdef", 4);
    buf_consume(&buf, 100);
    assert_int_equal(buf.length, 0);
    buf_free(&buf);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_grows_and_keeps_what_it_holds),
        cmocka_unit_test(appending_nothing_gives_it_an_address),
        cmocka_unit_test(the_maximum_is_reached_and_not_passed),
        cmocka_unit_test(a_failure_stays_until_the_buffer_is_emptied),
        cmocka_unit_test(sizes_that_overflow_are_refused),
        cmocka_unit_test(reserving_changes_no_length),
        cmocka_unit_test(consuming_takes_from_the_front),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
