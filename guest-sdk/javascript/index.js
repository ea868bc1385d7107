// All that a definition needs; what a test of it needs is in `drillmaster/testing`. What each means is in `index.d.ts`.

export { Address } from "./src/address.js";
export { Container } from "./src/container.js";
export { context } from "./src/context.js";
export { CommandFailed, Failure, HostError } from "./src/errors.js";
export { defineGroup } from "./src/group.js";
export { log } from "./src/log.js";
export { Output } from "./src/output.js";
export { Parameters } from "./src/parameters.js";
export { Response } from "./src/response.js";
