// Searches the built example in headless Chromium: the page, the dialog, the marks, and what is said when
// something is wrong.
//
//   node search.mjs FOLDER [COPY]     FOLDER is a built site; COPY one built with `[search] offline = true`
//                                     and `[output] index_in_links = true`, to be opened from the folder
//
// CHROMIUM names another browser than /usr/bin/chromium. SHOTS=DIR keeps pictures. ONLY=WORD runs the parts
// whose names hold the word. Ends with a line `N passed, N failed`; the exit code is 1 where something failed.
import { createReadStream, existsSync, mkdirSync, readFileSync, readdirSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join, normalize, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [folder, copy] = process.argv.slice(2);
if (!folder || !existsSync(join(folder, "search", "index.html"))) {
  console.error("usage: node search.mjs FOLDER [COPY] (sites built with search)");
  process.exit(2);
}
const shots = process.env.SHOTS;
if (shots) mkdirSync(shots, { recursive: true });

const TYPES = { ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".mjs": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png", ".json": "application/json", ".txt": "text/plain" };
const server = createServer((request, response) => {
  const path = decodeURIComponent(new URL(request.url, "http://x").pathname);
  let file = normalize(join(folder, path));
  if (!file.startsWith(normalize(folder.endsWith(sep) ? folder : folder + sep)) && file !== normalize(folder)) file = "";
  if (file && existsSync(file) && statSync(file).isDirectory()) file = join(file, "index.html");
  if (!file || !existsSync(file)) {
    response.writeHead(404);
    response.end();
    return;
  }
  response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
  createReadStream(file).pipe(response);
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const origin = `http://127.0.0.1:${server.address().port}`;

let passed = 0;
const failures = [];
function check(claim, wrong) {
  const faults = Array.isArray(wrong) ? wrong.filter(Boolean) : wrong ? [wrong] : [];
  if (faults.length === 0) passed += 1;
  else {
    failures.push(`${claim}\n${faults.slice(0, 8).map((f) => `      ${typeof f === "string" ? f.replaceAll("\n", "\n      ") : JSON.stringify(f)}`).join("\n")}`);
    console.log(`FAIL ${failures.at(-1)}`);
  }
}
const same = (found, expected) => (JSON.stringify(found) === JSON.stringify(expected) ? [] : [`found ${JSON.stringify(found)}`, `not ${JSON.stringify(expected)}`]);

const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const say = JSON.parse(/\{.*\}/s.exec(readFileSync(join(folder, "search", "words.js"), "utf8"))[0]).say;
const year = readdirSync(join(folder, "calendar")).sort().at(-1);

/** A word in many records, one that is in none, and one with a slip of the pen. */
const MANY = "党员";
const OTHER = "值班";
const NONE = "饕餮貔貅狻猊";

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--allow-file-access-from-files=false"],
});
const SETTINGS = { viewport: { width: 1280, height: 900 }, colorScheme: "light", reducedMotion: "reduce", locale: "zh-CN" };

/** A page that notes what it complains of and asks for. */
async function open(context, path, { quiet = false } = {}) {
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  page.seen = { errors: [], asked: [] };
  page.on("pageerror", (e) => page.seen.errors.push(String(e)));
  page.on("console", (m) => {
    if (m.type() === "error" && !quiet) page.seen.errors.push(`${m.text()} ${m.location().url}`);
  });
  context.on("request", (r) => page.seen.asked.push(r.url().replace(origin, "")));
  await page.goto(path.includes("://") ? path : `${origin}/${path}`, { waitUntil: "load" });
  return page;
}

/** Waits until the page has answered the question in its field. */
const answered = (page) => page.waitForFunction(() => {
  const out = document.getElementById("s-out");
  return !out.hidden && !out.hasAttribute("aria-busy") && document.getElementById("s-total").textContent && !document.querySelector("#s-note .wait");
});

async function asks(page, query) {
  await page.fill("#s-q", query);
  await page.press("#s-q", "Enter");
  await page.waitForFunction((q) => new URL(location.href).searchParams.get("q") === q, query);
  await answered(page);
}

/** The hits on a page as a reader sees them. */
const hits = (page) => page.evaluate(() => [...document.querySelectorAll("#s-hits > li")].map((li) => ({
  title: li.querySelector(".t").textContent,
  url: li.querySelector("a.t").getAttribute("href"),
  marks: [...li.querySelectorAll("mark")].map((m) => m.textContent),
  meta: [...li.querySelectorAll(".m > *")].map((e) => e.textContent),
})));
const titles = async (page) => (await hits(page)).map((h) => h.title);
const total = (page) => page.textContent("#s-total");
const path = (page) => page.evaluate(() => location.pathname.replace(/^.*\/search\//, "") + location.search);
const steps = (page) => page.evaluate(() => history.length);

async function looks(page, where, name) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], resultTypes: ["violations"] }));
  check(`axe finds nothing against WCAG 2.1 A and AA: ${where}`, found.violations.map((v) => `${v.id} (${v.impact}): ${v.help}\n${v.nodes.slice(0, 3).map((n) => `  ${n.target.join(" ")}: ${n.failureSummary}`).join("\n")}`));
  check(`nothing is wider than the window: ${where}`, await page.evaluate(() => (document.documentElement.scrollWidth > document.documentElement.clientWidth ? [`${document.documentElement.scrollWidth} > ${document.documentElement.clientWidth}`] : [])));
  if (shots) await page.screenshot({ path: join(shots, `search-${name}.png`), fullPage: !name.startsWith("dialog") });
}

