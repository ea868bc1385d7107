/**
 * @file
 * Write a definition for drillmaster in C: which Docker services belong together, when each is ready, and what a new
 * one needs.
 *
 *     static dm_error *database_ping(dm_container *container, bool *ready) {
 *         dm_output output;
 *         DM_TRY(dm_container_exec(container, DM_ARGV("pg_isready", "--host", "127.0.0.1"), &output));
 *         *ready = output.exit_code == 0;
 *         return NULL;
 *     }
 *
 *     static const dm_service DATABASE = {
 *         .name = "database",
 *         .image = "postgres:17",
 *         .env = DM_PAIRS({"POSTGRES_PASSWORD", "secret"}),
 *         .ports = DM_PORTS({5432, 5433}),
 *         .ping = database_ping,
 *     };
 *
 *     const dm_group dm_definition = {.name = "shop", .services = DM_SERVICES(&DATABASE)};
 *
 * A text is UTF-8 and ends with a NUL; bytes that are not UTF-8 are replaced before the host sees them. Nothing that a
 * function here returns needs to be freed: each call of a hook runs in a fresh instance of the definition, and its
 * memory goes with it. For the same reason a variable keeps nothing from one hook to the next: what a hook leaves for
 * later goes into the context. No argument may be NULL unless it says so.
 */
#ifndef DRILLMASTER_H
#define DRILLMASTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define DM_MUST_USE __attribute__((warn_unused_result))
#define DM_NONNULL __attribute__((nonnull))
#define DM_PRINTF(text, values) __attribute__((format(printf, text, values)))

/* Errors */

/** Why something failed: a sentence for people. A function that returns one returns NULL when it succeeded. */
typedef struct dm_error dm_error;

/** An error with this text, formatted as by printf. A hook that returns it fails, and the person sees the text. */
DM_MUST_USE DM_NONNULL DM_PRINTF(1, 2) dm_error *dm_fail(const char *format, ...);

/** The text of an error; NULL for NULL, which is no error. */
const char *dm_error_text(const dm_error *error);

/** Returns from the calling function with the error of this call, if it has one. */
#define DM_TRY(call)                                                                                                   \
    do {                                                                                                               \
        dm_error *dm_error_of_the_call = (call);                                                                       \
        if (dm_error_of_the_call != NULL) {                                                                            \
            return dm_error_of_the_call;                                                                               \
        }                                                                                                              \
    } while (0)

/* Lists, for the fields of a service. DM_TEXTS and the like initialise them: `.aliases = DM_TEXTS("db", "pg")`. They
 * cannot be assigned later, when what they list would not outlive the function; DM_ADD can add to a list there. */

/** Texts. */
typedef struct dm_texts {
    const char *const *items;
    size_t count;
} dm_texts;

/** A name and its value. */
typedef struct dm_pair {
    const char *name;
    /** Empty when NULL. */
    const char *value;
} dm_pair;

/** Names and values. Of two with one name the later one counts. */
typedef struct dm_pairs {
    const dm_pair *items;
    size_t count;
} dm_pairs;

/** A port of the container that is published on the host. */
typedef struct dm_port {
    uint32_t container;
    /** The port on the host; a free one is chosen for 0. */
    uint32_t host;
} dm_port;

/** Published ports. */
typedef struct dm_ports {
    const dm_port *items;
    size_t count;
} dm_ports;

/** Something of the host's in the container's file system. */
typedef struct dm_mount {
    /** A path below the project directory, or the name of a volume. */
    const char *source;
    /** An absolute path in the container. */
    const char *target;
    /** Whether the container may only read it. */
    bool read_only;
} dm_mount;

/** Mounted directories and files, or volumes. */
typedef struct dm_mounts {
    const dm_mount *items;
    size_t count;
} dm_mounts;

