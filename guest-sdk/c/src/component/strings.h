/** Texts on their way to the host and from it. */
#ifndef DM_STRINGS_H
#define DM_STRINGS_H

#include <drillmaster.h>

#include "../bindings/bindings.h"

/** A text as the host takes it; empty for NULL. It is memory of its own: the bindings free the text of an error. */
bindings_string_t dm_to_host(const char *text);

/** Texts as the host takes them. */
bindings_list_string_t dm_list_to_host(dm_texts texts);

/** A text of the host's, with a NUL behind it. */
const char *dm_from_host(bindings_string_t string);

/** Texts of the host's. */
dm_texts dm_list_from_host(const bindings_list_string_t *list);

#endif
