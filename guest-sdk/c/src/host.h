/**
 * What a host must give: this, and what drillmaster.h says of parameters, containers and the context, but for what
 * container.c and parameter.c make of it. A component has drillmaster (component/), a test has fakes (testing/).
 */
#ifndef DM_HOST_H
#define DM_HOST_H

#include <drillmaster.h>

typedef enum dm_level { DM_DEBUG, DM_INFO, DM_WARN, DM_ERROR } dm_level;

/** Writes a line of the log. */
void dm_log(dm_level level, const char *text);

#endif
