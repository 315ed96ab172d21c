// What positions tell is what the texts say, of any text and any phrase; and totals are exact before a text is read.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { documents, LABELS, question, seeded } from "./corpus.mjs";
import { encode } from "./encode.mjs";
import { positions, squeezed } from "./plain.mjs";
import { plainSearch } from "./search.mjs";
import { engine, open, theme } from "./site.mjs";

engine.useTable(new TextDecoder().decode(theme("t2s.txt")));

const ofText = (text, i) => ({ url: `r/${i}/`, title: text, kind: "", branch: "", date: "", fields: [], sections: [], pinyin: "" });
const asked = (text) => engine.squeeze(engine.fold(text));

// Asks positions for each phrase, and each text whether it holds it.
async function compare(docs, phrases, options) {
  const { index } = await open(encode(docs, LABELS, { positions: 30, ...options }));
  const all = await index.store.everything();
  const texts = await Promise.all(Array.from(all, async (doc) => (await index.store.fragment(doc)).pieces.map(({ text, place }) => [asked(text), place])));
  let told = 0;
  for (const phrase of new Set(phrases.map(asked))) {
    for (const isPerson of [false, true]) {
      const held = await globalThis.BeilinPositions(index.store, phrase, all, isPerson);
      if (held === null) continue;
      const has = ([text, place]) => (!isPerson || place === "people") && engine.holds(text, phrase);
      assert.deepEqual(Array.from(held), Array.from(all).filter((_, i) => texts[i].some(has)), JSON.stringify([phrase, isPerson]));
      told += held.length;
    }
  }
  return told;
}

test("positions tell what the vectors say is held", async () => {
  const vectors = JSON.parse(readFileSync(new URL("vectors.json", import.meta.url), "utf8"));
  const texts = [...new Set([...vectors.holds, ...vectors.analyzer].map(({ text }) => text))];
  const phrases = [...vectors.holds.map((v) => v.asked), ...texts];
  assert.ok((await compare(texts.map(ofText), phrases)) > 50);
});

const ATOMS = ["党", "课", "会", "一", "a", "b", "ab", "2", "𠮷", "，", "。", " ", "“", "”", "·", "\0", "組", "Ａ", "e\u0301", "ﬁ", "😀", "x".repeat(39), "x".repeat(41)];
const scrap = (random, longest) => Array.from({ length: random.below(longest + 1) }, () => random.pick(ATOMS)).join("");

test("positions tell what any text holds, of several pieces, and of what has changed", async () => {
  const random = seeded(61);
  const some = (count) => Array.from({ length: count }, (_, i) => ({
    ...ofText(scrap(random, 8), i), fields: [["o", scrap(random, 3)], ["p", scrap(random, 3)]], sections: [["s", scrap(random, 3), scrap(random, 60)]],
  }));
  let told = 0;
  for (let round = 0; round < 12; round++) {
    const docs = some(30);
    const change = { removed: docs.slice(0, 6).map(({ url }) => url), added: some(5).map((doc) => ({ ...doc, url: "d/" + doc.url })) };
    const part = () => {
      const letters = [...random.pick(docs).sections[0][2]];
      const at = random.below(letters.length + 1);
      return letters.slice(at, at + 2 + random.below(3)).join("");
    };
    const phrases = Array.from({ length: 150 }, (_, i) => (i % 2 ? part() : scrap(random, 4)));
    told += await compare(docs, phrases, { heavyBytes: random.pick([0, 20, 1e9]), ...(round % 2 ? { change } : {}) });
  }
  assert.ok(told > 250, `only ${told}`);
});

test("pieces do not touch, and only what stands apart has positions by itself", () => {
  assert.deepEqual(positions(["党课，会", "会"]).found, new Map([["党课", [4]], ["课", [6]], ["会", [9]]]));
  assert.deepEqual(positions(["Party Branch 6月"]).found, new Map([["party", [4]], ["branch", [7]], ["6", [10]], ["6月", [10]]]));
  assert.deepEqual(positions(["课"], ["张三"]), { found: new Map([["张", [4]], ["张三", [4]], ["三", [6]]]), last: 6 });
});

test("totals are exact before a text is read", async () => {
  const random = seeded(67);
  const docs = documents(random, 200, 16);
  const search = plainSearch(docs, LABELS);
  const files = encode(docs, LABELS, { heavyBytes: 48, heads: 16, positions: 60 });
  let told = 0;
  for (let i = 0; i < 150; i++) {
    const ask = () => question(random, docs);
    const query = [ask, () => `${ask()} -${ask()}`, () => `${ask()} OR ${ask()}`, () => `${ask()} year:2021`, () => `${ask()} person:${ask()}`, () => `person:张三 ${ask()}`][i % 6]();
    const { index, reads } = await open(files);
    const limit = random.pick([0, 10]);
    const result = await index.search(query, { limit });
    // Parts of words, and what is spoken, are told by their texts.
    if (result.by !== "text") continue;
    told += 1;
    assert.equal(result.exact, true, query);
    assert.equal(result.total, search.find(engine.parse(query)).length, query);
    // A few are read instead of long lists.
    assert.ok(result.checked <= 40, `${query}: ${result.checked} texts are read`);
    assert.equal(new Set(reads).size, reads.length);
  }
  assert.ok(told > 100, `${told} by their words`);
});

test("without what reads them positions are as if they were not there", async () => {
  const docs = documents(seeded(71), 60, 8);
  const [reader, query] = [globalThis.BeilinPositions, "党课会议"];
  const ask = async (options) => (await open(encode(docs, LABELS, options))).index.search(query, { most: 1e6, limit: 1e6 });
  const plain = await ask({});
  globalThis.BeilinPositions = undefined;
  try {
    assert.deepEqual(await ask({ positions: 50 }), plain);
  } finally {
    globalThis.BeilinPositions = reader;
  }
});