const parts = [];
const part = (name, run) => parts.push({ name, run });

part("nothing is loaded before it is asked", async (context) => {
  const home = await open(context, "");
  check("an ordinary page loads nothing of search", home.seen.asked.filter((u) => u.includes("/search/")));
  const page = await open(context, "search/");
  check("the search page loads its script and its words only", same(page.seen.asked.filter((u) => u.includes("/search/")).map((u) => u.replace(/\?v=[0-9a-f]+$/, "")).sort(), ["/assets/search/ui.js", "/search/", "/search/words.js"]));
  check("the ways to the lists are shown before one asks", (await page.isVisible("#s-browse")) && !(await page.isVisible("#s-out")) ? [] : ["not so"]);
  await page.keyboard.press("/");
  check("/ goes to the field", [...same(await page.evaluate(() => document.activeElement.id), "s-q"), ...same(await page.inputValue("#s-q"), "")]);
});

part("typing, with an input method", async (context) => {
  const page = await open(context, "search/");
  const devtools = await context.newCDPSession(page);
  const before = await steps(page);
  await page.focus("#s-q");
  for (const text of ["d", "da", "dang", "dang'y", "dang'yuan"]) {
    await devtools.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
    await page.waitForTimeout(60);
  }
  await page.waitForTimeout(400);
  check("nothing is searched for while characters are composed", (await page.isVisible("#s-out")) ? [await total(page)] : []);
  await devtools.send("Input.insertText", { text: MANY });
  await answered(page);
  const found = await hits(page);
  check("what was composed is found without Enter", same(found.length, 10));
  check("by a worker", same(page.workers().length, 1));
  check("every hit shows what was asked for", found.filter((h) => !h.marks.includes(MANY)));
  check("the number is told", /\d/.test(await total(page)) ? [] : [await total(page)]);
  await page.waitForFunction((q) => document.getElementById("s-said").textContent.includes(q), (await total(page)).trim());
  check("the address follows while one types, and is no step", [...same(await path(page), `?q=${encodeURIComponent(MANY)}`), ...same(await steps(page), before)]);
  check("the title of the page names the question", (await page.title()).startsWith(MANY) ? [] : [await page.title()]);
  await page.press("#s-q", "Backspace");
  await page.press("#s-q", "Backspace");
  await page.waitForSelector("#s-browse", { state: "visible" });
  check("an empty field is the page as it was", [...same(await path(page), ""), (await page.isVisible("#s-out")) && "results are shown"]);
  check("nothing complains", page.seen.errors);
});

