// The one seam between the SDK and what it runs in: the imports of a component, or the fakes of a test.

import { HostError } from "./errors.js";

/** Where a definition is imported by neither. */
const nobody = {
  get: (key) => tooEarly(`the context value \`${key}\``),
  set: (key) => tooEarly(`the context value \`${key}\``),
  log: (level, message) => console[level](message),
};

function tooEarly(what) {
  throw new HostError(`${what} is not there: use it in a hook. In a test, import "drillmaster/testing" first`);
}

/** What is there beside containers: `get(key)`, `set(key, value)` and `log(level, message)`. */
export let host = nobody;

/** From here on, this is the host. */
export function enter(entered) {
  host = entered;
}
