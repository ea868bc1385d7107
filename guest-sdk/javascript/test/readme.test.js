// The definition that the README shows, and its test.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const SDK = fileURLToPath(new URL("..", import.meta.url));

test("the definition of the README passes its test", () => {
  const readme = readFileSync(join(SDK, "README.md"), "utf8");
  const [definition, tests] = [...readme.matchAll(/```javascript\n(.*?)```/gs)].map(([, code]) => code);
  const directory = mkdtempSync(join(tmpdir(), "readme-"));
  try {
    mkdirSync(join(directory, "node_modules"));
    symlinkSync(SDK, join(directory, "node_modules/drillmaster"));
    writeFileSync(join(directory, "package.json"), '{"type": "module"}');
    writeFileSync(join(directory, "shop.js"), definition);
    writeFileSync(join(directory, "shop.test.js"), tests);
    // Else this run would be taken for a part of the one that it is in.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const told = execFileSync(process.execPath, ["--test"], { cwd: directory, env, encoding: "utf8" });
    assert.match(told, /pass 2\n/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