part("addresses and history", async (context) => {
  const page = await open(context, "search/");
  const start = await steps(page);
  await asks(page, MANY);
  const first = await titles(page);
  await asks(page, OTHER);
  const second = await titles(page);
  check("Enter is a step", same(await steps(page), start + 2));
  check("another question has other answers", JSON.stringify(first) === JSON.stringify(second) ? ["the same"] : []);
  await page.goBack();
  await page.waitForFunction((q) => document.getElementById("s-q").value === q, MANY);
  await answered(page);
  check("back brings the question before with its answers", same(await titles(page), first));
  await page.goForward();
  await page.waitForFunction((q) => document.getElementById("s-q").value === q, OTHER);
  await answered(page);
  check("forward brings the other again", same(await titles(page), second));
  await page.goBack();
  await page.goBack();
  await page.waitForSelector("#s-browse", { state: "visible" });
  check("back to the beginning is the page as it was", same(await page.inputValue("#s-q"), ""));
  // Typed and not confirmed, then a sort: each is a step, and the step before is not lost.
  await asks(page, MANY);
  await page.fill("#s-q", OTHER);
  await page.waitForFunction((q) => new URL(location.href).searchParams.get("q") === q, OTHER);
  await answered(page);
  await page.click("[data-sort=newest]");
  await page.waitForFunction(() => location.search.includes("sort=newest"));
  await answered(page);
  const dates = await page.evaluate(() => [...document.querySelectorAll("#s-hits .d")].map((d) => d.getAttribute("datetime") || d.textContent));
  check("newest first is newest first", same(dates, [...dates].sort().reverse()));
  check("what is chosen of the sorts is told", same(await page.getAttribute("[data-sort=newest]", "aria-current"), "true"));
  await page.goBack();
  await page.waitForFunction(() => !location.search.includes("sort="));
  check("back from a sort is what was typed before", same(await page.inputValue("#s-q"), OTHER));
  await page.goBack();
  await page.waitForFunction((q) => document.getElementById("s-q").value === q, MANY);
  check("and before that what Enter confirmed", same(await path(page), `?q=${encodeURIComponent(MANY)}`));
  check("nothing complains", page.seen.errors);
});

part("pages of results", async (context) => {
  const page = await open(context, `search/?q=${encodeURIComponent(MANY)}`);
  await answered(page);
  const first = await titles(page);
  await page.click("#s-pages a[rel=next]");
  await page.waitForFunction(() => location.search.includes("page=2"));
  await answered(page);
  const second = await titles(page);
  check("the next page has other hits", second.filter((t, i) => first[i] === t && second.length > 3 && i > 3).length > 5 ? ["the same"] : []);
  check("the focus goes to the head of the results", same(await page.evaluate(() => document.activeElement.id), "s-total"));
  check("the numbers go on", same(await page.getAttribute("#s-hits", "start"), "11"));
  const again = await open(context, `search/${await path(page)}`);
  await answered(again);
  check("an address that is sent on shows the same", same(await titles(again), second));
  await page.click("#s-pages a[rel=prev]");
  await page.waitForFunction(() => !location.search.includes("page="));
  await answered(page);
  check("and back", same(await titles(page), first));
  await page.goto(`${origin}/search/?q=${encodeURIComponent(MANY)}&page=9999`);
  await answered(page);
  check("a page beyond the last says so and leads back", (await page.textContent("#s-note")).includes(say.first) ? [] : [await page.textContent("#s-out")]);
});

