#ifndef DM_TELL_H
#define DM_TELL_H

#include <drillmaster.h>

#include "../bindings/bindings.h"

/** Tells the host what was declared, and nothing else. */
void dm_tell(drillmaster_plugin_definition_borrow_group_t group, const dm_declaration *declaration);

#endif
