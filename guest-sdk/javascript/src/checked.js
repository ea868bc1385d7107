// Values, checked before they reach the host: one of another type than the contract's would end the component.

/** The largest number that the engine passes on; the contract's own limit is twice as high. */
const MOST = 2 ** 31 - 1;

/** How much of a value an error shows. */
const SHOWN = 80;

/** A value as an error shows it, on one line. */
export function shown(value) {
  if (typeof value === "function") {
    return value.name ? `the function ${value.name}` : "a function";
  }
  if (isPromise(value)) {
    return "a promise, which nobody awaits";
  }
  let text;
  try {
    text = typeof value === "object" || typeof value === "string" ? JSON.stringify(value) : String(value);
  } catch {
    text = undefined;
  }
  text ??= Object.prototype.toString.call(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

export function isPromise(value) {
  return typeof value?.then === "function";
}

/** Text that UTF-8 can carry. */
export function text(value, what) {
  if (typeof value !== "string") {
    throw new TypeError(`${what} is a text, not ${shown(value)}`);
  }
  if (!value.isWellFormed()) {
    throw new TypeError(`${what} has something in it that is no character: ${shown(value)}`);
  }
  return value;
}

export function texts(value, what, each) {
  if (!Array.isArray(value)) {
    throw new TypeError(`${what} is a list of texts, not ${shown(value)}`);
  }
  return value.map((item) => text(item, each));
}

export function flag(value, what) {
  if (typeof value !== "boolean") {
    throw new TypeError(`${what} is true or false, not ${shown(value)}`);
  }
  return value;
}

/** A number that the contract can carry. Whether it makes sense is for the host to say. */
export function number(value, what) {
  if (!Number.isInteger(value)) {
    throw new TypeError(`${what} is a whole number, not ${shown(value)}`);
  }
  if (value < 0 || value > MOST) {
    throw new TypeError(`${what} is a number from 0 to ${MOST}, not ${value}`);
  }
  return value;
}

/** Rounded up: 0 has a meaning of its own in the contract, and a short time must not become it. */
export function milliseconds(value, what) {
  if (typeof value !== "number" || Number.isNaN(value)) {
    throw new TypeError(`${what} is a number of milliseconds, not ${shown(value)}`);
  }
  if (value < 0) {
    throw new TypeError(`${what} cannot be less than nothing, as ${value} is`);
  }
  return Math.min(Math.ceil(value), MOST);
}

/** An object of names and values, and no list. */
export function object(value, what) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError(`${what}, not ${shown(value)}`);
  }
  return value;
}

/** An object that has nothing but these. */
export function only(value, names, what) {
  const unknown = Object.keys(object(value, what)).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`${what}; there is no \`${unknown}\``);
  }
  return value;
}
