#include <drillmaster/testing.h>

#include "tests.h"

static void a_command_gets_the_answer_told_to_the_most_of_its_words(void) {
    dm_container *fake = dm_fake_container("db");
    dm_output output;
    dm_fake_exec_succeeds(fake, DM_ARGV("psql"), "old");
    dm_fake_exec_succeeds(fake, DM_ARGV("psql"), "new");
    dm_fake_exec_fails(fake, DM_ARGV("psql", "--version"), 3, "too old");
    dm_fake_exec_errors(fake, DM_ARGV("sleep"), "the time is up");
    DM_EXPECT_SUCCESS(dm_container_exec(fake, DM_ARGV("psql", "-c", "SELECT 1"), &output));
    DM_EXPECT_TEXT(output.stdout_text, "new");
    DM_EXPECT(output.stdout_length == 3);
    DM_EXPECT_SUCCESS(dm_container_exec(fake, DM_ARGV("psql", "--version"), &output));
    DM_EXPECT(output.exit_code == 3);
    DM_EXPECT_TEXT(output.stderr_text, "too old");
    DM_EXPECT_ERROR(dm_container_exec_timeout(fake, DM_ARGV("sleep", "60"), 100, &output), "the time is up");
    DM_EXPECT_TEXT(dm_join(dm_fake_calls(fake), "; "), "exec psql -c SELECT 1; exec psql --version; exec sleep 60");
}

/** Leaves an output whose words were arguments of this function's own call. */
static dm_error *run_psql(dm_container *container, dm_output *output) {
    char word[] = "psql";
    return dm_container_exec(container, DM_ARGV(word, "-l"), output);
}

static void an_output_outlives_the_call_and_its_words(void) {
    dm_container *fake = dm_fake_container("db");
    dm_output output;
    dm_fake_exec_fails(fake, DM_ARGV("psql"), 2, "refused");
    DM_EXPECT_SUCCESS(run_psql(fake, &output));
    DM_EXPECT_ERROR(dm_check(&output), "`psql` (1 argument) exited with 2: refused");
}

static void a_call_that_the_test_told_nothing_about_is_an_error_that_names_it(void) {
    dm_container *fake = dm_fake_container("db");
    dm_container *dependency;
    dm_output output;
    dm_response response;
    dm_address address;
    dm_fake_exec_succeeds(fake, DM_ARGV("createdb", "test"), "");
#define TOLD_NOTHING(call) "the fake container `db` was told nothing about `" call "`"
    DM_EXPECT_ERROR(dm_container_exec(fake, DM_ARGV("createdb", "shop"), &output), TOLD_NOTHING("exec createdb shop"));
    DM_EXPECT_ERROR(dm_container_http_get(fake, 80, "/", &response), TOLD_NOTHING("http-get 80 /"));
    DM_EXPECT_ERROR(dm_container_address(fake, 5432, &address), TOLD_NOTHING("address 5432"));
    DM_EXPECT_ERROR(dm_container_dependency(fake, "cache", &dependency), TOLD_NOTHING("dependency cache"));
    DM_EXPECT(!dm_container_probe_tcp(fake, 5432));
    DM_EXPECT_TEXT(dm_join(dm_fake_log(), "; "), "warn: " TOLD_NOTHING("probe-tcp 5432"));
}

static void what_a_call_gives_is_empty_when_it_fails(void) {
    dm_container *fake = dm_fake_container("db");
    dm_container *dependency = fake;
    dm_output output;
    dm_response response;
    dm_address address;
    DM_EXPECT(dm_container_exec(fake, DM_ARGV("psql"), &output) != NULL);
    DM_EXPECT_TEXT(output.stdout_text, "");
    DM_EXPECT(output.exit_code != 0);
    DM_EXPECT(dm_container_http_get(fake, 80, "/", &response) != NULL);
    DM_EXPECT_TEXT(response.body, "");
    DM_EXPECT(!dm_response_ok(&response));
    DM_EXPECT(dm_container_address(fake, 80, &address) != NULL);
    DM_EXPECT_TEXT(address.host, "");
    DM_EXPECT(dm_container_dependency(fake, "cache", &dependency) != NULL);
    DM_EXPECT(dependency == NULL);
}

static void a_container_answers_all_that_it_was_told(void) {
    dm_container *db = dm_fake_container("db");
    dm_container *app = dm_fake_container("app");
    dm_container *dependency;
    dm_response response;
    dm_address address;
    dm_health health;
    bool running;
    const char *tail;
    dm_fake_address(db, 5432, "127.0.0.1", 5433);
    dm_fake_http_answers(app, 80, "/health", 503, "ill");
    dm_fake_http_answers(app, 80, "/health", 200, "well");
    dm_fake_http_errors(app, 80, "/slow", "no answer in 10 s");
    dm_fake_listening(app, 80);
    dm_fake_logged(app, "one\ntwo\nthree\n");
    dm_fake_health(app, DM_HEALTHY);
    dm_fake_stopped(app);
    dm_fake_dependency(app, db);
    DM_EXPECT_TEXT(dm_container_name(app), "app");
    DM_EXPECT_SUCCESS(dm_container_http_get(app, 80, "/health", &response));
    DM_EXPECT(dm_response_ok(&response));
    DM_EXPECT_TEXT(response.body, "well");
    DM_EXPECT_ERROR(dm_container_http_get(app, 80, "/slow", &response), "no answer in 10 s");
    DM_EXPECT(dm_container_probe_tcp(app, 80));
    DM_EXPECT_SUCCESS(dm_container_log_tail(app, 2, &tail));
    DM_EXPECT_TEXT(tail, "two\nthree\n");
    DM_EXPECT_SUCCESS(dm_container_log_tail(app, 9, &tail));
    DM_EXPECT_TEXT(tail, "one\ntwo\nthree\n");
    DM_EXPECT_SUCCESS(dm_container_health(app, &health));
    DM_EXPECT_TEXT(dm_health_name(health), "healthy");
    DM_EXPECT_SUCCESS(dm_container_is_running(app, &running));
    DM_EXPECT(!running);
    DM_EXPECT_SUCCESS(dm_container_dependency(app, "db", &dependency));
    DM_EXPECT_SUCCESS(dm_container_address(dependency, 5432, &address));
    DM_EXPECT_TEXT(dm_address_text(&address), "127.0.0.1:5433");
    // What a dependency is asked is remembered with it.
    DM_EXPECT_TEXT(dm_join(dm_fake_calls(db), "; "), "address 5432");
}

static void only_a_status_of_success_is_ok(void) {
    static const struct { uint32_t status; bool ok; } CASES[] = {
        {199, false}, {200, true}, {299, true}, {302, false}, {503, false},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        DM_EXPECT(dm_response_ok(&(dm_response){.status = CASES[i].status}) == CASES[i].ok);
    }
}

static void an_address_fits_into_a_url(void) {
    DM_EXPECT_TEXT(dm_address_text(&(dm_address){"127.0.0.1", 80}), "127.0.0.1:80");
    DM_EXPECT_TEXT(dm_address_text(&(dm_address){"::1", 80}), "[::1]:80");
}

void test_containers(void) {
    DM_RUN(a_command_gets_the_answer_told_to_the_most_of_its_words);
    DM_RUN(an_output_outlives_the_call_and_its_words);
    DM_RUN(a_call_that_the_test_told_nothing_about_is_an_error_that_names_it);
    DM_RUN(what_a_call_gives_is_empty_when_it_fails);
    DM_RUN(a_container_answers_all_that_it_was_told);
    DM_RUN(only_a_status_of_success_is_ok);
    DM_RUN(an_address_fits_into_a_url);
}
