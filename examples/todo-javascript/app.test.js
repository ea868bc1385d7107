import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { CommandFailed, context } from "drillmaster";
import { FakeContainer, clear, declare } from "drillmaster/testing";

import group from "./app.js";

const { appdb, todo } = group.services;

beforeEach(clear);

test("the list starts after its database and is told where it is", () => {
  const { services } = declare(group);
  assert.deepEqual(services.todo.dependencies, ["appdb"]);
  assert.deepEqual(services.todo.env, { DATABASE_URL: "{appdb.url}" });
});

test("the ports on the host can be chosen", () => {
  const services = (parameters) => Object.values(declare(group, parameters).services);
  const published = (parameters) => services(parameters).map(({ ports }) => ports);
  assert.deepEqual(published(), [{ 5432: 5433 }, { 8080: 8080 }]);
  const chosen = { appdb_port: "15432", todo_port: "18080" };
  assert.deepEqual(published(chosen), [{ 5432: 15432 }, { 8080: 18080 }]);
});

test("a port that is none is told with its service", () => {
  const told = /service `todo`: the parameter `todo_port` cannot be `web`/;
  assert.throws(() => declare(group, { todo_port: "web" }), told);
});

test("the database is ready once it answers a client", () => {
  const fake = new FakeContainer("appdb").execFails(["psql"], 2, "the database system is starting up");
  assert.equal(appdb.ping(fake), false);
  fake.execSucceeds(["psql"], "1");
  assert.equal(appdb.ping(fake), true);
  assert.ok(fake.calls.every((call) => call.includes("@127.0.0.1:5432/")));
});

test("a new database gets its table and leaves its address", () => {
  const fake = new FakeContainer("appdb").execSucceeds(["psql"]);
  appdb.postStartInit(fake);
  assert.match(fake.calls[0], /CREATE TABLE IF NOT EXISTS items/);
  assert.equal(context.get("appdb.url"), "postgresql://todo:todo@appdb:5432/todo");
});

test("a database that cannot make its table fails with its own words", () => {
  const fake = new FakeContainer("appdb").execFails(["psql"], 1, "ERROR:  permission denied");
  const refused = (error) => error instanceof CommandFailed && error.message.endsWith("1: ERROR:  permission denied");
  assert.throws(() => appdb.postStartInit(fake), refused);
});

test("the list is ready once its health page says so", () => {
  const fake = new FakeContainer("todo").httpErrors(8080, "/health", "connection refused");
  assert.equal(todo.ping(fake), false);
  fake.httpAnswers(8080, "/health", 503, "The database does not answer");
  assert.equal(todo.ping(fake), false);
  fake.httpAnswers(8080, "/health", 200, "ready");
  assert.equal(todo.ping(fake), true);
});
