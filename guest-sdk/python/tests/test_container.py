"""Containers, and the fakes of tests."""

import unittest
from datetime import timedelta

from drillmaster import Address, CommandFailed, Container, HostError, Output, Response, Service
from drillmaster._checked import duration, milliseconds
from drillmaster.testing import FakeContainer


class Fakes(unittest.TestCase):
    def test_a_command_gets_the_answer_told_to_the_most_of_its_words(self) -> None:
        fake = (
            FakeContainer("db")
            .exec_succeeds(["psql"], "old")
            .exec_succeeds(["psql"], "new")
            .exec_fails(["psql", "--version"], 3, "too old")
            .exec_errors(["sleep"], "the time is up")
        )
        self.assertEqual(fake.exec(["psql", "-c", "SELECT 1"]).stdout_text, "new")
        failed = fake.exec(("psql", "--version"))
        self.assertEqual((failed.exit_code, failed.stderr_text), (3, "too old"))
        with self.assertRaisesRegex(HostError, "^the time is up$"):
            fake.exec(["sleep", "60"])
        self.assertEqual(fake.calls, ["exec psql -c SELECT 1", "exec psql --version", "exec sleep 60"])

    def test_a_call_that_the_test_told_nothing_about_is_an_error_that_names_it(self) -> None:
        fake = FakeContainer("db").exec_succeeds(["psql"])
        for call in [
            lambda: fake.exec(["createdb", "shop"]),
            lambda: fake.http_get(80),
            lambda: fake.address(5432),
            lambda: fake.dependency("cache"),
        ]:
            with self.assertRaises(HostError) as raised:
                call()
            expected = f"the fake container `db` was told nothing about `{fake.calls[-1]}`"
            self.assertEqual(str(raised.exception), expected)
        self.assertEqual(fake.calls, ["exec createdb shop", "http-get 80 /", "address 5432", "dependency cache"])

    def test_an_unexpected_probe_finds_nothing_with_a_warning(self) -> None:
        with self.assertLogs("drillmaster.testing", "WARNING") as logged:
            self.assertFalse(FakeContainer("db").probe_tcp(5432))
        self.assertIn("was told nothing about `probe-tcp 5432`", logged.output[0])

    def test_a_container_answers_all_that_it_was_told(self) -> None:
        db = FakeContainer("db").published(5432, "127.0.0.1", 5433)
        app = (
            FakeContainer("app")
            .http_answers(80, "/health", body="well")
            .http_errors(80, "/slow", "no answer in 10 s")
            .listening(80)
            .logged("one\ntwo\nthree\n")
            .health_is("healthy")
            .depends_on(db)
        )
        self.assertEqual(app.name, "app")
        self.assertEqual(app.http_get(80, "/health"), Response(200, b"well"))
        with self.assertRaisesRegex(HostError, "no answer in 10 s"):
            app.http_get(80, "/slow")
        self.assertTrue(app.probe_tcp(80))
        self.assertEqual(app.log_tail(2), "two\nthree\n")
        self.assertEqual(app.log_tail(), "one\ntwo\nthree\n")
        self.assertEqual(app.health(), "healthy")
        self.assertTrue(app.is_running())
        self.assertFalse(app.stopped().is_running())
        self.assertEqual(str(app.dependency("db").address(5432)), "127.0.0.1:5433")
        self.assertEqual(db.calls, ["address 5432"], "what a dependency is asked is remembered with it")

    def test_a_hook_is_called_with_a_fake(self) -> None:
        class Database(Service):
            name = "db"

            def ping(self) -> bool:
                return self.container.exec(["pg_isready"]).success

        fake = FakeContainer("db").exec_fails(["pg_isready"], 2)
        self.assertFalse(Database(fake).ping())
        fake.exec_succeeds(["pg_isready"])
        self.assertTrue(Database(fake).ping())


