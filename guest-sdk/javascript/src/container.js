import { Address } from "./address.js";
import { milliseconds, number, only, text, texts } from "./checked.js";
import { Output } from "./output.js";
import { Response } from "./response.js";
import { decoded } from "./utf8.js";

const EXEC_TIMEOUT_MS = 30_000;
const HTTP_TIMEOUT_MS = 10_000;
const PROBE_TIMEOUT_MS = 1_000;
const LINES = 20;

export class Container {
  #handle;

  /** `handle` is the contract's container, whose methods throw a `HostError` when the host cannot do it. */
  constructor(handle) {
    this.#handle = handle;
  }

  get name() {
    return this.#handle.serviceName();
  }

  address(port) {
    return new Address(...this.#handle.address(number(port, "a port")));
  }

  isRunning() {
    return this.#handle.isRunning();
  }

  health() {
    return this.#handle.health();
  }

  exec(argv, options = {}) {
    const words = texts(argv, "a command", "a word of a command");
    const { exitCode, stdout, stderr } = this.#handle.exec(words, limit(options, EXEC_TIMEOUT_MS));
    return new Output(words, exitCode, stdout, stderr);
  }

  probeTcp(port, options = {}) {
    return this.#handle.probeTcp(number(port, "a port"), limit(options, PROBE_TIMEOUT_MS));
  }

  httpGet(port, path = "/", options = {}) {
    const timeout = limit(options, HTTP_TIMEOUT_MS);
    const { status, body } = this.#handle.httpGet(number(port, "a port"), text(path, "a path"), timeout);
    return new Response(status, body);
  }

  logTail(lines = LINES) {
    return decoded(this.#handle.logTail(number(lines, "a number of lines")));
  }

  dependency(service) {
    return new Container(this.#handle.dependency(text(service, "the name of a service")));
  }
}

function limit(options, otherwise) {
  const { timeoutMs = otherwise } = only(options, ["timeoutMs"], "the options are { timeoutMs }");
  return milliseconds(timeoutMs, "`timeoutMs`");
}
