// The browser's engine against a search that reads every text. Everything is seeded: what fails once fails again.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as checks from "./checks.mjs";
import { document, documents, LABELS, question, seeded } from "./corpus.mjs";
import { encode } from "./encode.mjs";
import { plainSearch } from "./search.mjs";
import { engine, EVERYTHING, open } from "./site.mjs";

const { ranked, urls } = checks;

// A medium site, its plain search, and the same documents in every shape an index may have.
const random = seeded(20240701);
const DOCS = documents(random, 150, 16);
const PLAIN = plainSearch(DOCS, LABELS);
const SHAPES = {
  light: encode(DOCS, LABELS, { heavyBytes: 1e9, shards: 8 }),
  usual: encode(DOCS, LABELS, { heavyBytes: 48, heads: 16 }),
  gaps: encode(DOCS, LABELS, { heavyBytes: 0, heads: 12, form: 0, shards: 1 }),
  bitmaps: encode(DOCS, LABELS, { heavyBytes: 0, heads: 256, form: 1 }),
  complements: encode(DOCS, LABELS, { heavyBytes: 0, heads: 0, form: 2 }),
  placed: encode(DOCS, LABELS, { heavyBytes: 48, heads: 16, positions: 100 }),
};

const checkQuestion = (index, query, options = {}, docs = DOCS, search = PLAIN) => checks.checkQuestion(index, query, options, docs, search);

// ---- searching

for (const [shape, files] of Object.entries(SHAPES)) {
  test(`${shape}: every question finds what the texts hold, with plain BM25's scores`, async () => {
    const { index, reads } = await open(files);
    const random = seeded(11);
    let found = 0;
    for (let i = 0; i < 50; i++) found += (await checkQuestion(index, question(random, DOCS))).hits.length;
    assert.ok(found > 200, "the questions are not all in vain");
    assert.equal(new Set(reads).size, reads.length, "a file is read twice");
    assert.equal(index.stats.requests, reads.length);
  });

  test(`${shape}: several phrases, either of two, not, and filters`, async () => {
    const { index } = await open(files);
    const random = seeded(13);
    const ask = () => question(random, DOCS);
    const makers = [
      () => `${ask()} ${ask()}`,
      () => `${ask()} OR ${ask()}`,
      () => `${ask()} | ${ask()} ${ask()}`,
      () => `${ask()} -${ask()}`,
      () => `${ask()} ${filter(random)}`,
      () => `${ask()} ${filter(random)} -${filter(random)}`,
      () => `${filter(random)} ${filter(random)}`,
    ];
    for (let i = 0; i < 63; i++) await checkQuestion(index, makers[i % makers.length]());
  });

  test(`${shape}: by date, and page by page`, async () => {
    const { index } = await open(files);
    const random = seeded(17);
    for (let i = 0; i < 18; i++) {
      const query = question(random, DOCS);
      const found = PLAIN.newest(PLAIN.find(engine.parse(query)));
      if (found.length === 0) continue;
      for (const [sort, wanted] of [["newest", found], ["oldest", [...found].reverse()]]) {
        const { hits } = await checkQuestion(index, query, { sort });
        assert.deepEqual(hits.map(({ url }) => url), wanted.map(({ url }) => url), `${query} ${sort}`);
      }
      await checkPages(index, files, query);
    }
  });
}

// All pages together are the whole, whether one goes on or comes to a page straight.
async function checkPages(index, files, query) {
  const whole = ranked(await index.search(query, EVERYTHING));
  const fresh = (await open(files)).index;
  const limit = 7;
  for (let offset = 0; offset < whole.length + limit && offset < 8 * limit; offset += limit) {
    const page = await fresh.search(query, { limit, offset, most: 1e6 });
    assert.deepEqual(ranked(page), whole.slice(offset, offset + limit), `${query} from ${offset}`);
    assert.ok(page.total >= whole.length);
    if (page.exact) assert.equal(page.total, whole.length);
    assert.equal(page.more, offset + limit < whole.length, `more of ${query} behind ${offset}`);
  }
  const straight = (await open(files)).index;
  const page = await straight.search(query, { limit, offset: 14, most: 1e6 });
  assert.deepEqual(ranked(page), whole.slice(14, 14 + limit), `${query} from 14 straight`);
}

function filter(random) {
  const all = [
    "kind:党课", "类型:huiyi", "kind:会", "branch:第一支部", "支部:b2", "branch:学院", "honour:先进基层党组织", "荣誉:党组织", "荣誉：“四强”党支部",
    "year:2021", "年:2019", "date:2020-03", "date:2019..2021-06", "date:2022-05..", "date:..2019-02-14", "person:张三", "person:党员", "kind:没有", "人物:李四",
  ];
  return random.pick(all);
}

