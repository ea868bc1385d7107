#include "tests.h"

#include <stdio.h>

int main(void) {
    test_text();
    test_output();
    test_parameter();
    test_memory();
    test_group();
    test_containers();
    puts("All tests have passed.");
}
