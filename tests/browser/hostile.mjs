// Builds sites whose every free text carries a payload, and opens them: nothing may run, ask or lead where it must not.
//
//   node hostile.mjs BEILIN EXAMPLE     BEILIN is the program, EXAMPLE a folder with a site (beilin.toml, content/)
//
// 1. A site with every payload of tests/data/xss.json in every place of a record and a branch, once as it is published
//    and once without a Content Security Policy: the escaping must hold without that second wall.
// 2. The example with a payload behind every text of the front matter of every type of file. A text that is no free text
//    (one of a list of choices, an id) makes an error, by which its line is found and put back.
// 3. The second wall by itself: a page with a script planted in it does not run it, over http and from a folder, and a
//    script of ours whose bytes were changed is not run.
//
// CHROMIUM names another browser than /usr/bin/chromium. Ends with a line `N passed, N failed`; the exit code is 1 where
// something failed.
import { spawnSync } from "node:child_process";
import { cpSync, createReadStream, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, extname, join, normalize, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [program, example] = process.argv.slice(2).map((a) => resolve(a));
if (!program || !example) {
  console.error("usage: node hostile.mjs BEILIN EXAMPLE");
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), "beilin-hostile-"));
const payloads = JSON.parse(readFileSync(new URL("../data/xss.json", import.meta.url)));

let passed = 0;
let failed = 0;
function check(claim, wrong) {
  if (wrong.length === 0) passed += 1;
  else {
    failed += 1;
    console.log(`FAIL ${claim}\n${wrong.slice(0, 8).map((w) => `      ${w}`).join("\n")}`);
  }
}

function put(path, text) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** Builds; gives what it told. */
function build(site) {
  const ran = spawnSync(program, ["--json", "build", "--root", join(folder, site), "--out", join(folder, `${site}-out`), "--as-of", "2026-11-20"], { encoding: "utf8", maxBuffer: 1 << 28 });
  try {
    return { code: ran.status, diagnostics: JSON.parse(ran.stdout).diagnostics };
  } catch {
    throw new Error(`${site}: ${ran.status} ${ran.stderr}${ran.stdout.slice(0, 2000)}`);
  }
}

// ---------------------------------------------------------------- the sites

const q = JSON.stringify;
const line = (p) => p.replace(/[\p{Cc}]/gu, " ");
const body = (p) => `${p}\n\n## ${line(p)} {#${line(p)}}\n\n[${line(p)}](${line(p)}) [x](<${line(p)}>) [y](x "${line(p)}") <${line(p)}>\n\n![${line(p)}](${line(p)}) ![z](x.png "${line(p)}")\n\n\`${line(p)}\`\n\n\`\`\`${line(p)}\n${p}\n\`\`\`\n\n> ${line(p)}\n\n| ${line(p)} | b |\n|---|---|\n| ${line(p)} | c |\n\n脚注[^${line(p)}]\n\n[^${line(p)}]: ${line(p)}\n\n<div title="${line(p)}">${line(p)}</div>\n\n<b ${line(p)}>${line(p)}</b>\n\n<!-- ${line(p)} -->\n`;
const pixel = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64");

function corpus(site, more, payloads) {
  const first = q(payloads[0]);
  put(`${site}/beilin.toml`, `[site]\ntitle = ${first}\nsubtitle = ${first}\nunit = ${first}\ncontact = ${first}\nseal = "<x>"\n[identity]\nicp = ${first}\n${more}`);
  put(`${site}/content/organisations/org.md`, '+++\nid = "org"\nname = "云州市测试局机关党委"\nshort = "测试局"\ntype = "机关党委"\n+++\n简介。\n');
  payloads.forEach((p, n) => {
    put(`${site}/content/branches/b${n}.md`, `+++\nid = "b${n}"\nname = ${q(p)}\nshort = ${q(p)}\nparent = "org"\nbrand = ${q(p)}\nmotto = ${q(p)}\ngroups = [{ id = "g", name = ${q(p)} }]\n+++\n简介。\n`);
    const name = [...line(p)].filter((c) => !"/\\\u202e".includes(c)).slice(0, 50).join("").trim() || "x";
    const at = `${site}/content/records/${n}-${name}`;
    put(`${at}/${name}.txt`, "x");
    put(`${at}/x.gif`, pixel);
    put(`${at}/index.md`, `+++\nid = "r${n}"\nkind = "other"\ntitle = ${q(p)}\nbranch = "b${n}"\ndate = "2026-03-01"\nplace = ${q(p)}\ngroup = ${q(p)}\nkeywords = [${q(p)}]\nabstract = ${q(p)}\nattachments = [{ file = ${q(`${name}.txt`)}, title = ${q(p)}, note = ${q(p)} }, { file = "x.gif", title = ${q(p)}, kind = "照片", alt = ${q(p)} }]\nmedia = [{ outlet = ${q(p)}, title = ${q(p)}, url = ${q(p)} }]\n+++\n正文。\n`);
  });
  // Texts without front matter: what dangles in them is told, and left without a link. The
  // bodies one by one are tests/it/hostile.rs; here they stand together, many on a page.
  for (let n = 0; n < payloads.length; n += 15) {
    put(`${site}/content/notes/n${n}.md`, `# ${n}\n\n${payloads.slice(n, n + 15).map(body).join("\n\n- - -\n\n")}`);
  }
  const { code, diagnostics } = build(site);
  check(`${site} is built`, code === 0 ? [] : diagnostics.filter((d) => d.severity === "error").map((d) => q(d)));
}