test("filters given beside the question are as those in it", async () => {
  const { index } = await open(SHAPES.usual);
  for (const given of ["kind:党课", "branch:b1", "year:2021", "person:张三", "honour:样板支部"]) {
    const { filters } = engine.parse(given);
    const beside = await checkQuestion(index, "党课", { filters });
    assert.deepEqual(ranked(beside), ranked(await index.search(`党课 ${given}`, EVERYTHING)));
  }
});

test("traditional and wide characters in a question are as their simplified ones", async () => {
  const { index } = await open(SHAPES.usual);
  for (const [a, b] of [["組織", "组织"], ["黨員會議", "党员会议"], ["ＰＤＦ", "pdf"], ["２０２１年", "2021年"]]) {
    assert.deepEqual(ranked(await index.search(a, EVERYTHING)), ranked(await index.search(b, EVERYTHING)));
  }
});

test("what is nowhere is not found", async () => {
  const { index } = await open(SHAPES.usual);
  for (const query of ["没有这些字呢", "-党课 没有", "“没有”", "党课 没有", "kind:没有", "person:没有"]) {
    const { hits, total } = await index.search(query);
    assert.deepEqual([hits, total], [[], 0], query);
  }
});

// ---- base and delta

function changed(random, docs) {
  const removed = [];
  const added = [];
  let kept = [];
  for (const doc of docs) {
    const fate = random.next();
    if (fate < 0.15) removed.push(doc.url);
    if (fate >= 0.08 && fate < 0.15) added.push({ ...document(random, 0), url: doc.url });
    if (fate >= 0.15) kept.push(doc);
  }
  for (let i = 0; i < 15; i++) added.push(document(random, 100000 + i));
  return { change: { removed, added }, now: [...kept, ...added] };
}

for (const shape of [{ heavyBytes: 1e9 }, { heavyBytes: 48, heads: 256 }, { heavyBytes: 0, heads: 20, form: 2 }, { heavyBytes: 0, heads: 0, form: 1 }, { heavyBytes: 48, heads: 64, positions: 60 }]) {
  test(`base and delta are as a clean base: ${JSON.stringify(shape)}`, async () => {
    const random = seeded(23);
    const { change, now } = changed(random, DOCS);
    const search = plainSearch(now, LABELS);
    const clean = (await open(encode(now, LABELS, shape))).index;
    const { index, reads } = await open(encode(DOCS, LABELS, { ...shape, change }));
    const asks = [() => question(random, now), () => `${question(random, now)} ${filter(random)}`, () => `${question(random, now)} OR ${question(random, now)} -${question(random, now)}`, () => filter(random)];
    for (let i = 0; i < 60; i++) {
      const query = asks[i % asks.length]();
      const result = await checkQuestion(index, query, {}, now, search);
      const wanted = await clean.search(query, EVERYTHING);
      assert.deepEqual(ranked(result), ranked(wanted), query);
      const page = { limit: 5 + (i % 3) * 8, sort: ["relevance", "newest", "oldest"][i % 3] };
      assert.deepEqual(ranked(await index.search(query, page)), ranked(await clean.search(query, page)), query);
    }
    assert.equal(new Set(reads).size, reads.length);
  });
}

test("a delta that takes all the best away leaves the next best", async () => {
  const heavy = { heavyBytes: 0, heads: 12 };
  const best = (await (await open(encode(DOCS, LABELS, heavy))).index.search("党", { limit: 11 })).hits.map(({ url }) => url);
  const now = DOCS.filter(({ url }) => !best.includes(url));
  const { index } = await open(encode(DOCS, LABELS, { ...heavy, change: { removed: best, added: [] } }));
  const clean = (await open(encode(now, LABELS, heavy))).index;
  for (const limit of [3, 10]) assert.deepEqual(ranked(await index.search("党", { limit })), ranked(await clean.search("党", { limit })));
});

test("a delta's own documents do not hide better ones behind the heads", async () => {
  const heavy = { heavyBytes: 0, heads: 12 };
  const found = (await (await open(SHAPES.light)).index.search("党", EVERYTHING)).hits.map(({ url }) => url);
  const [removed, worst] = [found.slice(0, 11), new Set(found.slice(-5))];
  const added = DOCS.filter(({ url }) => worst.has(url)).map((doc) => ({ ...doc, url: doc.url + "again/" }));
  const now = [...DOCS.filter(({ url }) => !removed.includes(url)), ...added];
  const { index } = await open(encode(DOCS, LABELS, { ...heavy, change: { removed, added } }));
  const clean = (await open(encode(now, LABELS, heavy))).index;
  assert.deepEqual(ranked(await index.search("党", { limit: 4 })), ranked(await clean.search("党", { limit: 4 })));
});

test("a delta that takes everything away leaves nothing", async () => {
  const { index } = await open(encode(DOCS, LABELS, { change: { removed: DOCS.map(({ url }) => url), added: [] } }));
  for (const query of ["党", "党课", "党课 kind:党课", "year:2021", "sanhui"]) assert.equal((await index.search(query)).total, 0);
});

