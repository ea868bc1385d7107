// Trying a definition with plain `node --test`: no WebAssembly, no Docker. What each means is in `testing.d.ts`.

import { Container } from "./src/container.js";
import { HostError } from "./src/errors.js";
import { declared } from "./src/group.js";
import { enter } from "./src/host.js";
import { Parameters } from "./src/parameters.js";

const KEY = /^[A-Za-z_][A-Za-z0-9_.-]*$/;
const LONGEST_KEY = 256;
const LONGEST_VALUE = 64 * 1024;

const values = new Map();
const lines = [];

enter({
  get: (key) => values.get(key),
  set(key, value) {
    if (!KEY.test(key)) {
      throw new HostError(`\`${key}\` is no key: a letter or \`_\`, then letters, digits, \`_\`, \`.\` or \`-\``);
    }
    if (key.length > LONGEST_KEY) {
      throw new HostError(`the key has ${key.length} bytes; ${LONGEST_KEY} are allowed`);
    }
    if (bytes(value).length > LONGEST_VALUE) {
      throw new HostError(`the value of \`${key}\` is longer than 64 KiB`);
    }
    values.set(key, value);
  },
  log: (level, message) => lines.push(`${level}: ${message}`),
});

export function declare(group, parameters = {}) {
  return declared(group, new Parameters((name) => parameters[name]));
}

export function logLines() {
  return [...lines];
}

export function clear() {
  values.clear();
  lines.length = 0;
}

export class FakeContainer extends Container {
  #told;

  constructor(service) {
    const told = new Told(service);
    super(told);
    this.#told = told;
  }

  execSucceeds(argv, stdout = "") {
    return this.#exec(argv, { exitCode: 0, stdout: bytes(stdout), stderr: bytes("") });
  }

  execFails(argv, exitCode = 1, stderr = "") {
    return this.#exec(argv, { exitCode, stdout: bytes(""), stderr: bytes(stderr) });
  }

  execErrors(argv, error) {
    return this.#exec(argv, new HostError(error));
  }

  httpAnswers(port, path, status = 200, body = "") {
    this.#told.pages.set(`${port} ${path}`, { status, body: bytes(body) });
    return this;
  }

  httpErrors(port, path, error) {
    this.#told.pages.set(`${port} ${path}`, new HostError(error));
    return this;
  }

  published(port, host, hostPort) {
    this.#told.addresses.set(port, [host, hostPort]);
    return this;
  }

  listening(port) {
    this.#told.listening.add(port);
    return this;
  }

  logged(text) {
    this.#told.log = text;
    return this;
  }

  healthIs(health) {
    this.#told.state = health;
    return this;
  }

  stopped() {
    this.#told.running = false;
    return this;
  }

  dependsOn(dependency) {
    this.#told.dependencies.set(dependency.name, dependency.#told);
    return this;
  }

  get calls() {
    return [...this.#told.calls];
  }

  #exec(argv, answer) {
    this.#told.execs.push([argv, answer]);
    return this;
  }
}

/** What a fake container was told, as a host answers it. */
class Told {
  running = true;
  state = "none";
  log = "";
  addresses = new Map();
  listening = new Set();
  execs = [];
  pages = new Map();
  dependencies = new Map();
  calls = [];

  constructor(service) {
    this.service = service;
  }

  serviceName() {
    return this.service;
  }

  address(port) {
    return this.#answer(`address ${port}`, this.addresses.get(port));
  }

  isRunning() {
    return this.#answer("is-running", this.running);
  }

  health() {
    return this.#answer("health", this.state);
  }

  exec(argv) {
    let found = { words: [], answer: undefined };
    for (const [words, answer] of this.execs) {
      if (words.length >= found.words.length && words.every((word, at) => argv[at] === word)) {
        found = { words, answer };
      }
    }
    return this.#answer(["exec", ...argv].join(" "), found.answer);
  }

  probeTcp(port) {
    try {
      return this.#answer(`probe-tcp ${port}`, this.listening.has(port) || undefined);
    } catch (error) {
      lines.push(`warn: ${error.message}`);
      return false;
    }
  }

  httpGet(port, path) {
    return this.#answer(`http-get ${port} ${path}`, this.pages.get(`${port} ${path}`));
  }

  logTail(count) {
    const all = this.log.split(/(?<=\n)/);
    return this.#answer(`log-tail ${count}`, bytes(all.slice(Math.max(all.length - count, 0)).join("")));
  }

  dependency(service) {
    return this.#answer(`dependency ${service}`, this.dependencies.get(service));
  }

  /** Remembers a call and gives the answer to it. */
  #answer(call, answer) {
    this.calls.push(call);
    if (answer === undefined) {
      throw new HostError(`the fake container \`${this.service}\` was told nothing about \`${call}\``);
    }
    if (answer instanceof HostError) {
      throw answer;
    }
    return answer;
  }
}

function bytes(text) {
  return typeof text === "string" ? new TextEncoder().encode(text) : text;
}