/** The front matter of every file of the example, with a payload behind every text; what must not have one is put back. */
function everyType(site) {
  cpSync(join(example, "content"), join(folder, site, "content"), { recursive: true, filter: (from) => !from.includes("/manual") });
  cpSync(join(example, "beilin.toml"), join(folder, site, "beilin.toml"));
  const files = new Map();
  let turn = 0;
  for (const entry of readdirSync(join(folder, site, "content"), { recursive: true })) {
    const path = join(folder, site, "content", entry);
    if (!entry.endsWith(".md") || !statSync(path).isFile()) continue;
    const old = readFileSync(path, "utf8").split("\n");
    const end = old.indexOf("+++", 1);
    const now = old.map((text, at) => at === 0 || at >= end || !/[^\x00-\x7f]/.test(text) ? text : text.replace(/"((?:[^"\\]|\\.)*[^\x00-\x7f](?:[^"\\]|\\.)*)"(?!\s*=)/g, (_, words) => {
      turn += 1;
      return `"${words}${q(payloads[turn % payloads.length]).slice(1, -1)}"`;
    }));
    files.set(`content/${entry}`, { path, old, now });
    writeFileSync(path, now.join("\n"));
  }
  let left = turn;
  for (let round = 0; round < 12; round += 1) {
    const { code, diagnostics } = build(site);
    if (code === 0) break;
    let put_back = 0;
    for (const d of diagnostics.filter((d) => d.severity === "error")) {
      const places = [d, ...(d.others ?? [])];
      for (const { path, line: at } of places) {
        const file = files.get(path);
        if (!file) continue;
        const lines = at ? [at - 1] : file.now.keys();
        for (const n of lines) {
          if (file.now[n] === file.old[n]) continue;
          file.now[n] = file.old[n];
          put_back += 1;
        }
        writeFileSync(file.path, file.now.join("\n"));
      }
    }
    left -= put_back;
    if (put_back === 0) {
      // What an error does not lead back to (a name two files share) is put back whole.
      for (const d of diagnostics.filter((d) => d.severity === "error")) {
        const file = files.get(d.path);
        if (file) writeFileSync(file.path, file.old.join("\n"));
      }
    }
    if (round === 11) check(`${site} is built`, diagnostics.filter((d) => d.severity === "error").map((d) => q(d)));
  }
  check("most texts of the example can carry a payload", left * 2 > turn ? [] : [`${left} of ${turn}`]);
  console.log(`${turn} texts of the front matter had a payload, about ${left} kept it`);
}

corpus("escaped", "[security]\ncsp = false\n", payloads);
corpus("published", "", payloads);
corpus("copied", "[output]\nindex_in_links = true\n", payloads.slice(0, 5));
everyType("types");

// ---------------------------------------------------------------- the browser