class Containers(unittest.TestCase):
    def test_what_the_contract_cannot_carry_is_refused_before_it_is_asked(self) -> None:
        fake: Container = FakeContainer("db")
        for call in [
            lambda: fake.exec("psql -c x"),
            lambda: fake.exec(["psql", 7]),
            lambda: fake.exec(["psql"], timeout="1s"),
            lambda: fake.http_get("80"),
            lambda: fake.http_get(80, None),
            lambda: fake.address(80.0),
            lambda: fake.probe_tcp(None),
            lambda: fake.log_tail("all"),
            lambda: fake.dependency(fake),
        ]:
            with self.assertRaises(TypeError):
                call()
        with self.assertRaises(ValueError):
            fake.address(-1)
        self.assertEqual(fake.calls, [])

    def test_a_time_is_of_seconds_and_rounded_up_to_milliseconds(self) -> None:
        for time, expected in [
            (0, 0),
            (30, 30_000),
            (0.029, 29),
            (1e-9, 1),
            (timedelta(microseconds=1), 1),
            (timedelta(minutes=1), 60_000),
            (1e300, 2**32 - 1),
            (timedelta.max, 2**32 - 1),
        ]:
            with self.subTest(time):
                self.assertEqual(milliseconds(duration(time, "it")), expected)

    def test_an_address_is_a_pair_and_fits_into_a_url(self) -> None:
        host, port = Address("127.0.0.1", 80)
        self.assertEqual((host, port), ("127.0.0.1", 80))
        self.assertEqual(str(Address("127.0.0.1", 80)), "127.0.0.1:80")
        self.assertEqual(f"{Address('::1', 80)}", "[::1]:80")

    def test_only_a_status_of_success_is_ok(self) -> None:
        ok = [status for status in (199, 200, 299, 302, 503) if Response(status, b"").ok]
        self.assertEqual(ok, [200, 299])


class Outputs(unittest.TestCase):
    def error(self, argv: list[str], exit_code: int, stdout: bytes, stderr: bytes) -> str:
        with self.assertRaises(CommandFailed) as raised:
            Output(argv, exit_code, stdout, stderr).check()
        self.assertEqual(raised.exception.output.exit_code, exit_code)
        return str(raised.exception)

    def test_a_command_that_succeeded_passes_the_check(self) -> None:
        output = Output(["true"], 0, b"done\n", b"")
        self.assertIs(output.check(), output)

    def test_a_command_that_failed_is_an_error_with_its_code_and_what_it_said(self) -> None:
        self.assertEqual(self.error(["psql", "-c"], 2, b"", b"refused\n"), "`psql` (1 argument) exited with 2: refused")
        self.assertEqual(self.error(["nope"], 126, b"no such file\n", b" \n"), "`nope` exited with 126: no such file")
        self.assertEqual(self.error(["false"], 1, b"", b""), "`false` exited with 1")

    def test_the_arguments_of_a_failed_command_are_counted_and_not_shown(self) -> None:
        for argv, shown in [
            (["psql", "postgres://ada:secret@db"], "`psql` (1 argument)"),
            (["sh", "-c", "mysql -psecret"], "`sh` (2 arguments)"),
            # A whole command line in place of a program.
            ([" mysql -psecret\n db "], "`mysql…`"),
            (["\n"], "``"),
            ([], "``"),
        ]:
            self.assertEqual(self.error(argv, 1, b"", b""), f"{shown} exited with 1")

    def test_a_failed_command_is_shown_with_its_last_lines_only_and_not_too_long(self) -> None:
        error = self.error(["é" * 500], 1, b"", b"1\n2\n3\n4\n5\n6\n")
        self.assertEqual(error, f"`{'é' * 120}…` exited with 1: 2\n3\n4\n5\n6")

    def test_output_that_is_not_utf_8_can_be_read_all_the_same(self) -> None:
        output = Output(["cat"], 0, b"caf\xe9", b"\xff")
        self.assertEqual((output.stdout_text, output.stderr_text), ("caf\ufffd", "\ufffd"))
