import { text } from "./checked.js";
import { host } from "./host.js";

export const context = Object.freeze({
  get: (key) => host.get(text(key, "a key")) ?? undefined,
  set: (key, value) => host.set(text(key, "a key"), text(value, `the value of \`${key}\``)),
});
