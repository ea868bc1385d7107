#include "../src/group.h"

#include <drillmaster/testing.h>

#include "tests.h"

/* A service with every hook, which needs a parameter. */

static dm_error *picky_fields(dm_service *service, const dm_parameters *parameters) {
    const char *port = dm_parameter(parameters, "port");
    if (port == NULL) {
        return dm_fail("the parameter `port` is needed");
    }
    DM_ADD(service->env, {"PORT", port});
    DM_ADD(service->ports, {.container = 81}, {.container = 82});
    service->user = "nobody";
    return NULL;
}

static dm_error *picky_ping(dm_container *container, bool *ready) {
    return dm_container_is_running(container, ready);
}

static dm_error *picky_post_start_init(dm_container *container) {
    return dm_context_set("initialised", dm_container_name(container));
}

static dm_error *picky_pre_start(const char *service) {
    return dm_context_set("starting", service);
}

static dm_error *picky_pre_stop(dm_container *container) {
    return dm_context_set("stopping", dm_container_name(container));
}

static const dm_service PICKY = {
    .name = "picky",
    .image = "picky",
    .ports = DM_PORTS({80, 8080}),
    .fields = picky_fields,
    .ping = picky_ping,
    .post_start_init = picky_post_start_init,
    .pre_start = picky_pre_start,
    .pre_stop = picky_pre_stop,
};

static const dm_service FUSSY = {.name = "fussy", .image = "fussy", .fields = picky_fields};

static const dm_service PLAIN = {.name = "plain", .image = "plain"};

static const dm_group GROUP = {.name = "shop", .services = DM_SERVICES(&PLAIN, &PICKY, &FUSSY)};

static void a_group_declares_its_services_in_order(void) {
    const dm_parameters parameters = {DM_PAIRS({"port", "8080"})};
    dm_declaration declaration;
    DM_EXPECT_SUCCESS(dm_declare(&GROUP, &parameters, &declaration));
    DM_EXPECT_TEXT(declaration.name, "shop");
    DM_EXPECT(declaration.count == 3);
    DM_EXPECT_TEXT(declaration.services[0].name, "plain");
    DM_EXPECT_TEXT(declaration.services[1].name, "picky");
    DM_EXPECT(dm_declared(&declaration, "fussy") == &declaration.services[2]);
    DM_EXPECT(dm_declared(&declaration, "other") == NULL);
}

static void fields_add_to_what_the_service_says_and_leave_that_as_it_is(void) {
    const dm_parameters parameters = {DM_PAIRS({"port", "8080"})};
    dm_declaration declaration;
    DM_EXPECT_SUCCESS(dm_declare(&GROUP, &parameters, &declaration));
    const dm_service *picky = dm_declared(&declaration, "picky");
    DM_EXPECT(picky->ports.count == 3);
    DM_EXPECT(picky->ports.items[0].container == 80 && picky->ports.items[0].host == 8080);
    DM_EXPECT(picky->ports.items[2].container == 82 && picky->ports.items[2].host == 0);
    DM_EXPECT_TEXT(dm_value(picky->env, "PORT"), "8080");
    DM_EXPECT_TEXT(dm_value(picky->env, "HOST"), NULL);
    DM_EXPECT_TEXT(picky->user, "nobody");
    DM_EXPECT(PICKY.ports.count == 1 && PICKY.env.count == 0);
}

static void every_service_that_cannot_be_declared_is_told_at_once(void) {
    const dm_parameters none = {0};
    dm_declaration declaration;
    DM_EXPECT_ERROR(
        dm_declare(&GROUP, &none, &declaration),
        "service `picky`: the parameter `port` is needed; service `fussy`: the parameter `port` is needed");
}

static void a_hook_goes_to_the_service_of_that_name(void) {
    dm_container *picky = dm_fake_container("picky");
    bool ready = false;
    DM_EXPECT_SUCCESS(dm_ping(&GROUP, picky, &ready));
    DM_EXPECT(ready);
    dm_fake_stopped(picky);
    DM_EXPECT_SUCCESS(dm_ping(&GROUP, picky, &ready));
    DM_EXPECT(!ready);
    DM_EXPECT_SUCCESS(dm_post_start_init(&GROUP, picky));
    DM_EXPECT_SUCCESS(dm_pre_start(&GROUP, "picky"));
    DM_EXPECT_SUCCESS(dm_pre_stop(&GROUP, picky));
    DM_EXPECT_TEXT(dm_context_get("initialised"), "picky");
    DM_EXPECT_TEXT(dm_context_get("starting"), "picky");
    DM_EXPECT_TEXT(dm_context_get("stopping"), "picky");
}

