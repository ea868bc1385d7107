/* Parameters, context and log of a test. */

#include <string.h>

#include <drillmaster/testing.h>

#include "../host.h"
#include "../text.h"

#define LONGEST_KEY 256
#define LONGEST_VALUE (64 * 1024)

static dm_pairs context;
static dm_texts lines;

void dm_fake_clear(void) {
    context = (dm_pairs){0};
    lines = (dm_texts){0};
}

const char *dm_value(dm_pairs pairs, const char *name) {
    for (size_t i = pairs.count; i > 0; i--) {
        if (strcmp(pairs.items[i - 1].name, name) == 0) {
            return pairs.items[i - 1].value;
        }
    }
    return NULL;
}

const char *dm_parameter(const dm_parameters *parameters, const char *name) {
    return dm_value(parameters->given, name);
}

const dm_service *dm_declared(const dm_declaration *declaration, const char *service) {
    for (size_t i = 0; i < declaration->count; i++) {
        if (strcmp(declaration->services[i].name, service) == 0) {
            return &declaration->services[i];
        }
    }
    return NULL;
}

const char *dm_context_get(const char *key) {
    return dm_value(context, key);
}

static bool is_key(const char *text) {
    static const char LETTERS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    static const char OTHERS[] = "0123456789.-";
    size_t letters = strspn(text, LETTERS);
    const char *end = text;
    while (*end != '\0' && (strchr(LETTERS, *end) != NULL || strchr(OTHERS, *end) != NULL)) {
        end++;
    }
    return letters > 0 && *end == '\0';
}

dm_error *dm_context_set(const char *key, const char *value) {
    if (!is_key(key)) {
        return dm_fail("`%s` is no key: a letter or `_`, then letters, digits, `_`, `.` or `-`", key);
    }
    if (strlen(key) > LONGEST_KEY) {
        return dm_fail("the key has %zu bytes; %d are allowed", strlen(key), LONGEST_KEY);
    }
    if (strlen(value) > LONGEST_VALUE) {
        return dm_fail("the value of `%s` is longer than 64 KiB", key);
    }
    DM_ADD(context, {dm_format("%s", key), dm_format("%s", value)});
    return NULL;
}

void dm_log(dm_level level, const char *text) {
    static const char *const NAMES[] = {"debug", "info", "warn", "error"};
    DM_ADD(lines, dm_format("%s: %s", NAMES[level], dm_utf8(text)));
}

dm_texts dm_fake_log(void) {
    return lines;
}
