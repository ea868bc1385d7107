#include <string.h>

#include <drillmaster.h>

#include "text.h"

/** How many of its last lines a failed command is shown with. */
#define SHOWN_LINES 5
/** How many characters of a command are shown. */
#define SHOWN_COMMAND 120

/** The text with one space instead of each white space, and none at its ends. */
static char *one_line(const char *text) {
    char *line = dm_alloc(strlen(text) + 1);
    char *end = line;
    for (; *text != '\0'; text++) {
        if (!dm_is_space(*text)) {
            *end++ = *text;
        } else if (end > line && end[-1] != ' ') {
            *end++ = ' ';
        }
    }
    *end = '\0';
    return dm_trim_end(line);
}

/** The text, or its first characters. */
static const char *shortened(char *text, size_t characters) {
    for (char *end = text; *end != '\0'; end++) {
        bool begins_character = (*end & 0xc0) != 0x80;
        if (begins_character && characters-- == 0) {
            *end = '\0';
            return dm_format("%s…", text);
        }
    }
    return text;
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
    char *whole_command = dm_utf8(one_line(dm_join(output->argv, " ")));
    const char *command = shortened(whole_command, SHOWN_COMMAND);
    const char *complaint = dm_trim_end(output->stderr_text);
    const char *said = *complaint != '\0' ? complaint : dm_trim_end(output->stdout_text);
    return dm_fail("`%s` exited with %d%s%s", command, (int)output->exit_code, *said != '\0' ? ": " : "",
                   last_lines(said));
}
