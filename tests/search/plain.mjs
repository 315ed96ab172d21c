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

export function terms(folded) {
  const found = [];
  let before = "";
  let word = [];
  const endWord = () => {
    if (word.length > 0) found.push(word.join(""));
    word = [];
  };
  for (const c of folded) {
    const kind = kindOf(c);
    if (kind !== "word" || word.length === 40) endWord();
    if (kind === "han") {
      if (before) found.push(before + c);
      found.push(c);
      before = c;
    } else if (kind === "word") {
      word.push(c);
      before = "";
    } else if (kind === "gap") {
      before = "";
    }
  }
  endWord();
  return found;
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
  // As Rust's `match_indices`: the next match is looked for behind this one.
  for (let at = text.indexOf(asked); at >= 0; at = text.indexOf(asked, at + asked.length)) {
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

// The terms a phrase is looked up by: a lone Han character, else the pairs; every word; each once.
export function phraseTerms(phrase) {
  const all = termsOf(phrase);
  const isHan = (term) => kindOf([...term][0]) === "han";
  const isPair = (term) => term !== undefined && isHan(term) && [...term].length === 2;
  // A pair stands between its two characters.
  const isPaired = (i) => isHan(all[i]) && !isPair(all[i]) && (isPair(all[i - 1]) || isPair(all[i + 1]));
  return [...new Set(all.filter((_, i) => !isPaired(i)))];
}
