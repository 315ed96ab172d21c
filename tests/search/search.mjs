// The plain search: every text of every document is read. What it finds, and in which order, is what the
// engine must find.

import { BOOSTS, byAge, lengthOf, normOf, pieces, tierTexts } from "./encode.mjs";
import { bm25, unitTier } from "./score.mjs";
import { fold, holds, kindOf, phraseTerms, squeezed, termsOf } from "./plain.mjs";

const cache = new WeakMap();

// What of a document does not change from question to question.
function known(doc) {
  if (!cache.has(doc)) {
    const all = termsIn(pieces(doc));
    const tf = new Map();
    for (const term of all) tf.set(term, (tf.get(term) || 0) + 1);
    const tiers = tierTexts(doc).map((texts) => termsIn(texts));
    cache.set(doc, {
      tf,
      length: all.length,
      tiers: tiers.map((terms) => new Set(terms)),
      tierTokens: tiers.map((terms) => terms.length),
      pieces: pieces(doc).map(squeezed),
      people: doc.fields.filter(([code]) => code === "p").map(([, text]) => squeezed(text)),
    });
  }
  return cache.get(doc);
}

const termsIn = (texts) => texts.flatMap(termsOf);

export const holdsPhrase = (doc, phrase) => known(doc).pieces.some((piece) => holds(piece, squeezed(phrase)));

// As `holdsPhrase`, but half a word is enough at an edge that has other characters beside it.
export function holdsLoosely(doc, phrase) {
  const asked = squeezed(phrase);
  const kinds = [...asked].map(kindOf);
  const isMixed = [kinds[0], kinds[kinds.length - 1]].includes("word") && kinds.includes("han");
  return isMixed ? known(doc).pieces.some((piece) => piece.includes(asked)) : holdsPhrase(doc, phrase);
}

// The ids that a value names: those that are the same, else those that have it in them.
function named(rows, value) {
  const wanted = fold(value);
  const same = rows.filter(([, equal]) => equal.some((name) => fold(name) === wanted));
  const chosen = same.length > 0 ? same : rows.filter(([, , within]) => within.some((name) => fold(name).includes(wanted)));
  return new Set(chosen.map(([id]) => id));
}

function inRange(date, value) {
  if (date === "") return false;
  const [from, to] = value.includes("..") ? value.split("..") : [value, value];
  const common = (bound) => Math.min(date.length, bound.length);
  return date.slice(0, common(from)) >= from.slice(0, common(from)) && date.slice(0, common(to)) <= to.slice(0, common(to));
}

export function passes(doc, filter, labels) {
  const { key, value } = filter;
  if (key === "kind") return named(labels.kinds.map(([id, label]) => [id, [id, label], [label]]), value).has(doc.kind);
  if (key === "branch") return named(labels.branches.map(([id, name, short]) => [id, [id, name, short], [name]]), value).has(doc.branch);
  if (key === "honour") return honoured(labels, value).has(doc.branch);
  if (key === "person") return known(doc).people.some((piece) => holds(piece, squeezed(value)));
  return inRange(doc.date, value);
}

function honoured(labels, value) {
  const rows = labels.branches.flatMap(([id, , , , honours]) => honours.map((honour) => [id, [honour], [honour]]));
  return named(rows, value);
}

export function matches(doc, { groups, not, filters }, labels, held = holdsPhrase) {
  const keys = new Set(filters.filter((f) => !f.not).map((f) => f.key));
  // Nothing but punctuation asks for nothing.
  const asks = groups.length > 0 || not.length > 0 || filters.length > 0;
  return (
    asks &&
    groups.every((phrases) => phrases.some((phrase) => held(doc, phrase))) &&
    !not.some((phrase) => holdsPhrase(doc, phrase)) &&
    [...keys].every((key) => filters.some((f) => f.key === key && !f.not && passes(doc, f, labels))) &&
    !filters.some((f) => f.not && passes(doc, f, labels))
  );
}

function statistics(docs) {
  const sum = (value) => docs.reduce((total, doc) => total + value(known(doc)), 0);
  return {
    docs: docs.length,
    tokens: sum((k) => k.length),
    tiers: [0, 1, 2].map((tier) => ({ tokens: sum((k) => k.tierTokens[tier]) })),
  };
}

// A search over these documents, with every question's scores in double precision.
export function plainSearch(docs, labels) {
  const stats = statistics(docs);
  const counts = new Map();
  const countOf = (term) => {
    if (!counts.has(term)) {
      counts.set(term, {
        all: docs.filter((doc) => known(doc).tf.has(term)).length,
        tiers: [0, 1, 2].map((tier) => docs.filter((doc) => known(doc).tiers[tier].has(term)).length),
      });
    }
    return counts.get(term);
  };
  const termScore = (doc, term) => {
    const { tf, tiers, length } = known(doc);
    const count = countOf(term);
    const all = tf.has(term) ? bm25(stats, count.all, tf.get(term), lengthOf(normOf(length))) : 0;
    return tiers.reduce((sum, set, tier) => sum + (set.has(term) ? BOOSTS[tier] * unitTier(stats, tier, count.tiers[tier]) : 0), all);
  };
  // A phrase counts as its rarest term does.
  const rarest = (phrase) =>
    phraseTerms(phrase).reduce((least, term) => (least === "" || countOf(term).all < countOf(least).all ? term : least), "");
  const score = (doc, parsed) =>
    parsed.groups.flat().map(rarest).filter(Boolean).reduce((sum, term) => sum + termScore(doc, term), 0);
  return {
    stats,
    score,
    find: (parsed, held) => docs.filter((doc) => matches(doc, parsed, labels, held)),
    newest: (found) => [...found].sort(byAge).reverse(),
  };
}
