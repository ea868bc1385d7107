/** What drillmaster.h leaves opaque, in a component: handles of the host's. */
#ifndef DM_COMPONENT_H
#define DM_COMPONENT_H

#include <drillmaster.h>

#include "../bindings/bindings.h"

struct dm_parameters {
    drillmaster_plugin_definition_borrow_group_t group;
};

struct dm_container {
    drillmaster_plugin_container_borrow_container_t handle;
};

#endif
