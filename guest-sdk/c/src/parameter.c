#include <drillmaster.h>

/** Reads a whole number; false if the text is none, or too large a one. */
static bool read_number(const char *text, uint32_t *number) {
    uint64_t read = 0;
    const char *end = text;
    for (; *end >= '0' && *end <= '9' && read <= UINT32_MAX; end++) {
        read = read * 10 + (uint64_t)(*end - '0');
    }
    *number = (uint32_t)read;
    return end > text && *end == '\0' && read <= UINT32_MAX;
}

dm_error *dm_parameter_number(const dm_parameters *parameters, const char *name, uint32_t otherwise,
                              uint32_t *number) {
    const char *value = dm_parameter(parameters, name);
    *number = otherwise;
    if (value == NULL || read_number(value, number)) {
        return NULL;
    }
    return dm_fail("the parameter `%s` cannot be `%s`: it is not a whole number from 0 to %lu", name, value,
                   (unsigned long)UINT32_MAX);
}
