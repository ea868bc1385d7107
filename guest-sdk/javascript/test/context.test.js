import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { HostError, context, log } from "../index.js";
import { console as written } from "../src/console.js";
import { clear, logLines } from "../testing.js";

beforeEach(clear);

test("the context keeps values until it is cleared", () => {
  assert.equal(context.get("db.url"), undefined);
  context.set("db.url", "a");
  context.set("db.url", "b");
  assert.equal(context.get("db.url"), "b");
  clear();
  assert.equal(context.get("db.url"), undefined);
});

test("the context takes only keys and values that the host takes", () => {
  for (const key of ["", "1a", ".a", "a b", "ä", "a{", "a".repeat(257)]) {
    assert.throws(() => context.set(key, "value"), HostError, key);
  }
  for (const key of ["a", "_", "A.b-c_1"]) {
    context.set(key, "value");
  }
  context.set("long", "x".repeat(64 * 1024));
  assert.throws(() => context.set("long", "ä".repeat(32 * 1024 + 1)), HostError);
  assert.throws(() => context.set("port", 5432), /^TypeError: the value of `port` is a text, not 5432$/);
});

test("the log keeps lines with their level", () => {
  log.debug("a");
  log.info(7);
  log.warn("\ud800");
  log.error("d");
  assert.deepEqual(logLines(), ["debug: a", "info: 7", "warn: \ufffd", "error: d"]);
});

test("the console writes to the log", () => {
  const circular = {};
  circular.self = circular;
  written.log("a text", 1, { of: ["an", "object"] }, undefined, null, 2n, circular);
  written.debug();
  written.error(new RangeError("oh"));
  const [line, empty, error] = logLines();
  assert.equal(line, 'info: a text 1 {"of":["an","object"]} undefined null 2 [object Object]');
  assert.equal(empty, "debug: ");
  assert.match(error, /^error: RangeError: oh\n/);
});
