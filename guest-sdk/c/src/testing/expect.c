#include <stdio.h>
#include <string.h>

#include <drillmaster/testing.h>

static _Noreturn void end(const char *what, const char *file, int line) {
    fprintf(stderr, "%s:%d: %s\n", file, line, what);
    exit(1);
}

static const char *quoted(const char *text) {
    return text != NULL ? dm_format("\"%s\"", text) : "NULL";
}

void dm_run(const char *name, void (*test)(void)) {
    dm_fake_clear();
    printf("%s\n", name);
    fflush(stdout);
    test();
}

void dm_expect(bool condition, const char *written, const char *file, int line) {
    if (!condition) {
        end(dm_format("it is not so that %s", written), file, line);
    }
}

void dm_expect_text(const char *text, const char *expected, const char *written, const char *file, int line) {
    bool same = text == NULL || expected == NULL ? text == expected : strcmp(text, expected) == 0;
    if (!same) {
        end(dm_format("%s is %s, not %s", written, quoted(text), quoted(expected)), file, line);
    }
}

void dm_expect_contains(const char *text, const char *part, const char *written, const char *file, int line) {
    if (text == NULL || strstr(text, part) == NULL) {
        end(dm_format("%s is %s, which does not contain %s", written, quoted(text), quoted(part)), file, line);
    }
}
