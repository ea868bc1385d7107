#include <drillmaster.h>

#include "host.h"
#include "text.h"

#define WRITE(level)                                                                                                   \
    do {                                                                                                               \
        va_list arguments;                                                                                             \
        va_start(arguments, format);                                                                                   \
        dm_log(level, dm_vformat(format, arguments));                                                                  \
        va_end(arguments);                                                                                             \
    } while (0)

void dm_log_debug(const char *format, ...) {
    WRITE(DM_DEBUG);
}

void dm_log_info(const char *format, ...) {
    WRITE(DM_INFO);
}

void dm_log_warn(const char *format, ...) {
    WRITE(DM_WARN);
}

void dm_log_error(const char *format, ...) {
    WRITE(DM_ERROR);
}
