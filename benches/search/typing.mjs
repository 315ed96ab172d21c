// Measures how long a reader of the search page waits, from the end of typing to the first hits, on a line of
// 10 Mbit/s and 60 ms: a new context for each query, 600 ms of composition before its words stand.
//
//   node benches/search/typing.mjs PUBLIC
//
// PUBLIC is a folder built by `beilin build`. A query without hits is waited for 8 seconds and told as such.
import { createRequire } from 'node:module';
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { join, extname } from 'node:path';
const require = createRequire(new URL('../../tests/browser/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const folder = process.argv[2]; const queries = ['三会一课','主题党日','“四强”党支部','组织生活会','党员大会','支部委员会','学习研讨','志愿服务','党费','整改','2024年','谈心谈话','换届选举','第一党小组','民主评议'];
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.json':'application/json' };
const server = createServer(async (q, r) => { let p = decodeURIComponent(new URL(q.url, 'http://x').pathname); if (p.endsWith('/')) p += 'index.html'; try { const b = await readFile(join(folder, p)); r.writeHead(200, { 'content-type': types[extname(p)] ?? 'application/octet-stream', 'content-length': b.length }).end(b); } catch { r.writeHead(404).end(); } });
await new Promise((d) => server.listen(0, d));
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
const times = [];
for (const q of queries) {
  const context = await browser.newContext(); const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/search/`, { waitUntil: 'networkidle' });
  const s = await context.newCDPSession(page); await s.send('Network.enable');
  await s.send('Network.emulateNetworkConditions', { offline: false, latency: 60, downloadThroughput: 1.25e6, uploadThroughput: 1.25e6 });
  const ms = await page.evaluate(async (q) => {
    const input = document.querySelector('main input[type=search], main input[name=q]'); input.focus();
    // As typed with an input method: 600 ms of composition, then the words.
    input.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true }));
    await new Promise((d) => setTimeout(d, 600));
    input.value = q; input.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true })); const t = performance.now();
    for (;;) { if (document.querySelector('main .hits li')) break; if (performance.now() - t > 8000) break; await new Promise((d) => requestAnimationFrame(d)); }
    return performance.now() - t;
  }, q);
  times.push(Math.round(ms)); await context.close();
}
times.sort((a, b) => a - b); console.log('from the end of typing to hits, ms: median', times[times.length >> 1], 'all', times.join(' '));
await browser.close(); server.close();
