#include <string.h>

#include <drillmaster/testing.h>

#include "../text.h"

/** An answer to a command: an error, or what the command leaves. */
struct exec_answer {
    dm_texts words;
    const char *error;
    int32_t exit_code;
    const char *stdout_text;
    const char *stderr_text;
};

/** An answer to a request: an error, or a status and a body. */
struct page {
    uint32_t port;
    const char *path;
    const char *error;
    uint32_t status;
    const char *body;
};

struct published {
    uint32_t port;
    dm_address address;
};

struct dm_container {
    const char *service;
    bool running;
    dm_health health;
    const char *log;
    struct { const struct exec_answer *items; size_t count; } execs;
    struct { const struct page *items; size_t count; } pages;
    struct { const struct published *items; size_t count; } addresses;
    struct { const uint32_t *items; size_t count; } listening;
    struct { dm_container *const *items; size_t count; } dependencies;
    dm_texts calls;
};

/* What a test tells. */

dm_container *dm_fake_container(const char *service) {
    dm_container *fake = dm_alloc(sizeof *fake);
    *fake = (dm_container){.service = service, .running = true, .log = ""};
    return fake;
}

void dm_fake_exec_succeeds(dm_container *fake, const char *const argv[], const char *stdout_text) {
    DM_ADD(fake->execs, {.words = dm_words(argv), .stdout_text = stdout_text, .stderr_text = ""});
}

void dm_fake_exec_fails(dm_container *fake, const char *const argv[], int32_t exit_code, const char *stderr_text) {
    DM_ADD(fake->execs,
           {.words = dm_words(argv), .exit_code = exit_code, .stdout_text = "", .stderr_text = stderr_text});
}

void dm_fake_exec_errors(dm_container *fake, const char *const argv[], const char *error) {
    DM_ADD(fake->execs, {.words = dm_words(argv), .error = error});
}

void dm_fake_http_answers(dm_container *fake, uint32_t port, const char *path, uint32_t status, const char *body) {
    DM_ADD(fake->pages, {.port = port, .path = path, .status = status, .body = body});
}

void dm_fake_http_errors(dm_container *fake, uint32_t port, const char *path, const char *error) {
    DM_ADD(fake->pages, {.port = port, .path = path, .error = error});
}

void dm_fake_address(dm_container *fake, uint32_t port, const char *host, uint32_t published) {
    DM_ADD(fake->addresses, {port, {host, published}});
}

void dm_fake_listening(dm_container *fake, uint32_t port) {
    DM_ADD(fake->listening, port);
}

void dm_fake_logged(dm_container *fake, const char *text) {
    fake->log = text;
}

void dm_fake_health(dm_container *fake, dm_health health) {
    fake->health = health;
}

void dm_fake_stopped(dm_container *fake) {
    fake->running = false;
}

void dm_fake_dependency(dm_container *fake, dm_container *dependency) {
    DM_ADD(fake->dependencies, dependency);
}

dm_texts dm_fake_calls(const dm_container *fake) {
    return fake->calls;
}

/* What a hook calls. */

/** Remembers a call. */
static void called(dm_container *fake, const char *call) {
    DM_ADD(fake->calls, call);
}

/** The error of the last call, about which the test told nothing. */
static dm_error *not_told(const dm_container *fake) {
    const char *call = fake->calls.items[fake->calls.count - 1];
    return dm_fail("the fake container `%s` was told nothing about `%s`", fake->service, call);
}

const char *dm_container_name(dm_container *container) {
    return container->service;
}

dm_error *dm_container_address(dm_container *container, uint32_t port, dm_address *address) {
    called(container, dm_format("address %lu", (unsigned long)port));
    *address = (dm_address){.host = ""};
    for (size_t i = container->addresses.count; i > 0; i--) {
        if (container->addresses.items[i - 1].port == port) {
            *address = container->addresses.items[i - 1].address;
            return NULL;
        }
    }
    return not_told(container);
}

