// Writes the scripts of the search as they are shipped: src/search/client → themes/default/static/search.
//
//   node minify.mjs           writes them
//   node minify.mjs --check   tells which are not what their sources say
//
// What readers load is small because names are short and comments are gone; what people read is in
// src/search/client. The table of characters also becomes a script, for copies opened from a folder.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { minify } from 'terser';

const from = new URL('../../src/search/client/', import.meta.url);
const to = new URL('../../themes/default/static/search/', import.meta.url);
const check = process.argv.includes('--check');
// The engine alone, and with its page and dialog: what a reader's first search costs beside the index.
const LIMITS = { engine: 12_000, together: 20_000 };

const made = new Map();
// What another script needs before it can do anything is shipped within it: one answer to wait for, not two.
const NEEDS = /^(?:importScripts\('|import '\.\/)(\w+\.js)'\)?;$/m;
async function whole(name) {
    const source = await readFile(new URL(name, from), 'utf8');
    const needed = NEEDS.exec(source);
    if (!needed) return source;
    const inner = await whole(needed[1]);
    return source.replace(NEEDS, () => inner);
}
for (const name of (await readdir(from)).sort()) {
    const module = name.endsWith('.mjs');
    const source = await whole(name);
    const result = await minify(source, {
        module,
        toplevel: module,
        ecma: 2018,
        compress: { passes: 2 },
        format: { comments: false, ascii_only: false },
    });
    made.set(name, `${result.code}\n`);
}
const table = await readFile(new URL('t2s.txt', to));
made.set('t2s.js', `beilinShard("t2s","${table.toString('base64')}");\n`);

let stale = 0;
for (const [name, text] of made) {
    const there = await readFile(new URL(name, to), 'utf8').catch(() => '');
    if (there === text) continue;
    stale += 1;
    if (check) console.error(`themes/default/static/search/${name} is not what src/search/client says: run node tests/browser/minify.mjs`);
    else await writeFile(new URL(name, to), text);
}
const weight = (name) => gzipSync(made.get(name), { level: 9 }).length;
const engine = weight('engine.js');
const together = weight('worker.js') + weight('ui.js');
console.log(`engine ${engine} bytes compressed, with worker and page ${together}`);
if (engine > LIMITS.engine || together > LIMITS.together) {
    console.error(`too large: at most ${LIMITS.engine} and ${LIMITS.together}`);
    stale += 1;
}
if (check && stale) process.exit(1);
