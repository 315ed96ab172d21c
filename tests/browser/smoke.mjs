// Opens the built example in headless Chromium and looks, as a visitor would.
//
//   node smoke.mjs FOLDER [COPY]     FOLDER is a built site; nothing is built here
//
// COPY is the site built to be opened from a folder ([output] index_in_links = true). Every kind of page is looked at once in every
// way; what the pages share is not looked at a thousand times.
//
// CHROMIUM names another browser than /usr/bin/chromium. SHOTS=DIR keeps a picture of every page.
// Ends with a line `N passed, N failed`; the exit code is 1 where something failed.
import { createReadStream, existsSync, mkdirSync, readFileSync, readdirSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join, normalize, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";
import { broken, focus, overflow, shifted, small, watchShifts } from "./looks.mjs";

const [folder, copy] = process.argv.slice(2);
if (!folder || !existsSync(join(folder, "index.html"))) {
  console.error("usage: node smoke.mjs FOLDER [COPY] (built sites)");
  process.exit(2);
}
const shots = process.env.SHOTS;
if (shots) mkdirSync(shots, { recursive: true });

const TYPES = { ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp", ".mp4": "video/mp4", ".webm": "video/webm", ".vtt": "text/vtt", ".json": "application/json", ".xml": "application/xml", ".csv": "text/csv", ".txt": "text/plain" };

/** Serves the folder as a plain web server does: index.html for a folder, 404.html for what is not there. */
const server = createServer((request, response) => {
  const path = decodeURIComponent(new URL(request.url, "http://x").pathname);
  let file = normalize(join(folder, path));
  if (!file.startsWith(normalize(folder.endsWith(sep) ? folder : folder + sep)) && file !== normalize(folder)) file = "";
  if (file && existsSync(file) && statSync(file).isDirectory()) file = join(file, "index.html");
  const found = file && existsSync(file);
  if (!found) file = join(folder, "404.html");
  response.writeHead(found ? 200 : 404, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
  createReadStream(file).pipe(response);
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const origin = `http://127.0.0.1:${server.address().port}`;

/** The first record of every class, by the class of its body. */
function records() {
  const first = new Map();
  for (const id of readdirSync(join(folder, "records")).sort()) {
    const file = join(folder, "records", id, "index.html");
    if (!existsSync(file)) continue;
    const sort = /<body class="rec ([a-z-]+)">/.exec(readFileSync(file, "utf8"))?.[1];
    if (sort && !first.has(sort)) first.set(sort, `records/${id}/`);
  }
  return [...first.values()];
}

/** The first folder below one that has a page of its own. */
function below(path, not = /^$/) {
  const name = readdirSync(join(folder, path)).sort().find((n) => !not.test(n) && existsSync(join(folder, path, n, "index.html")));
  if (!name) throw new Error(`no page below ${path}/`);
  return `${path}/${name}/`;
}

/** The reports of a branch: their list, and the first of every sort. */
function reports() {
  const year = below(below(`${branch}report`).replace(/\/$/, "").replace(/\/[^/]*$/, ""));
  return [year, ...readdirSync(join(folder, year)).sort().filter((n) => statSync(join(folder, year, n)).isDirectory()).map((sort) => existsSync(join(folder, year, sort, "index.html")) ? `${year}${sort}/` : below(`${year}${sort}`))];
}

/** The page of the most bytes. */
function heaviest() {
  const files = readdirSync(folder, { recursive: true }).filter((f) => f.endsWith("index.html"));
  const bytes = (f) => statSync(join(folder, f)).size;
  return files.reduce((most, f) => (bytes(f) > bytes(most) ? f : most)).replaceAll(sep, "/").replace(/index\.html$/, "");
}

const branch = below("branches");
const year = readdirSync(join(folder, "calendar")).sort().at(-1);
const pages = [
  "", "branches/", branch, `${branch}records/`, "records/", "archive/all/", "archive/all/page/2/", `archive/${year}/`, below("archive/kind"), `calendar/${year}/`,
  "showcase/", "cases/", "programmes/", below("programmes"), below("rubrics"), "honours/", "disclosure/", below("disclosure"), "manual/", below("manual"), "about/", "sitemap/", "search/",
  "rules/", below("rules"), below("ledger"), below(`${branch}ledger`), `${below("rubrics")}matrix/`, below(below("rubrics").replace(/\/$/, ""), /^matrix$/),
  ...records(), ...reports(), heaviest(), "no/such/page/",
].filter((p, i, all) => all.indexOf(p) === i);

let passed = 0;
const failures = [];
function check(claim, where, wrong) {
  const faults = Array.isArray(wrong) ? wrong : wrong ? [wrong] : [];
  if (faults.length === 0) passed += 1;
  else {
    failures.push(`${claim}\n    ${where}\n${faults.slice(0, 8).map((f) => `      ${String(f).replaceAll("\n", "\n      ")}`).join("\n")}`);
    console.log(`FAIL ${failures.at(-1)}`);
  }
}

const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

/** Opens a page in a context and gathers what it complains of and asks for. */
async function open(context, path) {
  const page = await context.newPage();
  const seen = { console: [], errors: [], outside: [], failed: [] };
  const missing = path === "no/such/page/";
  page.on("console", (m) => {
    // The page itself is not there, as it should be.
    if (m.type() === "error" && !(missing && m.location().url === `${origin}/${path}`)) seen.console.push(m.text());
  });
  page.on("pageerror", (e) => seen.errors.push(String(e)));
  const asked = [];
  page.on("response", (r) => {
    const kind = r.request().resourceType();
    if (["document", "stylesheet", "script"].includes(kind)) asked.push({ kind, name: r.url().slice(origin.length), body: () => r.body() });
  });
  page.on("requestfailed", (r) => seen.failed.push(`${r.url()} ${r.failure()?.errorText}`));
  page.on("response", (r) => {
    if (r.status() >= 400 && !(missing && r.url() === `${origin}/${path}`)) seen.failed.push(`${r.status()} ${r.url()}`);
  });
  await page.route("**/*", (route) => {
    const url = route.request().url();
    if (url.startsWith(`${origin}/`) || url.startsWith("data:")) return route.continue();
    seen.outside.push(url);
    return route.abort();
  });
  const answer = await page.goto(`${origin}/${path}`, { waitUntil: "load" });
  return { page, seen, status: answer.status(), missing, asked };
}

const AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** What axe finds in the page as it stands. */
async function faultsOf(page) {
  await page.evaluate(axe);
  // The size of targets is off by default in axe; the tag of WCAG 2.2 alone does not turn it on.
  const found = await page.evaluate((values) => globalThis.axe.run(document, { runOnly: { type: "tag", values }, rules: { "target-size": { enabled: true } }, resultTypes: ["violations"] }), AA);
  return found.violations.map((v) => `${v.id} (${v.impact}): ${v.help}\n${v.nodes.slice(0, 3).map((n) => `  ${n.target.join(" ")}: ${n.failureSummary?.split("\n").slice(1, 2).join("").trim()}`).join("\n")}`);
}

/** Kilobytes of a page as they travel, without its pictures. */
async function tooHeavy(asked) {
  const all = await Promise.all(asked.map(async ({ kind, name, body }) => ({ kind, name, bytes: gzipSync(await body()).length })));
  const sum = (of) => all.filter((w) => of(w.kind)).reduce((n, w) => n + w.bytes, 0);
  const faults = [];
  if (sum(() => true) > 60 * 1024) faults.push(`${sum(() => true)} bytes: ${all.map((w) => `${w.name} ${w.bytes}`).join(", ")}`);
  if (sum((kind) => kind === "stylesheet") > 20 * 1024) faults.push(`${sum((kind) => kind === "stylesheet")} bytes of CSS`);
  return faults;
}

const picture = async (page, path, way) => shots && page.screenshot({ path: join(shots, `${path.replaceAll("/", "_") || "home"}-${way}.png`), fullPage: true });

// Narrow and wide go side by side. Each way is looked at for what it alone can get wrong: axe in light, dark and 长辈版, targets where
// fingers are, shifts and weight once a width.
async function sweep(width, colorScheme) {
  const light = colorScheme === "light";
  const thorough = (width === 390) === light;
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, reducedMotion: "reduce", locale: "zh-CN" });
  await context.addInitScript(watchShifts);
  for (const path of pages) {
    const where = `/${path} at ${width}, ${colorScheme}`;
    const { page, seen, status, missing, asked } = await open(context, path);
    check("the page is there", where, status === (missing ? 404 : 200) ? [] : [status]);
    check("nothing is wider than the window", where, await page.evaluate(overflow));
    if (light) check("nothing moves while it loads or is read to its end (CLS < 0.02)", where, await page.evaluate(shifted));
    check("there is one h1", where, await page.evaluate(() => {
      const all = [...document.querySelectorAll("h1")];
      return all.length === 1 && all[0].textContent.trim() ? [] : [`${all.length}`];
    }));
    check("every picture is shown and has words", where, await page.evaluate(broken));
    if (thorough) check("axe finds nothing against WCAG 2.2 A and AA", where, await faultsOf(page));
    if (light && width === 390) {
      check("what a finger is to hit is 44 px high", where, await page.evaluate(small));
      check("the page weighs at most 60 KB without pictures, its CSS 20 KB", where, await tooHeavy(asked));
    }
    await page.keyboard.press("Tab");
    const first = await page.evaluate(focus);
    check("the first stop of the keyboard is the skip link, and it shows", where, first.skip && first.marked && first.inside ? [] : [JSON.stringify(first)]);
    await page.keyboard.press("Enter");
    const main = await page.evaluate(focus);
    check("the skip link leads to the text", where, main.id === "main" ? [] : [JSON.stringify(main)]);
    const dim = [];
    for (let i = 0; i < 12; i += 1) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate(focus);
      if (at.body) break;
      if (!at.marked || !at.inside) dim.push(JSON.stringify(at));
    }
    check("where the keyboard stands is seen", where, dim);
    check("no script fails and nothing complains", where, [...seen.console, ...seen.errors]);
    check("nothing is asked from outside", where, seen.outside);
    check("nothing asked for is missing", where, seen.failed);
    await picture(page, path, `${width}-${colorScheme}`);
    await page.close();
  }
  await context.close();
}

// 长辈版 on the narrowest phone, and the two ends of the widths: 320 px (a page at 400 % on 1280 px) and 1920 px.
async function ends(width, senior) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: "light", reducedMotion: "reduce", locale: "zh-CN" });
  if (senior) await context.addInitScript(() => localStorage.setItem("beilin-view", "senior"));
  const page = await context.newPage();
  for (const path of pages) {
    const where = `/${path} at ${width}${senior ? ", 长辈版" : ""}`;
    await page.goto(`${origin}/${path}`, { waitUntil: "load" });
    check("nothing is wider than the window", where, await page.evaluate(overflow));
    if (senior) {
      check("the page is in 长辈版", where, await page.evaluate(() => (document.documentElement.dataset.view === "senior" ? [] : ["it is not"])));
      check("axe finds nothing against WCAG 2.2 A and AA", where, await faultsOf(page));
    }
    await picture(page, path, `${width}${senior ? "-senior" : ""}`);
  }
  await context.close();
}

