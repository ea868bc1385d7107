#include "app.c"

#include <drillmaster/testing.h>

/* What the group declares with these parameters. */
static dm_declaration declared(dm_parameters parameters) {
    dm_declaration declaration;
    DM_EXPECT_SUCCESS(dm_declare(&dm_definition, &parameters, &declaration));
    return declaration;
}

/* The port of the host on which a service's only port is published. */
static uint32_t published(dm_declaration declaration, const char *service) {
    dm_ports ports = dm_declared(&declaration, service)->ports;
    DM_EXPECT(ports.count == 1);
    return ports.items[0].host;
}

static void the_list_starts_after_its_database_and_is_told_where_it_is(void) {
    dm_declaration declaration = declared((dm_parameters){0});
    const dm_service *todo = dm_declared(&declaration, "todo");
    DM_EXPECT_TEXT(dm_join(todo->dependencies, ", "), "appdb");
    DM_EXPECT_TEXT(dm_value(todo->env, "DATABASE_URL"), "{appdb.url}");
}

static void the_ports_on_the_host_can_be_chosen(void) {
    dm_declaration by_default = declared((dm_parameters){0});
    DM_EXPECT(published(by_default, "appdb") == 5433);
    DM_EXPECT(published(by_default, "todo") == 8080);
    const dm_parameters parameters = {DM_PAIRS({"appdb_port", "15432"}, {"todo_port", "18080"})};
    dm_declaration chosen = declared(parameters);
    DM_EXPECT(published(chosen, "appdb") == 15432);
    DM_EXPECT(published(chosen, "todo") == 18080);
}

static void a_port_that_is_none_is_told_with_its_service(void) {
    const dm_parameters parameters = {DM_PAIRS({"todo_port", "web"})};
    dm_declaration declaration;
    dm_error *error = dm_declare(&dm_definition, &parameters, &declaration);
    DM_EXPECT_CONTAINS(dm_error_text(error), "service `todo`: the parameter `todo_port` cannot be `web`");
}

static void the_database_is_ready_once_it_answers_a_client(void) {
    bool ready = true;
    dm_container *fake = dm_fake_container("appdb");
    dm_fake_exec_fails(fake, DM_ARGV("psql"), 2, "the database system is starting up");
    DM_EXPECT_SUCCESS(appdb_ping(fake, &ready));
    DM_EXPECT(!ready);
    dm_fake_exec_succeeds(fake, DM_ARGV("psql"), "1");
    DM_EXPECT_SUCCESS(appdb_ping(fake, &ready));
    DM_EXPECT(ready);
    DM_EXPECT_CONTAINS(dm_fake_calls(fake).items[0], "@127.0.0.1:5432/");
}

static void a_new_database_gets_its_table_and_leaves_its_address(void) {
    dm_container *fake = dm_fake_container("appdb");
    dm_fake_exec_succeeds(fake, DM_ARGV("psql"), "");
    DM_EXPECT_SUCCESS(appdb_post_start_init(fake));
    DM_EXPECT_CONTAINS(dm_fake_calls(fake).items[0], "CREATE TABLE IF NOT EXISTS items");
    DM_EXPECT_TEXT(dm_context_get("appdb.url"), "postgresql://todo:todo@appdb:5432/todo");
}

static void a_database_that_cannot_make_its_table_fails_with_its_own_words(void) {
    dm_container *fake = dm_fake_container("appdb");
    dm_fake_exec_fails(fake, DM_ARGV("psql"), 1, "ERROR:  permission denied");
    dm_error *error = appdb_post_start_init(fake);
    DM_EXPECT_CONTAINS(dm_error_text(error), "exited with 1: ERROR:  permission denied");
    DM_EXPECT_TEXT(dm_context_get("appdb.url"), NULL);
}

static void the_list_is_ready_once_its_health_page_says_so(void) {
    bool ready = true;
    dm_container *fake = dm_fake_container("todo");
    dm_fake_http_errors(fake, 8080, "/health", "connection refused");
    DM_EXPECT_SUCCESS(todo_ping(fake, &ready));
    DM_EXPECT(!ready);
    dm_fake_http_answers(fake, 8080, "/health", 503, "The database does not answer");
    DM_EXPECT_SUCCESS(todo_ping(fake, &ready));
    DM_EXPECT(!ready);
    dm_fake_http_answers(fake, 8080, "/health", 200, "ready");
    DM_EXPECT_SUCCESS(todo_ping(fake, &ready));
    DM_EXPECT(ready);
}

int main(void) {
    DM_RUN(the_list_starts_after_its_database_and_is_told_where_it_is);
    DM_RUN(the_ports_on_the_host_can_be_chosen);
    DM_RUN(a_port_that_is_none_is_told_with_its_service);
    DM_RUN(the_database_is_ready_once_it_answers_a_client);
    DM_RUN(a_new_database_gets_its_table_and_leaves_its_address);
    DM_RUN(a_database_that_cannot_make_its_table_fails_with_its_own_words);
    DM_RUN(the_list_is_ready_once_its_health_page_says_so);
}
