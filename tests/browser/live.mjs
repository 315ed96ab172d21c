// Runs `beilin serve` over a site of its own, edits the site, and looks at what an open page does.
//
//   node live.mjs BEILIN      BEILIN is the program
//
// CHROMIUM names another browser than /usr/bin/chromium. Ends with a line `N passed, N failed`; the exit
// code is 1 where something failed.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

if (!process.argv[2]) {
  console.error("usage: node live.mjs BEILIN (the program)");
  process.exit(2);
}
const program = resolve(process.argv[2]);
const folder = mkdtempSync(join(tmpdir(), "beilin-live-"));

function put(path, text) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

const record = (id, date, body, more = "") => `+++\nid = "${id}"\nkind = "other"\ntitle = "题${id}"\nbranch = "yi"\ndate = "${date}"\n${more}+++\n${body}\n`;
/** Long enough to scroll; the first paragraph is what is edited. */
const long = (first, more = "") => record("a", "2026-03-01", `${first}\n\n<details><summary>名单</summary>\n\n内容在此。\n\n</details>\n\n${Array.from({ length: 80 }, (_, i) => `## 第${i}节\n\n这是第${i}节的正文，用来把网页撑长。`).join("\n\n")}`, more);

put("beilin.toml", '[site]\ntitle = "测试文存"\nunit = "云州市测试机关"\n');
put("content/organisations/org.md", '+++\nid = "org"\nname = "云州市测试局机关党委"\nshort = "测试局"\ntype = "机关党委"\n+++\n简介。\n');
put("content/branches/yi.md", '+++\nid = "yi"\nname = "第一党支部"\nparent = "org"\n+++\n简介。\n');
put("content/records/a.md", long("第一稿。"));
put("content/records/b.md", record("b", "2026-03-02", "另一条。"));

const server = spawn(program, ["--lang", "zh", "serve", "--port", "0", "--as-of", "2026-11-20"], { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
const origin = await new Promise((done, failed) => {
  createInterface({ input: server.stdout }).on("line", (line) => {
    const url = /http:\/\/[^/]+/.exec(line)?.[0];
    if (url) done(url);
  });
  server.on("exit", (code) => failed(new Error(`the preview ended with ${code}`)));
});

let passed = 0;
let failed = 0;
function check(claim, is, told = "") {
  if (is) passed += 1;
  else {
    failed += 1;
    console.log(`FAIL ${claim} ${typeof told === "string" ? told : JSON.stringify(told)}`);
  }
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

const status = async () => (await fetch(`${origin}/.beilin/status`)).json();
async function built(after) {
  for (let i = 0; i < 3000; i += 1) {
    const now = await status();
    if (now.builds > after) return now;
    await new Promise((done) => setTimeout(done, 10));
  }
  throw new Error("nothing was built");
}

const within = { timeout: 30_000 };
try {
  const page = await browser.newPage({ viewport: { width: 1000, height: 700 }, locale: "zh-CN" });
  const complaints = [];
  page.on("pageerror", (e) => complaints.push(String(e)));
  page.on("console", (m) => m.type() === "error" && complaints.push(m.text()));
  page.on("dialog", (d) => { complaints.push(`a dialog: ${d.message()}`); void d.dismiss(); });
  let loads = 0;
  page.on("load", () => { loads += 1; });
  const asked = [];
  page.on("request", (r) => asked.push(new URL(r.url()).pathname));
  const says = (text) => page.waitForFunction((t) => document.querySelector("main").textContent.includes(t), text, within);
  const overlay = () => page.evaluate(() => document.querySelector("beilin-overlay")?.shadowRoot?.textContent ?? "");
  const mark = () => page.evaluate(() => { document.documentElement.mark = true; document.querySelector("main").mark = true; });
  const marked = () => page.evaluate(() => [document.documentElement.mark === true, document.querySelector("main").mark === true].join());
  const scrolled = () => page.evaluate(() => Math.round(window.pageYOffset));

  await page.goto(`${origin}/records/a/#sec`, { waitUntil: "load" });
  await mark();
  await page.evaluate(() => { document.querySelector("main details").open = true; window.scrollTo({ top: 1500, behavior: "instant" }); });
  await page.evaluate(() => document.querySelector("[data-switch=theme]").focus({ preventScroll: true }));
  const before = await scrolled();
  check("the page is scrolled", before > 1000, before);

  // A body that is edited.
  put("content/records/a.md", long("改过的第一段。\n\n又添了一段。\n\n再添一段。"));
  await says("再添一段");
  check("the scroll position is kept", (await scrolled()) === before, [await scrolled(), before]);
  check("the page was not loaded anew", loads === 1 && (await marked()) === "true,true", [loads, await marked()]);
  check("what was unfolded stays unfolded", await page.evaluate(() => document.querySelector("main details").open));
  check("the focus stays", await page.evaluate(() => document.activeElement.getAttribute("data-switch") === "theme"));

  // Another page.
  let { builds } = await status();
  await page.evaluate(() => {
    window.touched = 0;
    new MutationObserver((all) => { window.touched += all.length; }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  });
  asked.length = 0;
  put("content/records/b.md", record("b", "2026-03-02", "另一条改了正文。"));
  await built(builds);
  await page.waitForFunction(() => performance.getEntriesByType("resource").length > 0, null, within);
  for (let i = 0; i < 300 && !asked.includes("/records/a/"); i += 1) await page.waitForTimeout(10);
  await page.waitForTimeout(200);
  check("a page that is the same asks once", asked.filter((p) => p === "/records/a/").length === 1, asked);
  check("a page that is the same is not touched", (await page.evaluate(() => window.touched)) === 0, await page.evaluate(() => window.touched));

  // Styles.
  put("themes/default/static/own.css", "body{color:red}");
  ({ builds } = await status());
  put("themes/default/templates/partials/head.html", '<link rel="stylesheet" href="{{ root }}assets/own.css">');
  await built(builds);
  await page.waitForFunction(() => getComputedStyle(document.body).color === "rgb(255, 0, 0)", null, within);
  check("new styles are loaded, and the page stays where it was", (await scrolled()) === before, [await scrolled(), before]);
  await page.waitForLoadState("load");
  await mark();
  loads = 0;
  put("themes/default/static/own.css", "body{color:blue}");
  await page.waitForFunction(() => getComputedStyle(document.body).color === "rgb(0, 0, 255)", null, within);
  check("changed styles are swapped in place", loads === 0 && (await marked()) === "true,true" && (await scrolled()) === before, [loads, await marked(), await scrolled()]);
  await page.waitForFunction(() => document.querySelectorAll('link[href*="own.css"]').length === 1, null, within);

  // A build that fails, with hostile words in it.
  const hostile = "<img src=x onerror=alert(1)>";
  put(`content/records/${"<img src=x onerror=alert(2)>".replaceAll("/", "")}.md`, record("x", "2026-03-03", "坏的。", `'${hostile}' = "</script><script>alert(3)</script>"\n`));
  await page.waitForFunction(() => document.querySelector("beilin-overlay"), null, within);
  const told = await overlay();
  check("the words of the diagnostic are shown as they are", told.includes(hostile) && told.includes("alert(2)") && told.includes("</script><script>alert(3)"), told);
  check("the place is shown", /\.md:7:1/.test(told), told);
  check("no markup comes of them", await page.evaluate(() => document.querySelector("beilin-overlay").shadowRoot.querySelectorAll("img, script").length === 0));
  check("it is announced and takes no focus", await page.evaluate(() => document.querySelector("beilin-overlay").shadowRoot.querySelector("[role=alert]") !== null && document.querySelector("beilin-overlay") !== document.activeElement));
  check("the page under it is the last good one", await page.evaluate(() => document.querySelector("main").textContent.includes("再添一段")));
  await page.keyboard.press("Escape");
  check("Escape closes it", (await overlay()) === "");
  await page.reload();
  await page.waitForFunction(() => document.querySelector("beilin-overlay"), null, within);
  check("a page opened after a failure shows it", (await overlay()).includes(hostile));
  rmSync(join(folder, "content/records/<img src=x onerror=alert(2)>.md"));
  await page.waitForFunction(() => !document.querySelector("beilin-overlay"), null, within);
  check("it goes when the build is good", true);

  // A script of the site.
  await page.evaluate(() => window.scrollTo({ top: 900, behavior: "instant" }));
  await mark();
  put("themes/default/static/beilin.js", "window.ours = 2;");
  await page.waitForFunction(() => window.ours === 2, null, within);
  await page.waitForFunction(() => Math.round(window.pageYOffset) === 900, null, within);
  check("a changed script loads the page anew where it was", (await marked()) === "false,false");

  // A page that is not there comes.
  await page.goto(`${origin}/records/c/`);
  put("content/records/c.md", record("c", "2026-03-05", "新来的一条。"));
  await says("新来的一条");
  check("a page that comes is shown", true);
  // A browser without event streams asks.
  const old = await browser.newPage();
  await old.addInitScript(() => { delete window.EventSource; });
  await old.goto(`${origin}/records/c/`);
  await old.evaluate(() => { document.documentElement.mark = true; });
  put("content/records/c.md", record("c", "2026-03-05", "问出来的一条。"));
  await old.waitForFunction(() => document.querySelector("main").textContent.includes("问出来的一条"), null, within);
  check("a browser without event streams follows too", await old.evaluate(() => document.documentElement.mark === true));
  const wrong = complaints.filter((c) => !c.includes("404"));
  check("no script fails and nothing complains", wrong.length === 0, wrong);
} catch (error) {
  check("the test comes to its end", false, String(error.stack));
} finally {
  await browser.close();
  server.removeAllListeners("exit");
  const ended = new Promise((done) => server.on("exit", done));
  server.kill("SIGINT");
  check("Ctrl-C ends it well", (await ended) === 0);
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
