import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Address, CommandFailed, HostError, Output, Response } from "../index.js";
import { Container } from "../src/container.js";
import { FakeContainer, clear, logLines } from "../testing.js";

beforeEach(clear);

const bytes = (text) => new TextEncoder().encode(text);
const output = (argv, exitCode, stdout, stderr) => new Output(argv, exitCode, bytes(stdout), bytes(stderr));

/** Why a check fails. */
function failed(...left) {
  try {
    output(...left).check();
  } catch (error) {
    assert.ok(error instanceof CommandFailed);
    return error.message;
  }
  assert.fail("it succeeded");
}

test("a command that succeeded passes the check", () => {
  const succeeded = output(["true"], 0, "done\n", "");
  assert.equal(succeeded.check(), succeeded);
  assert.equal(succeeded.stdoutText, "done\n");
});

test("a command that failed is an error with its code and what it said", () => {
  assert.equal(failed(["psql", "-c", "SELECT 1"], 2, "", "refused\n"), "`psql` (2 arguments) exited with 2: refused");
  assert.equal(failed(["nope"], 126, "no such file\n", " \n"), "`nope` exited with 126: no such file");
  assert.equal(failed(["false"], 1, "", ""), "`false` exited with 1");
});

test("the arguments of a failed command are counted and not shown", () => {
  for (const [argv, shown] of [
    [["psql", "postgres://ada:secret@db"], "`psql` (1 argument)"],
    [["sh", "-c", "mysql -psecret"], "`sh` (2 arguments)"],
    // A whole command line in place of a program.
    [[" mysql -psecret\n db "], "`mysql…`"],
    [["\n"], "``"],
    [[], "``"],
  ]) {
    assert.equal(failed(argv, 1, "", ""), `${shown} exited with 1`);
  }
});

test("a failed command is shown with its last lines only and not too long", () => {
  const text = failed(["🦀".repeat(500)], 1, "", "1\n2\n3\n4\n5\n6\n");
  assert.equal(text, `\`${"🦀".repeat(120)}…\` exited with 1: 2\n3\n4\n5\n6`);
});

test("times out after what is said, else after what is usual", () => {
  const asked = [];
  const handle = {
    exec: (_, time) => asked.push(time) && { exitCode: 0 },
    probeTcp: (_, time) => asked.push(time) > 0,
    httpGet: (_, path, time) => asked.push(path, time) && { status: 200 },
  };
  const container = new Container(handle);
  container.exec(["a"]);
  container.exec(["a"], { timeoutMs: 200 });
  container.probeTcp(80);
  container.probeTcp(80, { timeoutMs: 0.5 });
  container.httpGet(80);
  container.httpGet(80, "/a", { timeoutMs: 5000 });
  assert.deepEqual(asked, [30_000, 200, 1_000, 1, "/", 10_000, "/a", 5_000]);
  const wrong = { timeout: 1 };
  const told = /^TypeError: the options are \{ timeoutMs \}; there is no `timeout`$/;
  assert.throws(() => container.exec(["a"], wrong), told);
  assert.throws(() => container.exec("ls"), /^TypeError: a command is a list of texts, not "ls"$/);
  assert.throws(() => container.httpGet("80"), /^TypeError: a port is a whole number, not "80"$/);
});

test("an address fits into a URL", () => {
  assert.equal(`${new Address("127.0.0.1", 80)}`, "127.0.0.1:80");
  assert.equal(`${new Address("::1", 80)}`, "[::1]:80");
});

test("only a status of success is ok", () => {
  const ok = (status) => new Response(status, bytes("")).ok;
  assert.deepEqual([199, 200, 299, 302, 503].map(ok), [false, true, true, false, false]);
});

test("a command gets the answer told to the most of its words, and of equals the last", () => {
  const fake = new FakeContainer("db")
    .execSucceeds(["psql"], "old")
    .execSucceeds(["psql"], "new")
    .execFails(["psql", "--version"], 3, "too old")
    .execErrors(["sleep"], "the time is up");
  assert.equal(fake.exec(["psql", "-c", "SELECT 1"]).stdoutText, "new");
  const old = fake.exec(["psql", "--version"]);
  assert.deepEqual([old.exitCode, old.stderrText], [3, "too old"]);
  assert.throws(() => fake.exec(["sleep", "60"]), new HostError("the time is up"));
  assert.deepEqual(fake.calls, ["exec psql -c SELECT 1", "exec psql --version", "exec sleep 60"]);
});

test("a call that the test told nothing about is an error that names it", () => {
  const fake = new FakeContainer("db").execSucceeds(["psql"]);
  const calls = [
    () => fake.exec(["createdb", "shop"]),
    () => fake.httpGet(80),
    () => fake.address(5432),
    () => fake.dependency("cache"),
  ];
  for (const call of calls) {
    assert.throws(call, (error) => {
      assert.equal(error.message, `the fake container \`db\` was told nothing about \`${fake.calls.at(-1)}\``);
      return error instanceof HostError;
    });
  }
  assert.equal(fake.probeTcp(5432), false);
  assert.deepEqual(logLines(), ["warn: the fake container `db` was told nothing about `probe-tcp 5432`"]);
});

test("a container answers all that it was told", () => {
  const db = new FakeContainer("db").published(5432, "127.0.0.1", 5433);
  const app = new FakeContainer("app")
    .httpAnswers(80, "/health", 200, "well")
    .httpErrors(80, "/slow", "no answer in 10 s")
    .listening(80)
    .logged("one\ntwo\nthree\n")
    .healthIs("healthy")
    .stopped()
    .dependsOn(db);
  assert.equal(app.name, "app");
  assert.equal(app.httpGet(80, "/health").text, "well");
  assert.throws(() => app.httpGet(80, "/slow"), new HostError("no answer in 10 s"));
  assert.equal(app.probeTcp(80), true);
  assert.equal(app.logTail(2), "two\nthree\n");
  assert.equal(app.logTail(9), "one\ntwo\nthree\n");
  assert.equal(app.health(), "healthy");
  assert.equal(app.isRunning(), false);
  assert.equal(`${app.dependency("db").address(5432)}`, "127.0.0.1:5433");
  assert.deepEqual(db.calls, ["address 5432"]);
});