#define DM_LIST_OF(type, ...) {(type[]){__VA_ARGS__}, sizeof((type[]){__VA_ARGS__}) / sizeof(type)}
/** Initialises a dm_texts: `DM_TEXTS("one", "two")`. */
#define DM_TEXTS(...) DM_LIST_OF(const char *const, __VA_ARGS__)
/** Initialises a dm_pairs: `DM_PAIRS({"NAME", "value"}, {"OTHER", "value"})`. */
#define DM_PAIRS(...) DM_LIST_OF(const dm_pair, __VA_ARGS__)
/** Initialises a dm_ports: `DM_PORTS({5432, 5433}, {.container = 9090})`. */
#define DM_PORTS(...) DM_LIST_OF(const dm_port, __VA_ARGS__)
/** Initialises a dm_mounts: `DM_MOUNTS({"data", "/var/lib/data"}, {"seed", "/seed", .read_only = true})`. */
#define DM_MOUNTS(...) DM_LIST_OF(const dm_mount, __VA_ARGS__)
/** Initialises the services of a dm_group: `DM_SERVICES(&DATABASE, &SHOP)`. */
#define DM_SERVICES(...) DM_LIST_OF(const dm_service *const, __VA_ARGS__)

/**
 * Adds items to a list of a service, in its `fields`: `DM_ADD(service->ports, {5432, port})`. The texts in them must
 * outlive the function: literals, parameters, and what dm_format makes.
 */
#define DM_ADD(list, ...)                                                                                              \
    ((list).items = dm_added((list).items, &(list).count, sizeof *(list).items,                                        \
                             (__typeof__(*(list).items)[]){__VA_ARGS__},                                               \
                             sizeof((__typeof__(*(list).items)[]){__VA_ARGS__}) / sizeof *(list).items))

/** What DM_ADD calls: a new array of the old items and the added ones, of this size each. */
void *dm_added(const void *items, size_t *count, size_t size, const void *added, size_t added_count);

/** The words of a command, for a call: `DM_ARGV("createdb", name)`. It ends with NULL. */
#define DM_ARGV(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Parameters */

/** What the person running the group gave with `--set NAME=VALUE`. */
typedef struct dm_parameters dm_parameters;

/** The value of a parameter; NULL if it was not given. */
DM_NONNULL const char *dm_parameter(const dm_parameters *parameters, const char *name);

/**
 * The value of a parameter as a number, or `otherwise` if it was not given. It is an error, which names the parameter
 * and shows its value, when that is not a whole number from 0 to 4294967295.
 */
DM_MUST_USE DM_NONNULL dm_error *dm_parameter_number(const dm_parameters *parameters, const char *name,
                                                     uint32_t otherwise, uint32_t *number);

/* Services */

/** The signal that asks a container to stop. 0 says nothing. */
typedef enum dm_signal { DM_SIGINT = 1, DM_SIGTERM, DM_SIGKILL, DM_SIGQUIT } dm_signal;

/** What the engine does when a container exits by itself. 0 says nothing. */
typedef enum dm_restart_policy {
    DM_RESTART_NO = 1,
    DM_RESTART_ALWAYS,
    /** After an exit code other than 0. */
    DM_RESTART_ON_FAILURE,
    /** But not after a restart of the engine when it had been stopped before. */
    DM_RESTART_UNLESS_STOPPED
} dm_restart_policy;

/** How the image of a service is built. */
typedef struct dm_build {
    /** The directory that is sent to the engine, below the project directory. NULL when nothing is built. */
    const char *directory;
    /** A path inside that directory; `Dockerfile` when NULL. */
    const char *dockerfile;
    /** Values for `ARG`s of the Dockerfile. */
    dm_pairs arguments;
    /** The stage to build up to; the last one when NULL. */
    const char *target;
} dm_build;

/** The engine's own health check. */
typedef struct dm_health_check {
    /** A command in the container, healthy when it exits with 0. There is no health check when it is empty. */
    dm_texts argv;
    /** The time from one check to the next in milliseconds. */
    uint32_t interval_ms;
} dm_health_check;

/** The container of the service whose hook is running, or of one of its dependencies. */
typedef struct dm_container dm_container;

/**
 * A service: what its container is like, and what happens in its life. Only the name and the image must be said.
 *
 * Nothing of it is checked here. The host checks the whole group and reports every mistake at once, each with its
 * service and field. A hook that returns an error fails the service, and so does one that crashes.
 */
