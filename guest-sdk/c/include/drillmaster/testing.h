/**
 * @file
 * Trying a definition natively: no WebAssembly, no Docker.
 *
 * A fake container answers what a test tells it to and remembers what was called. Context and log are kept in memory.
 * A test includes the definition's source, to call its hooks, and is a program that ends with 0 when it succeeds:
 *
 *     #include "app.c"
 *
 *     #include <drillmaster/testing.h>
 *
 *     static void the_database_is_ready_once_it_accepts_clients(void) {
 *         bool ready = false;
 *         dm_container *fake = dm_fake_container("database");
 *         dm_fake_exec_fails(fake, DM_ARGV("pg_isready"), 2, "no response");
 *         DM_EXPECT_SUCCESS(database_ping(fake, &ready));
 *         DM_EXPECT(!ready);
 *         dm_fake_exec_succeeds(fake, DM_ARGV("pg_isready"), "accepting connections");
 *         DM_EXPECT_SUCCESS(database_ping(fake, &ready));
 *         DM_EXPECT(ready);
 *     }
 *
 *     int main(void) {
 *         DM_RUN(the_database_is_ready_once_it_accepts_clients);
 *     }
 */
#ifndef DRILLMASTER_TESTING_H
#define DRILLMASTER_TESTING_H

#include <drillmaster.h>

/* Tests */

/** Runs a test, a function, after forgetting the context and the log, and prints its name. */
#define DM_RUN(test) dm_run(#test, test)

/** Ends the program, with file and line, when this is not so. */
#define DM_EXPECT(condition) dm_expect(condition, #condition, __FILE__, __LINE__)

/** The same when the text is another one. Both may be NULL. */
#define DM_EXPECT_TEXT(text, expected) dm_expect_text(text, expected, #text, __FILE__, __LINE__)

/** The same when this call returns an error. */
#define DM_EXPECT_SUCCESS(call) dm_expect_text(dm_error_text(call), NULL, #call, __FILE__, __LINE__)

/** The same when this call returns no error, or one with another text. */
#define DM_EXPECT_ERROR(call, expected) dm_expect_text(dm_error_text(call), expected, #call, __FILE__, __LINE__)

/** The same when the text does not contain the other one. */
#define DM_EXPECT_CONTAINS(text, part) dm_expect_contains(text, part, #text, __FILE__, __LINE__)

/* What the macros above call. */
void dm_run(const char *name, void (*test)(void));
void dm_expect(bool condition, const char *written, const char *file, int line);
void dm_expect_text(const char *text, const char *expected, const char *written, const char *file, int line);
void dm_expect_contains(const char *text, const char *part, const char *written, const char *file, int line);

/* Declarations */

/** Parameters of a test: `const dm_parameters PARAMETERS = {DM_PAIRS({"port", "6000"})}`; `{0}` for none at all. */
struct dm_parameters {
    dm_pairs given;
};

/** A service that was declared; NULL if there is none of that name. */
DM_NONNULL const dm_service *dm_declared(const dm_declaration *declaration, const char *service);

/** The value of an environment variable, or of another pair; NULL if there is none of that name. */
DM_NONNULL const char *dm_value(dm_pairs pairs, const char *name);

/* Context and log */

/** What was logged, oldest first, as `info: the text`. */
dm_texts dm_fake_log(void);

/** Forgets the context and the log. */
void dm_fake_clear(void);

/*
 * Fake containers. One runs and has no health check until told otherwise. What the test told nothing about is an error
 * that names the call; an unexpected TCP probe finds nothing, with a warning in the log, as on the host. What a test
 * tells later counts from then on. The texts that it is told must live as long as it does.
 */

/** The running container of the service of this name. */
DM_NONNULL dm_container *dm_fake_container(const char *service);

/**
 * A command that begins with these words exits with 0 and writes this to stdout. The answer told to the most words is
 * taken, and of equals the one told last.
 */
DM_NONNULL void dm_fake_exec_succeeds(dm_container *fake, const char *const argv[], const char *stdout_text);

/** A command that begins with these words exits with this code and writes this to stderr. */
DM_NONNULL void dm_fake_exec_fails(dm_container *fake, const char *const argv[], int32_t exit_code,
                                   const char *stderr_text);

/** A command that begins with these words cannot be run at all: its time is up, or the container stopped. */
DM_NONNULL void dm_fake_exec_errors(dm_container *fake, const char *const argv[], const char *error);

/** A GET request to this path of this container port has this answer. */
DM_NONNULL void dm_fake_http_answers(dm_container *fake, uint32_t port, const char *path, uint32_t status,
                                     const char *body);

/** A GET request to this path of this container port has no answer. */
DM_NONNULL void dm_fake_http_errors(dm_container *fake, uint32_t port, const char *path, const char *error);

/** The host reaches this container port at that address. */
DM_NONNULL void dm_fake_address(dm_container *fake, uint32_t port, const char *host, uint32_t published);

/** Something accepts TCP connections on this container port. */
DM_NONNULL void dm_fake_listening(dm_container *fake, uint32_t port);

/** What the container wrote to stdout and stderr. */
DM_NONNULL void dm_fake_logged(dm_container *fake, const char *text);

/** What the engine's health check says. */
DM_NONNULL void dm_fake_health(dm_container *fake, dm_health health);

/** The container does not run. */
DM_NONNULL void dm_fake_stopped(dm_container *fake);

/** The container of a service that this one depends on. */
DM_NONNULL void dm_fake_dependency(dm_container *fake, dm_container *dependency);

/**
 * What was called so far, oldest first: `exec createdb shop`, `http-get 8080 /health`, `address 5432`,
 * `probe-tcp 5432`, `log-tail 20`, `dependency appdb`, `is-running`, `health`.
 */
DM_NONNULL dm_texts dm_fake_calls(const dm_container *fake);

#endif
