/** The tests of each file, which runs its own. */
void test_containers(void);
void test_group(void);
void test_memory(void);
void test_output(void);
void test_parameter(void);
void test_text(void);
