# Builds a definition and its tests. A definition's Makefile sets SOURCES and includes this file:
#
#     SOURCES = app.c
#     include sdk/drillmaster.mk
#
# `make` makes the core module OUT with WASM_CC, a compiler for WebAssembly with its target flags; `drillmaster build`
# names both, and makes a component of the module. `make test` builds TESTS with the machine's CC, and runs it.
# What is made is hidden, so that it is not taken for a source newer than the component.

TESTS ?= test.c
OUT ?= .core.wasm
WASM_CC ?= zig cc -target wasm32-wasi

DRILLMASTER := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
DRILLMASTER_FLAGS := -std=c11 -Wall -Wextra -Werror=return-type -Wno-missing-field-initializers -I$(DRILLMASTER)/include
DRILLMASTER_SOURCES := $(wildcard $(DRILLMASTER)/src/*.c)

# A bug is told with its file and line: assert stays, though some compilers drop it when they optimise, and so do the
# checks for undefined behaviour that bugs.c answers.
WASM_CHECKS := -UNDEBUG -fno-sanitize-recover=all -fno-sanitize-link-runtime \
    -fsanitize=null,pointer-overflow,nonnull-attribute,array-bounds,integer-divide-by-zero,signed-integer-overflow \
    -fsanitize=shift,unreachable
WASM_FLAGS := -mexec-model=reactor -Os $(WASM_CHECKS) -Wl,--gc-sections -Wl,--strip-all -Wl,-z,stack-size=1048576
# First bugs.c: what it defines stands for what the C library has under the same name, and a linker may take that one as
# soon as it is wanted.
WASM_SOURCES := $(DRILLMASTER)/src/component/bugs.c \
    $(filter-out %/bugs.c,$(wildcard $(DRILLMASTER)/src/component/*.c)) \
    $(DRILLMASTER)/src/bindings/bindings.c $(DRILLMASTER_SOURCES)

TEST_FLAGS := -g -UNDEBUG
TEST_SOURCES := $(DRILLMASTER_SOURCES) $(wildcard $(DRILLMASTER)/src/testing/*.c)
TEST_PROGRAM := .$(basename $(firstword $(TESTS)))

# Both are built whole each time, which takes a second.
.PHONY: $(OUT) test

$(OUT):
	$(WASM_CC) $(DRILLMASTER_FLAGS) $(WASM_FLAGS) $(CFLAGS) -o $@ $(WASM_SOURCES) $(SOURCES)

test:
	$(CC) $(DRILLMASTER_FLAGS) $(TEST_FLAGS) $(CFLAGS) -o $(TEST_PROGRAM) $(TESTS) $(TEST_SOURCES)
	./$(TEST_PROGRAM)
