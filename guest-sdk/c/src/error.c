#include <drillmaster.h>

#include "text.h"

struct dm_error {
    const char *text;
};

dm_error *dm_fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    dm_error *error = dm_alloc(sizeof *error);
    error->text = dm_vformat(format, arguments);
    va_end(arguments);
    return error;
}

const char *dm_error_text(const dm_error *error) {
    return error != NULL ? error->text : NULL;
}
