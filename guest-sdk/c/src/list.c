#include <string.h>

#include <drillmaster.h>

#include "text.h"

void *dm_added(const void *items, size_t *count, size_t size, const void *added, size_t added_count) {
    char *all = dm_alloc((*count + added_count) * size);
    if (*count > 0) {
        memcpy(all, items, *count * size);
    }
    memcpy(all + *count * size, added, added_count * size);
    *count += added_count;
    return all;
}
