#include "app.c"

#include <drillmaster/testing.h>

static void the_api_starts_after_the_database_and_is_told_where_it_is(void) {
    const dm_parameters parameters = {DM_PAIRS({"port", "3001"})};
    dm_declaration declaration;
    DM_EXPECT_SUCCESS(dm_declare(&dm_definition, &parameters, &declaration));
    const dm_service *api = dm_declared(&declaration, "api");
    DM_EXPECT_TEXT(dm_join(api->dependencies, ", "), "database");
    DM_EXPECT_TEXT(dm_value(api->env, "PGRST_DB_URI"), "{database.url}");
    DM_EXPECT(api->ports.items[0].host == 3001);
}

static void the_database_is_ready_once_it_accepts_clients(void) {
    bool ready;
    dm_container *fake = dm_fake_container("database");
    dm_fake_exec_fails(fake, DM_ARGV("pg_isready"), 2, "no response");
    DM_EXPECT_SUCCESS(database_ping(fake, &ready));
    DM_EXPECT(!ready);
    dm_fake_exec_succeeds(fake, DM_ARGV("pg_isready"), "accepting connections");
    DM_EXPECT_SUCCESS(database_ping(fake, &ready));
    DM_EXPECT(ready);
}

static void a_new_database_gets_its_table_and_leaves_its_address(void) {
    dm_container *fake = dm_fake_container("database");
    dm_fake_exec_succeeds(fake, DM_ARGV("psql"), "");
    DM_EXPECT_SUCCESS(database_post_start_init(fake));
    DM_EXPECT_CONTAINS(dm_fake_calls(fake).items[0], "CREATE TABLE IF NOT EXISTS items");
    DM_EXPECT_TEXT(dm_context_get("database.url"), DATABASE_URL("database"));
}

int main(void) {
    DM_RUN(the_api_starts_after_the_database_and_is_told_where_it_is);
    DM_RUN(the_database_is_ready_once_it_accepts_clients);
    DM_RUN(a_new_database_gets_its_table_and_leaves_its_address);
}
