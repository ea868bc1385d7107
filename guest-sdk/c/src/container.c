#include <string.h>

#include <drillmaster.h>

#define EXEC_TIMEOUT_MS 30000
#define PROBE_TIMEOUT_MS 1000
#define HTTP_TIMEOUT_MS 10000

dm_error *dm_container_exec(dm_container *container, const char *const argv[], dm_output *output) {
    return dm_container_exec_timeout(container, argv, EXEC_TIMEOUT_MS, output);
}

bool dm_container_probe_tcp(dm_container *container, uint32_t port) {
    return dm_container_probe_tcp_timeout(container, port, PROBE_TIMEOUT_MS);
}

dm_error *dm_container_http_get(dm_container *container, uint32_t port, const char *path, dm_response *response) {
    return dm_container_http_get_timeout(container, port, path, HTTP_TIMEOUT_MS, response);
}

bool dm_response_ok(const dm_response *response) {
    return response->status >= 200 && response->status < 300;
}

const char *dm_health_name(dm_health health) {
    static const char *const NAMES[] = {"none", "starting", "healthy", "unhealthy"};
    return NAMES[health];
}

const char *dm_address_text(const dm_address *address) {
    bool is_ipv6 = strchr(address->host, ':') != NULL;
    return dm_format(is_ipv6 ? "[%s]:%lu" : "%s:%lu", address->host, (unsigned long)address->port);
}
