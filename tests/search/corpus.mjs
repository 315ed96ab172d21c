// Seeded documents and questions: small vocabulary, so that pairs of characters often meet without the
// phrase being there, and every kind of mark between them.

export function seeded(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n) => Math.floor(next() * n);
  return { next, below, pick: (items) => items[below(items.length)], chance: (p) => next() < p };
}

export const LABELS = {
  kinds: [["dangke", "党课"], ["huiyi", "支部党员大会"], ["shenghuo", "组织生活会"]],
  branches: [
    ["b1", "中共某公司第一支部委员会", "第一支部", "某公司党委", ["“四强”党支部", "先进基层党组织"]],
    ["b2", "中共某公司第二支部委员会", "第二支部", "某公司党委", []],
    ["b3", "中共某学院教工支部委员会", "教工支部", "某学院党委", ["先进基层党组织"]],
    ["b4", "中共某学院学生支部委员会", "学生支部", "某学院党委", ["样板支部"]],
  ],
};

const WORDS = [
  "党课", "支部", "党员", "会议", "记录", "组织", "生活", "学习", "习近平", "文选", "专题", "四强", "党支部", "委员会",
  "发展", "对象", "张三", "李四", "民主", "评议", "党", "课", "会", "一", "2021", "2024", "6", "12", "月", "年", "PDF", "party", "branch", "A", "Ｂ2",
  "組織", "黨員", "評議", "會", "𠮷", "タワー", "2021年6月", "第12卷",
];
const MARKS = ["，", "。", "“", "”", "（", "）", "《", "》", "·", " ", "　", "、", "—", "😀", "\n"];
const SYLLABLES = ["san", "hui", "yi", "ke", "dang", "zhi/zi", "bu", "chong/zhong", "xue", "xi", "di", "er", "12", "zu", "shen"];

function text(random, longest) {
  let out = "";
  for (let i = random.below(longest); i >= 0; i--) {
    out += random.pick(WORDS);
    if (random.chance(0.35)) out += random.pick(MARKS);
  }
  return out;
}

function date(random) {
  if (random.chance(0.08)) return "";
  const two = (n) => String(n).padStart(2, "0");
  const year = 2018 + random.below(7);
  if (random.chance(0.08)) return `${year}`;
  if (random.chance(0.08)) return `${year}-${two(1 + random.below(12))}`;
  return `${year}-${two(1 + random.below(12))}-${two(1 + random.below(28))}`;
}

export function document(random, number, longest = 30) {
  const fields = [];
  for (const code of ["b", "k", "n", "p", "p", "a", "o"]) if (random.chance(0.3)) fields.push([code, text(random, 4)]);
  const sections = [];
  for (let i = random.below(4); i > 0; i--) sections.push([i > 2 ? "" : `s${i}`, random.chance(0.7) ? text(random, 3) : "", text(random, longest)]);
  return {
    url: `r/${number.toString(36)}/`,
    title: text(random, 4),
    kind: random.chance(0.1) ? "" : random.pick(LABELS.kinds)[0],
    branch: random.chance(0.1) ? "" : random.pick(LABELS.branches)[0],
    date: date(random),
    fields,
    sections,
    pinyin: [3, 2].map((n) => Array.from({ length: 1 + random.below(n) }, () => random.pick(SYLLABLES)).join(" ")).join("|"),
  };
}

export const documents = (random, count, longest) => Array.from({ length: count }, (_, i) => document(random, i, longest));

// A piece cut out of some document, or words that may be nowhere; quoted where it would fall apart.
export function question(random, docs) {
  let asked;
  if (random.chance(0.75)) {
    const doc = random.pick(docs);
    const from = random.pick([doc.title, ...doc.fields.map((f) => f[1]), ...doc.sections.map((s) => s[2])]);
    const characters = [...from];
    const at = random.below(characters.length);
    asked = characters.slice(at, at + 1 + random.below(6)).join("");
  } else {
    asked = random.pick(WORDS) + random.pick(WORDS);
  }
  return /\s/u.test(asked) ? `"${asked}"` : asked;
}