typedef struct dm_service dm_service;
struct dm_service {
    /** Unique in the group, and a valid hostname label: other services reach the service under it. */
    const char *name;
    /** The image's reference; with a build, what it is called within the group. */
    const char *image;
    /** How the image is built; it is pulled when nothing is said. `.build.directory = "app"` is enough. */
    dm_build build;
    /** The services that must be ready first. Hooks may reach their containers with dm_container_dependency. */
    dm_texts dependencies;
    /** Environment variables. `{key}` in a value is replaced from the context when the service starts, `{{key}}`
     * is the text `{key}`, and all else is left as it is. */
    dm_pairs env;
    /** Published TCP ports. */
    dm_ports ports;
    /** Published UDP ports. */
    dm_ports udp_ports;
    /** Replaces a stopped container by a new one instead of starting it again. */
    bool always_start_new;
    /** The signal that asks the container to stop; by default the image says which, and else it is SIGTERM. */
    dm_signal stop_signal;
    /** How long the container may take to stop after that signal before it is killed, in milliseconds, rounded up to
     * seconds; 10 seconds when 0. */
    uint32_t stop_timeout_ms;
    /** Instead of the image's own entrypoint. */
    dm_texts entrypoint;
    /** Instead of the image's own command. */
    dm_texts command;
    /** The user of the image that the container runs as: a name or number, `user` or `user:group`. */
    const char *user;
    /** The directory that the container's process starts in: an absolute path in the container. */
    const char *working_directory;
    /** Directories and files below the project directory. */
    dm_mounts mounts;
    /** Named volumes, which belong to the group and outlive its containers. */
    dm_mounts volumes;
    /** Absolute paths at which empty file systems in memory are mounted. */
    dm_texts tmpfs;
    /** Labels on the container. Names that begin with `dev.drillmaster.` are the host's own; those that other tools act on
     * (as `traefik.` or `com.docker.`) need a grant. */
    dm_pairs labels;
    /** Further names of the service on the group's networks. */
    dm_texts aliases;
    /** Further networks of the group, beside the one that all its services share. */
    dm_texts networks;
    /** What the engine does when the container exits by itself; nothing when nothing is said. */
    dm_restart_policy restart_policy;
    /** The engine's own health check. dm_container_health reads it. The service is ready once it is healthy, unless there
     * is a `ping`. */
    dm_health_check health_check;
    /** The platform of the image, as `linux/amd64`. */
    const char *platform;
    /** The size of `/dev/shm` in MiB. */
    uint32_t shared_memory_mib;
    /** The most memory that the container may use, in MiB. */
    uint32_t memory_limit_mib;
    /** The most CPU time that the container may use, in thousandths of one CPU: 1500 is one and a half. */
    uint32_t cpu_limit_millicpus;

    /**
     * Changes what depends on parameters. `service` is a copy of this one: assign its fields, and add to its lists
     * with DM_ADD. With the same parameters it must give the same fields. It is called once at the beginning of each
     * command, which an error ends.
     */
    dm_error *(*fields)(dm_service *service, const dm_parameters *parameters);

    /**
     * Says whether the service is ready; without it, it is ready once its container runs and its health check, its own or
     * that of its image, says healthy, if there is one; with it, it counts alone. `*ready` is false until it is set;
     * false means "not yet", and it is asked again 0.1 s later, until the time for it is up. An error fails the service
     * at once. It must not change anything.
     */
    dm_error *(*ping)(dm_container *container, bool *ready);

    /**
     * Runs once for each new container, after the first true of `ping`; dependents wait for it. It does not run when
     * a stopped container is started again. After an error the next start replaces the container and runs this again,
     * so it should bear finding its own traces in a volume.
     */
    dm_error *(*post_start_init)(dm_container *container);

    /**
     * Runs before a container is created, once the dependencies are ready, with the name of this service. What it
     * sets in the context can be used in this service's own environment. After an error no container is created.
     */
    dm_error *(*pre_start)(const char *service);

    /** Runs before a running container is stopped. An error is reported and does not keep the service up. */
    dm_error *(*pre_stop)(dm_container *container);
};

/** Services, in the order in which they are declared. */
typedef struct dm_services {
    const dm_service *const *items;
    size_t count;
} dm_services;

