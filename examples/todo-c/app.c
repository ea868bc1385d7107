/* A to-do list, on <http://127.0.0.1:8080>, and its database, on port 5433. */

#include <drillmaster.h>

#define USER "todo"
#define PASSWORD "todo"
#define DATABASE "todo"
#define DATABASE_URL(host) "postgresql://" USER ":" PASSWORD "@" host ":5432/" DATABASE

/* Bears running again: the data is in a volume, which outlives the container. */
static const char SCHEMA[] =
    "CREATE TABLE IF NOT EXISTS items (id serial PRIMARY KEY, text text NOT NULL);"
    "INSERT INTO items (text) SELECT 'Read the README' WHERE NOT EXISTS (SELECT FROM items);";

/* Runs SQL in the database's container, logged in over TCP like every other client. */
static dm_error *psql(dm_container *container, const char *sql, dm_output *output) {
    return dm_container_exec(container, DM_ARGV("psql", DATABASE_URL("127.0.0.1"), "--command", sql), output);
}

static dm_error *appdb_fields(dm_service *service, const dm_parameters *parameters) {
    uint32_t port;
    DM_TRY(dm_parameter_number(parameters, "appdb_port", 5433, &port));
    DM_ADD(service->ports, {5432, port});
    return NULL;
}

static dm_error *appdb_ping(dm_container *container, bool *ready) {
    dm_output output;
    DM_TRY(psql(container, "SELECT 1", &output));
    *ready = output.exit_code == 0;
    return NULL;
}

static dm_error *appdb_post_start_init(dm_container *container) {
    dm_output output;
    DM_TRY(psql(container, SCHEMA, &output));
    DM_TRY(dm_check(&output));
    return dm_context_set("appdb.url", DATABASE_URL("appdb"));
}

static const dm_service APPDB = {
    .name = "appdb",
    .image = "todo-appdb",
    .build.directory = "appdb",
    .env = DM_PAIRS({"POSTGRES_USER", USER}, {"POSTGRES_PASSWORD", PASSWORD}, {"POSTGRES_DB", DATABASE}),
    .volumes = DM_MOUNTS({"appdb-data", "/var/lib/postgresql/data"}),
    .stop_signal = DM_SIGINT,
    .fields = appdb_fields,
    .ping = appdb_ping,
    .post_start_init = appdb_post_start_init,
};

static dm_error *todo_fields(dm_service *service, const dm_parameters *parameters) {
    uint32_t port;
    DM_TRY(dm_parameter_number(parameters, "todo_port", 8080, &port));
    DM_ADD(service->ports, {8080, port});
    return NULL;
}

static dm_error *todo_ping(dm_container *container, bool *ready) {
    dm_response answer;
    dm_error *error = dm_container_http_get(container, 8080, "/health", &answer);
    *ready = error == NULL && dm_response_ok(&answer);
    return NULL;
}

static const dm_service TODO = {
    .name = "todo",
    .image = "todo-app",
    .build.directory = "todo",
    .dependencies = DM_TEXTS("appdb"),
    .env = DM_PAIRS({"DATABASE_URL", "{appdb.url}"}),
    .stop_signal = DM_SIGINT,
    .fields = todo_fields,
    .ping = todo_ping,
};

const dm_group dm_definition = {.name = "todo", .services = DM_SERVICES(&APPDB, &TODO)};