dm_error *dm_container_is_running(dm_container *container, bool *running) {
    called(container, "is-running");
    *running = container->running;
    return NULL;
}

dm_error *dm_container_health(dm_container *container, dm_health *health) {
    called(container, "health");
    *health = container->health;
    return NULL;
}

static bool begins_with(dm_texts argv, dm_texts words) {
    size_t same = 0;
    while (same < words.count && same < argv.count && strcmp(argv.items[same], words.items[same]) == 0) {
        same++;
    }
    return same == words.count;
}

static const struct exec_answer *exec_answer(const dm_container *fake, dm_texts argv) {
    const struct exec_answer *best = NULL;
    for (size_t i = 0; i < fake->execs.count; i++) {
        const struct exec_answer *answer = &fake->execs.items[i];
        if (begins_with(argv, answer->words) && (best == NULL || answer->words.count >= best->words.count)) {
            best = answer;
        }
    }
    return best;
}

dm_error *dm_container_exec_timeout(dm_container *container, const char *const argv[], uint32_t timeout_ms,
                                    dm_output *output) {
    (void)timeout_ms;
    dm_texts words = dm_words(argv);
    called(container, dm_format("exec %s", dm_join(words, " ")));
    *output = (dm_output){.argv = words, .exit_code = -1, .stdout_text = "", .stderr_text = ""};
    const struct exec_answer *answer = exec_answer(container, words);
    if (answer == NULL) {
        return not_told(container);
    }
    if (answer->error != NULL) {
        return dm_fail("%s", answer->error);
    }
    *output = (dm_output){words, answer->exit_code,
                          answer->stdout_text, strlen(answer->stdout_text),
                          answer->stderr_text, strlen(answer->stderr_text)};
    return NULL;
}

bool dm_container_probe_tcp_timeout(dm_container *container, uint32_t port, uint32_t timeout_ms) {
    (void)timeout_ms;
    called(container, dm_format("probe-tcp %lu", (unsigned long)port));
    for (size_t i = 0; i < container->listening.count; i++) {
        if (container->listening.items[i] == port) {
            return true;
        }
    }
    dm_log_warn("%s", dm_error_text(not_told(container)));
    return false;
}

static const struct page *page(const dm_container *fake, uint32_t port, const char *path) {
    for (size_t i = fake->pages.count; i > 0; i--) {
        const struct page *page = &fake->pages.items[i - 1];
        if (page->port == port && strcmp(page->path, path) == 0) {
            return page;
        }
    }
    return NULL;
}

dm_error *dm_container_http_get_timeout(dm_container *container, uint32_t port, const char *path, uint32_t timeout_ms,
                                        dm_response *response) {
    (void)timeout_ms;
    called(container, dm_format("http-get %lu %s", (unsigned long)port, path));
    *response = (dm_response){.body = ""};
    const struct page *answer = page(container, port, path);
    if (answer == NULL) {
        return not_told(container);
    }
    if (answer->error != NULL) {
        return dm_fail("%s", answer->error);
    }
    *response = (dm_response){answer->status, answer->body, strlen(answer->body)};
    return NULL;
}

dm_error *dm_container_log_tail(dm_container *container, uint32_t lines, const char **tail) {
    called(container, dm_format("log-tail %lu", (unsigned long)lines));
    const char *start = container->log + strlen(container->log);
    size_t begun = 0;
    while (start > container->log && begun < lines) {
        start--;
        if (start == container->log || start[-1] == '\n') {
            begun++;
        }
    }
    *tail = start;
    return NULL;
}

dm_error *dm_container_dependency(dm_container *container, const char *service, dm_container **dependency) {
    called(container, dm_format("dependency %s", service));
    *dependency = NULL;
    for (size_t i = 0; i < container->dependencies.count; i++) {
        if (strcmp(container->dependencies.items[i]->service, service) == 0) {
            *dependency = container->dependencies.items[i];
            return NULL;
        }
    }
    return not_told(container);
}
