/**
 * Trying a definition with plain `node --test`: no WebAssembly, no Docker.
 *
 * A `FakeContainer` answers what a test tells it to and remembers what was called. From the import of this module on,
 * the context and the log are kept in memory. `declare` gives what a group declares as plain data.
 *
 *     import assert from "node:assert/strict";
 *     import { test } from "node:test";
 *     import { context } from "drillmaster";
 *     import { FakeContainer } from "drillmaster/testing";
 *     import shop from "./app.js";
 *
 *     test("a new database gets its table", () => {
 *       const fake = new FakeContainer("database").execSucceeds(["psql"]);
 *       shop.services.database.postStartInit(fake);
 *       assert.deepEqual(fake.calls, ["exec psql --command CREATE TABLE items (text text)"]);
 *       assert.equal(context.get("database.url"), "postgresql://database");
 *     });
 */

import { Build, Container, Group, Health, HealthCheck, Mount, RestartPolicy, StopSignal } from "drillmaster";

/**
 * What the host would be told of the group with these parameters. What is wrong with the fields is one `Failure`, a
 * line for each.
 */
export function declare(group: Group, parameters?: Record<string, string>): Declaration;

/** What was logged, oldest first, as `info: the text`. */
export function logLines(): string[];

/** Forgets the context and the log. */
export function clear(): void;

/** What a group declares: plain data that can be looked at and compared. */
export interface Declaration {
  /** The name of the group; named after the project directory when undefined. */
  name: string | undefined;
  services: Record<string, DeclaredService>;
}

/** The fields of one service that were said: made of the parameters, and mounts as lists. */
export interface DeclaredService {
  image?: string;
  build?: Build;
  dependencies?: string[];
  env?: Record<string, string>;
  ports?: Record<number, number | null>;
  udpPorts?: Record<number, number | null>;
  alwaysStartNew?: boolean;
  stopSignal?: StopSignal;
  stopTimeoutMs?: number;
  entrypoint?: string[];
  command?: string[];
  user?: string;
  workingDirectory?: string;
  mounts?: Required<Mount>[];
  volumes?: Required<Mount>[];
  tmpfs?: string[];
  labels?: Record<string, string>;
  aliases?: string[];
  networks?: string[];
  restartPolicy?: RestartPolicy;
  healthCheck?: HealthCheck;
  platform?: string;
  sharedMemoryMib?: number;
  memoryLimitMib?: number;
  cpuLimitMillicpus?: number;
}

/**
 * A container that answers what a test tells it to, and remembers what was called.
 *
 * It runs and has no health check until told otherwise. What the test told nothing about is a `HostError` that names
 * the call; an unexpected TCP probe finds nothing, with a warning in the log, as on the host. What a test tells later
 * counts from then on.
 */
export class FakeContainer extends Container {
  /** The container of the service of this name. */
  constructor(service: string);

  /**
   * A command that begins with these words exits with 0 and writes this to stdout. The answer told to the most words is
   * taken, and of equals the one told last.
   */
  execSucceeds(argv: readonly string[], stdout?: string | Uint8Array): this;

  /** A command that begins with these words exits with this code, 1 if nothing is said, and writes this to stderr. */
  execFails(argv: readonly string[], exitCode?: number, stderr?: string | Uint8Array): this;

  /** A command that begins with these words cannot be run at all: its time is up, or the container stopped. */
  execErrors(argv: readonly string[], error: string): this;

  /** A GET request to this path of this container port has this answer, 200 if nothing else is said. */
  httpAnswers(port: number, path: string, status?: number, body?: string | Uint8Array): this;

  /** A GET request to this path of this container port has no answer. */
  httpErrors(port: number, path: string, error: string): this;

  /** The host reaches this container port at that address. */
  published(port: number, host: string, hostPort: number): this;

  /** Something accepts TCP connections on this container port. */
  listening(port: number): this;

  /** What the container wrote to stdout and stderr. */
  logged(text: string): this;

  /** What the engine's health check says. */
  healthIs(health: Health): this;

  /** The container does not run. */
  stopped(): this;

  /** The container of a service that this one depends on. */
  dependsOn(dependency: FakeContainer): this;

  /**
   * What was called so far, oldest first: `exec createdb shop`, `http-get 8080 /health`, `address 5432`, `probe-tcp
   * 5432`, `log-tail 20`, `dependency appdb`, `is-running`, `health`.
   */
  readonly calls: string[];
}
