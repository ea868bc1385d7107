/*
 * The reference: every field, every import and every hook. Each language has the same group, and asks the host for the
 * same in the same order.
 *
 * `every` has every field but a build, which `built` has; `subject` has every hook and calls everything that a hook can
 * call, `helper`, which it depends on, has none but a `ping`.
 */

#include <string.h>

#include <drillmaster.h>

#define IMAGE "drillmaster-test-service:latest"
#define PORT 8080
/* A value without a key of the context in it. */
#define AS_WRITTEN "{\"db\":{\"port\":5432}} {{ .Name }} ${HOME} {port:d} {}"

static bool service_is_ready(dm_container *container) {
    dm_response response;
    dm_error *error = dm_container_http_get(container, PORT, "/ready", &response);
    return error == NULL && response.status == 200;
}

static dm_error *ping(dm_container *container, bool *ready) {
    *ready = service_is_ready(container);
    return NULL;
}

/* every */

static dm_error *every_fields(dm_service *service, const dm_parameters *parameters) {
    uint32_t port;
    DM_TRY(dm_parameter_number(parameters, "tcp_port", 20001, &port));
    DM_ADD(service->ports, {9090, port});
    return NULL;
}

static dm_error *every_ping(dm_container *container, bool *ready) {
    dm_health health;
    if (service_is_ready(container) && dm_container_probe_tcp(container, PORT)) {
        DM_TRY(dm_container_health(container, &health));
        *ready = health == DM_HEALTHY;
    }
    return NULL;
}

static const dm_service EVERY = {
    .name = "every",
    .image = IMAGE,
    .env = DM_PAIRS({"GREETING", "grüß dich, {{Welt}}"}, {"COUNT_DIR", "/written"}, {"AS_WRITTEN", AS_WRITTEN}),
    .ports = DM_PORTS({.container = PORT}),
    .udp_ports = DM_PORTS({9053, 20002}, {.container = 9054}),
    .always_start_new = true,
    .stop_signal = DM_SIGQUIT,
    .stop_timeout_ms = 2500,
    .entrypoint = DM_TEXTS("/service", "serve"),
    .command = DM_TEXTS("first", "second"),
    .user = "1234:2345",
    .working_directory = "/work",
    .mounts = DM_MOUNTS({"written", "/written"}, {"read/only.txt", "/read-only.txt", .read_only = true}),
    .volumes = DM_MOUNTS({"data", "/data"}, {"data", "/read-only-data", .read_only = true}),
    .tmpfs = DM_TEXTS("/scratch"),
    .labels = DM_PAIRS({"org.example.colour", "green"}),
    .aliases = DM_TEXTS("nickname"),
    .networks = DM_TEXTS("further"),
    .restart_policy = DM_RESTART_ON_FAILURE,
    .health_check = {.argv = DM_TEXTS("/service", "exit", "0"), .interval_ms = 100},
    .platform = "linux/amd64",
    .shared_memory_mib = 48,
    .memory_limit_mib = 128,
    .cpu_limit_millicpus = 500,
    .fields = every_fields,
    .ping = every_ping,
};

/* built */

static dm_error *built_fields(dm_service *service, const dm_parameters *parameters) {
    const char *greeting = dm_parameter(parameters, "greeting");
    DM_ADD(service->build.arguments, {"GREETING", greeting != NULL ? greeting : "hello"});
    return NULL;
}

static const dm_service BUILT = {
    .name = "built",
    .image = "drillmaster-test-reference",
    .build = {.directory = "context", .dockerfile = "docker/Chosen.dockerfile", .target = "chosen"},
    .ports = DM_PORTS({.container = PORT}),
    .fields = built_fields,
    .ping = ping,
};

/* helper */

static const dm_service HELPER = {
    .name = "helper",
    .image = IMAGE,
    .env = DM_PAIRS({"WHO", "the helper"}),
    .ports = DM_PORTS({.container = PORT}),
    .ping = ping,
};

/* subject */

static dm_error *subject_pre_start(const char *service) {
    return dm_context_set("own.value", dm_format("set before %s was created", service));
}

static void log_error(const dm_error *error) {
    if (error != NULL) {
        dm_log_info("%s", dm_error_text(error));
    }
}

static dm_error *runs_commands(dm_container *container) {
    dm_output output;
    DM_TRY(dm_container_exec(container, DM_ARGV("/service", "print", "some words; not a shell's $HOME"), &output));
    dm_log_info("%s", dm_trim_end(output.stdout_text));
    DM_TRY(dm_container_exec(container, DM_ARGV("/service", "fail", "a complaint"), &output));
    dm_log_info("%d: %s", output.exit_code, dm_trim_end(output.stderr_text));
    log_error(dm_check(&output));
    log_error(dm_container_exec_timeout(container, DM_ARGV("/service", "sleep", "60000"), 200, &output));
    return NULL;
}

