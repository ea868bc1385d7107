#include "tell.h"

#include "strings.h"

/** A setter of the contract's resource `service`. */
#define SERVICE(setter) drillmaster_plugin_definition_method_service_##setter

typedef drillmaster_plugin_definition_borrow_service_t service_handle;

typedef void text_setter(service_handle service, bindings_string_t *text);
typedef void list_setter(service_handle service, bindings_list_string_t *texts);
typedef void pair_setter(service_handle service, bindings_string_t *name, bindings_string_t *value);
typedef void port_setter(service_handle service, uint32_t container, uint32_t *host);
typedef void mount_setter(service_handle service, bindings_string_t *source, bindings_string_t *target, bool read_only);
typedef void number_setter(service_handle service, uint32_t number);

static void tell_text(text_setter *set, service_handle service, const char *text) {
    if (text != NULL) {
        bindings_string_t string = dm_to_host(text);
        set(service, &string);
    }
}

static void tell_texts(text_setter *add, service_handle service, dm_texts texts) {
    for (size_t i = 0; i < texts.count; i++) {
        tell_text(add, service, texts.items[i]);
    }
}

static void tell_argv(list_setter *set, service_handle service, dm_texts argv) {
    if (argv.count > 0) {
        bindings_list_string_t list = dm_list_to_host(argv);
        set(service, &list);
    }
}

static void tell_pairs(pair_setter *add, service_handle service, dm_pairs pairs) {
    for (size_t i = 0; i < pairs.count; i++) {
        bindings_string_t name = dm_to_host(pairs.items[i].name);
        bindings_string_t value = dm_to_host(pairs.items[i].value);
        add(service, &name, &value);
    }
}

static void tell_ports(port_setter *add, service_handle service, dm_ports ports) {
    for (size_t i = 0; i < ports.count; i++) {
        uint32_t host = ports.items[i].host;
        add(service, ports.items[i].container, host != 0 ? &host : NULL);
    }
}

static void tell_mounts(mount_setter *add, service_handle service, dm_mounts mounts) {
    for (size_t i = 0; i < mounts.count; i++) {
        bindings_string_t source = dm_to_host(mounts.items[i].source);
        bindings_string_t target = dm_to_host(mounts.items[i].target);
        add(service, &source, &target, mounts.items[i].read_only);
    }
}

static void tell_number(number_setter *set, service_handle service, uint32_t number) {
    if (number != 0) {
        set(service, number);
    }
}

static void tell_build(service_handle service, const dm_build *build) {
    if (build->directory == NULL) {
        return;
    }
    bindings_string_t directory = dm_to_host(build->directory);
    bindings_string_t dockerfile = dm_to_host(build->dockerfile);
    SERVICE(set_build)(service, &directory, build->dockerfile != NULL ? &dockerfile : NULL);
    tell_pairs(SERVICE(add_build_argument), service, build->arguments);
    tell_text(SERVICE(set_build_target), service, build->target);
}

static void tell_health_check(service_handle service, const dm_health_check *check) {
    if (check->argv.count > 0) {
        bindings_list_string_t argv = dm_list_to_host(check->argv);
        SERVICE(set_health_check)(service, &argv, check->interval_ms);
    }
}

static const char *signal_name(dm_signal signal) {
    static const char *const NAMES[] = {
        [DM_SIGINT] = "SIGINT",
        [DM_SIGTERM] = "SIGTERM",
        [DM_SIGKILL] = "SIGKILL",
        [DM_SIGQUIT] = "SIGQUIT",
    };
    return NAMES[signal];
}

static const char *restart_policy_name(dm_restart_policy policy) {
    static const char *const NAMES[] = {
        [DM_RESTART_NO] = "no",
        [DM_RESTART_ALWAYS] = "always",
        [DM_RESTART_ON_FAILURE] = "on-failure",
        [DM_RESTART_UNLESS_STOPPED] = "unless-stopped",
    };
    return NAMES[policy];
}

static void tell_fields(service_handle service, const dm_service *fields) {
    tell_build(service, &fields->build);
    tell_texts(SERVICE(add_dependency), service, fields->dependencies);
    tell_pairs(SERVICE(set_env), service, fields->env);
    tell_ports(SERVICE(add_port), service, fields->ports);
    tell_ports(SERVICE(add_udp_port), service, fields->udp_ports);
    if (fields->always_start_new) {
        SERVICE(set_always_start_new)(service, true);
    }
    tell_text(SERVICE(set_stop_signal), service, signal_name(fields->stop_signal));
    tell_number(SERVICE(set_stop_timeout), service, fields->stop_timeout_ms);
    tell_argv(SERVICE(set_entrypoint), service, fields->entrypoint);
    tell_argv(SERVICE(set_command), service, fields->command);
    tell_text(SERVICE(set_user), service, fields->user);
    tell_text(SERVICE(set_working_directory), service, fields->working_directory);
    tell_mounts(SERVICE(add_mount), service, fields->mounts);
    tell_mounts(SERVICE(add_volume), service, fields->volumes);
    tell_texts(SERVICE(add_tmpfs), service, fields->tmpfs);
    tell_pairs(SERVICE(add_label), service, fields->labels);
    tell_texts(SERVICE(add_alias), service, fields->aliases);
    tell_texts(SERVICE(add_network), service, fields->networks);
    tell_text(SERVICE(set_restart_policy), service, restart_policy_name(fields->restart_policy));
    tell_health_check(service, &fields->health_check);
    tell_text(SERVICE(set_platform), service, fields->platform);
    tell_number(SERVICE(set_shared_memory), service, fields->shared_memory_mib);
    tell_number(SERVICE(set_memory_limit), service, fields->memory_limit_mib);
    tell_number(SERVICE(set_cpu_limit), service, fields->cpu_limit_millicpus);
}

static void tell_service(drillmaster_plugin_definition_borrow_group_t group, const dm_service *fields) {
    bindings_string_t name = dm_to_host(fields->name);
    bindings_string_t image = dm_to_host(fields->image);
    drillmaster_plugin_definition_own_service_t service =
        drillmaster_plugin_definition_method_group_add_service(group, &name, &image);
    tell_fields(drillmaster_plugin_definition_borrow_service(service), fields);
    drillmaster_plugin_definition_service_drop_own(service);
}

void dm_tell(drillmaster_plugin_definition_borrow_group_t group, const dm_declaration *declaration) {
    if (declaration->name != NULL) {
        bindings_string_t name = dm_to_host(declaration->name);
        drillmaster_plugin_definition_method_group_set_name(group, &name);
    }
    for (size_t i = 0; i < declaration->count; i++) {
        tell_service(group, &declaration->services[i]);
    }
}
