import assert from "node:assert/strict";
import { test } from "node:test";

import { decoded } from "../src/utf8.js";

test("bytes are read as every decoder reads them", () => {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const alike = (numbers) => {
    const bytes = Uint8Array.from(numbers);
    assert.equal(decoded(bytes), decoder.decode(bytes), `${bytes}`);
  };
  const plain = [0, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf];
  const edges = [...plain, 0xc0, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff];
  for (const first of edges) {
    for (const second of edges) {
      alike([first, second]);
      for (const third of edges) {
        alike([first, second, third, 0x80, 0x41]);
      }
    }
  }
  alike(new TextEncoder().encode("grüß dich 🦀\n".repeat(5000)));
});