// ---- what is fetched

const OTHERS = /^[^/]*\/([htn]\/|[cd]\.)/;

test("one heavy term needs neither lists nor norms for the first page", async () => {
  const { index, reads } = await open(encode(DOCS, LABELS, { heavyBytes: 40, heads: 64 }));
  const page = await index.search("党");
  assert.equal(page.hits.length, 10);
  assert.deepEqual(reads.filter((path) => OTHERS.test(path)), []);
  assert.ok(reads.filter((path) => path.includes("/s/")).length === 1 && reads.length <= 2 + 12 + 2);
  assert.equal(page.total, PLAIN.find(engine.parse("党")).length);
  assert.equal(page.exact, true);
});

test("by date needs neither frequencies nor norms", async () => {
  const { index, reads } = await open(encode(DOCS, LABELS, { heavyBytes: 40 }));
  for (const sort of ["newest", "oldest"]) await index.search("党课 支部", { sort });
  assert.deepEqual(reads.filter((path) => /\/(t|n)\//.test(path)), []);
});

test("a term that is nowhere ends the search", async () => {
  const { index, reads } = await open(encode(DOCS, LABELS, { heavyBytes: 40 }));
  assert.equal((await index.search("党 党课 没有")).total, 0);
  assert.deepEqual(reads.filter((path) => /\/(h|t|f)\//.test(path)), []);
});

test("a few documents beside heavy lists are read instead of the lists", async () => {
  const rare = { ...document(seeded(3), 999999), title: "稀有党课党支部" };
  const docs = [...DOCS, rare];
  const { index, reads } = await open(encode(docs, LABELS, { heavyBytes: 40 }));
  const { hits, total, exact } = await checkQuestion(index, "稀有 党课 支部", {}, docs, plainSearch(docs, LABELS));
  assert.deepEqual([hits.length, total, exact], [1, 1, true]);
  const bytes = reads.filter((path) => /\/[ht]\//.test(path)).length;
  assert.ok(bytes === 0 || reads.filter((path) => path.includes("/f/")).length === 1, reads.join(" "));
});

test("asked again, nothing is fetched again", async () => {
  const { index, reads } = await open(SHAPES.usual);
  const first = await index.search("党课 会议");
  const before = reads.length;
  assert.deepEqual(await index.search("党课 会议"), first);
  assert.equal(reads.length, before);
  assert.equal(index.stats.requests, reads.length);
  assert.equal(index.stats.bytes, reads.bytes);
});

test("searches at the same time share what they fetch", async () => {
  const { index, reads } = await open(SHAPES.usual);
  const queries = ["党课", "党课 会议", "支部", "“四强”党支部", "党课", "year:2021 党"];
  const together = await Promise.all(queries.map((query) => index.search(query)));
  const { index: alone } = await open(SHAPES.usual);
  for (const [i, query] of queries.entries()) assert.deepEqual(ranked(together[i]), ranked(await alone.search(query)));
  assert.equal(new Set(reads).size, reads.length);
});

test("at most so many texts are checked as is allowed", async () => {
  const { index, reads } = await open(encode(DOCS, LABELS, { heavyBytes: 1e9 }));
  const page = await index.search("课党支", { most: 5 });
  assert.ok(reads.filter((path) => path.includes("/f/")).length <= 5, "more than 5 texts");
  assert.ok(page.checked <= 5 && page.total >= page.hits.length);
});

// ---- what helps when nothing is found

const made = (number, title, more = {}) => ({ url: `m/${number}/`, title, kind: "dangke", branch: "b1", date: "2024-03-0" + number, fields: [], sections: [], pinyin: "", ...more });
const FEW = [
  made(1, "三会一课制度", { pinyin: "san hui yi ke zhi du|di yi zhi bu" }),
  made(2, "重温入党誓词", { pinyin: "zhong/chong wen ru dang shi ci|di yi zhi bu" }),
  made(3, "召开组织生活会", { sections: [["s1", "时间", "2024年3月15日下午，PDF3份"]], pinyin: "zhao kai zu zhi sheng huo hui|di yi zhi bu" }),
  made(4, "开展民主评议党员", { branch: "b2", fields: [["p", "主讲人：张三丰"]], sections: [["", "", "组织生活会上张三讲话"]], pinyin: "kai zhan min zhu ping yi dang yuan|di er zhi bu" }),
  made(5, "学习党的二十大精神", { date: "", kind: "", branch: "", pinyin: "xue xi dang de er shi da jing shen|" }),
];

test("letters that no text has are looked for as pinyin", async () => {
  const { index } = await open(encode(FEW, LABELS));
  const wanted = {
    shyk: ["m/1/"], sh: ["m/1/", "m/3/"], sanhui: ["m/1/"], huiyike: ["m/1/"], chongwen: ["m/2/"], zhongwen: ["m/2/"], cwr: ["m/2/"],
    szc: [], dezb: ["m/4/"], dier: ["m/4/"], diyizhibu: ["m/1/", "m/2/", "m/3/"], SANHUI: ["m/1/"], sanyike: [], zzshh: ["m/3/"],
  };
  for (const [query, found] of Object.entries(wanted)) {
    const result = await index.search(query);
    assert.deepEqual(urls(result.hits), found, query);
    if (found.length > 0) assert.equal(result.by, "pinyin", query);
    assert.equal(result.total, found.length, query);
  }
  assert.equal((await index.search("pdf3")).by, "text");
});

test("a date cut at its edge is found", async () => {
  const { index } = await open(encode(FEW, LABELS));
  for (const query of ["24年3月", "4年3月15", "年3月1", "日下午，PD"]) {
    const result = await index.search(query);
    assert.deepEqual([urls(result.hits), result.by], [["m/3/"], "edge"], query);
  }
  assert.equal((await index.search("2024年3月")).by, "text");
  for (const query of ["25年3月", "24年4月", "2024"]) await checkQuestion(index, query, {}, FEW, plainSearch(FEW, LABELS));
});

test("a slip of the pen is put right", async () => {
  const { index } = await open(encode(FEW, LABELS));
  for (const slip of ["组织生洛会", "组织活生会", "组织生会", "组织的生活会"]) {
    assert.equal((await index.search(slip)).total, 0, slip);
    assert.equal(await index.suggest(slip), "组织生活会", slip);
  }
  assert.equal(await index.suggest("组织生活会"), null);
  assert.equal(await index.suggest("毫无关系的话"), null);
  assert.equal(await index.suggest(""), null);
});

test("a suggestion finds something, whatever was asked", async () => {
  const { index } = await open(SHAPES.usual);
  const random = seeded(29);
  for (let i = 0; i < 60; i++) {
    const query = question(random, DOCS).replace(/党|员|织/u, () => random.pick([..."的一课在"]));
    const suggestion = await index.suggest(query);
    if (suggestion === null) continue;
    assert.equal(PLAIN.find(engine.parse(query)).length, 0, query);
    assert.ok((await index.search(suggestion)).total > 0, `${query}: ${suggestion}`);
  }
});

// ---- what is shown

test("what was asked for is marked where it stands", async () => {
  const { index } = await open(encode(FEW, LABELS));
  const marked = (parts) => parts.filter(([, isHit]) => isHit).map(([text]) => text);
  const hit = async (query) => (await index.search(query)).hits[0];
  assert.deepEqual(marked((await hit("三会一课")).titleParts), ["三会一课"]);
  const body = await hit("3月15日");
  assert.deepEqual([marked(body.excerpt), body.anchor, body.heading], [["3月15日"], "s1", "时间"]);
  assert.deepEqual(marked((await hit("三丰")).excerpt), ["三丰"]);
  assert.equal((await hit("三丰")).place, "people");
  assert.deepEqual([body.kind, body.branch, body.iso], ["党课", "第一支部", "2024-03-03"]);
});

test("facets count what was found", async () => {
  const { change, now } = changed(seeded(31), DOCS);
  for (const [docs, files] of [[DOCS, SHAPES.usual], [now, encode(DOCS, LABELS, { heavyBytes: 48, change })]]) {
    const { index } = await open(files);
    const search = plainSearch(docs, LABELS);
    for (const query of ["党", "党课 会议", "kind:党课", "year:2021 支部", "党 branch:b1", "没有"]) {
      const found = search.find(engine.parse(query));
      const facets = await index.facets(query);
      const wanted = facetsOf(found);
      for (const name of ["kinds", "branches", "years", "honours"]) {
        const counted = facets[name].filter((row) => row[row.length - 1] > 0).map((row) => [String(row[0]), row[row.length - 1]]);
        assert.deepEqual(counted.sort(), wanted[name], `${name} of ${query}`);
      }
      assert.equal(facets.exact, true);
    }
    assert.equal((await index.facets("党员会议记录组织")).exact, search.find(engine.parse("党员会议记录组织")).length === 0);
  }
});

function facetsOf(docs) {
  const honours = new Map(LABELS.branches.map(([id, , , , names]) => [id, names]));
  const count = (values) => {
    const counts = new Map();
    for (const value of values) if (value) counts.set(value, (counts.get(value) || 0) + 1);
    return [...counts].sort();
  };
  return {
    kinds: count(docs.map(({ kind }) => kind)),
    branches: count(docs.map(({ branch }) => branch)),
    years: count(docs.map(({ date }) => date.slice(0, 4))),
    honours: count(docs.flatMap(({ branch }) => honours.get(branch) || [])),
  };
}
