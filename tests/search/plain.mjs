// What the engine must agree with, written once more and as plainly as can be: the analyzer of
// `src/search/analyzer.rs`, a search that reads every text, and BM25 in double precision.
// Nothing here is shared with the engine, so that a fault of the one cannot hide in the other.

import { readFileSync } from "node:fs";

const table = new Map();
for (const line of readFileSync(new URL("../../src/search/t2s.txt", import.meta.url), "utf8").split("\n")) {
  const [from, to] = line;
  if (from !== "#" && to !== undefined) table.set(from, to);
}

const HAN = [
  [0x3005, 0x3005], [0x3007, 0x3007], [0x3040, 0x30ff], [0x3400, 0x4dbf], [0x4e00, 0x9fff],
  [0xac00, 0xd7af], [0xf900, 0xfaff], [0x20000, 0x3ffff],
];
const BRIDGES = new Set("“”‘’\"'《》〈〉「」『』()[]【】〔〕·•‧");

export function kindOf(character) {
  const code = character.codePointAt(0);
  if (HAN.some(([first, last]) => code >= first && code <= last)) return "han";
  if (BRIDGES.has(character)) return "bridge";
  return /^[\p{Alphabetic}\p{N}]$/u.test(character) ? "word" : "gap";
}

export const hasTraditional = (text) => [...text].some((c) => table.has(c));

export function fold(text) {
  const lower = [...text.normalize("NFKC")].map((c) => c.toLowerCase()).join("");
  return [...lower].map((c) => table.get(c) || c).join("");
}

// Han characters and words in order, each with whether something stands between it and the one before.
function units(folded) {
  const found = [];
  let parted = true;
  let length = 0;
  for (const c of folded) {
    const kind = kindOf(c);
    const last = found[found.length - 1];
    const goesOn = kind === "word" && length > 0;
    if (kind === "gap") parted = true;
    if (kind === "han") found.push({ kind, text: c, parted });
    if (goesOn && length % 40 > 0) last.text += c;
    // The rest of a long word stands by itself.
    else if (kind === "word") found.push({ kind, text: c, parted: parted && !goesOn });
    if (kind === "han" || kind === "word") parted = false;
    length = kind === "word" ? length + 1 : 0;
  }
  return found;
}

const isPairOf = (before, unit) =>
  before !== undefined && !unit.parted && (before.kind === "han" || unit.kind === "han");

export function terms(folded) {
  return units(folded).flatMap((unit, i, all) =>
    isPairOf(all[i - 1], unit) ? [all[i - 1].text + unit.text, unit.text] : [unit.text],
  );
}

export function squeeze(folded) {
  let out = "";
  let last = "";
  let between = new Set();
  for (const c of folded) {
    const kind = kindOf(c);
    if (kind === "gap" || kind === "bridge") {
      between.add(kind);
      continue;
    }
    if (last === "word" && kind === "word" && between.size > 0) out += " ";
    else if (last && between.has("gap")) out += "\0";
    between = new Set();
    out += c;
    last = kind;
  }
  return out;
}

export function holds(text, asked) {
  if (asked === "") return false;
  const characters = [...asked];
  const isWord = (c) => c !== undefined && kindOf(c) === "word";
  // The next match may begin within this one.
  for (let at = text.indexOf(asked); at >= 0; at = text.indexOf(asked, at + 1)) {
    const before = [...text.slice(0, at)].pop();
    const [after] = text.slice(at + asked.length);
    const cutsBefore = isWord(characters[0]) && isWord(before);
    const cutsAfter = isWord(characters[characters.length - 1]) && isWord(after);
    if (!cutsBefore && !cutsAfter) return true;
  }
  return false;
}

const known = new Map();

// Remembered, for a question is held against every text.
export function squeezed(text) {
  if (!known.has(text)) known.set(text, squeeze(fold(text)));
  return known.get(text);
}

export const termsOf = (text) => terms(fold(text));

// The terms a phrase is looked up by: of every run the pairs, five of them at most, spread evenly; what is in no
// pair by itself; each once.
export function phraseTerms(phrase) {
  const all = units(fold(phrase));
  const found = new Set();
  let pairs = [];
  const close = () => {
    const step = pairs.length > 5 ? (pairs.length - 1) / 4 : 1;
    pairs.filter((_, i) => [0, 1, 2, 3, 4].some((n) => Math.round(n * step) === i)).forEach((pair) => found.add(pair));
    pairs = [];
  };
  const squeezedGap = (i) => all[i].parted || (all[i].kind === "word" && all[i - 1].kind === "word");
  all.forEach((unit, i) => {
    if (i > 0 && squeezedGap(i)) close();
    if (isPairOf(all[i - 1], unit)) pairs.push(all[i - 1].text + unit.text);
    const isPaired = isPairOf(all[i - 1], unit) || (all[i + 1] !== undefined && isPairOf(unit, all[i + 1]));
    if (!isPaired) found.add(unit.text);
  });
  close();
  return [...found];
}

// The terms of a document that have positions, with them in order: every pair of units that follow each other, and
// every unit that something parts from its neighbour; words longer than a term have none. People and posts come
// first, where every unit has positions; `last` is the last of theirs.
export function positions(texts, people = []) {
  const found = new Map();
  const add = (term, at) => found.set(term, [...(found.get(term) || []), at]);
  let [at, last] = [0, 0];
  const all = [...people.map((text) => [text, true]), ...texts.map((text) => [text, false])];
  for (const [text, isPeople] of all.filter(([text]) => text !== "")) {
    const parts = wholeUnits(squeezed(text));
    at += 4;
    parts.forEach(({ unit, parted }, i) => {
      at += i === 0 ? 0 : parted ? 3 : 2;
      const next = parts[i + 1];
      const isShort = (u) => [...u].length <= 40;
      if (isShort(unit) && (isPeople || (i > 0 && parted) || (next && next.parted))) add(unit, at);
      if (next && !next.parted && isShort(unit) && isShort(next.unit)) add(unit + next.unit, at);
    });
    if (isPeople) last = at;
  }
  return { found, last };
}

function wholeUnits(text) {
  const found = [];
  let before = "";
  for (const c of text) {
    const kind = kindOf(c);
    if (kind === "word" && before === "word") found[found.length - 1].unit += c;
    else if (kind === "word" || kind === "han") found.push({ unit: c, parted: before === "gap" });
    before = kind;
  }
  return found;
}
