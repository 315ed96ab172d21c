// Searches damaged indexes, one after another, in a thread that can be stopped: says before each which it is.

import { parentPort, workerData } from "node:worker_threads";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { documents, LABELS, seeded } from "./corpus.mjs";
import { encode } from "./encode.mjs";
import { open } from "./site.mjs";

const CODES = ["missing", "offline", "format", "broken"];
const random = seeded(41);
const docs = documents(random, 40, 8);
const change = { removed: docs.slice(0, 5).map(({ url }) => url), added: documents(random, 4, 8).map((doc) => ({ ...doc, url: "d/" + doc.url })) };
const INDEXES = [{ heavyBytes: 12, heads: 8 }, { heavyBytes: 12, heads: 3, change }, { form: 2, change }, { heavyBytes: 0, form: 1, heads: 0 },
  { heavyBytes: 12, heads: 3, positions: 20, change }]
  .map((options) => encode(docs, LABELS, { shards: 2, ...options }));
const ASKED = [
  ["党", {}], ["党课 会议", { limit: 30 }], ["“四强”党支部 -张三", {}], ["党 kind:党课 year:2021", { sort: "newest" }],
  ["支部 OR 学习 person:张三", { offset: 5 }], ["sanhui", {}], ["24年6月", {}], ["组织生洛会", {}],
  ["党支部", { limit: 1 }], ["-组织生活 2021年6月", { limit: 0 }], ["\"党，课\" OR 支部党员", { limit: 0 }],
];

function damaged(random, path, bytes) {
  const packed = path.endsWith(".bin") && random.chance(0.7);
  const raw = Uint8Array.from(packed ? inflateRawSync(bytes) : bytes);
  const harmed = harm(random, raw);
  return packed ? deflateRawSync(harmed) : new Uint8Array(harmed);
}

function harm(random, bytes) {
  const how = random.below(6);
  if (how === 0) return bytes.slice(0, random.below(bytes.length + 1));
  if (how === 1) return Uint8Array.from([...bytes, ...Array.from({ length: 1 + random.below(20) }, () => random.below(256))]);
  const out = how === 2 ? bytes.slice(random.below(Math.min(bytes.length, 20))) : bytes.slice();
  for (let n = random.below(4); n >= 0 && out.length > 0; n--) {
    out[random.below(out.length)] = how === 3 ? 255 : how === 4 ? 48 + random.below(10) : random.below(256);
  }
  return out;
}

const folder = (path) => path.replace(/[^/]*$/, "");

// A file of one folder is harmed, folder by folder, so that none is forgotten among the many texts.
function victims(random, files) {
  const folders = [...new Set([...files.keys()].map(folder))];
  const wanted = random.pick(folders);
  const inside = [...files.keys()].filter((path) => folder(path) === wanted);
  const one = random.pick(inside);
  return random.chance(0.5) ? (path) => path === one : (path) => folder(path) === wanted;
}

async function attempt(seed) {
  const random = seeded(seed);
  const files = random.pick(INDEXES);
  const isVictim = victims(random, files);
  const gone = random.chance(0.03);
  const change = (path, bytes) => (bytes === null || !isVictim(path) ? bytes : gone ? null : damaged(random, path, bytes));
  const [query, options] = random.pick(ASKED);
  try {
    const { index } = await open(files, change);
    const result = await index.search(query, options);
    if (!Array.isArray(result.hits) || !(result.total >= 0)) return `${query}: no result`;
    if (random.chance(0.2)) await index.facets(query, options);
    if (random.chance(0.2)) await index.suggest(query);
  } catch (error) {
    if (!CODES.includes(error.code)) return `${query}: ${error.stack}`;
    return "refused";
  }
  return "answered";
}

for (let seed = workerData.from; seed < workerData.to; seed++) {
  parentPort.postMessage({ seed });
  const outcome = await attempt(seed);
  parentPort.postMessage({ seed, outcome });
}
