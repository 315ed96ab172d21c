// Whatever has become of the files: an answer or an error that has a code, and soon.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { deflateRawSync } from "node:zlib";
import { documents, LABELS, seeded } from "./corpus.mjs";
import { encode } from "./encode.mjs";
import { open } from "./site.mjs";

const TRIES = 2000;
const LONGEST = 1500;

// Runs the tries in a thread; ends it when one takes too long.
function harmed(from, to) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("damage.mjs", import.meta.url), { workerData: { from, to }, resourceLimits: { maxOldGenerationSizeMb: 256 } });
    const outcomes = new Map();
    let timer;
    const stop = (seed) => worker.terminate().then(() => reject(new Error(`try ${seed} takes longer than ${LONGEST} ms`)));
    worker.on("message", ({ seed, outcome }) => {
      clearTimeout(timer);
      if (outcome === undefined) timer = setTimeout(stop, LONGEST, seed);
      else outcomes.set(seed, outcome);
    });
    worker.on("error", reject);
    worker.on("exit", () => {
      clearTimeout(timer);
      resolve(outcomes);
    });
  });
}

test(`${TRIES} damaged indexes give an answer or an error with a code`, async () => {
  const outcomes = await harmed(0, TRIES);
  const wrong = [...outcomes].filter(([, outcome]) => !["answered", "refused"].includes(outcome));
  assert.deepEqual(wrong.slice(0, 5), [], `${wrong.length} go wrong`);
  assert.equal(outcomes.size, TRIES);
  const refused = [...outcomes.values()].filter((outcome) => outcome === "refused").length;
  assert.ok(refused > TRIES / 10, `only ${refused} are noticed`);
});

const FILES = encode(documents(seeded(43), 12, 5), LABELS);
const code = (wanted) => (error) => error instanceof Error && error.code === wanted && error.message.length > 0;
const search = async (change) => (await open(FILES, change)).index.search("党课");

test("what went wrong is told by the error's code", async () => {
  const meta = (text) => (path, bytes) => (path === "meta.json" ? new TextEncoder().encode(text) : bytes);
  await assert.rejects(search((path, bytes) => (path === "meta.json" ? null : bytes)), code("missing"));
  await assert.rejects(search(meta(`{"format":1}`)), code("format"));
  await assert.rejects(search(meta("<!doctype html>")), code("broken"));
  await assert.rejects(search(meta("null")), (error) => ["broken", "format"].includes(error.code));
  await assert.rejects(search((path, bytes) => (path.includes("/s/") ? new Uint8Array([7, 1, 2]) : bytes)), code("broken"));
  await assert.rejects(search(() => Promise.reject(new TypeError("Failed to fetch"))), code("offline"));
});

test("what could not be fetched is fetched when it is asked for again", async () => {
  let isDown = true;
  const { index } = await open(FILES, (path, bytes) => {
    if (isDown && path.includes("/s/")) throw new TypeError("Failed to fetch");
    return bytes;
  });
  await assert.rejects(index.search("党课"), code("offline"));
  isDown = false;
  assert.ok((await index.search("党课")).total > 0);
});

test("a small file that would become a large one is refused", async () => {
  const bomb = deflateRawSync(new Uint8Array(64 << 20));
  const started = Date.now();
  await assert.rejects(search((path, bytes) => (path.endsWith(".bin") ? new Uint8Array(bomb) : bytes)), code("broken"));
  assert.ok(Date.now() - started < 3000);
});