static void a_hook_for_a_service_that_is_not_there_is_an_error_that_names_those_that_are(void) {
    static const char EXPECTED[] = "the definition has no service `other`, only plain, picky, fussy";
    dm_container *other = dm_fake_container("other");
    bool ready;
    DM_EXPECT_ERROR(dm_ping(&GROUP, other, &ready), EXPECTED);
    DM_EXPECT_ERROR(dm_post_start_init(&GROUP, other), EXPECTED);
    DM_EXPECT_ERROR(dm_pre_start(&GROUP, "other"), EXPECTED);
    DM_EXPECT_ERROR(dm_pre_stop(&GROUP, other), EXPECTED);
}

static void without_a_ping_of_its_own_a_service_is_ready_when_it_runs_and_is_not_unhealthy(void) {
    static const bool EXPECTED[] = {
        [DM_HEALTH_NONE] = true, [DM_HEALTH_STARTING] = false, [DM_HEALTHY] = true, [DM_UNHEALTHY] = false};
    bool ready;
    for (int health = DM_HEALTH_NONE; health <= DM_UNHEALTHY; health++) {
        dm_container *plain = dm_fake_container("plain");
        dm_fake_health(plain, (dm_health)health);
        DM_EXPECT_SUCCESS(dm_ping(&GROUP, plain, &ready));
        DM_EXPECT(ready == EXPECTED[health]);
    }
    dm_container *stopped = dm_fake_container("plain");
    dm_fake_stopped(stopped);
    DM_EXPECT_SUCCESS(dm_ping(&GROUP, stopped, &ready));
    DM_EXPECT(!ready);
}

static void a_service_without_hooks_needs_nothing(void) {
    dm_container *plain = dm_fake_container("plain");
    DM_EXPECT_SUCCESS(dm_post_start_init(&GROUP, plain));
    DM_EXPECT_SUCCESS(dm_pre_start(&GROUP, "plain"));
    DM_EXPECT_SUCCESS(dm_pre_stop(&GROUP, plain));
}

static dm_error *remembers(dm_texts services) {
    return dm_context_set("started", dm_join(services, " "));
}

static dm_error *is_late(dm_texts services) {
    return dm_fail("too late for %zu services", services.count);
}

static dm_error *remembers_one(const char *service) {
    return dm_context_set("reloaded", service);
}

static void the_hooks_of_a_group_run_when_there_are_any(void) {
    const dm_texts services = DM_TEXTS("a", "b");
    DM_EXPECT_SUCCESS(dm_on_start(&GROUP, services));
    DM_EXPECT_SUCCESS(dm_on_stop(&GROUP, services));
    DM_EXPECT_SUCCESS(dm_on_reload(&GROUP, "a"));

    const dm_group group = {.on_start = remembers, .on_stop = is_late, .on_reload = remembers_one};
    DM_EXPECT_SUCCESS(dm_on_start(&group, services));
    DM_EXPECT_ERROR(dm_on_stop(&group, services), "too late for 2 services");
    DM_EXPECT_SUCCESS(dm_on_reload(&group, "c"));
    DM_EXPECT_TEXT(dm_context_get("started"), "a b");
    DM_EXPECT_TEXT(dm_context_get("reloaded"), "c");
}

void test_group(void) {
    DM_RUN(a_group_declares_its_services_in_order);
    DM_RUN(fields_add_to_what_the_service_says_and_leave_that_as_it_is);
    DM_RUN(every_service_that_cannot_be_declared_is_told_at_once);
    DM_RUN(a_hook_goes_to_the_service_of_that_name);
    DM_RUN(a_hook_for_a_service_that_is_not_there_is_an_error_that_names_those_that_are);
    DM_RUN(without_a_ping_of_its_own_a_service_is_ready_when_it_runs_and_is_not_unhealthy);
    DM_RUN(a_service_without_hooks_needs_nothing);
    DM_RUN(the_hooks_of_a_group_run_when_there_are_any);
}