const narrow = async () => {
  for (const scheme of ["light", "dark"]) await sweep(390, scheme);
  await ends(320, false);
};
const wide = async () => {
  for (const scheme of ["light", "dark"]) await sweep(1280, scheme);
  await ends(1920, false);
  await ends(320, true);
};
await Promise.all([narrow(), wide()]);

// The switches: they turn, they stay turned on the next page, they turn back.
{
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme: "light", locale: "zh-CN" });
  const { page, seen } = await open(context, "");
  const look = () => page.evaluate(() => {
    const said = [...document.documentElement.attributes].map((a) => `${a.name}=${a.value}`).sort();
    const style = getComputedStyle(document.body);
    return [...said, style.backgroundColor, style.color, style.fontSize].join(" ");
  });
  for (const name of ["theme", "view"]) {
    const before = await look();
    await page.click(`[data-switch=${name}]`);
    const after = await look();
    await page.goto(`${origin}/about/`);
    const next = await look();
    await page.click(`[data-switch=${name}]`);
    const back = await look();
    check(`the switch “${name}” changes the page, lasts, and turns back`, "/", before !== after && after === next && back !== after ? [] : [before, after, next, back]);
    await page.goto(`${origin}/`);
  }
  check("no script fails and nothing complains", "the switches", [...seen.console, ...seen.errors]);
  await context.close();
}

