// Makes an index in format 2 out of plain documents, for the tests of the browser's engine only: the
// site's own index is written in Rust. Small and slow where that makes it plainer.
//
// A document: {url, title, kind, branch, date, fields: [[code, text]], sections: [[anchor, heading, text]], pinyin}
// with ids of the labels {kinds: [[id, label]], branches: [[id, name, short, organisation, [honours]]]}.

import { deflateRawSync } from "node:zlib";
import { fold, hasTraditional, positions as placesOf, terms } from "./plain.mjs";
import { bm25, unitTier } from "./score.mjs";

const utf8 = new TextEncoder();
const BASE = "ba5e00ba5e";
const DELTA = "de17a0de17";
const LABELS = "1abe151abe";
export const BOOSTS = [2, 1.5, 0.5];

// The texts of each tier: what is found in them weighs more.
export const tierTexts = (doc) => [
  [doc.title],
  doc.fields.filter(([code]) => code === "p").map(([, text]) => text),
  doc.sections.map(([, heading]) => heading),
];

export const pieces = (doc) => [
  doc.title,
  ...doc.fields.map(([, text]) => text),
  ...doc.sections.flatMap(([, heading, text]) => [heading, text]),
];

const termsIn = (texts) => texts.flatMap((text) => terms(fold(text)));

// Oldest first, undated before all, by route where dates are the same.
export const byAge = (a, b) => compare(a.date, b.date) || compare(a.url, b.url);
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

// ---- numbers and bytes

export function varint(n) {
  const out = [];
  for (; n >= 128; n = Math.floor(n / 128)) out.push((n % 128) + 128);
  out.push(n);
  return out;
}

function gaps(numbers) {
  const out = [];
  numbers.forEach((n, i) => out.push(...varint(i === 0 ? n : n - numbers[i - 1])));
  return out;
}

function bitmap(numbers, count) {
  const bytes = new Array(Math.ceil(count / 8)).fill(0);
  for (const n of numbers) bytes[n >> 3] |= 1 << (n & 7);
  return bytes;
}

function others(numbers, count) {
  const has = new Set(numbers);
  return Array.from({ length: count }, (_, n) => n).filter((n) => !has.has(n));
}

// The shortest of the three forms, or the one asked for.
function docSet(numbers, count, form) {
  if (form === 1 || (form === undefined && numbers.length * 8 > count && numbers.length * 8 < count * 7)) return [1, ...bitmap(numbers, count)];
  if (form === 2 || (form === undefined && numbers.length * 2 > count)) return [2, ...gaps(others(numbers, count))];
  return [0, ...gaps(numbers)];
}

function frequencies(tfs) {
  const codes = new Array(Math.ceil(tfs.length / 4)).fill(0);
  tfs.forEach((tf, i) => (codes[i >> 2] |= Math.min(tf - 1, 3) << ((i & 3) * 2)));
  return [...codes, ...tfs.filter((tf) => tf > 3).flatMap((tf) => varint(tf - 4))];
}

export const lengthOf = (id) => {
  const i = id - 24;
  const shift = (i >>> 3) - 1;
  return id < 24 ? id : 24 + (shift < 0 ? i & 7 : ((i & 7) | 8) * 2 ** shift);
};

const NORM_LENGTHS = Array.from({ length: 256 }, (_, id) => lengthOf(id));

export function normOf(length) {
  let id = 0;
  while (id < 255 && NORM_LENGTHS[id + 1] <= length) id++;
  return id;
}

export function shardOf(bytes, shards) {
  let h = 0x811c9dc5;
  for (const byte of bytes) h = Math.imul(h ^ byte, 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) & (shards - 1);
}

