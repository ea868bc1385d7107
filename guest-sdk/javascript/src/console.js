// The engine has no console: this one writes to the log.

import { isPromise } from "./checked.js";
import { log } from "./log.js";
import { told } from "./told.js";

const at = (write) => (...values) => write(values.map(written).join(" "));

export const console = Object.freeze({
  debug: at(log.debug),
  log: at(log.info),
  info: at(log.info),
  warn: at(log.warn),
  error: at(log.error),
});

function written(value) {
  if (value instanceof Error) {
    return told(value);
  }
  if (typeof value !== "object" || value === null || isPromise(value)) {
    return String(value);
  }
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
