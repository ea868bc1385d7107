#include <drillmaster/testing.h>

#include "tests.h"

/** The port that is read from this value of the parameter. */
static dm_error *read_port(const char *value, uint32_t *port) {
    dm_parameters parameters = {0};
    DM_ADD(parameters.given, {"port", value});
    return dm_parameter_number(&parameters, "port", 5433, port);
}

static void a_parameter_that_was_not_given_is_what_it_is_otherwise(void) {
    const dm_parameters none = {0};
    uint32_t port;
    DM_EXPECT_TEXT(dm_parameter(&none, "port"), NULL);
    DM_EXPECT_SUCCESS(dm_parameter_number(&none, "port", 5433, &port));
    DM_EXPECT(port == 5433);
}

static void a_parameter_is_read_as_a_number(void) {
    uint32_t port;
    DM_EXPECT_SUCCESS(read_port("6000", &port));
    DM_EXPECT(port == 6000);
    DM_EXPECT_SUCCESS(read_port("0", &port));
    DM_EXPECT(port == 0);
    DM_EXPECT_SUCCESS(read_port("4294967295", &port));
    DM_EXPECT(port == UINT32_MAX);
}

static void a_parameter_that_is_no_number_is_an_error_with_its_name_and_value(void) {
    static const char *const WRONG[] = {"", "web", "-1", "+1", " 1", "1 ", "1.5", "0x10", "4294967296",
                                        "99999999999999999999999999"};
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        uint32_t port;
        DM_EXPECT_ERROR(read_port(WRONG[i], &port),
                        dm_format("the parameter `port` cannot be `%s`: it is not a whole number from 0 to 4294967295",
                                  WRONG[i]));
    }
}

void test_parameter(void) {
    DM_RUN(a_parameter_that_was_not_given_is_what_it_is_otherwise);
    DM_RUN(a_parameter_is_read_as_a_number);
    DM_RUN(a_parameter_that_is_no_number_is_an_error_with_its_name_and_value);
}