part("filters", async (context) => {
  const page = await open(context, `search/?q=${encodeURIComponent(MANY)}`);
  await answered(page);
  await page.waitForSelector("#s-facets .facet a");
  const groups = await page.evaluate(() => [...document.querySelectorAll("#s-facets .facet h3")].map((h) => h.textContent));
  check("there are filters by kind, branch and year", [say.kind, say.branch, say.year].filter((g) => !groups.includes(g)));
  const all = await total(page);
  const kind = page.locator("#s-facets a[data-facet^='kind:']").nth(1);
  const [label, count] = await kind.evaluate((a) => [a.firstChild.textContent, Number(a.querySelector("span").textContent)]);
  await kind.focus();
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => location.search.includes("kind="));
  await answered(page);
  await page.waitForSelector(`#s-facets a[data-facet^='kind:'][aria-current]`);
  const found = await hits(page);
  check("only the chosen kind is shown", found.filter((h) => !h.meta.includes(label)));
  check("there are as many as were counted", found.length === Math.min(count, 10) ? [] : [`${found.length}, counted ${count}`]);
  await page.waitForFunction((name) => document.querySelector("#s-chips").textContent.includes(name), label);
  check("the focus stays on the choice", await page.evaluate(() => (document.activeElement.getAttribute("aria-current") === "true" ? [] : [document.activeElement.outerHTML])));
  await page.waitForFunction(() => document.querySelectorAll("#s-facets a[data-facet^='kind:']").length > 1);
  check("a second kind can be chosen beside it", []);
  await page.locator("#s-facets a[data-facet^='kind:']:not([aria-current])").first().click();
  await page.waitForFunction(() => new URL(location.href).searchParams.getAll("kind").length === 2);
  await answered(page);
  check("and gives more", (await hits(page)).some((h) => !h.meta.includes(label)) || Number(/\d+/.exec(await total(page))[0]) > count ? [] : [await total(page)]);
  await page.goBack();
  await page.waitForFunction(() => new URL(location.href).searchParams.getAll("kind").length === 1);
  await answered(page);
  const before = await path(page);
  const chosenTotal = await total(page);
  await page.click("#s-facets a[data-facet^='year:']");
  await page.waitForFunction(() => location.search.includes("year="));
  await answered(page);
  const chosen = await page.evaluate(() => new URL(location.href).searchParams.get("year"));
  check("only the chosen year is shown", (await hits(page)).filter((h) => !h.meta[0].startsWith(chosen)));
  await page.goBack();
  await page.waitForFunction(() => !location.search.includes("year="));
  check("a choice is a step", same(await path(page), before));
  await answered(page);
  await page.click("#s-chips a");
  await page.waitForFunction(() => !location.search.includes("kind="));
  await answered(page);
  check("a choice is dropped by its chip", [...same(await total(page), all), (await page.isVisible("#s-chips")) && "chips are left"]);
  check("and the focus is not lost", same(await page.evaluate(() => document.activeElement.id), "s-total"));
  await page.goto(`${origin}/search/?q=${encodeURIComponent(MANY)}&kind=${encodeURIComponent(label)}`);
  await page.waitForSelector("#s-facets a[data-facet^='kind:'][aria-current]");
  check("a kind may be named in an address by its name", [...same(await total(page), chosenTotal), ...same(await path(page), before)]);
  check("nothing complains", page.seen.errors);
});

part("filters on a phone", async () => {
  const context = await browser.newContext({ ...SETTINGS, viewport: { width: 390, height: 800 } });
  const page = await open(context, `search/?q=${encodeURIComponent(MANY)}`);
  await answered(page);
  await page.waitForTimeout(500);
  check("filters are folded, and not counted", same(await page.evaluate(() => document.querySelectorAll("#s-facets .facet").length), 0));
  await page.click("#s-filter");
  await page.waitForSelector("#s-facets .facet a");
  check("a link leads to them and opens them", (await page.isVisible("#s-facets .facet a")) ? [] : ["not shown"]);
  await context.close();
});

part("nothing found", async (context) => {
  const page = await open(context, "search/");
  await asks(page, NONE);
  check("it is said, with what to try", [!(await total(page)).includes(NONE) && (await total(page)), !(await page.isVisible(".tries")) && "nothing to try", !(await page.isVisible("#s-browse")) && "no lists"]);
  check("no sorts, pages or filters of nothing", (await page.isVisible(".sorts a")) || (await page.isVisible("#s-pages")) || (await page.isVisible("#s-facets")) ? ["there are"] : []);
  check("nothing complains", page.seen.errors);
});

