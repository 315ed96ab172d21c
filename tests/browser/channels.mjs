// What goes out elsewhere, in headless Chromium: an article is copied, a kiosk turns its cards, a panel and a volume
// print as they say, a record prints on A4.
//
//   node channels.mjs FOLDER     FOLDER is the built example, whose beilin.toml has all of `[channels]`
//
// CHROMIUM names another browser than /usr/bin/chromium. Needs pdftotext (poppler-utils). Ends with a line
// `N passed, N failed`; the exit code is 1 where something failed.
import { execFileSync } from "node:child_process";
import { createReadStream, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const folder = process.argv[2];
if (!folder || !existsSync(join(folder, "kiosk.html"))) {
  console.error("usage: node channels.mjs FOLDER (the example, built)");
  process.exit(2);
}
const TYPES = { ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp" };
const server = createServer((request, response) => {
  let file = normalize(join(folder, decodeURIComponent(new URL(request.url, "http://x").pathname)));
  if (existsSync(file) && statSync(file).isDirectory()) file = join(file, "index.html");
  if (!file.startsWith(normalize(folder)) || !existsSync(file)) {
    response.writeHead(404);
    response.end();
    return;
  }
  response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
  createReadStream(file).pipe(response);
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const origin = `http://127.0.0.1:${server.address().port}/`;

let passed = 0;
let failed = 0;
function check(claim, holds, found) {
  if (holds) passed += 1;
  else {
    failed += 1;
    console.log(`FAIL ${claim}${found === undefined ? "" : `: ${JSON.stringify(found).slice(0, 600)}`}`);
  }
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox"] });
const work = mkdtempSync(join(tmpdir(), "beilin-channels-"));
const errors = [];
async function open(path, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  page.on("pageerror", (e) => errors.push(`${path}: ${e}`));
  page.on("console", (m) => m.type() === "error" && !/favicon|404/.test(m.text()) && errors.push(`${path}: ${m.text()}`));
  await page.goto(path.includes("://") ? path : origin + path);
  return page;
}
/** Prints a page: the text of each sheet, and the size of the first in millimetres. */
async function print(page, name) {
  const file = join(work, `${name}.pdf`);
  await page.pdf({ path: file, preferCSSPageSize: true, printBackground: true });
  const sheets = execFileSync("pdftotext", ["-layout", file, "-"], { encoding: "utf8", maxBuffer: 1 << 26 }).split("\f").slice(0, -1);
  const info = execFileSync("pdfinfo", [file], { encoding: "utf8" });
  const [, w, h] = /Page size:\s+([\d.]+) x ([\d.]+) pts/.exec(info);
  return { sheets, size: [w, h].map((n) => Math.round((n * 25.4) / 72)) };
}
const squeezed = (text) => text.replace(/\s+/g, "");

// 微信公众号
{
  const id = readdirSync(join(folder, "wechat")).find((n) => n.startsWith("story-") && !n.includes("."));
  const page = await open(`wechat/${id}/`, { permissions: ["clipboard-read", "clipboard-write"] });
  const looks = await page.$eval("#article h2, #article section section", (e) => getComputedStyle(e).fontSize);
  check("an article shows its looks under the policy", looks !== "", looks);
  check("the red of the lede's edge is drawn", (await page.$eval("#article p[style*=border-left]", (e) => getComputedStyle(e).borderLeftColor)) === "rgb(163, 39, 29)");
  await page.click("[data-copy]");
  await page.waitForFunction(() => document.querySelector("[data-copied]").textContent !== "");
  check("copying is told", (await page.textContent("[data-copied]")).includes("已复制"));
  const html = await page.evaluate(async () => {
    const [item] = await navigator.clipboard.read();
    return (await item.getType("text/html")).text();
  });
  check("what is copied has its looks on its elements", /<section[^>]*style=/.test(html) && html.includes("四强"), html.slice(0, 300));
  check("what is copied has no picture and no link", !/<img|href=/.test(html));
  const old = await open(`wechat/${id}/`);
  await old.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
  await old.click("[data-copy]");
  check("an old browser copies the selection", (await old.textContent("[data-copied]")).includes("已复制"), await old.textContent("[data-copied]"));
}

// 电子公告栏
for (const [name, viewport] of [["lying", { width: 1280, height: 720 }], ["standing", { width: 720, height: 1280 }]]) {
  const page = await open(pathToFileURL(join(folder, "kiosk.html")).href, { viewport });
  const shown = () => page.$$eval(".card", (all) => all.flatMap((c, i) => (getComputedStyle(c).visibility === "visible" ? [i] : [])));
  const count = (await page.$$(".card")).length;
  check(`${name}: one card is shown, of several`, count > 3 && JSON.stringify(await shown()) === "[0]", await shown());
  await page.keyboard.press("ArrowRight");
  check(`${name}: a key turns it`, JSON.stringify(await shown()) === "[1]", await shown());
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  check(`${name}: and back round`, JSON.stringify(await shown()) === `[${count - 1}]`, await shown());
  for (let i = 0; i < count; i++) {
    const over = await page.$$eval(".card.on", ([c]) => [c.scrollHeight - c.clientHeight, document.documentElement.scrollWidth - innerWidth]);
    check(`${name}: card ${i} fits`, over[0] <= 1 && over[1] <= 0, over);
    await page.keyboard.press("ArrowRight");
  }
  const type = await page.$eval(".card.on h2, .card.on .name", (e) => parseFloat(getComputedStyle(e).fontSize));
  check(`${name}: its type is large`, type >= 720 / 30, type);
}
{
  // The clock is the page's own: no card is waited for.
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 } });
  const page = await context.newPage();
  await page.clock.install({ time: new Date("2026-11-20T21:58:00") });
  await page.goto(pathToFileURL(join(folder, "kiosk.html")).href);
  const at = () => page.$$eval(".card", (all) => all.findIndex((c) => c.className.includes("on")));
  await page.clock.runFor(13_000);
  check("the cards take turns by themselves", (await at()) === 1, await at());
  await page.keyboard.press("ArrowRight");
  await page.clock.runFor(30_000);
  check("a touched kiosk stands still", (await at()) === 2, await at());
  await page.clock.runFor(45_000);
  check("and goes on when nobody touches it", (await at()) > 2, await at());
  check("by day it is lit", await page.$eval(".night", (n) => n.hidden));
  await page.clock.runFor(60_000);
  check("at night it is dark", !(await page.$eval(".night", (n) => n.hidden)));
}

// 展板
{
  const name = readdirSync(join(folder, "panels")).sort().at(0);
  const page = await open(`panels/${name}`);
  check("nothing on the panel is cut", await page.$eval("#over", (e) => e.hidden));
  const { sheets, size } = await print(page, "panel");
  check("a panel prints at its real size, bleed included", JSON.stringify(size) === "[606,806]", size);
  check("on one sheet, without the bar", sheets.length === 1 && !sheets[0].includes("实际大小"), sheets.map((s) => s.slice(0, 80)));
}

// 年度卷
{
  const branch = readdirSync(join(folder, "branches")).filter((b) => existsSync(join(folder, "branches", b, "volume")));
  const years = branch.flatMap((b) => readdirSync(join(folder, "branches", b, "volume")).map((y) => [b, y]));
  let best = ["", 0];
  for (const [b, y] of years) {
    const size = statSync(join(folder, "branches", b, "volume", y, "index.html")).size;
    if (size > best[1]) best = [`branches/${b}/volume/${y}/`, size];
  }
  for (const path of [best[0], `branches/${years[0][0]}/volume/${years[0][1]}/`]) {
    const page = await open(path);
    await page.waitForLoadState("load");
    const rows = await page.$$eval(".vol-toc tbody tr", (all) => all.map((r) => ({ title: r.cells[1].textContent, page: +r.cells[3].textContent })));
    const { sheets, size } = await print(page, "volume");
    check(`${path}: A4`, JSON.stringify(size) === "[210,297]", size);
    const held = await page.$$eval(".vol-item > header h2", (all) => all.map((h) => h.textContent));
    check(`${path}: contents name every record`, held.length > 0 && JSON.stringify(held) === JSON.stringify(rows.map((r) => r.title)) && rows.every((r) => r.page > 0), rows.slice(0, 3));
    const wrong = rows.filter((r) => !squeezed(sheets[r.page - 1] ?? "").includes(squeezed(r.title)));
    check(`${path}: every record stands on the page the contents say`, wrong.length === 0, wrong);
    check(`${path}: pages are numbered`, squeezed(sheets[2]).includes("—3—"), sheets[2].slice(-200));
    check(`${path}: the last record ends the volume`, sheets.length >= rows.at(-1).page, [sheets.length, rows.at(-1)]);
  }
}

// A record on paper.
{
  const all = readdirSync(join(folder, "records")).filter((r) => existsSync(join(folder, "records", r, "index.html")));
  const page = await open(`records/${all.find((r) => r.includes("zwh") || r.includes("zbwyh") || r.includes("dydh")) ?? all[0]}/`);
  const title = await page.textContent("h1");
  const { sheets, size } = await print(page, "record");
  check("a record prints on A4", JSON.stringify(size) === "[210,297]", size);
  check("with its title, a page number and the note of a print", squeezed(sheets[0]).includes(squeezed(title)) && squeezed(sheets[0]).includes("—1—") && squeezed(sheets.join("")).includes("网页打印件，以原件为准"), sheets[0].slice(0, 200));
  check("without the frame of the site", !squeezed(sheets.join("")).includes("跳到正文") && !squeezed(sheets.join("")).includes("长辈版"));
}

check("no page has an error", errors.length === 0, errors);
await browser.close();
server.close();
rmSync(work, { recursive: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
