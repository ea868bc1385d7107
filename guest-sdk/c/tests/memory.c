#include <string.h>

#include <drillmaster/testing.h>

#include "tests.h"

static void the_context_keeps_values_until_it_is_cleared(void) {
    DM_EXPECT_TEXT(dm_context_get("db.url"), NULL);
    DM_EXPECT_SUCCESS(dm_context_set("db.url", "a"));
    DM_EXPECT_SUCCESS(dm_context_set("db.url", "b"));
    DM_EXPECT_TEXT(dm_context_get("db.url"), "b");
    dm_fake_clear();
    DM_EXPECT_TEXT(dm_context_get("db.url"), NULL);
}

static void the_context_takes_only_keys_and_values_that_the_host_takes(void) {
    static const char *const WRONG[] = {"", "1a", ".a", "a b", "ä", "a{"};
    static const char *const RIGHT[] = {"a", "_", "A.b-c_1"};
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        DM_EXPECT(dm_context_set(WRONG[i], "value") != NULL);
    }
    for (size_t i = 0; i < sizeof RIGHT / sizeof *RIGHT; i++) {
        DM_EXPECT_SUCCESS(dm_context_set(RIGHT[i], "value"));
    }
    char *zeros = dm_format("%0*d", 64 * 1024 + 1, 0);
    DM_EXPECT_ERROR(dm_context_set("long", zeros), "the value of `long` is longer than 64 KiB");
    DM_EXPECT_SUCCESS(dm_context_set("long", zeros + 1));
    char letters[257 + 1];
    memset(letters, 'a', 257);
    letters[257] = '\0';
    DM_EXPECT_ERROR(dm_context_set(letters, ""), "the key has 257 bytes; 256 are allowed");
    DM_EXPECT_SUCCESS(dm_context_set(letters + 1, ""));
}

static void the_log_keeps_lines_with_their_level(void) {
    dm_log_debug("a");
    dm_log_info("%s%d", "b", 1);
    dm_log_warn("c");
    dm_log_error("caf\xe9");
    DM_EXPECT_TEXT(dm_join(dm_fake_log(), "; "), "debug: a; info: b1; warn: c; error: caf\ufffd");
}

void test_memory(void) {
    DM_RUN(the_context_keeps_values_until_it_is_cleared);
    DM_RUN(the_context_takes_only_keys_and_values_that_the_host_takes);
    DM_RUN(the_log_keeps_lines_with_their_level);
}