part("a hit and its marks", async (context) => {
  const page = await open(context, "search/");
  await asks(page, OTHER);
  const link = (await page.evaluate(() => [...document.querySelectorAll("#s-hits a.t")].map((a) => a.href))).find((u) => u.includes("#")) ?? (await page.evaluate(() => document.querySelector("#s-hits a.t").href));
  const bare = link.replace(/\?[^#]*/, "");
  const plain = await open(context, bare);
  const text = await plain.evaluate(() => document.querySelector("main").innerText);
  check("a page without marks loads no script for them", plain.seen.asked.filter((u) => u.includes("/search/")));
  await page.goto(link);
  await page.waitForSelector(".marks");
  const marks = await page.evaluate(() => [...document.querySelectorAll("main mark")].map((m) => m.textContent));
  check("the words are marked", marks.length > 0 && marks.every((m) => m.includes(OTHER)) ? [] : marks.concat("none"));
  check("how many is told", (await page.textContent(".marks [role=status]")).includes(String(marks.length)) ? [] : [await page.textContent(".marks")]);
  if (link.includes("#")) check("the hit leads to its heading", await page.evaluate(() => {
    const e = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const top = e ? e.getBoundingClientRect().top : -1;
    return top >= -2 && top < innerHeight ? [] : [`${location.hash} at ${top}`];
  }));
  await looks(page, "a page with marks", "marks");
  await page.locator(".marks button").last().focus();
  await page.keyboard.press("Enter");
  check("the marks come off", same(await page.evaluate(() => document.querySelectorAll("main mark, .marks").length), 0));
  check("and leave the text as it was", same(await page.evaluate(() => document.querySelector("main").innerText), text));
  check("and the address", same(page.url(), bare));
  check("the focus is in the text", same(await page.evaluate(() => document.activeElement.id), "main"));
  check("nothing complains", page.seen.errors);
});

part("the dialog by keyboard", async (context) => {
  const page = await open(context, "branches/");
  const devtools = await context.newCDPSession(page);
  await page.focus(".nav a >> nth=2");
  const opens = async (key) => {
    await page.keyboard.press(key);
    await page.waitForSelector("dialog[open]");
  };
  const state = () => page.evaluate(() => {
    const input = document.activeElement;
    const option = document.getElementById(input.getAttribute("aria-activedescendant") ?? "");
    return { role: input.getAttribute("role"), expanded: input.getAttribute("aria-expanded"), at: option ? [...option.parentNode.children].indexOf(option) : -1, selected: document.querySelectorAll("dialog [aria-selected=true]").length, list: Boolean(document.getElementById(input.getAttribute("aria-controls"))) };
  });
  await opens("/");
  check("/ opens it, and the field has the focus", same(await state(), { role: "combobox", expanded: "false", at: -1, selected: 0, list: true }));
  check("the sign itself is not typed", same(await page.inputValue("dialog input"), ""));
  await devtools.send("Input.imeSetComposition", { text: "dang'yuan", selectionStart: 9, selectionEnd: 9 });
  await page.keyboard.press("Enter");
  await page.waitForTimeout(400);
  check("Enter in a composition asks nothing", [...same(await page.locator("dialog li").count(), 0), !page.url().endsWith("/branches/") && page.url()]);
  await page.fill("dialog input", "");
  await devtools.send("Input.insertText", { text: MANY });
  await page.waitForSelector("dialog li[role=option]");
  check("hits come, the first is chosen", same(await state(), { role: "combobox", expanded: "true", at: 0, selected: 1, list: true }));
  await page.keyboard.press("ArrowDown");
  check("down goes down", same((await state()).at, 1));
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  check("up goes round", same((await state()).at, (await page.locator("dialog li").count()) - 1));
  await page.waitForFunction(() => /\d/.test(document.querySelector("dialog [role=status]").textContent));
  check("the number is spoken", []);
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog", { state: "hidden" });
  check("Esc closes it, and the focus returns", same(await page.evaluate(() => document.activeElement === document.querySelectorAll(".nav a")[2]), true));
  await opens("Control+k");
  check("Ctrl-K opens it again with what was typed", same(await page.inputValue("dialog input"), MANY));
  await page.keyboard.type("/");
  check("/ in a field is a sign", same(await page.inputValue("dialog input"), "/"));
  await page.fill("dialog input", NONE);
  await page.waitForFunction((q) => document.querySelector("dialog .state").textContent.includes(q), NONE);
  check("nothing found is said", same((await state()).expanded, "false"));
  await page.fill("dialog input", MANY);
  await page.waitForSelector("dialog li[role=option]");
  await page.keyboard.press("Control+Enter");
  await page.waitForURL(/search\/(index\.html)?\?q=/);
  await answered(page);
  check("Ctrl-Enter leads to all results", same(await page.inputValue("#s-q"), MANY));
  await page.goBack();
  await opens("/");
  await page.fill("dialog input", OTHER);
  await page.waitForSelector("dialog li[role=option]");
  await page.keyboard.press("ArrowDown");
  const to = await page.evaluate(() => document.querySelector("dialog [aria-selected=true]").to);
  await page.keyboard.press("Enter");
  await page.waitForURL(to);
  await page.waitForSelector("main mark");
  check("Enter opens the hit, marked", []);
  await opens("/");
  await page.keyboard.type(OTHER);
  await page.keyboard.press("Enter");
  await page.waitForURL(/search\/(index\.html)?\?q=/);
  check("Enter before the answer leads to all results", []);
  await page.keyboard.press("Escape");
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("/");
  check("on the search page / goes to its field", [...same(await page.evaluate(() => document.activeElement.id), "s-q"), ...same(await page.locator("dialog[open]").count(), 0)]);
  check("nothing complains", page.seen.errors);
});

part("/ can be left alone", async () => {
  const context = await browser.newContext(SETTINGS);
  const page = await open(context, "search/");
  await page.click(".help summary");
  await page.check("#s-slash");
  await page.goto(`${origin}/branches/`);
  await page.keyboard.press("/");
  await page.waitForTimeout(300);
  check("/ does nothing when it is to be left alone", same(await page.locator("dialog").count(), 0));
  await page.keyboard.press("Control+k");
  await page.waitForSelector("dialog[open]");
  check("Ctrl-K still does", []);
  await context.close();
});

part("a browser without dialogs", async () => {
  const context = await browser.newContext(SETTINGS);
  await context.addInitScript(() => delete window.HTMLDialogElement);
  const page = await open(context, "branches/");
  await page.keyboard.press("/");
  await page.waitForURL(/\/search\/(index\.html)?$/);
  check("/ leads to the search page", []);
  await context.close();
});

part("no workers", async () => {
  const context = await browser.newContext(SETTINGS);
  await context.addInitScript(() => delete window.Worker);
  const page = await open(context, `search/?q=${encodeURIComponent(MANY)}`);
  await answered(page);
  check("the page searches by itself", same((await hits(page)).length, 10));
  check("nothing complains", page.seen.errors);
  await context.close();
});

/** A fault, what is said of it, and that the page recovers when it is over. */
function fault(code, breaks, mends) {
  part(`${code}: what is said`, async () => {
    const context = await browser.newContext(SETTINGS);
    const page = await open(context, "search/", { quiet: true });
    await breaks(context, page);
    await asks(page, MANY);
    check(`${code} is said on the page`, same(await total(page), say[code]));
    check(`${code}: what to do is said`, (await page.textContent("#s-note")).includes(say[`${code}_why`]) ? [] : [await page.textContent("#s-note")]);
    await page.waitForFunction((text) => document.getElementById("s-said").textContent.startsWith(text), say[code]);
    if (shots) await page.screenshot({ path: join(shots, `search-${code}.png`) });
    if (mends) {
      await mends(context, page);
      await page.click("#s-note .again");
      await page.waitForSelector("#s-hits li");
      check(`${code}: once mended, trying again finds`, same((await hits(page)).length, 10));
    }
    await page.goto("about:blank");
    check(`${code}: no script fails`, page.seen.errors);
    await context.close();
  });
}
fault("offline", (context) => context.setOffline(true), (context) => context.setOffline(false));
const absent = (url) => url.pathname.startsWith("/search/") && /meta\.json$/.test(url.pathname);
fault("missing", (context) => context.route(absent, (route) => route.fulfill({ status: 404, body: "" })), (context) => context.unroute(absent));
fault("format", (context) => context.route(absent, (route) => route.fulfill({ contentType: "application/json", body: '{"format":999}' })));
const data = (url) => url.pathname.startsWith("/search/") && url.pathname.endsWith(".bin");
fault("broken", (context) => context.route(data, (route) => route.fulfill({ contentType: "application/octet-stream", body: Buffer.from("gibberish, not an index") })), (context) => context.unroute(data));

part("no scripts", async () => {
  const context = await browser.newContext({ ...SETTINGS, javaScriptEnabled: false });
  const page = await open(context, "branches/");
  await page.fill(".find input", MANY);
  await page.press(".find input", "Enter");
  await page.waitForURL(`${origin}/search/?q=${encodeURIComponent(MANY)}`);
  check("the form leads to the search page, which says what it needs", (await page.isVisible("noscript .notice")) ? [] : ["not said"]);
  const ways = await page.evaluate(() => [...document.querySelectorAll("#s-browse a")].map((a) => a.pathname));
  check("and shows the ways to the lists", [/^\/archive\/\d{4}\//, /^\/archive\/kind\//, /^\/branches\//].filter((way) => !ways.some((w) => way.test(w))).map(String));
  check("no result is promised", (await page.isVisible("#s-out")) ? ["the frame of results is shown"] : []);
  await context.close();
});

part("to the eye", async () => {
  for (const width of [1280, 390]) {
    for (const colorScheme of ["light", "dark"]) {
      const context = await browser.newContext({ ...SETTINGS, viewport: { width, height: 900 }, colorScheme });
      const where = `at ${width}, ${colorScheme}`;
      const name = `${width}-${colorScheme}`;
      const page = await open(context, "search/");
      await page.click(".help summary");
      await looks(page, `the page before one asks, ${where}`, `page-${name}`);
      await asks(page, MANY);
      if (width === 390) await page.click("#s-filter");
      await page.waitForSelector("#s-facets .facet a");
      await page.click("#s-facets a[data-facet^='year:']");
      await page.waitForSelector("#s-chips a");
      await answered(page);
      await page.waitForTimeout(300);
      await looks(page, `results, ${where}`, `results-${name}`);
      await asks(page, NONE);
      await looks(page, `nothing found, ${where}`, `none-${name}`);
      await page.goto(`${origin}/calendar/${year}/`);
      await page.keyboard.press("/");
      await page.waitForSelector("dialog[open]");
      await page.keyboard.type(MANY);
      await page.waitForSelector("dialog li[role=option]");
      await page.waitForTimeout(500);
      await looks(page, `the dialog, ${where}`, `dialog-${name}`);
      check(`nothing complains, ${where}`, page.seen.errors);
      await context.close();
    }
  }
});

/** A site that asks a server: its words are changed on the way, and the server is played here. */
function endpoint(kind, answer) {
  part(`endpoint: ${kind}`, async () => {
    const context = await browser.newContext(SETTINGS);
    const url = `${origin}/asked/${kind}`;
    await context.route("**/search/words.js", (route) => {
      const words = readFileSync(join(folder, "search", "words.js"), "utf8").replace('"endpoint":null', JSON.stringify({ url, kind }).replace(/^/, '"endpoint":'));
      return route.fulfill({ contentType: "text/javascript", body: words });
    });
    const asked = [];
    await context.route((u) => u.href.startsWith(url), (route) => {
      const request = route.request();
      const question = { query: Object.fromEntries(new URL(request.url()).searchParams), body: request.postDataJSON() };
      asked.push(question);
      return route.fulfill({ contentType: "application/json", body: JSON.stringify(answer(question)) });
    });
    const page = await open(context, `search/?q=${encodeURIComponent('值班 -夜间 类型:党课')}&year=2025`);
    await answered(page);
    const [hit] = await hits(page);
    check(`${kind}: a hit is shown`, same([hit?.title, hit?.meta], ["值班交接怎样做", ["2025-03-04", "党课", "夜巡大队党支部"]]));
    check(`${kind}: what was asked for is marked, in title and text`, same([...new Set(hit?.marks)], ["值班"]) && (hit?.marks.length >= 2 ? [] : [hit?.marks]));
    check(`${kind}: the hit leads to the page, with its marks`, hit?.url.startsWith(`${origin}/records/a/?mark=`) ? [] : [hit?.url]);
    check(`${kind}: the number is the server's`, (await total(page)).includes("27") ? [] : [await total(page)]);
    check(`${kind}: pages go on`, (await page.isVisible("#s-pages a[rel=next]")) ? [] : ["no next page"]);
    const first = JSON.stringify(asked[0]);
    check(`${kind}: the question holds word, exclusion, kind and year`, ["值班", "夜间", "党课", "2025"].filter((w) => !first.includes(w)).concat(first.includes("值班") ? [] : [first]));
    if (kind !== "beilin") {
      await page.waitForSelector("#s-facets .facet a");
      check(`${kind}: filters have counts`, (await page.textContent("#s-facets")).includes("党课9") ? [] : [await page.textContent("#s-facets")]);
    }
    check(`${kind}: no index is loaded`, page.seen.asked.filter((u) => /^\/search\/(?!words\.js|\?|$)/.test(u)));
    check(`${kind}: nothing complains`, page.seen.errors);
    await context.close();
  });
}
const doc = { url: "records/a/", title: "值班交接怎样做", kind: "党课", branch: "夜巡大队党支部", date: "2025-03-04" };
const body = "会上先说了值班日志里的待核事项，再议值班室的钥匙。";
const ten = (hit) => Array.from({ length: 10 }, () => hit);
endpoint("beilin", () => ({ total: 27, exact: true, hits: ten({ ...doc, score: 2.5, excerpt: body }) }));
endpoint("elasticsearch", (question) => (question.body.aggs
  ? { aggregations: Object.fromEntries(["kind", "branch", "year", "honour"].map((k) => [k, { doc_count: 9, values: { buckets: k === "year" ? [{ key: 2025, doc_count: 9 }] : k === "kind" ? [{ key: "党课", doc_count: 9 }] : [] } }])) }
  : { hits: { total: { value: 27, relation: "eq" }, hits: ten({ _score: 2.5, _source: { ...doc, body }, highlight: { title: ["\u0001值班\u0002交接怎样做"], body: ["会上先说了\u0001值班\u0002日志里的待核事项"] } }) } }));
endpoint("quickwit", (question) => (question.body?.aggs
  ? { num_hits: 27, hits: [], aggregations: Object.fromEntries(Object.keys(question.body.aggs).map((k) => [k, { buckets: k === "year" ? [{ key: 2025, doc_count: 9 }] : k === "kind" ? [{ key: "党课", doc_count: 9 }] : [] }])) }
  // Its index keeps the sections, and not the body they are parts of.
  : { num_hits: 27, hits: ten({ ...doc, sections: [{ anchor: "", heading: "", text: body }] }) }));

if (copy) {
  part("a copy opened from a folder", async (context) => {
    const at = pathToFileURL(join(resolve(copy), "search", "index.html")).href;
    const page = await open(context, `${at}?q=${encodeURIComponent(MANY)}`);
    await answered(page);
    const found = await hits(page);
    check("the copy searches", same(found.length, 10));
    check("its hits name index.html", found.filter((h) => !/\/index\.html(\?|#|$)/.test(h.url)).map((h) => h.url));
    await page.goto(found[0].url);
    await page.waitForSelector(".marks");
    check("its pages are marked", (await page.locator("main mark").count()) > 0 ? [] : ["none"]);
    await page.keyboard.press("/");
    await page.waitForSelector("dialog[open]");
    await page.keyboard.type(OTHER);
    await page.waitForSelector("dialog li[role=option]");
    check("its dialog finds", []);
    await page.keyboard.press("Control+Enter");
    await page.waitForURL(/search\/index\.html\?q=/);
    await answered(page);
    await page.waitForSelector("#s-facets .facet a");
    check("its filters have counts", []);
    check("nothing complains", page.seen.errors);
  });
}

for (const { name, run } of parts) {
  if (process.env.ONLY && !name.includes(process.env.ONLY)) continue;
  const context = await browser.newContext(SETTINGS);
  try {
    await run(context);
  } catch (error) {
    check(`${name}: gets through`, String(error.message ?? error).split("\n").slice(0, 4).join("\n"));
  }
  await context.close();
}

await browser.close();
server.close();
console.log(`${passed} passed, ${failures.length} failed`);
process.exit(failures.length ? 1 : 0);