const TYPES = { ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".json": "application/json", ".bin": "application/octet-stream" };
const server = createServer((request, response) => {
  const path = decodeURIComponent(new URL(request.url, "http://x").pathname);
  let file = normalize(join(folder, path));
  if (!file.startsWith(folder)) file = "";
  if (file && existsSync(file) && statSync(file).isDirectory()) file = join(file, "index.html");
  const found = file && existsSync(file);
  response.writeHead(found ? 200 : 404, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
  if (found) createReadStream(file).pipe(response);
  else response.end();
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const origin = `http://127.0.0.1:${server.address().port}`;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

/** What a page says that must not be there; runs in the page. */
const look = () => {
  const wrong = [...(globalThis.caught ?? [])];
  for (const e of document.querySelectorAll("*")) {
    for (const a of e.attributes) {
      // The looks of an article stand on its elements: the inliner's, from the theme's own style sheet.
      const isLook = a.name === "style" && e.closest(".wx-paper") && a.value.split(";").every((d) => /^\s*$|^\s*(color|font-size|font-weight|line-height|letter-spacing|text-align|margin|margin-top|padding|padding-top|border|border-left|border-top|border-bottom|border-collapse|background-color|width|word-break|display): ?[#\w.% -]+$/.test(d));
      if (/^on/i.test(a.name) || (a.name === "style" && !isLook) || a.name === "srcdoc") wrong.push(`${e.tagName} ${a.name}=${a.value}`);
      if (/^(href|src|action|formaction|data)$/i.test(a.localName)) {
        const to = new URL(a.value, document.baseURI);
        if (!/^(https?|mailto|tel|file):$/.test(to.protocol)) wrong.push(`${e.tagName} ${a.name}=${a.value}`);
      }
    }
    if (/^(iframe|object|embed|base|frame|style|template)$/i.test(e.tagName)) wrong.push(e.tagName);
    if (e.tagName === "SCRIPT" && !e.src && e.type !== "application/ld+json") wrong.push(`a script: ${e.textContent.slice(0, 60)}`);
  }
  return wrong;
};

async function visitor(trap = true) {
  const context = await browser.newContext({ viewport: { width: 1000, height: 700 }, locale: "zh-CN" });
  if (trap) {
    await context.addInitScript(() => {
      globalThis.caught = [];
      const trap = (...what) => { globalThis.caught.push(`ran: ${what}`); };
      for (const name of ["xss", "alert", "confirm", "prompt"]) Object.defineProperty(globalThis, name, { value: trap, writable: false });
      document.addEventListener("securitypolicyviolation", (e) => globalThis.caught.push(`${e.violatedDirective}: ${e.blockedURI} ${e.sample}`));
    });
  }
  const page = await context.newPage();
  const seen = { dialogs: [], outside: [], errors: [] };
  page.on("dialog", (d) => {
    seen.dialogs.push(d.message());
    d.dismiss();
  });
  page.on("pageerror", (e) => seen.errors.push(String(e)));
  page.on("popup", (p) => seen.dialogs.push(p.url()));
  await page.route("**/*", (route) => {
    const url = route.request().url();
    if (url.startsWith(origin) || url.startsWith("file:")) return route.continue();
    seen.outside.push(url);
    return route.abort();
  });
  return { context, page, seen };
}

/** Opens a page, touches what can be touched, and tells what is wrong. */
async function visit({ page, seen }, url) {
  await page.goto(url, { waitUntil: "load" });
  await page.evaluate(() => {
    for (const e of document.querySelectorAll("main *")) for (const type of ["mouseover", "focus", "error", "toggle"]) e.dispatchEvent(new Event(type));
    document.querySelectorAll("details").forEach((d) => { d.open = true; });
  });
  await page.waitForTimeout(15);
  const wrong = await page.evaluate(look);
  const told = [...wrong, ...seen.dialogs, ...seen.outside, ...seen.errors].map((w) => `${url.replace(origin, "")}: ${w}`);
  seen.dialogs.length = seen.outside.length = seen.errors.length = 0;
  return told;
}

/** The pages of a site, without those that only lead on. */
const pages = (site, pattern = /./) => readdirSync(join(folder, `${site}-out`), { recursive: true })
  .filter((p) => p.endsWith("index.html") && pattern.test(p) && !readFileSync(join(folder, `${site}-out`, p), "utf8").includes('http-equiv="refresh"')).sort();

let opened = 0;
async function walk(claim, site, paths) {
  // Several tabs, each with its share.
  const shares = [0, 1].map((n) => paths.filter((_, i) => i % 2 === n));
  const wrong = await Promise.all(shares.map(async (share) => {
    const who = await visitor();
    const all = [];
    for (const path of share) all.push(...(await visit(who, `${origin}/${site}-out/${path.split("/").map(encodeURIComponent).join("/")}`)));
    await who.context.close();
    return all;
  }));
  opened += paths.length;
  check(claim, wrong.flat());
}

const own = pages("escaped", /^(records\/r\d+\/|notes\/|branches\/b\d\/|archive\/all\/|branches\/index|index|sitemap\/|search\/|records\/index|calendar\/)/);
await walk("no payload runs in any page, without a policy", "escaped", own);
await walk("no payload runs or meets the policy in any page", "published", own.filter((p) => /^(index|archive|search|notes|records\/r\d*0\/)/.test(p)));
const perFolder = new Map();
for (const path of pages("types")) {
  // A page of every sort of address and of every sort of record, as its body says.
  const sort = path.startsWith("records/")
    ? /<body class="([^"]*)"/.exec(readFileSync(join(folder, "types-out", path), "utf8"))?.[1]
    : path.split("/").slice(0, -1).map((part, n) => (n === 0 || /^[a-z]+$/.test(part) ? part : "*")).join("/");
  const all = perFolder.get(sort) ?? [];
  if (all.length < 1) perFolder.set(sort, [...all, path]);
}
await walk("no payload in the front matter of any type runs", "types", [...perFolder.values()].flat());

// Search shows words of texts: in its list, in quick search, and marked on the page.
for (const site of ["escaped", "published"]) {
  const who = await visitor();
  const wrong = [];
  for (const word of ["xss", "script", "onerror", "javascript"]) {
    await who.page.goto(`${origin}/${site}-out/search/index.html?q=${word}`, { waitUntil: "load" });
    await who.page.waitForFunction(() => document.querySelectorAll("#s-hits li").length > 0 || /0/.test(document.querySelector("#s-total").textContent), null, { timeout: 15000 });
    wrong.push(...(await who.page.evaluate(look)).map((w) => `${word}: ${w}`));
    const hits = await who.page.locator("#s-hits li").count();
    if (hits === 0 && word === "xss") wrong.push("nothing is found");
    const to = await who.page.locator("#s-hits a").first().getAttribute("href").catch(() => null);
    if (to) wrong.push(...(await visit(who, new URL(to, who.page.url()).href)));
  }
  await who.page.goto(`${origin}/${site}-out/index.html`);
  await who.page.keyboard.press("/");
  await who.page.waitForSelector("dialog input");
  await who.page.keyboard.type("script");
  await who.page.waitForSelector("dialog li", { timeout: 15000 });
  wrong.push(...(await who.page.evaluate(look)), ...who.seen.dialogs, ...who.seen.outside, ...who.seen.errors);
  await who.context.close();
  check(`no payload runs in a search of ${site}`, wrong);
}

// ---------------------------------------------------------------- the second wall

const planted = "<script>globalThis.planted = 1</script><img src=none onerror=\"globalThis.planted = 2\"><style>main{display:none}</style><a id=trap href=\"javascript:globalThis.planted=3\">x</a>";
for (const [how, site, base] of [["over http", "published", `${origin}/published-out/`], ["from a folder", "copied", `${pathToFileURL(join(folder, "copied-out"))}/`]]) {
  const home = readFileSync(join(folder, `${site}-out/index.html`), "utf8");
  put(`${site}-out/planted.html`, home.replace("</main>", `${planted}</main>`));
  put(`${site}-out/assets/changed.js`, `${readFileSync(join(folder, `${site}-out/assets/beilin.js`), "utf8")}globalThis.planted = 4;`);
  put(`${site}-out/changed.html`, home.replace("assets/beilin.js", "assets/changed.js"));
  const { context, page } = await visitor(false);
  const errors = [];
  page.on("console", (m) => m.type() === "error" && errors.push(m.text()));
  await page.goto(`${base}index.html`);
  const whole = await page.evaluate(() => [document.documentElement.hasAttribute("data-js"), getComputedStyle(document.querySelector("main")).display, [...document.styleSheets].length]);
  check(`a page is whole ${how}`, whole[0] && whole[1] !== "none" && whole[2] > 0 && errors.length === 0 ? [] : [q(whole), ...errors]);
  await page.keyboard.press("/");
  const quick = await page.waitForSelector("dialog input", { timeout: 10000 }).then(() => [], (e) => [String(e), ...errors]);
  check(`quick search opens ${how}`, quick);
  await page.keyboard.type("script");
  check(`quick search finds ${how}`, await page.waitForSelector("dialog li", { timeout: 15000 }).then(() => [], (e) => [String(e), ...errors]));
  await page.goto(`${base}planted.html`);
  await page.evaluate(() => document.getElementById("trap").click());
  await page.waitForTimeout(50);
  const ran = await page.evaluate(() => [globalThis.planted, getComputedStyle(document.querySelector("main")).display]);
  check(`what is planted in a page neither runs nor styles ${how}`, ran[0] === undefined && ran[1] !== "none" ? [] : [q(ran)]);
  await page.goto(`${base}changed.html`);
  await page.waitForTimeout(50);
  const changed = await page.evaluate(() => globalThis.planted);
  if (site === "published") check("a script that was changed is not run", changed === undefined ? [] : ["it ran"]);
  const refused = await page.goto(`${base}index.html`).then(() => page.evaluate(() => {
    const tried = [];
    for (const [name, act] of [["innerHTML", () => { document.createElement("p").innerHTML = "<b>x</b>"; }], ["a script's address", () => { document.createElement("script").src = "x.js"; }], ["a policy of another", () => trustedTypes.createPolicy("other", {})], ["a script from elsewhere", () => beilinScript("https://evil.example/x.js")]]) {
      try {
        act();
        tried.push(`${name} is allowed`);
      } catch { /* as it should be */ }
    }
    return tried;
  }));
  check(`text becomes no markup and no script ${how}`, refused);
  await context.close();
}

await browser.close();
server.close();
rmSync(folder, { recursive: true, force: true });
console.log(`${payloads.length} payloads, ${opened} pages opened`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
