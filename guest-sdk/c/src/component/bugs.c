/*
 * What is called when a bug is noticed. What it is, and its file and line, are logged as an error: the host shows the
 * last one as the reason of a trap.
 *
 * `__assert_fail` and `abort` stand for those of the C library. The others are called by the checks for undefined
 * behaviour that drillmaster.mk asks for; compiler-rt gave them their names, and a first argument that begins with a
 * place.
 */

#include <drillmaster.h>

#include "../host.h"

#undef abort

struct place {
    const char *file;
    uint32_t line;
    uint32_t column;
};

static _Noreturn void bug(const char *what, const char *file, int line) {
    dm_log_error("%s:%d: %s", file, line, what);
    __builtin_trap();
}

_Noreturn void __assert_fail(const char *expression, const char *file, int line, const char *function) {
    bug(dm_format("assertion `%s` failed in %s", expression, function), file, line);
}

_Noreturn void dm_abort_at(const char *file, int line) {
    bug("abort was called", file, line);
}

_Noreturn void abort(void) {
    dm_log(DM_ERROR, "abort was called");
    __builtin_trap();
}

#define PLACE const struct place *place
#define VALUE(name) __attribute__((unused)) uintptr_t name
#define CHECK(name, parameters, what)                                                                                  \
    _Noreturn void __ubsan_handle_##name parameters {                                                                  \
        bug(what, place->file, (int)place->line);                                                                      \
    }

CHECK(type_mismatch_v1_abort, (PLACE, VALUE(pointer)), "a NULL pointer is followed")
CHECK(pointer_overflow_abort, (PLACE, VALUE(before), VALUE(after)), "a pointer is NULL, or is moved out of the memory")
CHECK(nonnull_arg_abort, (PLACE), "NULL is given to a function that does not take it")
CHECK(out_of_bounds_abort, (PLACE, VALUE(index)), "an index is out of the bounds of its array")
CHECK(divrem_overflow_abort, (PLACE, VALUE(left), VALUE(right)), "a division by zero, or one that overflows")
CHECK(add_overflow_abort, (PLACE, VALUE(left), VALUE(right)), "an addition overflows")
CHECK(sub_overflow_abort, (PLACE, VALUE(left), VALUE(right)), "a subtraction overflows")
CHECK(mul_overflow_abort, (PLACE, VALUE(left), VALUE(right)), "a multiplication overflows")
CHECK(negate_overflow_abort, (PLACE, VALUE(negated)), "a negation overflows")
CHECK(shift_out_of_bounds_abort, (PLACE, VALUE(left), VALUE(right)), "a shift by too many bits, or that overflows")
CHECK(builtin_unreachable, (PLACE), "a place is reached that cannot be")
