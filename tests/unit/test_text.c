/* SPDX-License-Identifier: Apache-2.0 */
/* test_text.c: UTF-8, checked against the definition over all of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

/* RFC 3629 by its formula; surrogates and what is beyond the last plane are encoded too. */
static size_t encode(uint32_t code, char out[4])
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    out[0] = (char)((0xf00 >> length) | code);
    return length;
}

static void every_code_point_is_valid_and_no_surrogate_is(void **state)
{
    (void)state;
    for (uint32_t code = 0; code < 0x120000; code++) {
        char text[4];
        size_t length = encode(code, text);
        bool valid = code < 0x110000 && (code < 0xd800 || code > 0xdfff);
        if (text_valid_prefix(text, length) != (valid ? length : 0))
            fail_msg("U+%04X", code);
        for (size_t cut = 1; valid && cut < length; cut++)
            if (text_valid_prefix(text, cut) != 0)
                fail_msg("U+%04X cut to %zu bytes", code, cut);
    }
}

static void overlong_forms_are_invalid(void **state)
{
    (void)state;
    static const char *const forms[] = {"\xc0\x80",         "\xc1\xbf",         "\xe0\x80\x80",
                                        "\xe0\x9f\xbf",     "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf",
                                        "\xf8\x88\x80\x80", "\xff",             "\x80",
                                        "\xfe\x80"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        assert_int_equal(text_valid_prefix(forms[i], strlen(forms[i])), 0);
}

static void the_prefix_ends_where_the_fault_begins(void **state)
{
    (void)state;
    assert_int_equal(text_valid_prefix("", 0), 0);
    assert_int_equal(text_valid_prefix("a\0b", 3), 3);
    assert_int_equal(text_valid_prefix("aä\xff", 4), 3);
    assert_int_equal(text_valid_prefix("a\xc3(", 3), 1);
    assert_int_equal(text_valid_prefix("\xf0\x9f\xa6\x81\xf0\x9f\xa6", 7), 4);
}

static void the_tail_is_what_may_yet_become_a_character(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t tail;
    } cases[] = {
        {"", 0},          {"a", 0},      {"ä", 0},          {"\xc3", 1},         {"a\xe2\x82", 2},
        {"\xe2", 1},      {"\xf0\x9f\xa6", 3}, {"\xf0\x9f", 2}, {"\xf0", 1},     {"\xf0\x9f\xa6\x81", 0},
        {"\x80", 0},      {"\xff", 0},   {"\xc0", 0},       {"\xf5", 0},         {"\x80\x80\x80\x80", 0},
        {"\xe2\x82\xac", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(text_cut_tail(cases[i].text, strlen(cases[i].text)), cases[i].tail);
}

static void cleaning_replaces_each_bad_byte(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"fine ä", "fine ä"},
        {"\xff\xfe", "\xef\xbf\xbd\xef\xbf\xbd"},
        {"a\xc3", "a\xef\xbf\xbd"},
        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out = {0};
        assert_true(text_append_clean(&out, cases[i][0], strlen(cases[i][0])));
        assert_int_equal(out.length, strlen(cases[i][1]));
        assert_memory_equal(out.data, cases[i][1], out.length);
        assert_int_equal(text_valid_prefix((char *)out.data, out.length), out.length);
        buf_free(&out);
    }
}

static void cleaning_stops_at_a_buffers_maximum(void **state)
{
    (void)state;
    struct buf out = {.maximum = 4};
    assert_false(text_append_clean(&out, "\xff\xff", 2));
    buf_free(&out);
}

static void a_cut_never_splits_a_character(void **state)
{
    (void)state;
    static const char text[] = "aä€\xf0\x9f\xa6\x81z";
    size_t length = strlen(text);
    for (size_t maximum = 0; maximum <= length + 2; maximum++) {
        size_t cut = text_cut(text, length, maximum);
        assert_true(cut <= maximum && cut <= length);
        assert_int_equal(text_valid_prefix(text, cut), cut);
        assert_true(maximum - cut < 4 || cut == length);
    }
    assert_int_equal(text_cut(text, length, length), length);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_is_valid_and_no_surrogate_is),
        cmocka_unit_test(overlong_forms_are_invalid),
        cmocka_unit_test(the_prefix_ends_where_the_fault_begins),
        cmocka_unit_test(the_tail_is_what_may_yet_become_a_character),
        cmocka_unit_test(cleaning_replaces_each_bad_byte),
        cmocka_unit_test(cleaning_stops_at_a_buffers_maximum),
        cmocka_unit_test(a_cut_never_splits_a_character),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
