/* What the host calls: each call finds its hook in dm_definition. */

#include "../group.h"
#include "component.h"
#include "strings.h"
#include "tell.h"

/* The bindings want an object file with the contract's types, which `drillmaster build` puts into the component. */
void __component_type_object_force_link_bindings(void);
void __component_type_object_force_link_bindings(void) {}

/** What an export returns: whether there was no error, whose text the host takes otherwise. */
static bool told(const dm_error *error, bindings_string_t *text) {
    if (error != NULL) {
        *text = dm_to_host(dm_error_text(error));
    }
    return error == NULL;
}

static dm_container entered(drillmaster_plugin_container_own_container_t container) {
    return (dm_container){drillmaster_plugin_container_borrow_container(container)};
}

bool exports_drillmaster_plugin_lifecycle_fields(drillmaster_plugin_definition_own_group_t group,
                                                 bindings_string_t *text) {
    dm_parameters parameters = {drillmaster_plugin_definition_borrow_group(group)};
    dm_declaration declaration;
    dm_error *error = dm_declare(&dm_definition, &parameters, &declaration);
    if (error == NULL) {
        dm_tell(parameters.group, &declaration);
    }
    return told(error, text);
}

bool exports_drillmaster_plugin_lifecycle_ping(drillmaster_plugin_container_own_container_t handle, bool *ready,
                                               bindings_string_t *text) {
    dm_container container = entered(handle);
    return told(dm_ping(&dm_definition, &container, ready), text);
}

bool exports_drillmaster_plugin_lifecycle_post_start_init(drillmaster_plugin_container_own_container_t handle,
                                                          bindings_string_t *text) {
    dm_container container = entered(handle);
    return told(dm_post_start_init(&dm_definition, &container), text);
}

bool exports_drillmaster_plugin_service_hooks_pre_start(bindings_string_t *service, bindings_string_t *text) {
    return told(dm_pre_start(&dm_definition, dm_from_host(*service)), text);
}

bool exports_drillmaster_plugin_service_hooks_pre_stop(drillmaster_plugin_container_own_container_t handle,
                                                       bindings_string_t *text) {
    dm_container container = entered(handle);
    return told(dm_pre_stop(&dm_definition, &container), text);
}

bool exports_drillmaster_plugin_group_hooks_on_start(bindings_list_string_t *services, bindings_string_t *text) {
    return told(dm_on_start(&dm_definition, dm_list_from_host(services)), text);
}

bool exports_drillmaster_plugin_group_hooks_on_stop(bindings_list_string_t *services, bindings_string_t *text) {
    return told(dm_on_stop(&dm_definition, dm_list_from_host(services)), text);
}

bool exports_drillmaster_plugin_group_hooks_on_reload(bindings_string_t *service, bindings_string_t *text) {
    return told(dm_on_reload(&dm_definition, dm_from_host(*service)), text);
}
