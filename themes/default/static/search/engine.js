// Searches a site's own index in the browser: text → terms → documents → what their texts really hold.
//
// 1. the analyzer: fold, terms, squeeze, holds, as `src/search/analyzer.rs` has them;
// 2. the query language: parse;
// 3. reading: inflate, numbers, sets of documents, shards; everything is checked, for files get damaged;
// 4. Index: search, suggest, facets.
//
// A classic script without dependencies for pages, workers, file:// and Node. It knows nothing of the page it
// is on. Written for browsers from 2018 on: no `?.`, `??`, `catch {`, private fields.
(function (root) {
  'use strict';

  function fail(code, message) {
    const error = new Error(message);
    error.code = code;
    throw error;
  }

  // ------------------------------------------------------------------ the analyzer

  const HAN = '[\\u3005\\u3007\\u3040-\\u30FF\\u3400-\\u4DBF\\u4E00-\\u9FFF\\uAC00-\\uD7AF\\uF900-\\uFAFF\\u{20000}-\\u{3FFFF}]';
  const WORD = '(?!' + HAN + ')[\\p{Alphabetic}\\p{N}]';
  // A Han character, a mark that does not part two of them, a word, or anything else.
  const TOKEN = new RegExp('(' + HAN + ')|([“”‘’"\'《》〈〉「」『』()[\\]【】〔〕·•‧])|((?:' + WORD + ')+)|[^]', 'gu');
  const WORD_FIRST = new RegExp('^' + WORD, 'u');
  const WORD_LAST = new RegExp(WORD + '$', 'u');
  const LONGEST_WORD = 40;
  const WALL = '\0';

  // Traditional characters and their simplified ones, once t2s.txt has been loaded.
  let simplified = null;

  function useTable(pairs) {
    const table = new Map();
    for (let i = 0; i + 1 < pairs.length; i += 2) table.set(pairs[i], pairs[i + 1]);
    simplified = table;
  }

  function fold(text) {
    // A whole text's lower case knows a final sigma, a character's alone does not.
    const folded = text.normalize('NFKC').replace(/Σ/g, 'σ').toLowerCase();
    return simplified ? folded.replace(/[\u3400-\u9FFF]/g, c => simplified.get(c) || c) : folded;
  }

  function terms(folded) {
    const out = [];
    let before = '';
    folded.replace(TOKEN, (all, han, mark, word) => {
      if (han) {
        if (before) out.push(before + han);
        out.push(han);
        before = han;
      } else if (!mark) {
        before = '';
        if (word) out.push(...cut(word));
      }
    });
    return out;
  }

  function cut(word) {
    if (word.length <= LONGEST_WORD) return [word];
    const letters = Array.from(word);
    const out = [];
    for (let i = 0; i < letters.length; i += LONGEST_WORD) out.push(letters.slice(i, i + LONGEST_WORD).join(''));
    return out;
  }

  // `from`, if given, gets for every unit of the squeezed text its place in the folded one.
  function squeeze(folded, from) {
    let out = '';
    let last = '';
    let gap = false;
    folded.replace(TOKEN, (token, han, mark, word, at) => {
      if (!han && !word) {
        if (!mark) gap = true;
        return;
      }
      // Two words stay two, whatever stands between them.
      const between = last && word && last === 'word' ? ' ' : last && gap ? WALL : '';
      if (from) {
        if (between) from.push(at);
        for (let i = 0; i < token.length; i++) from.push(at + i);
      }
      out += between + token;
      last = word ? 'word' : 'han';
      gap = false;
    });
    return out;
  }

  // The place of the next match that is never half a word; where an edge is loose, it may be.
  function find(text, asked, start, loose) {
    const first = !(loose & 1) && WORD_FIRST.test(asked);
    const last = !(loose & 2) && WORD_LAST.test(asked);
    for (let at = text.indexOf(asked, start); at >= 0; at = text.indexOf(asked, at + asked.length)) {
      const end = at + asked.length;
      const cutsBefore = first && WORD_LAST.test(text.slice(Math.max(0, at - 2), at));
      const cutsAfter = last && WORD_FIRST.test(text.slice(end, end + 2));
      if (!cutsBefore && !cutsAfter) return at;
    }
    return -1;
  }

  function holds(text, asked, loose) {
    return asked !== '' && find(text, asked, 0, loose) >= 0;
  }

  // ------------------------------------------------------------------ the query language

  const PREFIXES = {
    kind: 'kind', 类型: 'kind', 种类: 'kind', branch: 'branch', 支部: 'branch', year: 'year', 年份: 'year', 年: 'year',
    date: 'date', 日期: 'date', person: 'person', 人物: 'person', 姓名: 'person', honour: 'honour', 荣誉: 'honour'
  };
  const SPACE = '\\u0009-\\u000D \\u0085\\u00A0\\u1680\\u2000-\\u200A\\u2028\\u2029\\u202F\\u205F\\u3000';
  // Not, prefix, and a value: in quotation marks, or up to the next space.
  const WANTED = new RegExp('([-－]?)(?:([^' + SPACE + '"＂:：]+)[:：](?=[^' + SPACE + ']))?(?:["＂]([^"＂]*)(?:["＂]|$)|([^' + SPACE + ']+))', 'g');

  // Gives {groups, not, filters}: groups are all wanted, of a group's phrases one.
  function parse(query) {
    const groups = [];
    const not = [];
    const filters = [];
    let or = false;
    let open = null;
    query.replace(WANTED, (all, minus, prefix, quoted, plain) => {
      if (all === 'OR' || all === '|') {
        or = open !== null;
        return;
      }
      const key = prefix && Object.prototype.hasOwnProperty.call(PREFIXES, prefix) ? PREFIXES[prefix] : '';
      const value = quoted === undefined ? plain : quoted;
      const phrase = prefix ? all.slice(minus.length) : value;
      const joined = or && open;
      or = false;
      open = null;
      if (key && value) {
        filters.push({ key, value, not: minus !== '' });
      } else if (terms(fold(phrase)).length) {
        if (minus) not.push(phrase);
        else if (joined) (open = joined).push(phrase);
        else groups.push(open = [phrase]);
      }
    });
    return { groups, not, filters };
  }

  // ------------------------------------------------------------------ reading

  // No file is larger than this when inflated, nor has DEFLATE ever made so much of a byte.
  const LARGEST = 16 << 20;
  const MOST_OF_A_BYTE = 1100;
  const MOST_DOCS = 1 << 24;

  function broken(what) {
    fail('broken', 'search index: ' + (what || 'a file') + ' is damaged');
  }

  // RFC 1951, after Mark Adler's puff.
  const LENGTHS = [];
  const DISTANCES = [];
  for (let i = 0, base = 3; i < 28; i++) {
    const extra = i < 8 ? 0 : (i - 4) >> 2;
    LENGTHS.push([base, extra]);
    base += 1 << extra;
  }
  LENGTHS.push([258, 0]);
  for (let i = 0, base = 1; i < 30; i++) {
    const extra = i < 4 ? 0 : (i - 2) >> 1;
    DISTANCES.push([base, extra]);
    base += 1 << extra;
  }
  const CODE_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
  let fixed = null;

  // How many codes there are of each length, and their symbols in order.
  function huffman(lengths) {
    const count = new Uint16Array(16);
    lengths.forEach(n => count[n]++);
    count[0] = 0;
    const offset = [0, 0];
    let left = 1;
    for (let n = 1; n < 16; n++) {
      left = left * 2 - count[n];
      if (left < 0) broken();
      offset[n + 1] = offset[n] + count[n];
    }
    const symbols = new Uint16Array(lengths.length);
    lengths.forEach((n, symbol) => {
      if (n) symbols[offset[n]++] = symbol;
    });
    return { count, symbols };
  }

  function inflate(bytes) {
    const most = Math.min(LARGEST, bytes.length * MOST_OF_A_BYTE);
    let out = new Uint8Array(Math.min(most, bytes.length * 4 + 64));
    let size = 0;
    let at = 0;
    let hold = 0;
    let held = 0;

    function bits(n) {
      while (held < n) {
        if (at >= bytes.length) broken();
        hold |= bytes[at++] << held;
        held += 8;
      }
      const value = hold & ((1 << n) - 1);
      hold >>>= n;
      held -= n;
      return value;
    }

    function symbol(tree) {
      let code = 0;
      let first = 0;
      let index = 0;
      for (let n = 1; n < 16; n++) {
        code |= bits(1);
        const count = tree.count[n];
        if (code - first < count) return tree.symbols[index + code - first];
        index += count;
        first = (first + count) << 1;
        code <<= 1;
      }
      return broken();
    }

    function room(n) {
      if (size + n > most) broken();
      if (size + n <= out.length) return;
      const larger = new Uint8Array(Math.min(most, Math.max(size + n, out.length * 2)));
      larger.set(out);
      out = larger;
    }

    function stored() {
      hold = held = 0;
      const length = bytes[at] | bytes[at + 1] << 8;
      const check = bytes[at + 2] | bytes[at + 3] << 8;
      at += 4;
      if (at + length > bytes.length || length !== (~check & 0xFFFF)) broken();
      room(length);
      out.set(bytes.subarray(at, at + length), size);
      at += length;
      size += length;
    }

    function trees() {
      const literals = bits(5) + 257;
      const distances = bits(5) + 1;
      const codes = bits(4) + 4;
      const lengths = new Array(19).fill(0);
      for (let i = 0; i < codes; i++) lengths[CODE_ORDER[i]] = bits(3);
      const tree = huffman(lengths);
      const all = [];
      while (all.length < literals + distances) {
        const s = symbol(tree);
        if (s === 16 && !all.length) broken();
        const value = s < 16 ? s : s === 16 ? all[all.length - 1] : 0;
        for (let n = s < 16 ? 1 : s === 16 ? 3 + bits(2) : s === 17 ? 3 + bits(3) : 11 + bits(7); n > 0; n--) all.push(value);
      }
      if (all.length > literals + distances) broken();
      return [huffman(all.slice(0, literals)), huffman(all.slice(literals))];
    }

    function coded(tree) {
      for (;;) {
        const s = symbol(tree[0]);
        if (s === 256) return;
        if (s < 256) {
          room(1);
          out[size++] = s;
          continue;
        }
        const length = LENGTHS[s - 257] || broken();
        let n = length[0] + bits(length[1]);
        const back = DISTANCES[symbol(tree[1])] || broken();
        const distance = back[0] + bits(back[1]);
        if (distance > size) broken();
        room(n);
        for (; n > 0; n--, size++) out[size] = out[size - distance];
      }
    }

    let isLast = 0;
    while (!isLast) {
      isLast = bits(1);
      const sort = bits(2);
      if (sort === 0) stored();
      else if (sort === 2) coded(trees());
      else if (sort === 1) {
        fixed = fixed || [
          huffman(Array.from({ length: 288 }, (_, i) => i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8)),
          huffman(new Array(30).fill(5))
        ];
        coded(fixed);
      } else broken();
    }
    return out.subarray(0, size);
  }

  class Reader {
    constructor(bytes) {
      this.bytes = bytes;
      this.at = 0;
    }

    left() {
      return this.bytes.length - this.at;
    }

    byte() {
      if (this.at >= this.bytes.length) broken();
      return this.bytes[this.at++];
    }

    take(length) {
      if (length > this.left()) broken();
      this.at += length;
      return this.bytes.subarray(this.at - length, this.at);
    }

    number() {
      let number = 0;
      for (let scale = 1; scale < 0x800000000; scale *= 128) {
        const byte = this.byte();
        number += (byte & 127) * scale;
        if (byte < 128) return number;
      }
      return broken();
    }

    // `count` numbers below `all`, each larger than the one before it.
    gaps(count, all) {
      if (count > this.left()) broken();
      const docs = new Uint32Array(count);
      for (let i = 0, next = 0; i < count; i++) {
        const gap = this.number();
        next += gap;
        if (next >= all || (i && !gap)) broken();
        docs[i] = next;
      }
      return docs;
    }

    docs(count, all) {
      const sort = this.byte();
      if (count > all || sort > 2) broken();
      if (sort === 0) return this.gaps(count, all);
      if (sort === 2) return minus(upTo(all), this.gaps(all - count, all));
      const bitmap = this.take((all + 7) >> 3);
      const docs = new Uint32Array(count);
      let n = 0;
      for (let d = 0; d < all; d++) if (bitmap[d >> 3] >> (d & 7) & 1) docs[n++] = d;
      if (n !== count) broken();
      return docs;
    }

    frequencies(count) {
      const codes = this.take((count + 3) >> 2);
      const out = new Uint32Array(count);
      for (let i = 0; i < count; i++) {
        const code = codes[i >> 2] >> (i & 3) * 2 & 3;
        out[i] = code < 3 ? code + 1 : 4 + this.number();
      }
      return out;
    }
  }

  // Sets of documents are ascending numbers. Keeps those of `a` alone, of both, of `b` alone, as asked.
  function merge(a, b, ofA, ofBoth, ofB) {
    const out = new Uint32Array((ofA ? a.length : ofBoth ? Math.min(a.length, b.length) : 0) + (ofB ? b.length : 0));
    let n = 0;
    let i = 0;
    let j = 0;
    while (i < a.length || j < b.length) {
      if (j >= b.length || a[i] < b[j]) {
        if (ofA) out[n++] = a[i];
        i++;
      } else if (i >= a.length || b[j] < a[i]) {
        if (ofB) out[n++] = b[j];
        j++;
      } else {
        if (ofBoth) out[n++] = a[i];
        i++;
        j++;
      }
    }
    return out.subarray(0, n);
  }
  const and = (a, b) => merge(a, b, false, true, false);
  const either = (a, b) => merge(a, b, true, true, true);
  const minus = (a, b) => merge(a, b, true, false, false);
  const upTo = count => Uint32Array.from({ length: count }, (_, i) => i);

  const encoder = new TextEncoder();

  function shardOf(bytes, shards) {
    let h = 0x811C9DC5;
    bytes.forEach(byte => {
      h = Math.imul(h ^ byte, 0x01000193);
    });
    h = Math.imul(h ^ h >>> 16, 0x85EBCA6B);
    h = Math.imul(h ^ h >>> 13, 0xC2B2AE35);
    return ((h ^ h >>> 16) & (shards - 1)) >>> 0;
  }

  // FNV-1a of 64 bits in hexadecimal; numbers hold 53 bits, so it goes by four parts of 16.
  function hash64(bytes) {
    let h = [0x2325, 0x8422, 0x9CE4, 0xCBF2];
    bytes.forEach(byte => {
      const [a, b, c, d] = [h[0] ^ byte, h[1], h[2], h[3]];
      // Times 0x100000001B3.
      const sums = [a * 0x1B3, b * 0x1B3, c * 0x1B3 + a * 0x100, d * 0x1B3 + b * 0x100];
      let carry = 0;
      h = sums.map(sum => {
        sum += carry;
        carry = Math.floor(sum / 0x10000);
        return sum % 0x10000;
      });
    });
    return h.reverse().map(part => (part + 0x10000).toString(16).slice(1)).join('');
  }

  // A shard's entry of a term, or nothing.
  function entryIn(shard, term) {
    const r = new Reader(shard);
    for (let n = r.number(); n > 0; n--) {
      const name = r.take(r.number());
      const entry = r.take(r.number());
      if (name.length === term.length && name.every((byte, i) => byte === term[i])) return entry;
    }
    return null;
  }

  // What the base says of a term, or (with `isDelta`) what the delta does.
  function readEntry(bytes, all, tiers, isDelta) {
    const r = new Reader(bytes);
    const entry = { lost: 0, lostOf: [], heads: null, docs: null, tiers: [] };
    if (isDelta) {
      entry.lost = r.number();
      for (let t = 0; t < tiers; t++) entry.lostOf.push(r.number());
    }
    entry.df = r.number();
    const flags = r.byte();
    if (entry.df > all) broken();
    if (!entry.df) return entry;
    if (flags & 1) {
      entry.bytes = [r.number(), r.number()];
      entry.heads = [];
      for (let n = r.number(); n > 0; n--) {
        entry.heads.push({ doc: r.number(), tf: r.number(), norm: r.byte(), mask: r.byte() });
        if (entry.heads[entry.heads.length - 1].doc >= all) broken();
      }
    } else {
      entry.docs = r.docs(entry.df, all);
      entry.tfs = r.frequencies(entry.df);
    }
    for (let t = 0; t < tiers; t++) {
      if (!(flags >> t + 1 & 1)) continue;
      const df = r.number();
      const length = r.number();
      if (df > entry.df) broken();
      entry.tiers[t] = { df, docs: length ? new Reader(r.take(length)).docs(df, all) : null };
    }
    return entry;
  }

  root.BeilinSearch = { fold, terms, squeeze, holds: (text, asked) => holds(text, asked), parse, useTable, inflate };
})(typeof globalThis === 'object' ? globalThis : self);
