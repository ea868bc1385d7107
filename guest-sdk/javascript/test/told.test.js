import assert from "node:assert/strict";
import { test } from "node:test";

import { CommandFailed, Failure, HostError } from "../index.js";
import { told } from "../src/told.js";

/** An error with the calls that the engine would name. */
function thrown(error, ...calls) {
  error.stack = calls.map((call) => `    at ${call}\n`).join("");
  return error;
}

test("an error is told with the calls of the definition, and no others", () => {
  const error = thrown(
    new TypeError("oh"),
    "ping (app.js:12:9)",
    "map (native)",
    "<anonymous> (drillmaster:src/group.js:6:80)",
    "app.js:2:5",
  );
  assert.equal(told(error), "TypeError: oh\n    at ping (app.js:12:9)\n    at app.js:2:5");
  assert.equal(told(thrown(new RangeError())), "RangeError");
});

test("of many calls the innermost are told", () => {
  const calls = Array.from({ length: 99 }, (_, line) => `f (app.js:${line}:1)`);
  const lines = told(thrown(new Error("deep"), ...calls)).split("\n");
  assert.equal(lines.length, 32);
  assert.equal(lines[1], "    at f (app.js:0:1)");
  assert.equal(lines.at(-1), "    (after 69 other calls)");
});

test("of what was expected the text alone is told", () => {
  for (const Expected of [Failure, HostError, CommandFailed]) {
    assert.equal(told(new Expected("the licence has run out")), "the licence has run out");
  }
  assert.equal(told("no such table"), "no such table");
  assert.equal(told(new Failure("no table", { cause: new Failure("no disk") })), "no table: no disk");
});

test("causes are told after the error, and each once", () => {
  const cause = thrown(new Error("no disk"), "write (a.js:1:1)");
  cause.cause = cause;
  const error = thrown(new Error("no table", { cause }), "init (b.js:2:2)");
  assert.equal(
    told(error),
    "Error: no table\n    at init (b.js:2:2)\ncaused by Error: no disk\n    at write (a.js:1:1)",
  );
  const several = thrown(new AggregateError(["one", "two"], "some"));
  assert.equal(told(several), "AggregateError: some\nof which one is one\nof which one is two");
});

test("what was thrown that is no error is told", () => {
  assert.equal(told({ code: 7 }), '{"code":7} was thrown, which is no Error');
  assert.equal(told(undefined), "undefined was thrown, which is no Error");
  assert.equal(told(null), "null was thrown, which is no Error, or there is no memory left");
  assert.equal(told("\ud800"), "\ufffd");
});

test("an import that failed is told without the engine's words", () => {
  const resolving = new ReferenceError("Error resolving module './a.js' from 'app.js': there is no file `a.js`");
  assert.equal(told(thrown(resolving)), "cannot import './a.js' from app.js: there is no file `a.js`");
  const loading = new ReferenceError("Error loading module 'a.ts': WIT import not found\n`a.ts` is TypeScript");
  assert.equal(told(thrown(loading)), "cannot import a file: `a.ts` is TypeScript");
});

test("an error that cannot be told is told to be one", () => {
  const error = new Error("no");
  Object.defineProperty(error, "message", {
    get() {
      throw new Error("no, no");
    },
  });
  assert.match(told(error), /^an error was thrown that cannot be told/);
});
