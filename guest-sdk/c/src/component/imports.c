/* What drillmaster.h says of parameters, containers, the context and the log, by what the host gives. */

#include <string.h>

#include "../host.h"
#include "../text.h"
#include "component.h"
#include "strings.h"

/** A function of the contract's resource `container`. */
#define CONTAINER(function) drillmaster_plugin_container_method_container_##function

static dm_error *fail(bindings_string_t text) {
    return dm_fail("%s", dm_from_host(text));
}

const char *dm_parameter(const dm_parameters *parameters, const char *name) {
    bindings_string_t asked = dm_to_host(name), value;
    bool given = drillmaster_plugin_definition_method_group_parameter(parameters->group, &asked, &value);
    return given ? dm_from_host(value) : NULL;
}

const char *dm_container_name(dm_container *container) {
    bindings_string_t name;
    CONTAINER(service_name)(container->handle, &name);
    return dm_from_host(name);
}

dm_error *dm_container_address(dm_container *container, uint32_t port, dm_address *address) {
    bindings_tuple2_string_u32_t found;
    bindings_string_t error;
    *address = (dm_address){.host = ""};
    if (!CONTAINER(address)(container->handle, port, &found, &error)) {
        return fail(error);
    }
    *address = (dm_address){dm_from_host(found.f0), found.f1};
    return NULL;
}

dm_error *dm_container_is_running(dm_container *container, bool *running) {
    bindings_string_t error;
    *running = false;
    return CONTAINER(is_running)(container->handle, running, &error) ? NULL : fail(error);
}

dm_error *dm_container_health(dm_container *container, dm_health *health) {
    bindings_string_t name, error;
    *health = DM_HEALTH_NONE;
    if (!CONTAINER(health)(container->handle, &name, &error)) {
        return fail(error);
    }
    const char *text = dm_from_host(name);
    for (dm_health known = DM_HEALTH_NONE; known <= DM_UNHEALTHY; known++) {
        if (strcmp(dm_health_name(known), text) == 0) {
            *health = known;
            return NULL;
        }
    }
    return dm_fail("`%s` is a state of health that this SDK does not know", text);
}

dm_error *dm_container_exec_timeout(dm_container *container, const char *const argv[], uint32_t timeout_ms,
                                    dm_output *output) {
    dm_texts words = dm_words(argv);
    bindings_list_string_t asked = dm_list_to_host(words);
    drillmaster_plugin_container_exec_output_t left;
    bindings_string_t error;
    *output = (dm_output){.argv = words, .exit_code = -1, .stdout_text = "", .stderr_text = ""};
    if (!CONTAINER(exec)(container->handle, &asked, timeout_ms, &left, &error)) {
        return fail(error);
    }
    output->exit_code = left.exit_code;
    output->stdout_text = dm_copied((const char *)left.stdout_.ptr, left.stdout_.len);
    output->stdout_length = left.stdout_.len;
    output->stderr_text = dm_copied((const char *)left.stderr_.ptr, left.stderr_.len);
    output->stderr_length = left.stderr_.len;
    return NULL;
}

bool dm_container_probe_tcp_timeout(dm_container *container, uint32_t port, uint32_t timeout_ms) {
    return CONTAINER(probe_tcp)(container->handle, port, timeout_ms);
}

dm_error *dm_container_http_get_timeout(dm_container *container, uint32_t port, const char *path, uint32_t timeout_ms,
                                        dm_response *response) {
    bindings_string_t asked = dm_to_host(path), error;
    drillmaster_plugin_container_http_response_t answer;
    *response = (dm_response){.body = ""};
    if (!CONTAINER(http_get)(container->handle, port, &asked, timeout_ms, &answer, &error)) {
        return fail(error);
    }
    const char *body = dm_copied((const char *)answer.body.ptr, answer.body.len);
    *response = (dm_response){answer.status, body, answer.body.len};
    return NULL;
}

dm_error *dm_container_log_tail(dm_container *container, uint32_t lines, const char **tail) {
    bindings_list_u8_t bytes;
    bindings_string_t error;
    *tail = "";
    if (!CONTAINER(log_tail)(container->handle, lines, &bytes, &error)) {
        return fail(error);
    }
    *tail = dm_copied((const char *)bytes.ptr, bytes.len);
    return NULL;
}

dm_error *dm_container_dependency(dm_container *container, const char *service, dm_container **dependency) {
    bindings_string_t name = dm_to_host(service), error;
    drillmaster_plugin_container_own_container_t found;
    *dependency = NULL;
    if (!CONTAINER(dependency)(container->handle, &name, &found, &error)) {
        return fail(error);
    }
    *dependency = dm_alloc(sizeof **dependency);
    **dependency = (dm_container){drillmaster_plugin_container_borrow_container(found)};
    return NULL;
}

const char *dm_context_get(const char *key) {
    bindings_string_t asked = dm_to_host(key), value;
    return drillmaster_plugin_context_get(&asked, &value) ? dm_from_host(value) : NULL;
}

dm_error *dm_context_set(const char *key, const char *value) {
    bindings_string_t told_key = dm_to_host(key), told_value = dm_to_host(value), error;
    return drillmaster_plugin_context_set(&told_key, &told_value, &error) ? NULL : fail(error);
}

void dm_log(dm_level level, const char *text) {
    static void (*const WRITE[])(bindings_string_t *) = {
        [DM_DEBUG] = drillmaster_plugin_log_debug,
        [DM_INFO] = drillmaster_plugin_log_info,
        [DM_WARN] = drillmaster_plugin_log_warn,
        [DM_ERROR] = drillmaster_plugin_log_error,
    };
    bindings_string_t message = dm_to_host(text);
    WRITE[level](&message);
}
