/** A group's hooks: finding the one that a call is for. */
#ifndef DM_GROUP_H
#define DM_GROUP_H

#include <drillmaster.h>

/* Each calls a hook, of the service of that name or of that container, if there is one. The error is what the hook
 * gives, or that there is no such service. */

DM_MUST_USE dm_error *dm_ping(const dm_group *group, dm_container *container, bool *ready);
DM_MUST_USE dm_error *dm_post_start_init(const dm_group *group, dm_container *container);
DM_MUST_USE dm_error *dm_pre_start(const dm_group *group, const char *service);
DM_MUST_USE dm_error *dm_pre_stop(const dm_group *group, dm_container *container);
DM_MUST_USE dm_error *dm_on_start(const dm_group *group, dm_texts services);
DM_MUST_USE dm_error *dm_on_stop(const dm_group *group, dm_texts services);
DM_MUST_USE dm_error *dm_on_reload(const dm_group *group, const char *service);

#endif
