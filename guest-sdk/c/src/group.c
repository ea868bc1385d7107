#include "group.h"

#include <string.h>

#include "text.h"

dm_error *dm_declare(const dm_group *group, const dm_parameters *parameters, dm_declaration *declaration) {
    dm_service *services = dm_alloc(group->services.count * sizeof *services);
    dm_texts errors = {0};
    for (size_t i = 0; i < group->services.count; i++) {
        dm_service *service = &services[i];
        *service = *group->services.items[i];
        dm_error *error = service->fields != NULL ? service->fields(service, parameters) : NULL;
        if (error != NULL) {
            DM_ADD(errors, dm_format("service `%s`: %s", service->name, dm_error_text(error)));
        }
    }
    *declaration = (dm_declaration){group->name, services, group->services.count};
    return errors.count > 0 ? dm_fail("%s", dm_join(errors, "; ")) : NULL;
}

static dm_error *find(const dm_group *group, const char *name, const dm_service **found) {
    dm_texts names = {0};
    for (size_t i = 0; i < group->services.count; i++) {
        *found = group->services.items[i];
        if (strcmp((*found)->name, name) == 0) {
            return NULL;
        }
        DM_ADD(names, (*found)->name);
    }
    return dm_fail("the definition has no service `%s`, only %s", name, dm_join(names, ", "));
}

dm_error *dm_ping(const dm_group *group, dm_container *container, bool *ready) {
    const dm_service *service;
    *ready = false;
    DM_TRY(find(group, dm_container_name(container), &service));
    if (service->ping != NULL) {
        return service->ping(container, ready);
    }
    bool running;
    dm_health health;
    DM_TRY(dm_container_is_running(container, &running));
    if (!running) {
        return NULL;
    }
    DM_TRY(dm_container_health(container, &health));
    *ready = health == DM_HEALTH_NONE || health == DM_HEALTHY;
    return NULL;
}

dm_error *dm_post_start_init(const dm_group *group, dm_container *container) {
    const dm_service *service;
    DM_TRY(find(group, dm_container_name(container), &service));
    return service->post_start_init != NULL ? service->post_start_init(container) : NULL;
}

dm_error *dm_pre_start(const dm_group *group, const char *name) {
    const dm_service *service;
    DM_TRY(find(group, name, &service));
    return service->pre_start != NULL ? service->pre_start(name) : NULL;
}

dm_error *dm_pre_stop(const dm_group *group, dm_container *container) {
    const dm_service *service;
    DM_TRY(find(group, dm_container_name(container), &service));
    return service->pre_stop != NULL ? service->pre_stop(container) : NULL;
}

dm_error *dm_on_start(const dm_group *group, dm_texts services) {
    return group->on_start != NULL ? group->on_start(services) : NULL;
}

dm_error *dm_on_stop(const dm_group *group, dm_texts services) {
    return group->on_stop != NULL ? group->on_stop(services) : NULL;
}

dm_error *dm_on_reload(const dm_group *group, const char *service) {
    return group->on_reload != NULL ? group->on_reload(service) : NULL;
}
