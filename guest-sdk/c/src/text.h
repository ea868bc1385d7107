/** Texts: what the public functions on them are made of. */
#ifndef DM_TEXT_H
#define DM_TEXT_H

#include <stdarg.h>
#include <stddef.h>

#include <drillmaster.h>

/** New memory. It never returns NULL: without memory there is no hook. */
void *dm_alloc(size_t size);

/** As dm_format. */
char *dm_vformat(const char *format, va_list arguments);

/** A copy of so many bytes, with a NUL behind them. */
char *dm_copied(const char *bytes, size_t length);

/** A copy in which each sequence of bytes that is not UTF-8 has become U+FFFD. */
char *dm_utf8(const char *text);

/** Whether this byte of a text is white space. */
bool dm_is_space(char byte);

/** A copy of the words of an array that ends with NULL. */
dm_texts dm_words(const char *const argv[]);

#endif