/** The services that belong together. */
typedef struct dm_group {
    /** The group is named after the project directory when NULL. `--group` on the command line wins over both. */
    const char *name;
    dm_services services;
    /** Runs after `start`, with the names of the services that it started. An error is reported and undoes nothing. */
    dm_error *(*on_start)(dm_texts services);
    /** Runs after `stop`, with the names of the services that it stopped. An error is reported and undoes nothing. */
    dm_error *(*on_stop)(dm_texts services);
    /** Runs after `reload` of one service, with its name. An error is reported and undoes nothing. */
    dm_error *(*on_reload)(const char *service);
} dm_group;

/** What a definition is: every definition has this one object. */
extern const dm_group dm_definition;

/** What a group declares. */
typedef struct dm_declaration {
    /** The name of the group; NULL if it has none of its own. */
    const char *name;
    /** The services in their order, with what their `fields` made of them. */
    const dm_service *services;
    size_t count;
} dm_declaration;

/** Calls `fields` of every service: what the host is told. The error tells all of theirs, each with its service. */
DM_MUST_USE DM_NONNULL dm_error *dm_declare(const dm_group *group, const dm_parameters *parameters,
                                            dm_declaration *declaration);

/* Containers. Ports are those of the container: the host finds out where it published them. A time-out of 0, or one
 * that would outlast the hook's own deadline, is cut to that deadline. What a call gives through its last argument is
 * empty when it returns an error. */

/** Where something listens. */
typedef struct dm_address {
    /** A name or an IP address, without brackets. */
    const char *host;
    uint32_t port;
} dm_address;

/** What the engine's health check says of a container. */
typedef enum dm_health {
    /** There is no health check. */
    DM_HEALTH_NONE,
    /** It has not answered yet. */
    DM_HEALTH_STARTING,
    DM_HEALTHY,
    DM_UNHEALTHY
} dm_health;

/** What a command that ran in a container left. What it wrote may have NULs, but one more stands behind it. */
typedef struct dm_output {
    /** The program and its arguments. */
    dm_texts argv;
    /** 0 by custom for success; 126 or 127 when the command could not be run. */
    int32_t exit_code;
    /** What it wrote to stdout, at most the last 1 MiB. */
    const char *stdout_text;
    size_t stdout_length;
    /** What it wrote to stderr, at most the last 1 MiB. */
    const char *stderr_text;
    size_t stderr_length;
} dm_output;

/** An HTTP answer of a container. */
typedef struct dm_response {
    /** The status, as 200. */
    uint32_t status;
    /** At most the first 1 MiB. It may have NULs, but one more stands behind it. */
    const char *body;
    size_t body_length;
} dm_response;

/** The name of the service. */
DM_NONNULL const char *dm_container_name(dm_container *container);

/**
 * Where the host reaches a published TCP port of the container. It does not say that anything listens there. It is an
 * error, which names the ports that are published, when this one is not.
 */
DM_MUST_USE DM_NONNULL dm_error *dm_container_address(dm_container *container, uint32_t port, dm_address *address);

/** Whether the container's process is running now. It is an error when the engine cannot be asked. */
DM_MUST_USE DM_NONNULL dm_error *dm_container_is_running(dm_container *container, bool *running);

/** What the engine's health check says. It is an error when the engine cannot be asked. */
DM_MUST_USE DM_NONNULL dm_error *dm_container_health(dm_container *container, dm_health *health);

/**
 * Runs a command in the container and waits for it, for at most 30 seconds: `DM_ARGV("createdb", "shop")`.
 *
 * There is no shell between: each item is one word. A command that cannot be found gives an exit code of 126 or 127;
 * dm_check turns an exit code other than 0 into an error. It is an error when the container does not run, and when the
 * time is up; the command itself may then go on in the container.
 */
DM_MUST_USE DM_NONNULL dm_error *dm_container_exec(dm_container *container, const char *const argv[],
                                                   dm_output *output);

/** The same, waiting for another time. */
DM_MUST_USE DM_NONNULL dm_error *dm_container_exec_timeout(dm_container *container, const char *const argv[],
                                                           uint32_t timeout_ms, dm_output *output);

