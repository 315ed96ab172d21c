// Holds that every page is valid HTML, by the Nu checker (vnu), in one run of Java.
//
//   node html.mjs FOLDER     FOLDER is a built site
//
// Errors fail. Warnings are not asked for: read from a folder, “'self'” of a content security policy is no folder for the checker, and it
// warns of every file the pages load. The exit code is 1 where something is wrong.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const folder = process.argv[2];
if (!folder || !existsSync(join(folder, "index.html"))) {
  console.error("usage: node html.mjs FOLDER (a built site)");
  process.exit(2);
}

/** What the checker calls an error though it is right: the whole message, and why. None is known; one that no longer comes is a fault too. */
const FALSE_ALARMS = new Map([]);

// The jar itself: the package's own starter would look for a Java to download.
const jar = join(dirname(createRequire(import.meta.url).resolve("vnu-jar/package.json")), "build/dist/vnu.jar");
const ran = spawnSync("java", ["-Xss4m", "-jar", jar, "--skip-non-html", "--errors-only", "--format", "json", "--exit-zero-always", resolve(folder)], { encoding: "utf8", maxBuffer: 1 << 28 });
if (ran.error || ran.status !== 0) {
  console.error(`the Nu checker did not run: ${ran.error ?? ran.stderr}`);
  process.exit(2);
}
const said = JSON.parse(ran.stderr).messages;
// The text of an article is a piece to be pasted elsewhere; the page it is copied from holds the same text.
const isPiece = (m) => /\/wechat\/[^/]+\.html$/.test(m.url ?? "");
const isFalse = (m) => FALSE_ALARMS.has(m.message) || isPiece(m);
const faults = new Map();
for (const m of said.filter((m) => !isFalse(m))) faults.set(m.message, [...(faults.get(m.message) ?? []), m]);
for (const [message, all] of faults) {
  const { url, lastLine, extract } = all[0];
  console.log(`FAIL ${message}\n    ${all.length} times, first ${url?.replace(pathToFileURL(resolve(folder)).href, "").replace(/^file:/, "")}:${lastLine}\n    ${extract?.trim().replaceAll("\n", " ")}`);
}
const idle = [...FALSE_ALARMS.keys()].filter((message) => !said.some((m) => m.message === message));
for (const message of idle) console.log(`FAIL known as a false alarm, and never said: ${message}`);
console.log(`${faults.size + idle.length} faults in the HTML`);
process.exit(faults.size + idle.length ? 1 : 0);
