/*
 * Services that fail, each in a hook of its own, and `fine`, which does not. Each language has the same group, and its
 * errors say the same. With the parameter `broken` the fields fail.
 */

#include <drillmaster.h>

#define IMAGE "drillmaster-test-service:latest"

static dm_error *fine_fields(dm_service *service, const dm_parameters *parameters) {
    (void)service;
    const char *how = dm_parameter(parameters, "broken");
    return how != NULL ? dm_fail("it is broken: %s", how) : NULL;
}

static dm_error *fine_pre_stop(dm_container *container) {
    (void)container;
    return dm_fail("it does not want to stop");
}

static const dm_service FINE = {.name = "fine", .image = IMAGE, .fields = fine_fields, .pre_stop = fine_pre_stop};

static dm_error *refusing_pre_start(const char *service) {
    (void)service;
    return dm_fail("the licence has run out\n— since Monday");
}

static const dm_service REFUSING = {.name = "refusing", .image = IMAGE, .pre_start = refusing_pre_start};

static dm_error *pinging_ping(dm_container *container, bool *ready) {
    (void)container;
    (void)ready;
    return dm_fail("it will never be ready");
}

static const dm_service PINGING = {.name = "pinging", .image = IMAGE, .ping = pinging_ping};

/* The host's own error is handed on. */
static dm_error *initialising_post_start_init(dm_container *container) {
    dm_container *fine;
    return dm_container_dependency(container, "fine", &fine);
}

static const dm_service INITIALISING = {
    .name = "initialising",
    .image = IMAGE,
    .post_start_init = initialising_post_start_init,
};

static dm_error *commanding_post_start_init(dm_container *container) {
    dm_output output;
    DM_TRY(dm_container_exec(container, DM_ARGV("/service", "fail", "no such table"), &output));
    return dm_check(&output);
}

static const dm_service COMMANDING = {
    .name = "commanding",
    .image = IMAGE,
    .post_start_init = commanding_post_start_init,
};

static dm_error *on_start(dm_texts services) {
    return dm_fail("nobody waits for %s", dm_join(services, ", "));
}

static dm_error *on_stop(dm_texts services) {
    return dm_fail("nobody misses %s", dm_join(services, ", "));
}

const dm_group dm_definition = {
    .name = "failing",
    .services = DM_SERVICES(&FINE, &REFUSING, &PINGING, &INITIALISING, &COMMANDING),
    .on_start = on_start,
    .on_stop = on_stop,
};
