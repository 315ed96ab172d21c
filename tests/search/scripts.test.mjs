// A site opened from a folder: nothing can be fetched there, every file is a script that hands itself over.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createContext, runInContext } from "node:vm";
import { documents, LABELS, seeded } from "./corpus.mjs";
import { encode } from "./encode.mjs";
import { open, theme } from "./site.mjs";

const FILES = encode(documents(seeded(53), 30, 5), LABELS, { positions: 40 });
const FOLDER = "file:///site/";

function twin(path) {
  const name = path.replace(/\.js$/, "");
  if (name === "t2s") return theme("t2s.txt");
  const file = FILES.get(name === "meta" ? "meta.json" : name + ".bin");
  return file && new Uint8Array(file());
}

// A page that only knows how to add scripts; `hands` says what of each script arrives.
function page(hands = (call) => call) {
  const scope = { TextDecoder, TextEncoder, setTimeout, clearTimeout, atob, location: { protocol: "file:" } };
  const context = createContext(scope);
  const appendChild = (script) => {
    const path = script.src.slice(FOLDER.length).replace(/^(assets\/)?search\//, "");
    const bytes = twin(path);
    setTimeout(() => {
      if (path === "positions.js") {
        runInContext(new TextDecoder().decode(theme(path)), context);
        return script.onload();
      }
      if (!bytes) return script.onerror();
      const call = hands(`beilinShard(${JSON.stringify(path.replace(/\.js$/, ""))},"${Buffer.from(bytes).toString("base64")}");`);
      try {
        runInContext(call, context);
      } catch {
        // A browser reports it, and the script counts as loaded.
      }
      script.onload();
    });
  };
  scope.document = { createElement: () => ({ remove() {} }), head: { appendChild } };
  runInContext(new TextDecoder().decode(theme("engine.js")), context);
  return context.BeilinSearch;
}

const ADDRESSES = { base: FOLDER + "search/", assets: FOLDER + "assets/search/" };

test("from a folder the same is found", async () => {
  const there = await page().open(ADDRESSES);
  const { index } = await open(FILES);
  const plain = (value) => JSON.parse(JSON.stringify(value));
  for (const query of ["党课", "組織", "支部 year:2021", "党课会议"]) assert.deepEqual(plain(await there.search(query)), plain(await index.search(query)), query);
});

test("from a folder totals are exact too, where the index has positions", async () => {
  const there = await page().open(ADDRESSES);
  const { exact } = await there.search("党支部", { limit: 0 });
  assert.equal(exact, true);
});

test("from a folder without an index, or with a script that hands over nothing, an error says so", async () => {
  await assert.rejects(page().open({ ...ADDRESSES, base: FOLDER + "other/" }), ({ code }) => code === "missing");
  await assert.rejects(page(() => "").open(ADDRESSES), ({ code }) => code === "missing");
  await assert.rejects(page((call) => call.replace(/","?.*"\)/, '","!")')).open(ADDRESSES), ({ code }) => typeof code === "string");
});
