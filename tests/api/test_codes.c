/* SPDX-License-Identifier: Apache-2.0 */
/* test_codes.c: names, words and versions. */
#include "support.h"

static void every_error_code_has_its_name_and_sentence(void **state)
{
    (void)state;
#define CHECK(name, code, sentence)                                                                \
    assert_text(clutch_error_name(code), #name);                                                   \
    assert_text(clutch_error_sentence(code), sentence);                                            \
    assert_true((code) < 0);
    CLUTCH_ERRORS(CHECK)
#undef CHECK
    assert_text(clutch_error_name(CLUTCH_OK), "OK");
    assert_true(strlen(clutch_error_sentence(CLUTCH_OK)) > 0);
}

static void no_two_error_codes_are_equal(void **state)
{
    (void)state;
#define LIST(name, code, sentence) code,
    static const int codes[] = {CLUTCH_ERRORS(LIST)};
#undef LIST
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(codes[i], codes[j]);
}

static void a_number_that_is_no_error_code_is_unknown(void **state)
{
    (void)state;
    static const int numbers[] = {1, -99, 1000, -1000, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        assert_text(clutch_error_name(numbers[i]), "UNKNOWN");
        assert_true(strlen(clutch_error_sentence(numbers[i])) > 0);
    }
}

static void every_outcome_has_its_word(void **state)
{
    (void)state;
#define CHECK(name, number, word) assert_text(clutch_outcome_name(number), word);
    CLUTCH_OUTCOMES(CHECK)
#undef CHECK
    assert_text(clutch_outcome_name(9), "unknown");
    assert_text(clutch_outcome_name(UINT32_MAX), "unknown");
}

static void every_limit_has_its_word(void **state)
{
    (void)state;
#define CHECK(name, number, word) assert_text(clutch_limit_name(number), word);
    CLUTCH_LIMITS(CHECK)
#undef CHECK
    assert_text(clutch_limit_name(UINT32_MAX), "unknown");
}

static void the_library_has_the_version_of_its_header(void **state)
{
    (void)state;
    assert_text(clutch_version(), CLUTCH_VERSION);
    assert_int_equal(clutch_version_number(), CLUTCH_VERSION_NUMBER);
    assert_text(CLUTCH_VERSION, format("%d.%d.%d", CLUTCH_VERSION_MAJOR, CLUTCH_VERSION_MINOR,
                                       CLUTCH_VERSION_PATCH));
    assert_int_equal(CLUTCH_VERSION_NUMBER, CLUTCH_VERSION_MAJOR * 10000 +
                                                CLUTCH_VERSION_MINOR * 100 + CLUTCH_VERSION_PATCH);
}

static void built_with_names_a_python_and_an_environment(void **state)
{
    (void)state;
    const char *text = clutch_built_with();
    unsigned major = 0, minor = 0;
    assert_int_equal(sscanf(text, "Python %u.%u, environment /", &major, &minor), 2);
    assert_int_equal(major, 3);
    assert_in_range(minor, 11, 99);
    assert_null(strchr(text, '\n'));
}

static void freeing_nothing_is_allowed(void **state)
{
    (void)state;
    clutch_engine_close(NULL);
    clutch_sandbox_destroy(NULL);
    clutch_execution_free(NULL);
    clutch_result_free(NULL);
    clutch_status_free(NULL);
    clutch_free(NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(every_error_code_has_its_name_and_sentence),
        TEST(no_two_error_codes_are_equal),
        TEST(a_number_that_is_no_error_code_is_unknown),
        TEST(every_outcome_has_its_word),
        TEST(every_limit_has_its_word),
        TEST(the_library_has_the_version_of_its_header),
        TEST(built_with_names_a_python_and_an_environment),
        TEST(freeing_nothing_is_allowed),
    };
    return RUN_TESTS(tests);
}
