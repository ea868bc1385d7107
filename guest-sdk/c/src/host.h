/**
 * What a host must give. A component has drillmaster (component.c), a test has fakes (testing.c). Beside these it is
 * what drillmaster.h says of parameters, the context and containers, but for what container.c makes of it.
 */
#ifndef DM_HOST_H
#define DM_HOST_H

#include <drillmaster.h>

typedef enum dm_level { DM_DEBUG, DM_INFO, DM_WARN, DM_ERROR } dm_level;

/** Writes a line of the log. */
void dm_log(dm_level level, const char *text);

#endif
