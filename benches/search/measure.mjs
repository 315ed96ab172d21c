// Measures the search of a built site in a real browser, cold, beside Pagefind if it has indexed the same pages.
//
//   node benches/search/measure.mjs PUBLIC [--seed N] [--queries N] [--slow] [--pagefind] [--no-recall] [--json FILE]
//
// PUBLIC is a folder built by `beilin build` (for --pagefind also indexed: `npx pagefind --site PUBLIC`).
// Queries are drawn from the text of the pages: characters, words, pieces across words, runs of 4 to 10
// characters, the same in quotes, full width, traditional where it differs, numbers, two words, one letter wrong,
// nothing to be found. What is true is found by looking through the text of every page.
// --no-recall leaves out reading every hit of every query, which takes long where there are 100,000 pages.
// Bytes are those of all answers until ten results with their excerpts are there, the script included.
import { createServer } from 'node:http';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join, extname } from 'node:path';
import { createRequire } from 'node:module';

const [folder, ...words] = process.argv.slice(2);
const option = (name, otherwise) => {
    const at = words.indexOf(`--${name}`);
    return at < 0 ? otherwise : (words[at + 1] ?? '').startsWith('--') || words[at + 1] === undefined ? true : words[at + 1];
};
if (!folder) {
    console.error('measure.mjs PUBLIC [--seed N] [--queries N] [--slow] [--pagefind] [--json FILE]');
    process.exit(2);
}
const require = createRequire(new URL('../../tests/browser/package.json', import.meta.url));
const { chromium } = require('playwright-core');

// Mulberry32: the same queries for the same seed.
let state = Number(option('seed', 7)) >>> 0;
const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};
const below = (n) => Math.floor(random() * n);

