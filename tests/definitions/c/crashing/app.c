/* Services whose hooks have bugs, each another one. */

#include <assert.h>

#include <drillmaster.h>

#define IMAGE "drillmaster-test-service:latest"

static dm_error *asserting_ping(dm_container *container, bool *ready) {
    assert(dm_container_name(container)[0] == 'A');
    *ready = true;
    return NULL;
}

static const dm_service ASSERTING = {.name = "asserting", .image = IMAGE, .ping = asserting_ping};

static dm_error *aborting_pre_start(const char *service) {
    (void)service;
    abort();
}

static const dm_service ABORTING = {.name = "aborting", .image = IMAGE, .pre_start = aborting_pre_start};

/* It finds no table, and does not look. */

struct table {
    const char *name;
    int columns;
};

/** The table of a service, if it has one. */
static const struct table *table_of(const char *service) {
    static const struct table TABLES[] = {{"items", 2}, {"owners", 3}};
    for (size_t i = 0; i < sizeof TABLES / sizeof *TABLES; i++) {
        if (TABLES[i].name[0] == service[0]) {
            return &TABLES[i];
        }
    }
    return NULL;
}

static dm_error *following_pre_start(const char *service) {
    dm_log_info("it has %d columns", table_of(service)->columns);
    return NULL;
}

static const dm_service FOLLOWING = {.name = "following", .image = IMAGE, .pre_start = following_pre_start};

/* There is no such value, and a value must not be NULL. */
static dm_error *giving_pre_start(const char *service) {
    return dm_context_set("giving.url", dm_context_get(service));
}

static const dm_service GIVING = {.name = "giving", .image = IMAGE, .pre_start = giving_pre_start};

static dm_error *indexing_pre_start(const char *service) {
    static const int PORTS[] = {8080, 8081};
    dm_log_info("its port is %d", PORTS[service[0] % 10]);
    return NULL;
}

static const dm_service INDEXING = {.name = "indexing", .image = IMAGE, .pre_start = indexing_pre_start};

struct directory {
    const char *name;
    const struct directory *parent;
};

static const char *path(const struct directory *directory) {
    return dm_format("%s/%s", directory->parent != NULL ? path(directory->parent) : "", directory->name);
}

static dm_error *recursing_pre_start(const char *service) {
    struct directory directory = {.name = service, .parent = &directory};
    dm_log_info("it is in %s", path(&directory));
    return NULL;
}

static const dm_service RECURSING = {.name = "recursing", .image = IMAGE, .pre_start = recursing_pre_start};

const dm_group dm_definition = {
    .name = "crashing",
    .services = DM_SERVICES(&ASSERTING, &ABORTING, &FOLLOWING, &GIVING, &INDEXING, &RECURSING),
};