/**
 * An error when the exit code is not 0, with the program, the code and the last lines of stderr, or of stdout when
 * stderr is empty. The program's arguments are counted and not shown: there can be a password among them.
 */
DM_MUST_USE DM_NONNULL dm_error *dm_check(const dm_output *output);

/** Whether something accepts a TCP connection on this published port within a second. */
DM_NONNULL bool dm_container_probe_tcp(dm_container *container, uint32_t port);

/** The same, waiting for another time. */
DM_NONNULL bool dm_container_probe_tcp_timeout(dm_container *container, uint32_t port, uint32_t timeout_ms);

/**
 * Makes a GET request to this published port and waits for the answer, for at most 10 seconds. `path` begins with `/`.
 * Redirects are not followed. Any status is an answer; it is an error when nothing answers in time, or not in HTTP.
 */
DM_MUST_USE DM_NONNULL dm_error *dm_container_http_get(dm_container *container, uint32_t port, const char *path,
                                                       dm_response *response);

/** The same, waiting for another time. */
DM_MUST_USE DM_NONNULL dm_error *dm_container_http_get_timeout(dm_container *container, uint32_t port,
                                                               const char *path, uint32_t timeout_ms,
                                                               dm_response *response);

/** Whether the status is one of success, 200 to 299. */
DM_NONNULL bool dm_response_ok(const dm_response *response);

/**
 * The last lines that the container wrote to stdout and stderr, at most 10,000 lines and 1 MiB. It is an error when
 * the engine cannot be asked.
 */
DM_MUST_USE DM_NONNULL dm_error *dm_container_log_tail(dm_container *container, uint32_t lines, const char **tail);

/** The container of a service that this one depends on. It is an error for the name of any other service. */
DM_MUST_USE DM_NONNULL dm_error *dm_container_dependency(dm_container *container, const char *service,
                                                         dm_container **dependency);

/** The name of a state of health, as `healthy`. */
const char *dm_health_name(dm_health health);

/** An address as `host:port`, so that it fits into a URL. */
DM_NONNULL const char *dm_address_text(const dm_address *address);

/* Context: values that hooks leave for the services that start after them. They are kept across commands. A service
 * reads them here, or as `{key}` in its environment variables. A value belongs to the container whose hook set it and
 * goes when that container is removed. */

/** The value under a key; NULL if there is none. In `fields` there are no values yet. */
DM_NONNULL const char *dm_context_get(const char *key);

/**
 * Saves a value before it returns.
 *
 * A key is a letter or `_`, then letters, digits, `_`, `.` or `-`, at most 256 bytes. A value is at most 64 KiB. It is
 * an error when the key or the value is not like that, when the value cannot be saved, and in `fields` and `ping`,
 * which must not change anything.
 */
DM_MUST_USE DM_NONNULL dm_error *dm_context_set(const char *key, const char *value);

/* Log: lines for the person at the terminal, formatted as by printf, each shown with the service that it is about. */

/** Shown with `--verbose` only. */
DM_NONNULL DM_PRINTF(1, 2) void dm_log_debug(const char *format, ...);
/** Something worth knowing. */
DM_NONNULL DM_PRINTF(1, 2) void dm_log_info(const char *format, ...);
/** Something that is odd, but does not stop the service. */
DM_NONNULL DM_PRINTF(1, 2) void dm_log_warn(const char *format, ...);
/** Something that went wrong. To fail the service, return an error instead. */
DM_NONNULL DM_PRINTF(1, 2) void dm_log_error(const char *format, ...);

/* Texts */

/** A text formatted as by printf. */
DM_NONNULL DM_PRINTF(1, 2) char *dm_format(const char *format, ...);

/** The texts with a separator between each two. */
DM_NONNULL char *dm_join(dm_texts texts, const char *separator);

/** The text without the white space at its end. */
DM_NONNULL char *dm_trim_end(const char *text);

/* Where abort is called is told as well, as it is for assert. */
#ifdef __wasm__
_Noreturn void dm_abort_at(const char *file, int line);
#define abort() dm_abort_at(__FILE__, __LINE__)
#endif

#endif
