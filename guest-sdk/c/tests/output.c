#include <string.h>

#include <drillmaster/testing.h>

#include "tests.h"

/** What the check says of such an output. */
static const char *checked(dm_texts argv, int32_t exit_code, const char *stdout_text, const char *stderr_text) {
    dm_output output = {argv, exit_code, stdout_text, strlen(stdout_text), stderr_text, strlen(stderr_text)};
    return dm_error_text(dm_check(&output));
}

static const dm_texts PSQL = DM_TEXTS("psql", "-c", "SELECT 1");

static void a_command_that_succeeded_passes_the_check(void) {
    DM_EXPECT_TEXT(checked(PSQL, 0, "done\n", "a warning"), NULL);
}

static void a_command_that_failed_is_an_error_with_its_code_and_what_it_said(void) {
    DM_EXPECT_TEXT(checked(PSQL, 2, "", "refused\n"), "`psql -c SELECT 1` exited with 2: refused");
    DM_EXPECT_TEXT(checked(PSQL, 126, "no such file\n", " \n"), "`psql -c SELECT 1` exited with 126: no such file");
    DM_EXPECT_TEXT(checked(PSQL, -1, "", ""), "`psql -c SELECT 1` exited with -1");
}

static void a_failed_command_is_shown_with_its_last_lines_only(void) {
    DM_EXPECT_TEXT(checked(PSQL, 1, "", "1\n2\n3\n4\n5\n6\n"), "`psql -c SELECT 1` exited with 1: 2\n3\n4\n5\n6");
    DM_EXPECT_TEXT(checked(PSQL, 1, "", "1\n\n\n\n\n6"), "`psql -c SELECT 1` exited with 1: 6");
}

static void a_failed_command_is_shown_on_one_line_and_not_too_long(void) {
    dm_texts argv = DM_TEXTS("psql", "\nCREATE\n  TABLE ");
    DM_EXPECT_TEXT(checked(argv, 1, "", ""), "`psql CREATE TABLE` exited with 1");

    char umlauts[2 * 121 + 1];
    for (size_t i = 0; i < 121; i++) {
        memcpy(umlauts + 2 * i, "ü", sizeof "ü");
    }
    dm_texts longer = DM_TEXTS(umlauts);
    dm_texts just_fitting = DM_TEXTS(umlauts + strlen("ü"));
    const char *shown = dm_format("`%s` exited with 1", umlauts + strlen("ü"));
    DM_EXPECT_TEXT(checked(just_fitting, 1, "", ""), shown);
    DM_EXPECT_TEXT(checked(longer, 1, "", ""), dm_format("`%s…` exited with 1", umlauts + strlen("ü")));
}

static void a_command_that_is_not_utf_8_is_shown_all_the_same(void) {
    dm_texts argv = DM_TEXTS("caf\xe9");
    DM_EXPECT_TEXT(checked(argv, 1, "", ""), "`caf\ufffd` exited with 1");
}

void test_output(void) {
    DM_RUN(a_command_that_succeeded_passes_the_check);
    DM_RUN(a_command_that_failed_is_an_error_with_its_code_and_what_it_said);
    DM_RUN(a_failed_command_is_shown_with_its_last_lines_only);
    DM_RUN(a_failed_command_is_shown_on_one_line_and_not_too_long);
    DM_RUN(a_command_that_is_not_utf_8_is_shown_all_the_same);
}