static dm_error *reaches_ports(dm_container *container) {
    dm_address address;
    dm_response response;
    DM_TRY(dm_container_address(container, PORT, &address));
    dm_log_info("%s", address.host);
    log_error(dm_container_address(container, 9090, &address));
    bool listens = dm_container_probe_tcp_timeout(container, PORT, 1500);
    dm_log_info("%s", listens ? "somebody listens" : "nobody listens");
    DM_TRY(dm_container_http_get(container, PORT, "/env/OWN", &response));
    dm_log_info("%u %s", response.status, response.body);
    DM_TRY(dm_container_http_get_timeout(container, PORT, "/nowhere", 5000, &response));
    dm_log_info("%u", response.status);
    log_error(dm_container_http_get(container, PORT, "nowhere", &response));
    return NULL;
}

static dm_error *reaches_dependencies(dm_container *container) {
    dm_container *helper;
    dm_container *stranger;
    dm_response response;
    DM_TRY(dm_container_dependency(container, "helper", &helper));
    const char *name = dm_container_name(helper);
    DM_TRY(dm_container_http_get(helper, PORT, "/env/WHO", &response));
    dm_log_info("%s is %s", name, response.body);
    log_error(dm_container_dependency(container, "stranger", &stranger));
    return NULL;
}

static dm_error *tells_about_itself(dm_container *container) {
    bool running;
    dm_health health;
    const char *tail;
    dm_log_debug("a debug line");
    const char *name = dm_container_name(container);
    DM_TRY(dm_container_is_running(container, &running));
    dm_log_info("%s runs: %s", name, running ? "true" : "false");
    DM_TRY(dm_container_health(container, &health));
    dm_log_warn("its health is %s", dm_health_name(health));
    DM_TRY(dm_container_log_tail(container, 1, &tail));
    dm_log_error("its log ends with %s", dm_trim_end(tail));
    return NULL;
}

static dm_error *leaves_values(void) {
    bool unset = dm_context_get("reference.done") == NULL;
    DM_TRY(dm_context_set("reference.done", dm_format("no value before: %s", unset ? "yes" : "no")));
    const char *done = dm_context_get("reference.done");
    dm_log_info("%s", done != NULL ? done : "");
    return NULL;
}

static dm_error *subject_post_start_init(dm_container *container) {
    DM_TRY(runs_commands(container));
    DM_TRY(reaches_ports(container));
    DM_TRY(reaches_dependencies(container));
    DM_TRY(tells_about_itself(container));
    return leaves_values();
}

static dm_error *subject_pre_stop(dm_container *container) {
    dm_output output;
    DM_TRY(dm_container_exec(container, DM_ARGV("/service", "count", "stopping"), &output));
    return dm_check(&output);
}

static const dm_service SUBJECT = {
    .name = "subject",
    .image = IMAGE,
    .dependencies = DM_TEXTS("helper"),
    .env = DM_PAIRS({"OWN", "{own.value}"}, {"SAY_LINES", "5"}),
    .ports = DM_PORTS({.container = PORT}),
    .ping = ping,
    .post_start_init = subject_post_start_init,
    .pre_start = subject_pre_start,
    .pre_stop = subject_pre_stop,
};

/* The group */

static int by_name(const void *one, const void *other) {
    return strcmp(*(const char *const *)one, *(const char *const *)other);
}

static const char *listed(dm_texts services) {
    const char *sorted[services.count + 1];
    memcpy(sorted, services.items, services.count * sizeof *sorted);
    qsort(sorted, services.count, sizeof *sorted, by_name);
    return dm_join((dm_texts){sorted, services.count}, ", ");
}

static dm_error *on_start(dm_texts services) {
    dm_log_info("started %s", listed(services));
    return NULL;
}

static dm_error *on_stop(dm_texts services) {
    dm_log_info("stopped %s", listed(services));
    return NULL;
}

static dm_error *on_reload(const char *service) {
    dm_log_info("reloaded %s", service);
    return NULL;
}

const dm_group dm_definition = {
    .name = "reference",
    .services = DM_SERVICES(&EVERY, &BUILT, &HELPER, &SUBJECT),
    .on_start = on_start,
    .on_stop = on_stop,
    .on_reload = on_reload,
};
