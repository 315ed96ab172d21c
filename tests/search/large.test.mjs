// As many documents as need several blocks of norms, which are then fetched only where they are needed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkQuestion } from "./checks.mjs";
import { document, LABELS, seeded } from "./corpus.mjs";
import { encode } from "./encode.mjs";
import { plainSearch } from "./search.mjs";
import { open } from "./site.mjs";

const random = seeded(19);
const docs = Array.from({ length: 17000 }, (_, i) => ({ ...document(random, i, 1), fields: [], sections: [], pinyin: "" }));
const files = encode(docs, LABELS, { shards: 32, heavyBytes: 700, heads: 64 });

test("many documents: everything is found, with plain BM25's scores", async () => {
  const search = plainSearch(docs, LABELS);
  const { index, reads } = await open(files);
  for (const query of ["党课 支部", "2021年6月", "𠮷", "党员会议", "“四强党支部” -党", "第12卷 kind:党课", "タワー year:2021"]) {
    await checkQuestion(index, query, {}, docs, search);
  }
  assert.ok(reads.some((path) => path.includes("/h/")) && reads.some((path) => path.includes("/n/1.bin")), reads.slice(0, 40).join(" "));
  assert.equal(new Set(reads).size, reads.length);
});

test("many documents: the first page of a heavy term is as the whole begins", async () => {
  for (const query of ["党", "党课", "2021"]) {
    const { index, reads } = await open(files);
    const page = await index.search(query);
    assert.deepEqual(reads.filter((path) => /\/(h|t|n)\//.test(path)), [], query);
    const whole = await (await open(files)).index.search(query, { limit: 11, offset: 0, sort: "relevance", most: 1e6 });
    assert.deepEqual(page.hits.map(({ url }) => url), whole.hits.slice(0, 10).map(({ url }) => url));
  }
});

test("many documents: a filter's documents alone have their norms fetched", async () => {
  const { index, reads } = await open(files);
  assert.ok((await index.search("党课 会议 date:2024-12-27..2024-12-28")).total >= 0);
  assert.ok(reads.filter((path) => path.includes("/n/")).length <= 1, reads.join(" "));
});
