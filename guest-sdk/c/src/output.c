#include <string.h>

#include <drillmaster.h>

#include "text.h"

/** How many of its last lines a failed command is shown with. */
#define SHOWN_LINES 5
/** How many characters of a program's name are shown. */
#define SHOWN_PROGRAM 120

/** The first word of a text and, if there is more of it than that or than so many characters, an ellipsis. */
static const char *first_word(const char *text, size_t characters) {
    while (dm_is_space(*text)) {
        text++;
    }
    const char *end = text;
    for (; *end != '\0' && !dm_is_space(*end); end++) {
        bool begins_character = (*end & 0xc0) != 0x80;
        if (begins_character && characters-- == 0) {
            break;
        }
    }
    const char *rest = end;
    while (dm_is_space(*rest)) {
        rest++;
    }
    return dm_format("%.*s%s", (int)(end - text), text, *rest != '\0' ? "…" : "");
}

/** The program of a command and how many arguments it has: there can be a password among those. */
static const char *summary(dm_texts argv) {
    // Somebody may have put a whole command line there.
    const char *program = first_word(dm_utf8(argv.count > 0 ? argv.items[0] : ""), SHOWN_PROGRAM);
    switch (argv.count) {
    case 0:
    case 1:
        return dm_format("`%s`", program);
    case 2:
        return dm_format("`%s` (1 argument)", program);
    default:
        return dm_format("`%s` (%lu arguments)", program, (unsigned long)(argv.count - 1));
    }
}

static const char *last_lines(const char *text) {
    size_t newlines = 0;
    const char *start = text + strlen(text);
    while (start > text) {
        if (start[-1] == '\n' && ++newlines == SHOWN_LINES) {
            break;
        }
        start--;
    }
    while (dm_is_space(*start)) {
        start++;
    }
    return start;
}

dm_error *dm_check(const dm_output *output) {
    if (output->exit_code == 0) {
        return NULL;
    }
    const char *complaint = dm_trim_end(output->stderr_text);
    const char *said = *complaint != '\0' ? complaint : dm_trim_end(output->stdout_text);
    return dm_fail("%s exited with %d%s%s", summary(output->argv), (int)output->exit_code, *said != '\0' ? ": " : "",
                   last_lines(said));
}
