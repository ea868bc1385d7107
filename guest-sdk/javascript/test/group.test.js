import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Failure, context, defineGroup } from "../index.js";
import { callOfGroup, callWithContainer, ping, preStart } from "../src/group.js";
import { FakeContainer, clear, declare } from "../testing.js";

beforeEach(clear);

/** What is wrong with a group, as it is written. */
function wrong(group) {
  try {
    defineGroup(group);
  } catch (error) {
    assert.ok(error instanceof TypeError);
    return error.message;
  }
  assert.fail("it is right");
}

test("a group declares its services in order", () => {
  const group = defineGroup({ name: "shop", services: { b: { image: "plain" }, a: { image: "other" } } });
  assert.deepEqual(declare(group), { name: "shop", services: { b: { image: "plain" }, a: { image: "other" } } });
  assert.deepEqual(Object.keys(declare(group).services), ["b", "a"]);
  assert.deepEqual(declare(defineGroup({ services: {} })), { name: undefined, services: {} });
});

test("a name that is nearly another is an error that names both", () => {
  const db = { image: "a", port: {}, depends_on: [], prestart() {}, colour: 1 };
  const said = wrong({ services: { db }, onstart() {} });
  assert.deepEqual(said.split("\n"), [
    "group: there is no `onstart`: did you mean `onStart`?",
    "service `db`: there is no `port`: did you mean `ports`?",
    "service `db`: there is no `depends_on`: did you mean `dependencies`?",
    "service `db`: there is no `prestart`: did you mean `preStart`?",
    "service `db`: there is no `colour`",
  ]);
});

test("what is no group is told", () => {
  assert.equal(wrong([]), "a group is an object with `services`, not []");
  assert.equal(wrong({}), "`services` is an object of services, not undefined");
  assert.equal(wrong({ services: { a: "redis" } }), 'service `a` is an object with its fields, not "redis"');
  assert.equal(wrong({ name: 7, services: {} }), "the group's name is a text, not 7");
});

test("a hook is a plain function", () => {
  assert.match(wrong({ services: { a: { ping: true } } }), /^service `a`: `ping` is a function, not true$/);
  assert.match(wrong({ services: { a: { async ping() {} } } }), /`ping` gives a promise, which nobody awaits/);
  const late = defineGroup({ services: { a: { preStart: () => Promise.resolve() } } });
  assert.throws(() => preStart(late, "a"), /`preStart` gives a promise, which nobody awaits/);
});

test("a ping says true or false", () => {
  const services = { ready: { ping: () => true }, busy: { ping: () => false }, vague: { ping() {} } };
  const group = defineGroup({ services });
  assert.equal(ping(group, new FakeContainer("ready")), true);
  assert.equal(ping(group, new FakeContainer("busy")), false);
  const told = /^TypeError: `ping` of service `vague` gives true or false, not undefined$/;
  assert.throws(() => ping(group, new FakeContainer("vague")), told);
});

test("a hook goes to the service of that name, with the service as this", () => {
  const group = defineGroup({
    services: {
      other: { image: "a" },
      wanted: {
        image: "b",
        postStartInit(container) {
          context.set("initialised", `${container.name} ${this.image}`);
        },
        preStart: (service) => context.set("starting", service),
        preStop: (container) => context.set("stopping", container.name),
      },
    },
  });
  callWithContainer(group, "postStartInit", new FakeContainer("wanted"));
  preStart(group, "wanted");
  callWithContainer(group, "preStop", new FakeContainer("wanted"));
  assert.deepEqual(["initialised", "starting", "stopping"].map(context.get), ["wanted b", "wanted", "wanted"]);
});

test("without a ping of its own a service is ready when it runs and is not unhealthy", () => {
  const group = defineGroup({ services: { plain: { image: "a" }, own: { image: "a", ping: () => true } } });
  const expected = { none: true, starting: false, healthy: true, unhealthy: false };
  for (const [health, ready] of Object.entries(expected)) {
    assert.equal(ping(group, new FakeContainer("plain").healthIs(health)), ready, health);
  }
  assert.equal(ping(group, new FakeContainer("plain").stopped()), false);
  assert.equal(ping(group, new FakeContainer("own").healthIs("unhealthy")), true);
});

test("a service without hooks needs nothing", () => {
  const group = defineGroup({ services: { plain: { image: "a" } } });
  callWithContainer(group, "postStartInit", new FakeContainer("plain"));
  preStart(group, "plain");
});

test("a hook for a service that is not there is an error that names those that are", () => {
  const group = defineGroup({ services: { a: {}, b: {} } });
  const error = new Failure("the definition has no service `toString`, only a, b");
  assert.throws(() => ping(group, new FakeContainer("toString")), error);
  assert.throws(() => preStart(group, "toString"), error);
});

test("the hooks of a group run when there are any", () => {
  callOfGroup(defineGroup({ services: {} }), "onStart", ["a"]);
  const group = defineGroup({ services: {}, onStart: (services) => context.set("started", services.join(" ")) });
  callOfGroup(group, "onStart", ["a", "b"]);
  assert.equal(context.get("started"), "a b");
});
