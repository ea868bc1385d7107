/* A database, and an API over it on <http://127.0.0.1:3000>. */

#include <drillmaster.h>

#define DATABASE_URL(host) "postgresql://postgres:secret@" host "/postgres"

/* Bears running again: the data is in a volume, which outlives the container. */
static const char SCHEMA[] = "CREATE TABLE IF NOT EXISTS items (id serial PRIMARY KEY, text text NOT NULL)";

static dm_error *database_ping(dm_container *container, bool *ready) {
    dm_output output;
    DM_TRY(dm_container_exec(container, DM_ARGV("pg_isready", "--host", "127.0.0.1"), &output));
    *ready = output.exit_code == 0;
    return NULL;
}

static dm_error *database_post_start_init(dm_container *container) {
    dm_output output;
    DM_TRY(dm_container_exec(container, DM_ARGV("psql", DATABASE_URL("127.0.0.1"), "--command", SCHEMA), &output));
    DM_TRY(dm_check(&output));
    return dm_context_set("database.url", DATABASE_URL("database"));
}

static const dm_service DATABASE = {
    .name = "database",
    .image = "postgres:17",
    .env = DM_PAIRS({"POSTGRES_PASSWORD", "secret"}),
    .ports = DM_PORTS({.container = 5432}),
    .volumes = DM_MOUNTS({"data", "/var/lib/postgresql/data"}),
    .ping = database_ping,
    .post_start_init = database_post_start_init,
};

static dm_error *api_fields(dm_service *service, const dm_parameters *parameters) {
    uint32_t port;
    DM_TRY(dm_parameter_number(parameters, "port", 3000, &port));
    DM_ADD(service->ports, {3000, port});
    return NULL;
}

static dm_error *api_ping(dm_container *container, bool *ready) {
    dm_response response;
    *ready = dm_container_http_get(container, 3000, "/", &response) == NULL;
    return NULL;
}

static const dm_service API = {
    .name = "api",
    .image = "postgrest/postgrest:v12.2.3",
    .dependencies = DM_TEXTS("database"),
    .env = DM_PAIRS({"PGRST_DB_URI", "{database.url}"}, {"PGRST_DB_ANON_ROLE", "postgres"}),
    .fields = api_fields,
    .ping = api_ping,
};

const dm_group dm_definition = {.name = "@NAME@", .services = DM_SERVICES(&DATABASE, &API)};
