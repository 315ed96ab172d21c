// The engine over files made by the encoder: a reader that counts, and the engine itself as a page has it.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const assets = new URL("../../themes/default/static/search/", import.meta.url);
for (const name of ["engine.js", "positions.js"]) createRequire(import.meta.url)(new URL(name, assets).pathname);

export const engine = globalThis.BeilinSearch;
export const theme = (name) => new Uint8Array(readFileSync(new URL(name, assets)));

// Opens an index over the files; `reads` fills with the paths that were asked for, and their bytes. `change`
// may put other bytes in the place of a file's.
export async function open(files, change = (path, bytes) => bytes) {
  const reads = [];
  reads.bytes = 0;
  const read = async (path) => {
    const found = path === "t2s.txt" ? theme(path) : files.has(path) ? new Uint8Array(files.get(path)()) : null;
    reads.push(path);
    reads.bytes += found ? found.length : 0;
    return change(path, found);
  };
  const index = await engine.open({ base: "", assets: "", read });
  return { index, reads };
}

export const EVERYTHING = { limit: 1e6, most: 1e6 };
