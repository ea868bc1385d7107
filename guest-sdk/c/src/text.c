#include "text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"

void *dm_alloc(size_t size) {
    void *memory = malloc(size > 0 ? size : 1);
    assert(memory != NULL);
    return memory;
}

char *dm_vformat(const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    assert(length >= 0);
    char *text = dm_alloc((size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

char *dm_format(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *text = dm_vformat(format, arguments);
    va_end(arguments);
    return text;
}

char *dm_copied(const char *bytes, size_t length) {
    char *text = dm_alloc(length + 1);
    memcpy(text, bytes, length);
    text[length] = '\0';
    return text;
}

/** Copies a text to the end of another one, and gives the new end. */
static char *append(char *end, const char *text) {
    size_t length = strlen(text);
    memcpy(end, text, length + 1);
    return end + length;
}

char *dm_join(dm_texts texts, const char *separator) {
    size_t length = 1;
    for (size_t i = 0; i < texts.count; i++) {
        length += strlen(texts.items[i]) + strlen(separator);
    }
    char *joined = dm_alloc(length);
    char *end = joined;
    *end = '\0';
    for (size_t i = 0; i < texts.count; i++) {
        end = append(end, i > 0 ? separator : "");
        end = append(end, texts.items[i]);
    }
    return joined;
}

dm_texts dm_words(const char *const argv[]) {
    dm_texts words = {0};
    for (; *argv != NULL; argv++) {
        DM_ADD(words, dm_copied(*argv, strlen(*argv)));
    }
    return words;
}

bool dm_is_space(char byte) {
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

char *dm_trim_end(const char *text) {
    size_t length = strlen(text);
    while (length > 0 && dm_is_space(text[length - 1])) {
        length--;
    }
    return dm_copied(text, length);
}

/** How many bytes may follow a first byte, and what the second one may be. */
struct lead {
    uint8_t first, last, following, second_first, second_last;
};

/* As in the Unicode standard, table 3-7: overlong forms, surrogates and what is beyond U+10FFFF are none. */
static const struct lead LEADS[] = {
    {0x00, 0x7f, 0, 0, 0},       {0xc2, 0xdf, 1, 0x80, 0xbf}, {0xe0, 0xe0, 2, 0xa0, 0xbf},
    {0xe1, 0xec, 2, 0x80, 0xbf}, {0xed, 0xed, 2, 0x80, 0x9f}, {0xee, 0xef, 2, 0x80, 0xbf},
    {0xf0, 0xf0, 3, 0x90, 0xbf}, {0xf1, 0xf3, 3, 0x80, 0xbf}, {0xf4, 0xf4, 3, 0x80, 0x8f},
};

static const struct lead *lead_of(uint8_t byte) {
    for (size_t i = 0; i < sizeof LEADS / sizeof *LEADS; i++) {
        if (byte >= LEADS[i].first && byte <= LEADS[i].last) {
            return &LEADS[i];
        }
    }
    return NULL;
}

/** The length of the character that the text begins with, or of the bytes that could have become one. */
static size_t character(const uint8_t *text, bool *valid) {
    const struct lead *lead = lead_of(text[0]);
    *valid = false;
    if (lead == NULL) {
        return 1;
    }
    for (size_t i = 1; i <= lead->following; i++) {
        uint8_t first = i == 1 ? lead->second_first : 0x80;
        uint8_t last = i == 1 ? lead->second_last : 0xbf;
        if (text[i] < first || text[i] > last) {
            return i;
        }
    }
    *valid = true;
    return 1 + (size_t)lead->following;
}

char *dm_utf8(const char *text) {
    char *whole = dm_alloc(strlen(text) * strlen(REPLACEMENT) + 1);
    char *end = whole;
    while (*text != '\0') {
        bool valid;
        size_t length = character((const uint8_t *)text, &valid);
        memcpy(end, valid ? text : REPLACEMENT, valid ? length : strlen(REPLACEMENT));
        end += valid ? length : strlen(REPLACEMENT);
        text += length;
    }
    *end = '\0';
    return whole;
}
