#include "strings.h"

#include <string.h>

#include "../text.h"

bindings_string_t dm_to_host(const char *text) {
    char *valid = dm_utf8(text != NULL ? text : "");
    return (bindings_string_t){(uint8_t *)valid, strlen(valid)};
}

bindings_list_string_t dm_list_to_host(dm_texts texts) {
    bindings_string_t *strings = dm_alloc(texts.count * sizeof *strings);
    for (size_t i = 0; i < texts.count; i++) {
        strings[i] = dm_to_host(texts.items[i]);
    }
    return (bindings_list_string_t){strings, texts.count};
}

const char *dm_from_host(bindings_string_t string) {
    return dm_copied((const char *)string.ptr, string.len);
}

dm_texts dm_list_from_host(const bindings_list_string_t *list) {
    const char **texts = dm_alloc(list->len * sizeof *texts);
    for (size_t i = 0; i < list->len; i++) {
        texts[i] = dm_from_host(list->ptr[i]);
    }
    return (dm_texts){texts, list->len};
}