function longName(bytes) {
  let h = 0xcbf29ce484222325n;
  for (const byte of bytes) h = ((h ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  return h.toString(16).padStart(16, "0");
}

// Two-byte GB18030 by what Node decodes, for there is no encoder.
let gbBytes;
function gb18030(text) {
  if (!gbBytes) {
    gbBytes = new Map();
    const decoder = new TextDecoder("gb18030");
    for (let lead = 0x81; lead < 0xff; lead++) {
      for (let trail = 0x40; trail < 0xff; trail++) {
        if (trail === 0x7f) continue;
        const c = decoder.decode(Uint8Array.of(lead, trail));
        if ([...c].length === 1 && c !== "\ufffd") gbBytes.set(c, [lead, trail]);
      }
    }
  }
  const out = [];
  for (const c of text) {
    if (c.codePointAt(0) < 0x80) out.push(c.charCodeAt(0));
    else if (gbBytes.has(c)) out.push(...gbBytes.get(c));
    else return null;
  }
  return out;
}

// ---- what documents say

function products(lists) {
  return lists.reduce((all, list) => all.flatMap((head) => list.map((item) => [...head, item])), [[]]);
}

const windows = (items, n) => items.slice(n - 1).map((_, i) => items.slice(i, i + n).join(""));

function pinyinTerms(pinyin) {
  const found = new Set();
  for (const part of pinyin.split("|")) {
    for (const syllables of products(part.split(" ").filter(Boolean).map((s) => s.split("/")))) {
      const initials = syllables.map((s) => s[0]);
      for (const term of windows([...syllables.join("")], 3)) found.add("\x02" + term);
      for (const term of [...windows(initials, 2), ...windows(initials, 3)]) found.add("\x03" + term);
    }
  }
  return [...found];
}

// Every term of a document: its frequency, and the tiers that have it as bits.
function entriesOf(doc) {
  const found = new Map();
  const add = (term, tf, mask) => {
    const entry = found.get(term) || { tf: 0, mask: 0 };
    found.set(term, { tf: entry.tf + tf, mask: entry.mask | mask });
  };
  const all = termsIn(pieces(doc));
  for (const term of all) add(term, 1, 0);
  tierTexts(doc).forEach((texts, tier) => new Set(termsIn(texts)).forEach((term) => add(term, 0, 1 << tier)));
  if (doc.kind) add("\x01k" + doc.kind, 1, 0);
  if (doc.branch) add("\x01b" + doc.branch, 1, 0);
  for (const term of pinyinTerms(doc.pinyin || "")) add(term, 1, 0);
  return { found, length: all.length, tierTokens: tierTexts(doc).map((texts) => termsIn(texts).length) };
}

// Reads the documents, in the order of their numbers.
function gather(docs) {
  const read = docs.map(entriesOf);
  const postings = new Map();
  read.forEach(({ found }, number) => {
    for (const [term, { tf, mask }] of found) {
      if (!postings.has(term)) postings.set(term, []);
      postings.get(term).push({ number, tf, mask });
    }
  });
  return { docs, postings, lengths: read.map((r) => r.length), tierTokens: read.map((r) => r.tierTokens), found: read.map((r) => r.found) };
}

// The sums that scores are made of, over the given documents.
export function statistics(gathered, alive) {
  const sum = (value) => alive.reduce((total, number) => total + value(number), 0);
  return {
    docs: alive.length,
    tokens: sum((n) => gathered.lengths[n]),
    tiers: [0, 1, 2].map((tier) => ({
      docs: alive.filter((n) => gathered.tierTokens[n][tier] > 0).length,
      tokens: sum((n) => gathered.tierTokens[n][tier]),
    })),
  };
}

// ---- the files

const tierNumbers = (list, tier) => list.filter((p) => p.mask & (1 << tier)).map((p) => p.number);

// The entry of a term, and in `files` what of it is too much for the shard.
function entry(term, list, gathered, stats, files, options) {
  const count = gathered.docs.length;
  const set = docSet(list.map((p) => p.number), count, options.form);
  const tfs = frequencies(list.map((p) => p.tf));
  const tiers = [0, 1, 2].map((tier) => tierNumbers(list, tier));
  const heavy = set.length + tfs.length > options.heavyBytes;
  const flags = tiers.reduce((bits, numbers, tier) => bits | (numbers.length > 0 ? 2 << tier : 0), heavy ? 1 : 0);
  const out = [...varint(list.length), flags];
  const name = longName(utf8.encode(term));
  if (heavy) {
    const stored = [set, tfs].map((bytes) => deflateRawSync(Uint8Array.from(bytes)));
    files.set(`${BASE}/h/${name}.bin`, () => stored[0]);
    files.set(`${BASE}/t/${name}.bin`, () => stored[1]);
    const heads = term < "\x04" ? [] : bestOf(list, tiers, gathered, stats).slice(0, options.heads);
    out.push(...varint(stored[0].length), ...varint(stored[1].length), ...varint(heads.length));
    for (const { number, tf, mask } of heads) out.push(...varint(number), ...varint(tf), normOf(gathered.lengths[number]), mask);
  } else {
    out.push(...set, ...tfs);
  }
  tiers.forEach((numbers, tier) => {
    if (numbers.length === 0) return;
    const bytes = docSet(numbers, count, options.form);
    const apart = bytes.length > options.heavyBytes;
    if (apart) files.set(`${BASE}/h/${name}-${tier}.bin`, () => deflateRawSync(Uint8Array.from(bytes)));
    out.push(...varint(numbers.length), ...varint(apart ? 0 : bytes.length), ...(apart ? [] : bytes));
  });
  return out;
}

function bestOf(list, tiers, gathered, stats) {
  const score = ({ number, tf, mask }) =>
    bm25(stats, list.length, tf, lengthOf(normOf(gathered.lengths[number]))) +
    tiers.reduce((sum, numbers, tier) => sum + (mask & (1 << tier) ? BOOSTS[tier] * unitTier(stats, tier, numbers.length) : 0), 0);
  return list.map((p) => ({ ...p, score: score(p) })).sort((a, b) => b.score - a.score || b.number - a.number);
}

function writeShards(files, folder, count, entries) {
  const shards = Array.from({ length: count }, () => []);
  for (const [term, bytes] of entries) {
    const name = utf8.encode(term);
    shards[shardOf(name, count)].push({ name, bytes });
  }
  shards.forEach((list, number) => {
    list.sort((a, b) => Buffer.compare(a.name, b.name));
    const parts = list.flatMap(({ name, bytes }) => [varint(name.length), name, varint(bytes.length), bytes]);
    const raw = Buffer.concat([varint(list.length), ...parts].map((part) => Buffer.from(part)));
    files.set(`${folder}/s/${number.toString(16)}.bin`, () => deflateRawSync(raw));
  });
}

// Beside each shard the positions of its terms, in the same order; those of more than `own` bytes by themselves.
function writePositions(files, folder, count, terms, gathered, own) {
  const of = gathered.docs.map((doc) => {
    const { fields } = doc;
    const other = { ...doc, fields: fields.filter(([code]) => code !== "p") };
    return placesOf(pieces(other), fields.filter(([code]) => code === "p").map(([, text]) => text));
  });
  const places = of.map(({ found }) => found);
  files.set(`${folder}/p/people.bin`, () => deflateRawSync(Uint8Array.from(of.flatMap(({ last }) => varint(last)))));
  const ofDoc = (list) => {
    if (!list) return [0];
    return list.flatMap((at, i) => varint((at - (i === 0 ? 0 : list[i - 1])) * 2 + (i + 1 < list.length ? 1 : 0)));
  };
  const block = (term) => {
    const list = gathered.postings.get(term) || [];
    return list.some(({ number }) => places[number].has(term)) ? list.flatMap(({ number }) => ofDoc(places[number].get(term))) : [];
  };
  const shards = Array.from({ length: count }, () => []);
  for (const term of terms) {
    const name = utf8.encode(term);
    shards[shardOf(name, count)].push({ name, bytes: block(term) });
  }
  shards.forEach((list, number) => {
    list.sort((a, b) => Buffer.compare(a.name, b.name));
    const out = list.flatMap(({ name, bytes }) => {
      if (bytes.length === 0) return [0];
      if (bytes.length <= own) return [...varint(bytes.length + 1), ...bytes];
      files.set(`${folder}/p/${longName(name)}.bin`, () => deflateRawSync(Uint8Array.from(bytes)));
      return [1];
    });
    files.set(`${folder}/p/${number.toString(16)}.bin`, () => deflateRawSync(Uint8Array.from(out)));
  });
}

function writeColumns(files, folder, docs, labels) {
  const kinds = labels.kinds.map(([id]) => id);
  const branches = labels.branches.map(([id]) => id);
  const dates = [];
  for (const { date } of docs) {
    const last = dates[dates.length - 1];
    if (last && last[0] === date) last[1]++;
    else dates.push([date, 1]);
  }
  const line = utf8.encode(JSON.stringify({ kinds, branches, dates }) + "\n");
  const branchColumn = docs.map((doc) => branches.indexOf(doc.branch) + 1);
  const raw = [...line, ...docs.map((doc) => kinds.indexOf(doc.kind) + 1), ...branchColumn.flatMap((n) => [n & 255, n >> 8])];
  files.set(`${folder}/c.bin`, () => deflateRawSync(Uint8Array.from(raw)));
}

function fragment(doc, labels, number) {
  const [, kind = ""] = labels.kinds.find(([id]) => id === doc.kind) || [];
  const [, , short = ""] = labels.branches.find(([id]) => id === doc.branch) || [];
  const shown = doc.date.replace(/-/, "年").replace(/-/, "月");
  const text = JSON.stringify([doc.url, doc.title, kind, short, shown, doc.date, doc.fields, doc.sections, doc.pinyin || ""]);
  // Both encodings, so that both are read.
  const gb = number % 2 === 1 ? gb18030(text) : null;
  const flags = (gb ? 1 : 0) | (hasTraditional(text) ? 2 : 0);
  return deflateRawSync(Uint8Array.from([flags, ...(gb || utf8.encode(text))]));
}

// Compressed only when it is asked for: most are not.
function writeFragments(files, folder, docs, labels) {
  docs.forEach((doc, number) => {
    files.set(`${folder}/f/${(number >> 8).toString(16)}/${(number & 255).toString(16)}.bin`, () => fragment(doc, labels, number));
  });
}

function writeNorms(files, lengths) {
  for (let block = 0; block << 14 < lengths.length; block++) {
    const ids = lengths.slice(block << 14, (block + 1) << 14).map(normOf);
    files.set(`${BASE}/n/${block}.bin`, () => deflateRawSync(Uint8Array.from(ids)));
  }
}

// The delta's entry: what goes from the base's counts, then a light entry of its own.
function deltaEntry(term, list, removed, gathered) {
  const gone = removed.map((found) => found.get(term)).filter(Boolean);
  const dec = [gone.length, ...[0, 1, 2].map((tier) => gone.filter(({ mask }) => mask & (1 << tier)).length)];
  const light = { heavyBytes: Infinity, heads: 0 };
  const own = list.length > 0 ? entry(term, list, gathered, null, null, light) : [0, 0];
  return [...dec.flatMap(varint), ...own];
}

function writeDelta(files, base, added, removedNumbers, labels, shards, own) {
  const delta = gather(added);
  const removed = removedNumbers.map((number) => base.found[number]);
  const names = new Set([...delta.postings.keys(), ...removed.flatMap((found) => [...found.keys()])]);
  writeShards(files, DELTA, shards, [...names].map((term) => [term, deltaEntry(term, delta.postings.get(term) || [], removed, delta)]));
  if (own !== undefined) writePositions(files, DELTA, shards, names, delta, own);
  const places = added.map((doc) => base.docs.filter((other) => byAge(other, doc) < 0).length);
  const raw = [
    ...varint(removedNumbers.length), ...gaps(removedNumbers), ...varint(added.length),
    ...places.flatMap((place, i) => [...varint(place), normOf(delta.lengths[i])]),
  ];
  files.set(`${DELTA}/d.bin`, () => deflateRawSync(Uint8Array.from(raw)));
  writeColumns(files, DELTA, added, labels);
  writeFragments(files, DELTA, added, labels);
  return delta;
}

const add = (a, b) => ({
  docs: a.docs + b.docs,
  tokens: a.tokens + b.tokens,
  tiers: a.tiers.map((tier, i) => ({ docs: tier.docs + b.tiers[i].docs, tokens: tier.tokens + b.tiers[i].tokens })),
});

function once(make) {
  let made;
  return () => (made = made || make());
}

// Returns the files of an index by path, as functions that give their bytes. `change` makes a delta of
// {removed: urls, added: documents}; a document that changed is removed and added. `positions` has the index hold
// positions, those of a term that take more bytes than so many in a file of their own.
export function encode(documents, labels, { heavyBytes = 4096, heads = 256, shards = 4, deltaShards = 2, form, change, positions } = {}) {
  const files = new Map();
  const docs = [...documents].sort(byAge);
  const base = gather(docs);
  const all = docs.map((_, number) => number);
  const stats = statistics(base, all);
  const options = { heavyBytes, heads, form };
  writeShards(files, BASE, shards, [...base.postings].map(([term, list]) => [term, entry(term, list, base, stats, files, options)]));
  if (positions !== undefined) writePositions(files, BASE, shards, base.postings.keys(), base, positions);
  writeNorms(files, base.lengths);
  writeColumns(files, BASE, docs, labels);
  writeFragments(files, BASE, docs, labels);
  let now = stats;
  let added = [];
  if (change) {
    const urls = new Set(change.removed);
    added = [...change.added].sort(byAge);
    const delta = writeDelta(files, base, added, all.filter((n) => urls.has(docs[n].url)), labels, deltaShards, positions);
    now = add(statistics(base, all.filter((n) => !urls.has(docs[n].url))), statistics(delta, added.map((_, i) => i)));
  }
  files.set(`${LABELS}.bin`, () => deflateRawSync(utf8.encode(JSON.stringify(labels))));
  const meta = {
    format: 2, base: BASE, delta: change ? DELTA : null, labels: LABELS, docs: now.docs, tokens: now.tokens,
    baseDocs: docs.length, shards, deltaDocs: added.length, deltaShards: change ? deltaShards : 0, boosts: BOOSTS, tiers: now.tiers,
  };
  if (positions !== undefined) meta.positions = true;
  files.set("meta.json", () => utf8.encode(JSON.stringify(meta)));
  return new Map([...files].map(([path, bytes]) => [path, once(bytes)]));
}
