// The worker's script in a world of its own, where only what a worker has is there.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createContext, runInContext } from "node:vm";
import { documents, LABELS, seeded } from "./corpus.mjs";
import { encode } from "./encode.mjs";
import { open, theme } from "./site.mjs";

const SITE = "https://example.org/";
const DOCS = documents(seeded(47), 30, 5);
const FILES = encode(DOCS, LABELS);
const PLACED = encode(DOCS, LABELS, { positions: 40 });

function bytesAt(url, files = FILES) {
  const path = url.slice(SITE.length).replace(/^(assets\/)?search\//, "");
  if (url.startsWith(SITE + "assets/")) return theme(path);
  return files.has(path) ? new Uint8Array(files.get(path)()) : null;
}

async function fetched(url, files) {
  const bytes = bytesAt(String(url), files);
  const body = async () => (bytes ? bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) : new ArrayBuffer(0));
  return { ok: bytes !== null, status: bytes ? 200 : 404, arrayBuffer: body };
}

// Gives what the page does: asks, and gets the answer of that number.
function worker(files = FILES) {
  const waiting = new Map();
  const answers = [];
  const scope = { TextDecoder, TextEncoder, setTimeout, clearTimeout, fetch: (url) => fetched(url, files), location: { protocol: "https:" } };
  scope.self = scope;
  scope.postMessage = (message) => {
    answers.push(message);
    if (!message.progress && waiting.has(message.id)) waiting.get(message.id)(message);
  };
  const context = createContext(scope);
  const run = (name) => runInContext(new TextDecoder().decode(theme(name)), context, { filename: name });
  scope.importScripts = (url) => run(url.replace(/^.*\//, ""));
  run("worker.js");
  const send = (data) => context.onmessage({ data });
  const ask = (id, method, ...args) =>
    new Promise((resolve) => {
      waiting.set(id, resolve);
      send({ id, method, args });
    });
  return { ask, send, answers };
}

const ADDRESSES = { base: SITE + "search/", assets: SITE + "assets/search/" };

test("the worker answers as the engine does", async () => {
  const { ask } = worker();
  assert.equal((await ask(1, "open", ADDRESSES)).error, undefined);
  const { index } = await open(FILES);
  // Made in another world, so only what is in it can be compared.
  const plain = (value) => JSON.parse(JSON.stringify(value));
  for (const query of ["党课", "支部 OR 組織", "kind:党课", "没有"]) {
    assert.deepEqual(plain((await ask(2, "search", query, {})).result), plain(await index.search(query)), query);
  }
  assert.deepEqual(plain((await ask(3, "facets", "党", {})).result), plain(await index.facets("党")));
});

test("the worker tells what went wrong by code", async () => {
  const { ask } = worker();
  const { error } = await ask(1, "open", { ...ADDRESSES, base: SITE + "nowhere/" });
  assert.equal(error.code, "missing");
  assert.ok((await ask(2, "nothing")).error.message.length > 0);
});

test("what was cancelled is not answered", async () => {
  const { ask, send, answers } = worker();
  await ask(1, "open", ADDRESSES);
  send({ id: 2, method: "search", args: ["党课", {}] });
  send({ cancel: 2 });
  await ask(3, "search", "支部", {});
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual(answers.filter(({ id }) => id === 2), []);
});

test("the worker loads what reads positions, where the index has them", async () => {
  const asked = ["党支部", { limit: 0 }];
  const told = async (files) => {
    const { ask } = worker(files);
    await ask(1, "open", ADDRESSES);
    return (await ask(2, "search", ...asked)).result;
  };
  const { index } = await open(PLACED);
  const wanted = JSON.parse(JSON.stringify(await index.search(...asked)));
  assert.deepEqual(JSON.parse(JSON.stringify(await told(PLACED))), wanted);
  assert.equal((await told(PLACED)).exact, true);
});