/** The record with the most pictures that lead to themselves. */
const gallery = readdirSync(join(folder, "records"))
  .map((id) => [existsSync(join(folder, "records", id, "index.html")) ? readFileSync(join(folder, "records", id, "index.html"), "utf8").split("<a class=\"whole\"").length - 1 : 0, `records/${id}/`])
  .reduce((most, next) => (next[0] > most[0] ? next : most));
check("a record of the example has three pictures or more that lead to themselves", gallery[1], gallery[0] >= 3 ? [] : [gallery[0]]);

// Pictures open over the page, go in turn, close, and give the keyboard back.
for (const [width, colorScheme] of [[390, "light"], [1280, "dark"]]) {
  const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme, reducedMotion: "reduce", locale: "zh-CN" });
  const { page, seen } = await open(context, gallery[1]);
  const where = `/${gallery[1]} at ${width}, ${colorScheme}, with a picture open`;
  const look = () => page.evaluate(async () => {
    const dialog = document.querySelector("dialog.viewer");
    if (!dialog?.open) return null;
    const image = dialog.querySelector("img");
    await image.decode();
    const box = image.getBoundingClientRect();
    const inner = (e) => { const b = e.getBoundingClientRect(); return b.left >= 0 && b.top >= 0 && b.right <= innerWidth && b.bottom <= innerHeight && b.width > 0; };
    return {
      src: image.src, alt: image.alt, count: dialog.querySelector("figcaption b").textContent, words: dialog.querySelector("figcaption span").textContent, whole: dialog.querySelector("figcaption a").href,
      shown: image.naturalWidth > 0 && box.width > 100 && box.height > 100, inside: [...dialog.querySelectorAll("img, figcaption, button:not([hidden])")].every(inner),
      named: !!dialog.getAttribute("aria-label") && [...dialog.querySelectorAll("button")].every((b) => b.getAttribute("aria-label")) && dialog.querySelector("figcaption").getAttribute("aria-live") === "polite",
      focus: document.activeElement.className, big: [...dialog.querySelectorAll("button")].every((b) => b.getBoundingClientRect().width >= 44 && b.getBoundingClientRect().height >= 44),
    };
  });
  const expected = await page.evaluate(() => [...document.querySelectorAll("main a.whole")].map((a) => ({ whole: a.href, alt: a.querySelector("img").alt, words: a.parentNode.querySelector("figcaption")?.textContent ?? a.querySelector("img").alt })));
  const is = (now, n) => {
    const want = expected[n];
    return now && now.shown && now.inside && now.whole === want.whole && now.alt === want.alt && now.words === want.words && now.count === `${n + 1} / ${expected.length}` ? [] : [JSON.stringify(now), JSON.stringify(want)];
  };
  const last = expected.length - 1;
  await page.waitForFunction(() => document.querySelector("script[src*='pictures.js']"));
  await page.focus("main a.whole >> nth=1");
  await page.keyboard.press("Enter");
  const first = await look();
  check("Enter on a picture opens it, with its words, inside the window", where, is(first, 1));
  check("the dialog and its buttons have names, are large enough, and have the keyboard", where, first?.named && first.big && first.focus === "close" ? [] : [JSON.stringify(first)]);
  for (const [key, n] of [["ArrowRight", 2 % expected.length], ["ArrowLeft", 1], ["Home", 0], ["ArrowLeft", last], ["ArrowRight", 0], ["End", last]]) {
    await page.keyboard.press(key);
    check(`${key} goes to the next picture in turn`, where, is(await look(), n));
  }
  await page.click("dialog.viewer .next");
  check("the button goes on, from the last to the first", where, is(await look(), 0));
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run(document.querySelector("dialog.viewer"), { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], resultTypes: ["violations"] }));
  check("axe finds nothing against WCAG 2.1 A and AA", where, found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`));
  if (shots) await page.screenshot({ path: join(shots, `viewer-${width}-${colorScheme}.png`) });
  const stops = [];
  for (let i = 0; i < 6; i += 1) {
    await page.keyboard.press("Tab");
    stops.push(await page.evaluate(() => document.activeElement === document.body || !!document.activeElement.closest("dialog.viewer")));
  }
  check("the keyboard stays in the dialog", where, stops.every(Boolean) ? [] : [stops.join()]);
  await page.keyboard.press("Escape");
  const at = await page.evaluate(() => [!document.querySelector("dialog.viewer").open, [...document.querySelectorAll("main a.whole")].indexOf(document.activeElement)]);
  check("Escape closes it, and the keyboard stands where it was", where, at[0] && at[1] === 1 ? [] : [at.join()]);
  await page.click("main a.whole >> nth=0");
  check("a click opens it too", where, is(await look(), 0));
  await page.click("dialog.viewer .close");
  check("the button closes it", where, (await look()) === null ? [] : ["it is open"]);
  check("no script fails and nothing is asked from outside or missing", where, [...seen.console, ...seen.errors, ...seen.outside, ...seen.failed]);
  await context.close();
}
{
  const context = await browser.newContext({ viewport: { width: 390, height: 800 }, javaScriptEnabled: false, locale: "zh-CN" });
  const { page } = await open(context, gallery[1]);
  const leads = await page.getAttribute("main a.whole >> nth=0", "href");
  const [answer] = await Promise.all([page.waitForNavigation(), page.click("main a.whole >> nth=0")]);
  check("without scripts a picture leads to itself", `/${gallery[1]}`, answer.ok() && /^image\//.test(answer.headers()["content-type"]) && page.url().endsWith(leads.replace(/^(\.\.\/)+/, "/")) ? [] : [answer.status(), page.url()]);
  await context.close();
}

// A film is not loaded before it is asked for; then it plays, with its subtitles.
{
  const id = readdirSync(join(folder, "records")).find((name) => existsSync(join(folder, "records", name, "index.html")) && readFileSync(join(folder, "records", name, "index.html"), "utf8").includes("<video"));
  check("a record of the example has a film", "records/", id ? [] : ["none has"]);
  for (const [width, colorScheme] of id ? [[390, "dark"], [1280, "light"]] : []) {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, reducedMotion: "reduce", locale: "zh-CN" });
    const films = [];
    context.on("request", (r) => { if (/\.(mp4|webm)$/.test(r.url())) films.push(r.url()); });
    const { page, seen } = await open(context, `records/${id}/`);
    const where = `/records/${id}/ at ${width}, ${colorScheme}`;
    await page.locator(".film").scrollIntoViewIfNeeded();
    await page.waitForTimeout(300);
    check("no film is loaded unasked", where, films);
    const still = await page.evaluate(async () => {
      const video = document.querySelector("video");
      const poster = new Image();
      poster.src = video.poster;
      await poster.decode();
      const box = video.getBoundingClientRect();
      return { poster: poster.naturalWidth, ratio: Math.abs(box.width / box.height - video.width / video.height) < 0.02, controls: video.controls, words: document.querySelector(".film details")?.textContent.trim().length ?? document.querySelectorAll(".film figcaption a").length };
    });
    check("its poster, its place, its controls and its words are there", where, still.poster > 0 && still.ratio && still.controls && still.words > 1 ? [] : [JSON.stringify(still)]);
    if (shots) await page.locator(".film").screenshot({ path: join(shots, `film-${width}-${colorScheme}.png`) });
    const played = await page.evaluate(async () => {
      const video = document.querySelector("video");
      const type = video.querySelector("source").type;
      if (!video.canPlayType(`${type}; codecs="${type === "video/mp4" ? "avc1.42E01E" : "vp8"}"`)) return { cannot: type };
      video.muted = true;
      await video.play();
      for (let i = 0; i < 50 && video.currentTime < 0.6; i += 1) await new Promise((done) => setTimeout(done, 100));
      return { time: video.currentTime, width: video.videoWidth, height: video.videoHeight, said: [video.width, video.height], mode: video.textTracks[0]?.mode, cues: video.textTracks[0]?.cues?.length };
    });
    // A Chromium without the codec of the film has nothing to play.
    if (played.cannot) console.log(`passed over: this browser plays no ${played.cannot}`);
    else check("it plays, is as large as the page says, and its subtitles show", where, played.time > 0.5 && played.width === played.said[0] && played.height === played.said[1] && played.mode === "showing" && played.cues > 0 ? [] : [JSON.stringify(played)]);
    check("no script fails and nothing is asked from outside or missing", where, [...seen.console, ...seen.errors, ...seen.outside, ...seen.failed.filter((f) => !/net::ERR_ABORTED/.test(f))]);
    await context.close();
  }
}

// Without scripts the site is whole.
{
  const context = await browser.newContext({ viewport: { width: 390, height: 900 }, javaScriptEnabled: false, locale: "zh-CN" });
  for (const path of ["", "branches/", branch, "archive/all/", "records/", `calendar/${year}/`, records()[0], "about/"].filter(Boolean).concat("")) {
    const { page, seen } = await open(context, path);
    const where = `/${path} without scripts`;
    check("the text and the ways on are there", where, await page.evaluate(() => {
      const words = document.querySelector("main")?.innerText.length ?? 0;
      const links = document.querySelectorAll("nav a[href]").length;
      return words > 80 && links >= 5 ? [] : [`${words} characters, ${links} links`];
    }));
    check("nothing is wider than the window", where, await page.evaluate(overflow));
    check("no button stands there that does nothing", where, await page.evaluate(() => [...document.querySelectorAll("button")].filter((b) => !b.form && b.getBoundingClientRect().width > 0 && getComputedStyle(b).visibility !== "hidden").map((b) => b.textContent.trim())));
    check("nothing is asked from outside or missing", where, [...seen.outside, ...seen.failed]);
    await page.close();
  }
  await context.close();
}

// A copy opened from a folder: the pages stand as they do on a server, and their links lead to files.
if (copy) {
  const context = await browser.newContext({ viewport: { width: 390, height: 900 }, locale: "zh-CN" });
  const inside = `${pathToFileURL(resolve(copy)).href}/`;
  const page = await context.newPage();
  const said = [];
  page.on("console", (m) => m.type() === "error" && said.push(m.text()));
  page.on("pageerror", (e) => said.push(String(e)));
  page.on("requestfailed", (r) => said.push(`${r.url()} ${r.failure()?.errorText}`));
  page.on("request", (r) => r.url().startsWith(inside) || r.url().startsWith("data:") || said.push(`asked from outside: ${r.url()}`));
  for (const path of pages.filter((p) => existsSync(join(copy, p, "index.html")))) {
    const where = `${path}index.html from a folder`;
    said.length = 0;
    await page.goto(`${inside}${path}index.html`, { waitUntil: "load" });
    check("it is dressed, and nothing is wider than the window", where, [
      ...(await page.evaluate(overflow)),
      ...(await page.evaluate(() => (getComputedStyle(document.querySelector(".nav a")).display === "block" ? [] : ["no stylesheet"]))),
    ]);
    check("every picture is shown and has words", where, await page.evaluate(broken));
    const links = await page.evaluate((home) => [...document.querySelectorAll("a[href]")].map((a) => new URL(a.getAttribute("href"), document.baseURI).href).filter((h) => h.startsWith(home)), inside);
    check("every link leads to a file", where, [...new Set(links.map((h) => decodeURIComponent(h.slice(inside.length).replace(/[?#].*$/, ""))))].filter((p) => !existsSync(join(copy, p)) || statSync(join(copy, p)).isDirectory()));
    check("no script fails, nothing complains, nothing is asked from outside or missing", where, said);
  }
  await page.goto(`${inside}index.html`);
  await Promise.all([page.waitForURL((url) => url.href !== `${inside}index.html`), page.click(".nav li:nth-child(2) a")]);
  check("the way on is walked", "from a folder", (await page.evaluate(() => document.querySelector("h1")?.textContent.trim())) && page.url() !== `${inside}index.html` ? [] : [page.url()]);
  await context.close();
}

await browser.close();
server.close();
console.log(`${pages.length} pages, 7 ways each`);
console.log(`${passed} passed, ${failures.length} failed`);
process.exit(failures.length ? 1 : 0);
