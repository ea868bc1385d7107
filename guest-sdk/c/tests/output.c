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
    DM_EXPECT_TEXT(checked(PSQL, 2, "", "refused\n"), "`psql` (2 arguments) exited with 2: refused");
    DM_EXPECT_TEXT(checked(PSQL, 126, "no such file\n", " \n"), "`psql` (2 arguments) exited with 126: no such file");
    DM_EXPECT_TEXT(checked(PSQL, -1, "", ""), "`psql` (2 arguments) exited with -1");
}

static void a_failed_command_is_shown_with_its_last_lines_only(void) {
    DM_EXPECT_TEXT(checked(PSQL, 1, "", "1\n2\n3\n4\n5\n6\n"), "`psql` (2 arguments) exited with 1: 2\n3\n4\n5\n6");
    DM_EXPECT_TEXT(checked(PSQL, 1, "", "1\n\n\n\n\n6"), "`psql` (2 arguments) exited with 1: 6");
}

static void the_arguments_of_a_failed_command_are_counted_and_not_shown(void) {
    dm_texts one = DM_TEXTS("psql", "postgres://ada:secret@db");
    dm_texts two = DM_TEXTS("sh", "-c", "mysql -psecret");
    // A whole command line in place of a program.
    dm_texts line = DM_TEXTS(" mysql -psecret\n db ");
    dm_texts blank = DM_TEXTS("\n");
    dm_texts none = {0};
    DM_EXPECT_TEXT(checked(one, 1, "", ""), "`psql` (1 argument) exited with 1");
    DM_EXPECT_TEXT(checked(two, 1, "", ""), "`sh` (2 arguments) exited with 1");
    DM_EXPECT_TEXT(checked(line, 1, "", ""), "`mysql…` exited with 1");
    DM_EXPECT_TEXT(checked(blank, 1, "", ""), "`` exited with 1");
    DM_EXPECT_TEXT(checked(none, 1, "", ""), "`` exited with 1");
}

static void a_failed_command_is_shown_not_too_long(void) {
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
    DM_RUN(the_arguments_of_a_failed_command_are_counted_and_not_shown);
    DM_RUN(a_failed_command_is_shown_not_too_long);
    DM_RUN(a_command_that_is_not_utf_8_is_shown_all_the_same);
}
