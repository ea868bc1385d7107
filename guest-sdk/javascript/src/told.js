// An error as the text that the person sees.

import { Failure } from "./errors.js";
import { shown } from "./checked.js";

/** The host keeps the beginning of what it is told, and the innermost calls come first. */
const SHOWN_CALLS = 30;

const CALL = /^ *at (.*)$/;
/** Calls of the SDK, of the engine, and of Node.js's test runner. */
const NOT_THEIRS = /\bdrillmaster:|\(native\)$|\bnode:/;

const IMPORT_FAILED = [
  [/^Error resolving module '(.*?)' from '(.*?)': (.*)$/s, "cannot import '$1' from $2: $3"],
  // The engine looks among its own modules first, and says so.
  [/^Error loading module '.*?': (?:WIT import not found\n)?(.*)$/s, "cannot import a file: $1"],
];

/**
 * What went wrong on the first line, which some places alone show; then the calls that led there, without those of the
 * SDK; then the causes in the same way. Of a `Failure`, and of a text that was thrown, its text alone.
 */
export function told(error) {
  let text;
  try {
    text = lines(error, new Set()).join("\n");
  } catch {
    text = "an error was thrown that cannot be told: asked what it is, it throws another";
  }
  return text.toWellFormed();
}

function lines(error, seen) {
  seen.add(error);
  if (!(error instanceof Error)) {
    return [thrown(error)];
  }
  if (error instanceof Failure) {
    return [[error.message, ...others(error, seen).map(([, other]) => lines(other, seen)[0])].join(": ")];
  }
  const causes = others(error, seen).flatMap(([word, other]) => {
    const [first, ...rest] = lines(other, seen);
    return [`${word} ${first}`, ...rest];
  });
  return [head(error), ...calls(error), ...causes];
}

function thrown(value) {
  if (typeof value === "string") {
    return value;
  }
  // It is what the engine throws when there is no room for an error.
  const reason = value === null ? ", or there is no memory left" : "";
  return `${shown(value)} was thrown, which is no Error${reason}`;
}

function head(error) {
  const message = String(error.message);
  for (const [failed, instead] of IMPORT_FAILED) {
    if (failed.test(message)) {
      return message.replace(failed, instead);
    }
  }
  return message === "" ? String(error.name) : `${error.name}: ${message}`;
}

function calls(error) {
  const theirs = String(error.stack ?? "")
    .split("\n")
    .map((line) => CALL.exec(line)?.[1])
    .filter((call) => call !== undefined && !NOT_THEIRS.test(call));
  const all = theirs.slice(0, SHOWN_CALLS).map((call) => `    at ${call}`);
  return theirs.length > SHOWN_CALLS ? [...all, `    (after ${theirs.length - SHOWN_CALLS} other calls)`] : all;
}

/** What else went wrong, each with what it is to the error. */
function others(error, seen) {
  const all = [];
  if (error.cause !== undefined) {
    all.push(["caused by", error.cause]);
  }
  if (error instanceof AggregateError) {
    all.push(...error.errors.map((part) => ["of which one is", part]));
  }
  return all.filter(([, other]) => !seen.has(other));
}
