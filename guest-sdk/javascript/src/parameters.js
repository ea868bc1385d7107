import { text } from "./checked.js";
import { Failure } from "./errors.js";

export class Parameters {
  #lookUp;

  constructor(lookUp) {
    this.#lookUp = lookUp;
  }

  get(name) {
    return this.#lookUp(text(name, "the name of a parameter")) ?? undefined;
  }

  number(name) {
    return this.#as(name, "it is not a number", (value) => {
      const number = value.trim() === "" ? NaN : Number(value);
      return Number.isFinite(number) ? number : undefined;
    });
  }

  boolean(name) {
    return this.#as(name, "it is true or false", (value) => ({ true: true, false: false })[value]);
  }

  #as(name, otherwise, read) {
    const value = this.get(name);
    if (value === undefined) {
      return undefined;
    }
    const found = read(value);
    if (found === undefined) {
      throw new Failure(`the parameter \`${name}\` cannot be \`${value}\`: ${otherwise}`);
    }
    return found;
  }
}
