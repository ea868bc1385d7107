#include "../src/text.h"

#include <string.h>

#include <drillmaster/testing.h>

#include "tests.h"

static void a_text_is_formatted_however_long_it_becomes(void) {
    const char *zeros = dm_format("%05000d", 0);
    DM_EXPECT(strlen(zeros) == 5000);
    DM_EXPECT_TEXT(dm_format("%s-%d", "a", 1), "a-1");
}

static void texts_are_joined_with_what_is_between_them(void) {
    dm_texts texts = {0};
    DM_EXPECT_TEXT(dm_join(texts, ", "), "");
    DM_ADD(texts, "a");
    DM_EXPECT_TEXT(dm_join(texts, ", "), "a");
    DM_ADD(texts, "b", "c");
    DM_EXPECT_TEXT(dm_join(texts, ", "), "a, b, c");
}

static void white_space_is_trimmed_at_the_end_alone(void) {
    DM_EXPECT_TEXT(dm_trim_end(" a b \t\r\n"), " a b");
    DM_EXPECT_TEXT(dm_trim_end(" \n"), "");
    DM_EXPECT_TEXT(dm_trim_end(""), "");
}

static void what_is_utf_8_stays_as_it_is(void) {
    static const char *const TEXTS[] = {"", "plain", "grüß", "…", "\U0001f980", "\xef\xbf\xbf", "\xf4\x8f\xbf\xbf"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
        DM_EXPECT_TEXT(dm_utf8(TEXTS[i]), TEXTS[i]);
    }
}

static void what_is_not_utf_8_is_replaced(void) {
    DM_EXPECT_TEXT(dm_utf8("caf\xe9"), "caf\ufffd");
    DM_EXPECT_TEXT(dm_utf8("\xff\xfe!"), "\ufffd\ufffd!");
    // One for a character that was cut short, as Rust and Python do it.
    DM_EXPECT_TEXT(dm_utf8("a\xe2\x80z"), "a\ufffdz");
    DM_EXPECT_TEXT(dm_utf8("\xf0\x9f\xa6"), "\ufffd");
    // Overlong, a surrogate, and beyond the last character.
    DM_EXPECT_TEXT(dm_utf8("\xc0\x80"), "\ufffd\ufffd");
    DM_EXPECT_TEXT(dm_utf8("\xed\xa0\x80"), "\ufffd\ufffd\ufffd");
    DM_EXPECT_TEXT(dm_utf8("\xf4\x90\x80\x80"), "\ufffd\ufffd\ufffd\ufffd");
}

void test_text(void) {
    DM_RUN(a_text_is_formatted_however_long_it_becomes);
    DM_RUN(texts_are_joined_with_what_is_between_them);
    DM_RUN(white_space_is_trimmed_at_the_end_alone);
    DM_RUN(what_is_utf_8_stays_as_it_is);
    DM_RUN(what_is_not_utf_8_is_replaced);
}
