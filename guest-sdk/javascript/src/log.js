import { host } from "./host.js";

const at = (level) => (message) => host.log(level, String(message).toWellFormed());

export const log = Object.freeze({ debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") });
