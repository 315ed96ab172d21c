// The analyzer and the query language: the engine, the shared vectors and the plain analyzer agree.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { seeded } from "./corpus.mjs";
import * as plain from "./plain.mjs";
import { engine, theme } from "./site.mjs";

const vectors = JSON.parse(readFileSync(new URL("vectors.json", import.meta.url), "utf8"));
engine.useTable(new TextDecoder().decode(theme("t2s.txt")));

test("the analyzer gives what the vectors say", () => {
  for (const { text, fold, terms, squeeze } of vectors.analyzer) {
    assert.equal(engine.fold(text), fold, text);
    assert.deepEqual(engine.terms(fold), terms, text);
    assert.equal(engine.squeeze(fold), squeeze, text);
    assert.deepEqual([plain.fold(text), plain.terms(fold), plain.squeeze(fold)], [fold, terms, squeeze]);
  }
});

test("what is held is held as the vectors say", () => {
  const squeezed = (text) => engine.squeeze(engine.fold(text));
  for (const { text, asked, holds } of vectors.holds) {
    assert.equal(engine.holds(squeezed(text), squeezed(asked)), holds, `${text} holds ${asked}`);
  }
});

test("queries are parsed as the vectors say", () => {
  for (const { query, parsed } of vectors.queries) assert.deepEqual(engine.parse(query), parsed, query);
});

test("the analyzer agrees with the plain one on any string", () => {
  const random = seeded(7);
  const ranges = [[0, 0x250], [0x300, 0x370], [0x370, 0x600], [0x900, 0xa00], [0x1100, 0x1200], [0x2000, 0x2200], [0x2460, 0x2500], [0x3000, 0x3400], [0x4e00, 0xa000], [0xac00, 0xad00], [0xf900, 0xfb10], [0xfe30, 0xfff0], [0x10400, 0x10450], [0x1d400, 0x1d800], [0x1f100, 0x1f250], [0x20000, 0x20100], [0x2f800, 0x2fa20]];
  for (let i = 0; i < 4000; i++) {
    let text = "";
    for (let n = random.below(12); n >= 0; n--) {
      const [from, to] = random.pick(ranges);
      text += String.fromCodePoint(from + random.below(to - from));
    }
    const folded = plain.fold(text);
    assert.equal(engine.fold(text), folded, JSON.stringify(text));
    assert.deepEqual(engine.terms(folded), plain.terms(folded), JSON.stringify(text));
    assert.equal(engine.squeeze(folded), plain.squeeze(folded), JSON.stringify(text));
    const squeezed = plain.squeeze(folded);
    const cut = squeezed.slice(random.below(3), -random.below(3) || undefined);
    if (cut.isWellFormed()) assert.equal(engine.holds(squeezed, cut), plain.holds(squeezed, cut), JSON.stringify([squeezed, cut]));
  }
});
