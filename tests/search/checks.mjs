// What every search must keep, whatever was asked: the documents, their order and scores are those of the
// plain search, and what is shown is what they say.

import assert from "node:assert/strict";
import { holdsLoosely } from "./search.mjs";
import { engine, EVERYTHING } from "./site.mjs";

export const urls = (found) => found.map(({ url }) => url).sort();
export const ranked = ({ hits }) => hits.map(({ url, score }) => [url, score]);
const close = (a, b) => Math.abs(a - b) <= 1e-5 * Math.max(1e-3, Math.abs(a), Math.abs(b));

function checkScores(hits, parsed, docs, search) {
  const byUrl = new Map(docs.map((doc) => [doc.url, doc]));
  hits.forEach((hit) => {
    const wanted = search.score(byUrl.get(hit.url), parsed);
    assert.ok(close(hit.score, wanted), `${hit.url} scores ${hit.score}, not ${wanted}`);
  });
}

// Best first, and the newer first of two that are as good.
function checkOrder(hits, newest) {
  const place = new Map(newest.map((doc, i) => [doc.url, i]));
  for (let i = 1; i < hits.length; i++) {
    const [a, b] = [hits[i - 1], hits[i]];
    assert.ok(a.score > b.score || (a.score === b.score && place.get(a.url) < place.get(b.url)), `${a.url} before ${b.url}`);
  }
}

const joined = (parts) => parts.map(([text]) => text).join("");

function checkShown(hit, doc) {
  assert.equal(hit.title, doc.title);
  assert.equal(joined(hit.titleParts), doc.title);
  assert.equal(hit.iso, doc.date);
  assert.ok([...joined(hit.excerpt)].length <= 110, `a long excerpt: ${joined(hit.excerpt)}`);
  if (hit.anchor) assert.ok(doc.sections.some(([anchor]) => anchor === hit.anchor));
  for (const [text, isHit] of [...hit.titleParts, ...hit.excerpt]) assert.ok(typeof text === "string" && typeof isHit === "boolean");
}

// Everything a question finds, against the plain search; gives how it was found.
export async function checkQuestion(index, query, options, docs, search) {
  const parsed = engine.parse(query);
  const all = { ...parsed, filters: [...parsed.filters, ...(options.filters || [])] };
  const result = await index.search(query, { ...EVERYTHING, ...options });
  const found = search.find(all);
  if (found.length === 0 && result.by !== "text") {
    checkOtherwise(result, parsed, docs, search);
    return result;
  }
  assert.deepEqual(urls(result.hits), urls(found), `what ${query} finds`);
  assert.equal(result.total, found.length, query);
  assert.equal(result.exact, true);
  const byUrl = new Map(docs.map((doc) => [doc.url, doc]));
  result.hits.forEach((hit) => checkShown(hit, byUrl.get(hit.url)));
  const alone = parsed.groups.every((phrases) => phrases.length === 1);
  if (alone && !options.sort && !all.filters.some(({ key }) => key === "person")) checkScores(result.hits, parsed, docs, search);
  if (!options.sort) checkOrder(result.hits, search.newest(docs));
  return result;
}

function checkOtherwise(result, parsed, docs, search) {
  if (result.by !== "edge") return;
  assert.ok(result.hits.length > 0);
  assert.deepEqual(urls(result.hits), urls(search.find(parsed, holdsLoosely)), JSON.stringify(parsed));
}
