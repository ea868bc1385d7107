import assert from "node:assert/strict";
import { test } from "node:test";

import { Failure, defineGroup } from "../index.js";
import { declare } from "../testing.js";

/** What is declared of a service with these fields. */
const fields = (said, parameters) => declare(defineGroup({ services: { a: said } }), parameters).services.a;

/** What is wrong with one of its fields. */
function wrong(field, value) {
  try {
    fields({ [field]: value });
  } catch (error) {
    assert.ok(error instanceof Failure, error);
    return error.message.replace(`service \`a\`, ${field}: `, "");
  }
  assert.fail(`${field} is right`);
}

test("nothing is declared that was not said", () => {
  assert.deepEqual(fields({ image: "redis:7", command: undefined, user: null }), { image: "redis:7" });
});

test("a field can depend on parameters", () => {
  const ports = (parameters) => ({ 5432: parameters.number("port") ?? 5433 });
  assert.deepEqual(fields({ ports }), { ports: { 5432: 5433 } });
  assert.deepEqual(fields({ ports }, { port: "6000" }), { ports: { 5432: 6000 } });
});

test("a parameter that cannot be read is an error with its service, name and value", () => {
  const ports = (given) => ({ 80: given.number("port") });
  const said = { image: "a", ports, alwaysStartNew: (given) => given.boolean("new") };
  const error = (text) => new Failure(`service \`a\`: the parameter ${text}`);
  assert.throws(() => fields(said, { port: "web" }), error("`port` cannot be `web`: it is not a number"));
  assert.throws(() => fields(said, { port: "1", new: "yes" }), error("`new` cannot be `yes`: it is true or false"));
  assert.equal(fields(said, { port: "1", new: "true" }).alwaysStartNew, true);
});

test("everything that is wrong is told at once, with service and field", () => {
  const group = defineGroup({
    services: {
      a: { image: 7, env: { PORT: 8080 } },
      b: { image: "b" },
      c: {
        image() {
          throw new TypeError("oh");
        },
      },
    },
  });
  assert.throws(() => declare(group), (error) => {
    const [image, env, thrown, call] = error.message.split("\n");
    assert.equal(image, "service `a`, image: it is a text, not 7");
    assert.equal(env, "service `a`, env: the value of `PORT` is a text, not 8080");
    assert.equal(thrown, "service `c`: TypeError: oh");
    assert.match(call, /^ {4}at .*fields\.test\.js:\d+:\d+/);
    return error instanceof Failure;
  });
});

test("values of another type are told", () => {
  assert.equal(wrong("command", "serve"), 'it is a list of texts, not "serve"');
  assert.equal(wrong("command", ["serve", 1]), "each is a text, not 1");
  assert.equal(wrong("image", "\ud800"), 'it has something in it that is no character: "\\ud800"');
  assert.equal(wrong("image", () => Promise.resolve()), "it is a text, not a promise, which nobody awaits");
  assert.equal(wrong("env", ["A=1"]), 'it is an object of names and values, not ["A=1"]');
  assert.equal(wrong("ports", [80]), "it is an object from ports of the container to ports of the host, not [80]");
  assert.equal(wrong("ports", { web: 80 }), 'a port of the container is a whole number, not "web"');
  assert.equal(wrong("ports", { 80: NaN }), "a port of the host is a whole number, not NaN");
  assert.equal(wrong("ports", { 80: undefined }), "a port of the host is a whole number, not undefined");
  assert.equal(wrong("alwaysStartNew", 1), "it is true or false, not 1");
  assert.equal(wrong("memoryLimitMib", 0.5), "it is a whole number, not 0.5");
  assert.equal(wrong("memoryLimitMib", 2 ** 31), "it is a number from 0 to 2147483647, not 2147483648");
  assert.equal(wrong("stopTimeoutMs", "10s"), 'it is a number of milliseconds, not "10s"');
  assert.equal(wrong("stopTimeoutMs", -1), "it cannot be less than nothing, as -1 is");
  assert.match(wrong("mounts", [{ from: "a", target: "/a" }]), /there is no `from`$/);
  assert.equal(wrong("mounts", { a: 1 }), "a target is a text, not 1");
  assert.match(wrong("build", { dir: "a" }), /there is no `dir`$/);
  assert.equal(wrong("healthCheck", { argv: ["a"] }), "`intervalMs` is a number of milliseconds, not undefined");
});

test("times are rounded up to milliseconds and never too large", () => {
  const declared = (time) => fields({ stopTimeoutMs: time }).stopTimeoutMs;
  assert.deepEqual([0, 0.001, 2500, Infinity].map(declared), [0, 1, 2500, 2 ** 31 - 1]);
});

test("mounts and builds can be short or long", () => {
  const volume = { source: "data", target: "/data", readOnly: false };
  assert.deepEqual(fields({ volumes: { data: "/data" } }).volumes, [volume]);
  const mount = { source: "etc", target: "/etc", readOnly: true };
  assert.deepEqual(fields({ mounts: [mount] }).mounts, [mount]);
  assert.deepEqual(fields({ build: "app" }).build, { directory: "app" });
  const build = { directory: "app", dockerfile: "a", arguments: { V: "1" }, target: "test" };
  assert.deepEqual(fields({ build }).build, build);
});
