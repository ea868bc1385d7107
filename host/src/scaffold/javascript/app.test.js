import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { context } from "drillmaster";
import { FakeContainer, clear, declare } from "drillmaster/testing";

import group from "./app.js";

const { database, api } = group.services;

beforeEach(clear);

test("the API starts after its database, on a port that can be chosen", () => {
  const { services } = declare(group, { port: "8080" });
  assert.deepEqual(services.api.dependencies, ["database"]);
  assert.deepEqual(services.api.ports, { 3000: 8080 });
  assert.deepEqual(declare(group).services.api.ports, { 3000: 3000 });
});

test("the database is ready once it accepts clients", () => {
  const fake = new FakeContainer("database").execFails(["pg_isready"], 2, "no response");
  assert.equal(database.ping(fake), false);
  fake.execSucceeds(["pg_isready"]);
  assert.equal(database.ping(fake), true);
});

test("a new database gets its table and leaves its address", () => {
  const fake = new FakeContainer("database").execSucceeds(["psql"]);
  database.postStartInit(fake);
  assert.match(fake.calls[0], /CREATE TABLE IF NOT EXISTS items/);
  assert.equal(context.get("database.url"), "postgresql://postgres:secret@database/postgres");
});

test("the API is ready once it answers, whatever it says", () => {
  const fake = new FakeContainer("api").httpErrors(3000, "/", "connection refused");
  assert.equal(api.ping(fake), false);
  fake.httpAnswers(3000, "/", 503);
  assert.equal(api.ping(fake), true);
});