// The texts, as a reader of the pages has them.
const entities = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: ' ' };
function textOf(html) {
    // The title and the text; not what the page says of other pages, nor the words of its own buttons.
    const text = /<div class="txt[^>]*>([\s\S]*?)(?=<div class="sign"|<p class="endnote"|<aside|<dl class="arch|<nav|<\/main>)/.exec(html);
    const title = /<h1[^>]*>([\s\S]*?)<\/h1>/.exec(html);
    return `${title ? title[1] : ''}\n${text ? text[1] : ''}`
        .replace(/<(script|style)[\s\S]*?<\/\1>/g, ' ')
        .replace(/<\/?(p|li|h\d|td|th|dd|dt|tr|div|section|br|figcaption|ul|ol|table|dl|header|footer|nav|article|aside)\b[^>]*>/g, '\n')
        .replace(/<[^>]+>/g, '')
        .replace(/&(#x?[0-9a-f]+|\w+);/gi, (all, name) =>
            name[0] === '#' ? String.fromCodePoint(name[1] === 'x' ? parseInt(name.slice(2), 16) : Number(name.slice(1))) : entities[name] ?? all);
}
const engineFolder = join(folder, 'assets/search');
globalThis.self = globalThis;
(0, eval)(await readFile(join(engineFolder, 'engine.js'), 'utf8'));
const { fold } = globalThis.BeilinSearch;
const plain = (text) => fold(text).replace(/[“”‘’"'《》〈〉「」『』()[\]【】〔〕·•‧]/g, '').replace(/[^\p{L}\p{N}]+/gu, ' ');

const pages = [];
async function walk(at) {
    for (const entry of await readdir(join(folder, at), { withFileTypes: true })) {
        const path = at ? `${at}/${entry.name}` : entry.name;
        if (entry.isDirectory()) {
            if (!['assets', 'search', 'data', 'pagefind'].includes(path)) await walk(path);
        } else if (entry.name === 'index.html') {
            pages.push(path);
        }
    }
}
await walk('');
const texts = new Map();
// Records are looked through; what else is found is not judged.
const own = globalThis.BeilinSearch.open({
    base: 'x/', assets: 'x/',
    read: async (path) => readFile(join(folder, 'search', path)).catch(() => null),
});
const index = await own;
for (const page of pages) {
    const url = page.replace(/index\.html$/, '');
    if (!/^records\//.test(url) || url.split('/').length !== 3) continue;
    const html = await readFile(join(folder, page), 'utf8');
    texts.set(url, textOf(html));
}
const bodies = [...texts].filter(([url]) => url.startsWith('records/'));
const plains = new Map([...texts].map(([url, text]) => [url, plain(text)]));
const truth = (query) => {
    const asked = query.replace(/["＂]/g, '').split(/\s+/).filter(Boolean).map((w) => plain(w).trim());
    const phrases = /["＂]/.test(query) ? [plain(query.replace(/["＂]/g, '')).trim()] : asked;
    return new Set([...plains].filter(([, text]) => phrases.every((p) => text.includes(p))).map(([url]) => url));
};

function run(length, misaligned) {
    for (;;) {
        const [, text] = bodies[below(bodies.length)];
        const lines = text.split('\n').filter((line) => /[一-龥]{2}/.test(line) && line.length >= length);
        if (!lines.length) continue;
        const line = lines[below(lines.length)].trim();
        const runs = line.match(new RegExp(`[一-龥]{${length},}`, 'g'));
        if (!runs) continue;
        const one = runs[below(runs.length)];
        const at = misaligned ? below(one.length - length + 1) : 0;
        return one.slice(at, at + length);
    }
}
const many = Number(option('queries', 4));
const queries = [];
const add = (kind, query) => queries.push({ kind, query });
for (const length of [1, 2, 3, 4, 5, 6, 8, 10]) {
    for (let n = 0; n < many; n++) add(`${length} chars`, run(length, true));
}
for (let n = 0; n < many; n++) {
    add('quoted', `"${run(5 + below(4), true)}"`);
    add('two words', `${run(2, true)} ${run(2, true)}`);
}
const numbers = bodies.flatMap(([, t]) => t.match(/\d{4}年\d{1,2}月|〔\d{4}〕\d+号|\d+名|\d+人|\d{4,}/g) ?? []);
for (let n = 0; n < many && numbers.length; n++) {
    const number = numbers[below(numbers.length)];
    add('numbers', number);
    add('full width', number.replace(/\d/g, (d) => String.fromCharCode(d.charCodeAt(0) + 0xfee0)));
}
const table = (await readFile(join(engineFolder, 't2s.txt'), 'utf8').catch(() => ''));
const back = new Map();
for (let i = 0; i + 1 < table.length; i += 2) if (!back.has(table[i + 1])) back.set(table[i + 1], table[i]);
for (let n = 0; n < many * 20 && queries.filter((q) => q.kind === 'traditional').length < many; n++) {
    const simple = run(4, true);
    const traditional = [...simple].map((c) => back.get(c) ?? c).join('');
    if (traditional !== simple && fold(traditional) === fold(simple)) add('traditional', traditional);
}
for (let n = 0; n < many; n++) {
    const right = run(4, true);
    add('typo', right.slice(0, 3) + '龘');
}
for (const nothing of ['量子纠缠', '阿尔卑斯山滑雪', 'zebra crossing']) add('no hit', nothing);
for (const usual of ['三会一课', '主题党日', '“四强”党支部', '组织生活会', '党员大会']) add('usual', usual);

const types = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.json': 'application/json', '.css': 'text/css' };
let asked = [];
const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://x').pathname);
    if (path === '/blank.html') return response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><meta charset=utf-8><html lang=zh-CN>');
    try {
        const bytes = await readFile(join(folder, path));
        asked.push([path, bytes.length]);
        response.writeHead(200, { 'content-type': types[extname(path)] ?? 'application/octet-stream', 'content-length': bytes.length }).end(bytes);
    } catch {
        asked.push([path, 0]);
        response.writeHead(404).end();
    }
});
await new Promise((done) => server.listen(0, done));
const root = `http://127.0.0.1:${server.address().port}`;
// Scripts are compressed by every server worth the name, data files are compressed already.
const { gzipSync } = await import('node:zlib');
const sizes = new Map();
const weigh = async ([path, length]) => {
    if (!/\.(m?js|json|css|txt)$/.test(path)) return length;
    if (!sizes.has(path)) sizes.set(path, gzipSync(await readFile(join(folder, path)).catch(() => ''), { level: 9 }).length);
    return sizes.get(path);
};

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
async function inBrowser(query, work) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${root}/blank.html`);
    if (option('slow')) {
        const session = await context.newCDPSession(page);
        await session.send('Network.enable');
        await session.send('Network.emulateNetworkConditions', { offline: false, latency: 60, downloadThroughput: 1.25e6, uploadThroughput: 1.25e6 });
    }
    asked = [];
    const result = await page.evaluate(work, query);
    const bytes = (await Promise.all(asked.map(weigh))).reduce((a, b) => a + b, 0);
    const requests = asked.length;
    await context.close();
    return { ...result, bytes, requests };
}
const ours = async (query) => {
    const began = performance.now();
    // As the page does: the face of the index comes while the engine does.
    const meta = fetch('/search/meta.json', { cache: 'no-cache' }).then((answer) => answer.text());
    const { default: engine } = await import('/assets/search/engine.mjs');
    const index = await engine.open({ base: '/search/', assets: '/assets/search/', meta: await meta });
    const found = await index.search(query, { limit: 10 });
    return { ms: performance.now() - began, total: found.total, exact: found.exact, by: found.by, urls: found.hits.map((h) => h.url) };
};
const pagefind = async (query) => {
    const began = performance.now();
    const engine = await import('/pagefind/pagefind.js');
    await engine.options({ baseUrl: '/' });
    const found = await engine.search(query);
    const first = await Promise.all(found.results.slice(0, 10).map((r) => r.data()));
    const ms = performance.now() - began;
    return { ms, total: found.results.length, urls: first.map((d) => d.url.replace(/^\//, '').replace(/index\.html$/, '')) };
};
const engines = { beilin: ours };
if (option('pagefind')) engines.pagefind = pagefind;

const rows = [];
for (const { kind, query } of queries) {
    const right = truth(query);
    for (const [name, work] of Object.entries(engines)) {
        const row = await inBrowser(query, work);
        const holds = row.urls.filter((url) => right.has(url.replace(/index\.html$/, '')) || !texts.has(url));
        let recall = null;
        if (name === 'beilin' && kind !== 'typo' && !option('no-recall')) {
            const urls = new Set();
            for (let more = true; more; ) {
                const part = await index.search(query, { limit: 500, offset: urls.size, most: 1e9 });
                part.hits.forEach((h) => urls.add(h.url));
                more = part.more && part.hits.length > 0;
            }
            recall = right.size ? [...right].filter((url) => urls.has(url)).length / right.size : null;
            if (recall !== null && recall < 1) row.missed = [...right].filter((url) => !urls.has(url)).slice(0, 3);
        } else if (name === 'pagefind' && right.size) {
            // Everything it found; what it did not find cannot be more than this.
            recall = Math.min(1, row.total / right.size);
        }
        rows.push({ name, kind, query, true: right.size, ...row, shown: row.urls.length, holds: holds.length, recall });
    }
}
await browser.close();
server.close();

const middle = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const kb = (n) => (n / 1000).toFixed(1);
for (const name of Object.keys(engines)) {
    const all = rows.filter((r) => r.name === name);
    const of = (list) => {
        const recalls = list.map((r) => r.recall).filter((r) => r !== null);
        const mean = recalls.length ? (recalls.reduce((a, b) => a + b, 0) / recalls.length).toFixed(3) : '–';
        const least = recalls.length ? Math.min(...recalls).toFixed(2) : '–';
        const sum = (key) => list.reduce((a, r) => a + r[key], 0);
        return `| ${kb(middle(list.map((r) => r.bytes)))} / ${kb(Math.max(...list.map((r) => r.bytes)))} | ${middle(list.map((r) => r.requests))} | ${Math.round(middle(list.map((r) => r.ms)))} / ${Math.round(Math.max(...list.map((r) => r.ms)))} | ${mean} (${least}) | ${sum('holds')}/${sum('shown')} |`;
    };
    console.log(`\n${name}, ${texts.size} pages, ${all.length} queries\n\n| queries | KB median / max | requests | ms median / max | recall mean (least) | shown that hold |\n|---|---|---|---|---|---|`);
    console.log(`| all ${of(all)}`);
    for (const kind of new Set(all.map((r) => r.kind))) console.log(`| ${kind} ${of(all.filter((r) => r.kind === kind))}`);
    for (const row of all.filter((r) => r.name === 'beilin' && ((r.recall ?? 1) < 1 || r.holds < r.shown)))
        console.log(`  ${row.kind} ${row.query}: true ${row.true}, total ${row.total}, shown ${row.shown}, hold ${row.holds}, recall ${row.recall}, missed ${row.missed}`);
}
if (option('json')) await writeFile(option('json'), JSON.stringify(rows, null, 1));
