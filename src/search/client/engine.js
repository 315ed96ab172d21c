// Searches a site's own index in the browser: text → terms → documents → what their texts really hold.
//
// 1. the analyzer: fold, terms, squeeze, holds, as `src/search/analyzer.rs` has them;
// 2. the query language: parse;
// 3. reading: inflate, numbers, sets of documents, shards; everything is checked, for files get damaged;
// 4. Index: search, suggest, facets. Where the index has positions, positions.js tells who holds a phrase.
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
  const MOST_PAIRS = 5;
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
    let isHan = false;
    folded.replace(TOKEN, (all, han, mark, word) => {
      if (han) {
        if (before) out.push(before + han);
        out.push(han);
        before = han;
        isHan = true;
      } else if (word) {
        const parts = cut(word);
        if (before && isHan) out.push(before + parts[0]);
        out.push(...parts);
        before = parts[parts.length - 1];
        isHan = false;
      } else if (!mark) {
        before = '';
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
    for (let at = text.indexOf(asked, start); at >= 0; at = text.indexOf(asked, at + 1)) {
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
  function steps(base, count, plain, shift) {
    return Array.from({ length: count }, (_, i) => {
      const extra = i < plain ? 0 : (i >> shift) - 1;
      base += 1 << extra;
      return [base - (1 << extra), extra];
    });
  }
  const LENGTHS = steps(3, 28, 8, 2).concat([[258, 0]]);
  const DISTANCES = steps(1, 30, 4, 1);
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
  const upTo = count => new Uint32Array(count).map((_, i) => i);

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
      // What changed is never so much.
      if (isDelta) broken();
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

  // ------------------------------------------------------------------ what is asked for

  // The terms a squeezed phrase is looked up by: pairs of Han characters, or a lone one; words.
  // The terms of a squeezed question: pairs, and what stands alone. Of a long run of pairs five, spread
  // evenly, tell as much as all: what they find is checked anyway.
  function lookups(asked) {
    const out = new Set();
    let run = [];
    let last = '';
    let lone = '';
    const close = () => {
      if (lone) out.add(lone);
      const step = Math.max(1, (run.length - 1) / (MOST_PAIRS - 1));
      for (let i = 0; i < Math.min(run.length, MOST_PAIRS); i++) out.add(run[Math.round(i * step)]);
      run = [];
      last = lone = '';
    };
    asked.replace(TOKEN, (token, han, mark, word) => {
      if (!han && !word) return close();
      const parts = han ? [han] : cut(word);
      if (last) {
        run.push(last + parts[0]);
        lone = '';
      } else {
        lone = parts[0];
      }
      for (const part of parts.slice(1)) {
        // The halves of a long word are no pair.
        if (lone) out.add(lone);
        lone = part;
      }
      last = parts[parts.length - 1];
    });
    close();
    return Array.from(out);
  }

  function phraseOf(raw, isPerson) {
    const asked = squeeze(fold(raw));
    const list = lookups(asked);
    // The index alone knows who has a single term; of a longest word it knows only a part.
    const exact = !isPerson && list.length === 1 && list[0] === asked && Array.from(asked).length < LONGEST_WORD;
    return { raw, asked, terms: list, exact, isPerson: !!isPerson, loose: 0 };
  }

  // The phrase without letters and digits at its edges as terms: 24年3月 is in 2024年3月 too.
  function loosened(phrase) {
    const first = phrase.asked.match(new RegExp('^(?:' + WORD + ')+', 'u'));
    const last = phrase.asked.match(new RegExp('(?:' + WORD + ')+$', 'u'));
    const end = last ? last.index : phrase.asked.length;
    const list = lookups(phrase.asked.slice(first ? first[0].length : 0, end));
    if (!(first || last) || !list.length) return phrase;
    return { ...phrase, terms: list, exact: false, loose: (first ? 1 : 0) | (last ? 2 : 0) };
  }

  // The table is needed for characters beyond GB 2312, and for the few of it that have a simpler form.
  let common = null;
  function needsTable(text) {
    if (simplified) return false;
    if (!common) {
      const bytes = [];
      for (let row = 0xB0; row < 0xF8; row++) for (let cell = 0xA1; cell < 0xFF; cell++) bytes.push(row, cell);
      common = new Set(decoded('gb18030', new Uint8Array(bytes)));
      Array.from('乾吒夥後徵捱摺於榘甯菸薹醣麴麽').forEach(c => common.delete(c));
    }
    return (text.normalize('NFKC').match(/[\u3400-\u9FFF]/g) || []).some(c => !common.has(c));
  }

  function decoded(encoding, bytes) {
    try {
      return new TextDecoder(encoding).decode(bytes);
    } catch (error) {
      // A browser that cannot read GB18030: the table is always needed, and fragments of it are unreadable.
      return '';
    }
  }

  // ------------------------------------------------------------------ scores, as tantivy has them

  const f32 = Math.fround;
  const K1 = f32(1.2);

  function lengthOf(norm) {
    if (norm < 24) return norm;
    const shift = (norm - 24 >>> 3) - 1;
    return 24 + (shift < 0 ? norm - 24 & 7 : (norm - 24 & 7 | 8) * Math.pow(2, shift));
  }

  function normOf(length) {
    let norm = 0;
    while (norm < 255 && lengthOf(norm + 1) <= length) norm++;
    return norm;
  }

  // Gives the score of a document by how often it has a term and how long it is.
  function bm25(df, docs, tokens, boost) {
    const x = f32(f32(Math.max(0, docs - df) + 0.5) / f32(df + 0.5));
    const weight = f32(f32(f32(Math.log(f32(1 + x))) * f32(1 + K1)) * (boost || 1));
    const average = f32(f32(tokens) / f32(docs));
    return (tf, length) => {
      const slowed = f32(K1 * f32(0.25 + f32(f32(0.75 * length) / average)));
      return f32(weight * f32(tf / f32(tf + slowed)));
    };
  }

  // ------------------------------------------------------------------ fragments

  const PLACES = { b: 'branch', k: 'kind', n: 'numbers', p: 'people', a: 'attachments' };
  const isText = value => typeof value === 'string';

  // A document's text, piece by piece, each squeezed for looking into.
  class Fragment {
    constructor(data) {
      // What is not text fails here, or where it is folded.
      if (!data.slice(0, 6).concat(data[8]).every(isText)) broken();
      this.data = data;
      this.pieces = [];
      this.add('title', data[1]);
      data[6].forEach(field => this.add(PLACES[field[0]] || 'other', field[1]));
      data[7].forEach(section => {
        this.add('heading', section[1], section);
        this.add('body', section[2], section);
      });
    }

    add(place, text, section) {
      if (text) this.pieces.push({ place, text, section, folded: fold(text) });
    }

    has(piece, phrase) {
      if (phrase.isPerson && piece.place !== 'people') return false;
      if (piece.squeezed === undefined) piece.squeezed = squeeze(piece.folded);
      return holds(piece.squeezed, phrase.asked, phrase.loose);
    }

    holds(phrase) {
      return this.pieces.some(piece => this.has(piece, phrase));
    }

    // How often it has each term, and its length, as the index counts them.
    count() {
      const counts = new Map();
      let length = 0;
      this.pieces.forEach(piece => terms(piece.folded).forEach(term => {
        counts.set(term, (counts.get(term) || 0) + 1);
        length++;
      }));
      return { counts, norm: normOf(length) };
    }

    // Whether the title or the branch's name is spoken so, in full or by initials, from a syllable on.
    isSpoken(letters) {
      return this.data[8].split('|').some(part => {
        const syllables = part.split(' ').map(readings => readings.split('/'));
        return syllables.some((_, start) => isFull(syllables, start, letters) || isInitials(syllables, start, letters));
      });
    }
  }

  function isFull(syllables, start, letters) {
    let ends = new Set([0]);
    for (let i = start; i < syllables.length && ends.size; i++) {
      const next = new Set();
      for (const end of ends) {
        const rest = letters.slice(end);
        for (const reading of syllables[i]) {
          if (reading.startsWith(rest)) return true;
          if (reading && rest.startsWith(reading)) next.add(end + reading.length);
        }
      }
      ends = next;
    }
    return false;
  }

  function isInitials(syllables, start, letters) {
    return start + letters.length <= syllables.length &&
      Array.from(letters).every((letter, i) => syllables[start + i].some(reading => reading[0] === letter));
  }

  // ------------------------------------------------------------------ marks and excerpts

  const EXCERPT = 90;

  // Where the phrases stand in a text as it was written: [start, end, which], ascending.
  function marksIn(text, phrases) {
    const from = [];
    const to = [];
    let folded = '';
    // Folded by characters with their marks, so that places are kept.
    text.replace(/\P{M}\p{M}*|\p{M}+/gu, (cluster, at) => {
      const part = fold(cluster);
      for (let i = 0; i < part.length; i++) {
        from.push(at);
        to.push(at + cluster.length);
      }
      folded += part;
    });
    const places = [];
    const squeezed = squeeze(folded, places);
    const out = [];
    phrases.forEach((phrase, which) => {
      let at = phrase.asked ? find(squeezed, phrase.asked, 0, phrase.loose) : -1;
      while (at >= 0) {
        const end = at + phrase.asked.length;
        out.push([from[places[at]], to[places[end - 1]], which]);
        at = find(squeezed, phrase.asked, end, phrase.loose);
      }
    });
    return out.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  }

  // Cuts a part of a text at its marks: [[text, isHit], …].
  function cutAt(text, start, end, marks) {
    const out = [];
    const put = (to, isHit) => {
      if (to > start) out.push([text.slice(start, to), isHit]);
      start = Math.max(start, to);
    };
    marks.forEach(mark => {
      if (mark[0] >= end) return;
      put(mark[0], false);
      put(Math.min(mark[1], end), true);
    });
    put(end, false);
    return out;
  }

  function excerptOf(text, phrases) {
    const marks = marksIn(text, phrases);
    const kinds = first => new Set(marks.filter(m => m[0] >= first && m[1] <= first + EXCERPT - 20).map(m => m[2])).size;
    let best = 0;
    // The first few are enough to choose from.
    marks.slice(0, 200).forEach(mark => {
      if (marks.length && kinds(mark[0]) > kinds(marks[best][0])) best = marks.indexOf(mark);
    });
    let start = marks.length ? Math.max(0, Math.min(marks[best][0] - 20, text.length - EXCERPT)) : 0;
    let end = Math.min(text.length, start + EXCERPT);
    // Never half of a pair of surrogates.
    if (/^[\uDC00-\uDFFF]/.test(text.slice(start, end))) start++;
    if (/[\uD800-\uDBFF]$/.test(text.slice(start, end)) && end < text.length) end--;
    const parts = cutAt(text, start, end, marks);
    if (start > 0) parts.unshift(['…', false]);
    if (end < text.length) parts.push(['…', false]);
    return parts;
  }

  // ------------------------------------------------------------------ files

  const FORMAT = 2;
  const NONE = new Uint32Array(0);
  // Bytes of inflated files that are kept for later questions, and how many questions are.
  const KEPT_BYTES = 48 << 20;
  const KEPT_QUERIES = 20;
  const NORMS = 14;
  // Of so few documents all norms are fetched at once with the first shards.
  const FEW_NORMS = 16384;

  // Promises by name: what fails is forgotten, so that it can be asked for again.
  function once(map, key, make) {
    if (!map.has(key)) {
      const made = make();
      map.set(key, made);
      made.catch(() => map.delete(key));
    }
    return map.get(key);
  }

  // Classic scripts, for pages opened from a folder, where nothing can be fetched: each calls beilinShard.
  const awaited = new Map();
  function readScript(url, name) {
    root.beilinShard = (path, data) => {
      const found = awaited.get(path);
      if (found) found(data);
    };
    return new Promise(resolve => {
      const script = document.createElement('script');
      const done = data => {
        awaited.delete(name);
        script.remove();
        resolve(data);
      };
      awaited.set(name, data => done(Uint8Array.from(atob(data), c => c.charCodeAt(0))));
      script.onload = script.onerror = () => done(null);
      script.src = root.beilinScript ? root.beilinScript(url) : url;
      document.head.appendChild(script);
    });
  }

  // What reads positions, loaded where an index has them; without it texts are read instead.
  async function teller(assets) {
    if (!root.BeilinPositions) {
      const url = assets + 'positions.js';
      try {
        if (root.importScripts) importScripts(root.beilinScript ? root.beilinScript(url) : url);
        else await readScript(url);
      } catch (error) {
        // Totals are told as “约”.
      }
    }
    return root.BeilinPositions;
  }

  async function fetched(url, cache) {
    let answer;
    let bytes;
    try {
      answer = await fetch(url, { cache });
      bytes = new Uint8Array(await answer.arrayBuffer());
    } catch (error) {
      fail('offline', 'cannot fetch ' + url);
    }
    if (answer.status === 404 || answer.status === 410) return null;
    if (!answer.ok) fail('offline', url + ': HTTP ' + answer.status);
    return bytes;
  }

  function readerOf(options) {
    if (options.read) return options.read;
    const scripts = options.scripts === undefined ? typeof location === 'object' && location.protocol === 'file:' : options.scripts;
    return path => {
      const url = (path === 't2s.txt' ? options.assets : options.base) + path;
      if (scripts) return readScript(url.replace(/\.\w+$/, '.js'), path.replace(/\.\w+$/, ''));
      return fetched(url, path === 'meta.json' ? 'no-cache' : 'default');
    };
  }

  function metaOf(text) {
    try {
      const meta = JSON.parse(text);
      if (meta.format !== FORMAT) fail('format', 'search index of format ' + meta.format + ', client of format ' + FORMAT);
      if (!meta.delta) meta.deltaDocs = meta.deltaShards = 0;
      meta.tiers = meta.tiers.map((tier, t) => ({ tokens: tier.tokens, boost: f32(meta.boosts[t]) }));
      const areCounts = [meta.docs, meta.baseDocs, meta.shards, meta.deltaDocs, meta.deltaShards].every(n => n >= 0 && n <= MOST_DOCS && Number.isInteger(n));
      const areNames = [meta.base, meta.labels, meta.delta || '0'].every(name => /^[0-9a-f]+$/.test(name));
      if (areCounts && areNames && meta.tiers.length < 8) return meta;
    } catch (error) {
      if (error.code) throw error;
    }
    return broken('meta.json');
  }

  // Reads an index: documents are numbered through, those of the delta behind those of the base.
  class Store {
    constructor(options) {
      this.reads = readerOf(options);
      this.assets = options.assets;
      // What meta.json says, where it was fetched while the engine came.
      this.given = options.meta;
      this.stats = { requests: 0, bytes: 0 };
      this.files = new Map();
      this.sizes = new Map();
      this.kept = 0;
      this.terms = new Map();
    }

    async fetch(path) {
      this.stats.requests++;
      const bytes = await this.reads(path).catch(error => fail(error.code || 'offline', error.message));
      if (bytes) this.stats.bytes += bytes.length;
      return bytes;
    }

    async open() {
      if (!this.given) {
        const bytes = await this.fetch('meta.json');
        if (!bytes) fail('missing', 'no search index');
        this.given = new TextDecoder().decode(bytes);
      }
      this.meta = metaOf(this.given);
      return this;
    }

    // A file, inflated and made into what it means by `make`; kept, but not without end.
    file(path, make) {
      const found = once(this.files, path, async () => {
        const bytes = await this.fetch(path + '.bin');
        if (!bytes) broken(path);
        try {
          const inflated = inflate(bytes);
          const made = await make(inflated);
          this.keep(path, inflated.length);
          return made;
        } catch (error) {
          if (error.code && error.code !== 'broken') throw error;
          return broken(path);
        }
      });
      // What was used last goes last.
      this.files.delete(path);
      this.files.set(path, found);
      return found;
    }

    keep(path, size) {
      this.kept += size;
      this.sizes.set(path, size);
      for (const old of this.files.keys()) {
        if (this.kept <= KEPT_BYTES) break;
        if (!this.sizes.has(old) || old === path) continue;
        this.kept -= this.sizes.get(old);
        this.sizes.delete(old);
        this.files.delete(old);
      }
    }

    // Without the table, which may be missing, traditional characters are looked for as they are.
    table() {
      return once(this.files, 't2s', async () => {
        const bytes = simplified ? null : await this.fetch('t2s.txt');
        if (bytes) useTable(new TextDecoder().decode(bytes));
      });
    }

    // Which documents of the base are gone, and which came.
    changes() {
      const meta = this.meta;
      if (!meta.delta) return Promise.resolve({ removed: NONE, norms: [], orders: [] });
      return this.file(meta.delta + '/d', bytes => {
        const r = new Reader(bytes);
        const removed = r.gaps(r.number(), meta.baseDocs);
        const norms = [];
        const orders = [];
        const count = r.number();
        if (count !== meta.deltaDocs) broken();
        for (let i = 0; i < count; i++) {
          orders.push(r.number() + (i + 1) / (count + 1) - 1);
          norms.push(r.byte());
        }
        return { removed, norms, orders };
      });
    }

    // Everything the shards know of a term.
    term(text) {
      if (this.terms.size > 100) this.terms.clear();
      return once(this.terms, text, () => this.readTerm(text));
    }

    async readTerm(text) {
      const meta = this.meta;
      const tiers = meta.tiers.length;
      const bytes = encoder.encode(text);
      const entry = (of, shards, all) => this.file(of + '/s/' + shardOf(bytes, shards).toString(16), shard => shard)
        .then(shard => {
          const found = entryIn(shard, bytes);
          return found && readEntry(found, all, tiers, of === meta.delta);
        });
      const [base, delta, changes] = await Promise.all([
        entry(meta.base, meta.shards, meta.baseDocs),
        meta.delta ? entry(meta.delta, meta.deltaShards, meta.deltaDocs) : null,
        this.changes()
      ]);
      const shift = docs => docs && docs.map(doc => doc + meta.baseDocs);
      if (delta && delta.df) delta.docs = shift(delta.docs);
      if (delta) delta.tiers.forEach(tier => {
        tier.docs = shift(tier.docs);
      });
      const count = (ofBase, lost, ofDelta) => Math.max(0, (ofBase || 0) - (lost || 0) + (ofDelta || 0));
      const term = { text, base, delta, lists: [base, delta].filter(e => e && e.df), sets: new Map() };
      term.df = count(base && base.df, delta && delta.lost, delta && delta.df);
      term.tiers = meta.tiers.map((_, t) => {
        const df = e => e && e.tiers[t] ? e.tiers[t].df : 0;
        return count(df(base), delta && delta.lostOf[t], df(delta));
      });
      term.name = base && (base.heads || base.tiers.some(t => !t.docs)) ? hash64(bytes) : '';
      term.removed = changes.removed;
      return term;
    }

    isHeavy(term) {
      return !!(term.base && term.base.heads && !term.base.docs);
    }

    // Has the lists of a term that lie in files of their own.
    async list(term) {
      const all = this.meta.baseDocs;
      if (this.isHeavy(term)) {
        term.base.docs = await this.file(this.meta.base + '/h/' + term.name, bytes => new Reader(bytes).docs(term.base.df, all));
      }
    }

    async frequencies(term) {
      if (term.base && term.base.df && !term.base.tfs) {
        term.base.tfs = await this.file(this.meta.base + '/t/' + term.name, bytes => new Reader(bytes).frequencies(term.base.df));
      }
    }

    async tierLists(term) {
      const all = this.meta.baseDocs;
      const lists = term.base ? term.base.tiers : [];
      await Promise.all(lists.map(async (tier, t) => {
        if (tier.docs) return;
        tier.docs = await this.file(this.meta.base + '/h/' + term.name + '-' + t, bytes => new Reader(bytes).docs(tier.df, all));
      }));
    }

    // The living documents that have a term.
    docs(term) {
      return once(term.sets, '', async () => {
        await this.list(term);
        const base = term.base && term.base.df ? minus(term.base.docs, term.removed) : NONE;
        return term.delta && term.delta.df ? either(base, term.delta.docs) : base;
      });
    }

    async everything() {
      const meta = this.meta;
      const changes = await this.changes();
      return minus(upTo(meta.baseDocs + meta.deltaDocs), changes.removed);
    }

    norms(block) {
      const size = Math.min(1 << NORMS, this.meta.baseDocs - (block << NORMS));
      return this.file(this.meta.base + '/n/' + block, bytes => {
        if (bytes.length !== size) broken();
        return bytes;
      });
    }

    fragment(doc) {
      const base = this.meta.baseDocs;
      const number = doc < base ? doc : doc - base;
      const path = (doc < base ? this.meta.base : this.meta.delta) + '/f/' + (number >> 8).toString(16) + '/' + (number & 255).toString(16);
      return this.file(path, async bytes => {
        if (bytes[0] & 2) await this.table();
        return new Fragment(JSON.parse(decoded(bytes[0] & 1 ? 'gb18030' : 'utf-8', bytes.subarray(1))));
      });
    }

    labels() {
      return this.file(this.meta.labels, bytes => {
        const labels = JSON.parse(decoded('utf-8', bytes));
        // What is not text cannot be folded.
        const folded = row => row.map(fold);
        labels.kinds.forEach(folded);
        labels.branches.forEach(row => folded(row.slice(0, 3).concat(row[4])));
        return labels;
      });
    }

    // Kind, branch and date of every document, of the base and of the delta.
    async columns() {
      const meta = this.meta;
      const read = (of, all) => this.file(of + '/c', bytes => {
        const end = bytes.indexOf(10);
        const head = JSON.parse(decoded('utf-8', bytes.subarray(0, end)));
        const r = new Reader(bytes.subarray(end + 1));
        const dates = [];
        if (![head.kinds, head.branches].every(ids => Array.isArray(ids) && ids.every(isText))) broken();
        head.dates.forEach(row => {
          if (!isText(row[0]) || !(row[1] >= 0 && row[1] <= all - dates.length)) broken();
          for (let n = 0; n < row[1]; n++) dates.push(row[0]);
        });
        if (dates.length !== all) broken();
        const kinds = r.take(all);
        const branches = r.take(all * 2);
        return { dates, kind: i => head.kinds[kinds[i] - 1], branch: i => head.branches[(branches[2 * i] | branches[2 * i + 1] << 8) - 1] };
      });
      const [base, delta] = await Promise.all([read(meta.base, meta.baseDocs), meta.delta ? read(meta.delta, meta.deltaDocs) : null]);
      const of = get => doc => doc < meta.baseDocs ? get(base, doc) : get(delta, doc - meta.baseDocs);
      return { kind: of((c, i) => c.kind(i)), branch: of((c, i) => c.branch(i)), date: of((c, i) => c.dates[i]) };
    }
  }

  // ------------------------------------------------------------------ searching

  // About what a fragment costs, in bytes; of so few documents texts are rather read than long lists.
  const FRAGMENT = 2048;
  const FEW = 40;

  // Goes along two ascending lists and tells where they meet.
  function meet(a, b, each) {
    for (let i = 0, j = 0; i < a.length && j < b.length;) {
      if (a[i] === b[j]) each(i++, j++);
      else if (a[i] < b[j]) i++;
      else j++;
    }
  }

  // Each compared on the length both have; what has no date is in no range.
  function inRange(date, range) {
    const sides = range.includes('..') ? range.split('..') : [range, range];
    const [from, to] = sides.map(side => side.trim());
    const has = bound => date.slice(0, bound.length);
    return !!date && has(from) >= from.slice(0, date.length) && has(to) <= to.slice(0, date.length);
  }

  // The ids of the rows that have a value as a name, else of those that have it in one.
  function named(rows, value) {
    const wanted = fold(value);
    const same = rows.filter(row => row.names.some(name => fold(name) === wanted));
    const chosen = same.length ? same : rows.filter(row => fold(row.within).includes(wanted));
    return Array.from(new Set(chosen.map(row => row.id)));
  }

  class Index {
    constructor(store) {
      this.store = store;
      this.stats = store.stats;
      this.states = new Map();
    }

    // What a query asks for, with the terms of its phrases.
    async plan(query, options) {
      const parsed = parse(query);
      const filters = parsed.filters.concat(options.filters);
      const values = filters.map(filter => filter.value);
      if (needsTable(query) || values.some(needsTable)) await this.store.table();
      const people = filters.filter(filter => filter.key === 'person');
      const persons = isNot => people.filter(f => !!f.not === isNot).map(f => phraseOf(f.value, true));
      const scored = parsed.groups.map(group => group.map(raw => phraseOf(raw)));
      return {
        scored,
        persons: persons(false),
        not: parsed.not.map(raw => phraseOf(raw)).concat(persons(true)),
        filters: filters.filter(filter => filter.key !== 'person'),
        isRanked: options.sort === 'relevance',
        newestFirst: options.sort !== 'oldest',
        letters: ''
      };
    }

    groups(plan) {
      return plan.persons.length ? plan.scored.concat([plan.persons]) : plan.scored;
    }

    phrases(plan) {
      return [].concat(...this.groups(plan));
    }

    // Fetches what the shards know of all terms at once.
    async lookUp(plan) {
      const store = this.store;
      const meta = store.meta;
      const phrases = this.phrases(plan).concat(plan.not);
      const isFew = plan.isRanked && meta.baseDocs <= FEW_NORMS && phrases.some(phrase => phrase.terms.length > 1 || phrases.length > 1);
      const norms = isFew ? Array.from({ length: Math.ceil(meta.baseDocs / (1 << NORMS)) }, (_, block) => store.norms(block)) : [];
      await Promise.all(phrases.map(async phrase => {
        phrase.found = await Promise.all(phrase.terms.map(term => store.term(term)));
      }).concat(norms));
    }

    // The documents that have all terms of a phrase: null if only long lists could tell.
    async docsOf(phrase, isLight) {
      const store = this.store;
      if (phrase.held) return phrase.held;
      if (!phrase.found.length || phrase.found.some(term => !term.df)) return NONE;
      const known = isLight ? phrase.found.filter(term => !store.isHeavy(term)) : phrase.found;
      if (!known.length) return null;
      const sets = await Promise.all(known.map(term => store.docs(term)));
      return sets.sort((a, b) => a.length - b.length).reduce(and);
    }

    // The documents of the filters of one key, any of them.
    async docsOfFilter(filter) {
      const store = this.store;
      const { key, value } = filter;
      if (key === 'year' || key === 'date') {
        const [columns, all] = await Promise.all([store.columns(), store.everything()]);
        let last = '';
        let isIn = false;
        return all.filter(doc => {
          const date = columns.date(doc);
          if (date !== last) isIn = inRange(last = date, fold(value));
          return isIn && date;
        });
      }
      const labels = await store.labels();
      const isKind = key === 'kind';
      const rows = isKind ? labels.kinds.map(([id, label]) => ({ id, names: [id, label], within: label })) :
        key === 'branch' ? labels.branches.map(([id, name, short]) => ({ id, names: [id, name, short], within: name })) :
        [].concat(...labels.branches.map(row => row[4].map(honour => ({ id: row[0], names: [honour], within: honour }))));
      const found = await Promise.all(named(rows, value).map(id => store.term((isKind ? '\x01k' : '\x01b') + id)));
      return (await Promise.all(found.map(term => store.docs(term)))).reduce(either, NONE);
    }

    async filtered(plan, docs) {
      const keys = Array.from(new Set(plan.filters.map(filter => (filter.not ? '-' : '') + filter.key)));
      for (const key of keys) {
        if (docs && !docs.length) break;
        const isNot = key[0] === '-';
        const ofKey = plan.filters.filter(filter => (filter.not ? '-' : '') + filter.key === key);
        const set = (await Promise.all(ofKey.map(filter => this.docsOfFilter(filter)))).reduce(either);
        if (isNot) docs = minus(docs || await this.store.everything(), set);
        else docs = docs ? and(docs, set) : set;
      }
      return docs;
    }

    // The documents that may match, and those of them that must be read to tell. With `isLight` no long
    // list is fetched: the documents may be too many, or null.
    async candidates(plan, isLight) {
      const groups = this.groups(plan);
      let docs = groups.length ? null : await this.store.everything();
      let doubtful = NONE;
      const unsure = [];
      for (const group of groups) {
        const sets = await Promise.all(group.map(phrase => this.docsOf(phrase, isLight)));
        if (sets.some(set => !set)) continue;
        const all = sets.reduce(either);
        docs = docs ? and(docs, all) : all;
        if (group.some(phrase => !phrase.exact)) unsure.push(sets.filter((_, i) => group[i].exact).reduce(either, NONE));
        if (!docs.length) return { docs, doubtful };
      }
      docs = await this.filtered(plan, docs);
      if (!docs || !docs.length) return { docs, doubtful };
      for (const phrase of plan.not) {
        const set = await this.docsOf(phrase, isLight);
        if (set && phrase.exact) docs = minus(docs, set);
        else if (set) doubtful = either(doubtful, set);
      }
      doubtful = and(docs, doubtful);
      unsure.forEach(sure => {
        doubtful = either(doubtful, minus(docs, sure));
      });
      return { docs, doubtful };
    }

    // Lets positions tell who holds the phrases that texts would have to be read for.
    async place(plan) {
      const tell = await teller(this.store.assets);
      await Promise.all(this.phrases(plan).concat(plan.not).map(async phrase => {
        if (!tell || phrase.exact || phrase.loose) return;
        phrase.held = await tell(this.store, phrase.asked, await this.docsOf(phrase), phrase.isPerson);
        phrase.exact = !!phrase.held;
      }));
    }

    // What the long lists cost that have not been fetched.
    costOfLists(plan) {
      const found = [].concat(...this.phrases(plan).concat(plan.not).map(phrase => phrase.found));
      const scoring = new Set(plan.isRanked ? this.scoring(plan) : []);
      let cost = 0;
      new Set(found).forEach(term => {
        if (this.store.isHeavy(term)) cost += term.base.bytes[0] + (scoring.has(term) ? term.base.bytes[1] : 0);
      });
      return cost;
    }

    matches(plan, fragment) {
      if (plan.letters) return fragment.isSpoken(plan.letters);
      return this.groups(plan).every(group => group.some(phrase => fragment.holds(phrase))) &&
        !plan.not.some(phrase => fragment.holds(phrase));
    }

    // ---- scores

    // A phrase counts as its rarest term does, for it is in a text no more often than that; of equally rare
    // ones the first. The frequencies of the others need not be known.
    scoring(plan) {
      return [].concat(...plan.scored).filter(phrase => phrase.found.length)
        .map(phrase => phrase.found.reduce((rarest, term) => term.df < rarest.df ? term : rarest));
    }

    async scores(plan, docs, counted) {
      const store = this.store;
      const meta = store.meta;
      const list = this.scoring(plan);
      const out = new Float32Array(docs.length);
      if (!plan.isRanked || !docs.length || !list.length) return out;
      const norms = counted ? counted.map(count => count.norm) : await this.normsOf(docs);
      const lengths = Array.from(norms, lengthOf);
      await Promise.all(list.map(term => Promise.all([store.tierLists(term), counted || store.frequencies(term), counted || store.list(term)])));
      list.forEach(term => {
        const tfs = new Uint32Array(docs.length);
        const masks = new Uint8Array(docs.length);
        if (counted) counted.forEach((count, i) => {
          tfs[i] = count.counts.get(term.text) || 0;
        });
        term.lists.forEach(entry => {
          if (!counted) meet(docs, entry.docs, (i, j) => {
            tfs[i] = entry.tfs[j];
          });
          entry.tiers.forEach((tier, t) => meet(docs, tier.docs, i => {
            masks[i] |= 1 << t;
          }));
        });
        const score = this.scorer(term, meta);
        for (let i = 0; i < docs.length; i++) if (tfs[i]) out[i] += score(tfs[i], lengths[i], masks[i]);
      });
      return out;
    }

    // How much a term gives a document: by its whole text, and more where it stands in a weightier part.
    scorer(term, meta) {
      const all = bm25(term.df, meta.docs, meta.tokens);
      const tiers = meta.tiers.map((tier, t) => bm25(term.tiers[t], meta.docs, tier.tokens, tier.boost)(1, 1));
      return (tf, length, mask) => tiers.reduce((sum, more, t) => mask >> t & 1 ? f32(sum + more) : sum, all(tf, length));
    }

    async normsOf(docs) {
      const store = this.store;
      const base = store.meta.baseDocs;
      const blocks = Array.from(new Set(Array.from(docs).filter(doc => doc < base).map(doc => doc >> NORMS)));
      const [changes, ...read] = await Promise.all([store.changes()].concat(blocks.map(block => store.norms(block))));
      const of = new Map(blocks.map((block, i) => [block, read[i]]));
      return Array.from(docs, doc => doc < base ? of.get(doc >> NORMS)[doc & (1 << NORMS) - 1] : changes.norms[doc - base]);
    }

    // Best first, or by date; what is equally good, newest first.
    async ranked(plan, docs, scores) {
      const { orders } = await this.store.changes();
      const base = this.store.meta.baseDocs;
      const order = Float64Array.from(docs, doc => doc < base ? doc : orders[doc - base]);
      const places = Array.from(docs, (_, i) => i);
      const sign = plan.newestFirst ? 1 : -1;
      places.sort((a, b) => scores[b] - scores[a] || sign * (order[b] - order[a]));
      return { docs: places.map(i => docs[i]), scores: places.map(i => scores[i]) };
    }

    // ---- what is known of a question so far

    async state(plan, options, isWhole) {
      const store = this.store;
      // Nothing but punctuation asks for nothing.
      if (!this.groups(plan).length && !plan.not.length && !plan.filters.length) {
        return this.newState(plan, NONE, new Float32Array(0), NONE);
      }
      await this.lookUp(plan);
      const need = options.offset + options.limit;
      const heads = isWhole ? null : await this.headState(plan);
      if (heads && heads.docs.length >= need) return heads;
      let found = await this.candidates(plan, true);
      const cost = this.costOfLists(plan);
      if (cost && !(found.docs && !found.docs.length)) {
        const count = found.docs ? found.docs.length : Infinity;
        // The first of them are read anyway, to show them.
        const isReadingCheaper = count <= FEW && cost > Math.max(0, count - options.limit - 2) * FRAGMENT;
        if (isReadingCheaper) return this.readState(plan, found.docs);
        // Of several phrases the frequencies will be wanted too: they come along.
        if (plan.isRanked && plan.scored.length > 1) this.scoring(plan).forEach(term => store.frequencies(term).catch(() => {}));
        found = await this.candidates(plan, false);
      }
      // The texts of a few are read anyway, to show them.
      if (store.meta.positions && found.doubtful.length && found.docs.length > Math.min(options.limit && options.limit + 2, options.most)) {
        await this.place(plan);
        found = await this.candidates(plan, false);
      }
      const best = isWhole ? null : await this.bestState(plan, found, need);
      if (best) return best;
      return this.newState(plan, found.docs, await this.scores(plan, found.docs), found.doubtful);
    }

    async newState(plan, docs, scores, doubtful) {
      const ranked = await this.ranked(plan, docs, scores);
      return { ...ranked, plan, all: docs, total: docs.length, doubtful: new Set(doubtful), next: 0, checked: 0, hits: [], refuted: [] };
    }

    // Reads all candidates: which match, and how often they have each term.
    async readState(plan, docs) {
      const fragments = await Promise.all(Array.from(docs, doc => this.store.fragment(doc)));
      const kept = fragments.map(fragment => this.matches(plan, fragment));
      const found = docs.filter((_, i) => kept[i]);
      const counted = plan.isRanked ? fragments.filter((_, i) => kept[i]).map(fragment => fragment.count()) : [];
      const state = await this.newState(plan, found, await this.scores(plan, found, counted), NONE);
      state.checked = docs.length;
      return state;
    }

    // The best documents of a single long list, as far as none behind the heads can be better.
    async headState(plan) {
      const phrase = plan.isRanked && plan.scored.length === 1 && plan.scored[0].length === 1 && plan.scored[0][0];
      if (!phrase || !phrase.exact || plan.persons.length || plan.not.length || plan.filters.length) return null;
      const term = phrase.found[0];
      if (!term.base || !term.base.heads || !term.base.heads.length) return null;
      return { ...await this.headsOf(plan, term), all: null, total: term.df };
    }

    // The best of the candidates of one phrase, which are among the best documents of the term it counts as:
    // neither frequencies nor lengths need to be read.
    async bestState(plan, found, need) {
      if (!plan.isRanked || plan.scored.length !== 1 || plan.scored[0].length !== 1) return null;
      const [term] = this.scoring(plan);
      if (!term || !term.base || !term.base.heads || !term.base.heads.length) return null;
      const candidates = new Set(found.docs);
      const state = await this.headsOf(plan, term, candidates);
      const doubtful = new Set(found.doubtful);
      if (state.docs.length < need) return null;
      return { ...state, all: found.docs, total: found.docs.length, doubtful, isPart: true };
    }

    // The best documents of a long list in order, as far as none behind its heads can be better.
    async headsOf(plan, term, candidates) {
      const heads = term.base.heads;
      const { meta } = this.store;
      const { norms, removed } = await this.store.changes();
      const gone = new Set(removed);
      let rows = heads.filter(head => !gone.has(head.doc));
      if (term.delta && term.delta.df) term.delta.docs.forEach((doc, i) => {
        const mask = term.delta.tiers.reduce((sum, tier, t) => tier.docs.includes(doc) ? sum | 1 << t : sum, 0);
        rows.push({ doc, tf: term.delta.tfs[i], norm: norms[doc - meta.baseDocs], mask });
      });
      if (candidates) rows = rows.filter(row => candidates.has(row.doc));
      const score = this.scorer(term, meta);
      const scoreOf = row => score(row.tf, lengthOf(row.norm), row.mask);
      const state = await this.newState(plan, Uint32Array.from(rows, row => row.doc), rows.map(scoreOf), NONE);
      if (meta.delta) {
        // By so much, about, have the weights shifted since the heads were chosen.
        const shift = 1 + (removed.length + meta.deltaDocs) / meta.docs;
        const bound = scoreOf(heads[heads.length - 1]) * shift;
        state.docs.length = state.scores.filter(one => one > bound).length;
      }
      return state;
    }

    // Checks the next documents in order, until there are enough hits or enough was read.
    fill(state, need, options) {
      const go = async () => {
        const { docs, doubtful, plan } = state;
        let left = Math.max(1, options.most);
        for (let round = 1; state.hits.length < need && state.next < docs.length && left > 0; round++) {
          if (options.stop && options.stop()) fail('cancelled', 'cancelled');
          const missing = need - state.hits.length;
          const count = doubtful.size ? Math.min((missing + 2) * round, left) : missing;
          const batch = docs.slice(state.next, state.next + count);
          const fragments = await Promise.all(batch.map(doc => this.store.fragment(doc)));
          fragments.forEach((fragment, i) => {
            const doc = batch[i];
            if (!doubtful.has(doc) || this.matches(plan, fragment)) state.hits.push({ doc, score: state.scores[state.next + i], fragment });
            else state.refuted.push(doc);
            if (!doubtful.delete(doc)) return;
            state.checked++;
            left--;
          });
          state.next += batch.length;
          if (options.onProgress) options.onProgress({ checked: state.checked, found: state.hits.length, total: state.total - state.refuted.length });
        }
      };
      // Two pages asked for at once must not read the same documents.
      state.turn = (state.turn || Promise.resolve()).then(go, go);
      return state.turn;
    }

    isEmpty(state) {
      return !state.hits.length && state.next >= state.docs.length;
    }

    // The state of a question, as far as it was answered before; `way` is how it is understood.
    stateOf(query, options, way, isWhole) {
      const key = JSON.stringify([way, query, options.filters, options.sort]);
      const make = async () => {
        const plan = await this.plan(query, options);
        if (way === 'edge') this.groups(plan).forEach(group => group.forEach((phrase, i) => {
          group[i] = loosened(phrase);
        }));
        return way === 'pinyin' ? this.spokenState(plan) : this.state(plan, options, isWhole);
      };
      const need = options.offset + options.limit;
      const isHeld = state => state.isPart ? !isWhole : state.all || state.docs.length >= need;
      const found = once(this.states, key, make);
      this.states.delete(key);
      this.states.set(key, found);
      if (this.states.size > KEPT_QUERIES) this.states.delete(this.states.keys().next().value);
      return found.then(state => {
        if (isHeld(state)) return state;
        // The heads of a list do not reach so far: now the whole of it.
        this.states.delete(key);
        return once(this.states, key, () => make());
      });
    }

    // Finds what a question finds: as it is written, else as pinyin, else with parts of words at its edges.
    async resolve(query, options) {
      const need = options.offset + options.limit;
      const ask = async way => {
        let state = await this.stateOf(query, options, way);
        await this.fill(state, need, options);
        if (state.isPart && state.hits.length < need && state.next >= state.docs.length) {
          // The best were not enough: now all of them.
          state = await this.stateOf(query, options, way, true);
          await this.fill(state, need, options);
        }
        return state;
      };
      const state = await ask('text');
      if (!this.isEmpty(state)) return { state, by: 'text' };
      for (const way of this.otherWays(state.plan)) {
        const other = await ask(way);
        if (other.hits.length) return { state: other, by: way };
      }
      return { state, by: 'text' };
    }

    otherWays(plan) {
      const phrases = this.phrases(plan);
      const ways = [];
      if (plan.scored.length === 1 && phrases.length === 1 && /^[a-z]{2,40}$/.test(phrases[0].asked)) ways.push('pinyin');
      if (phrases.some(phrase => loosened(phrase) !== phrase)) ways.push('edge');
      return ways;
    }

    // The documents whose titles or branches are spoken so, newest first.
    async spokenState(plan) {
      const store = this.store;
      const letters = plan.scored[0][0].asked;
      const inRows = size => Array.from({ length: Math.max(0, letters.length - size + 1) }, (_, i) => letters.slice(i, i + size));
      const all = async terms => {
        const found = await Promise.all(terms.map(term => store.term(term)));
        if (!found.length || found.some(term => !term.df)) return NONE;
        return (await Promise.all(found.map(term => store.docs(term)))).reduce(and);
      };
      const sets = await Promise.all([
        all(inRows(3).map(row => '\x02' + row)),
        all(inRows(Math.min(3, letters.length)).map(row => '\x03' + row))
      ]);
      const spoken = { ...plan, letters, scored: [], isRanked: false };
      const docs = await this.filtered(spoken, sets.reduce(either));
      return this.newState(spoken, docs, new Float32Array(docs.length), docs);
    }

    options(given) {
      const options = { limit: 10, offset: 0, sort: 'relevance', filters: [], most: 36 };
      for (const key in given) if (given[key] !== undefined) options[key] = given[key];
      const count = (value, most) => Math.min(most, Math.max(0, Math.floor(value) || 0));
      options.limit = count(options.limit, 1000);
      options.offset = count(options.offset, MOST_DOCS);
      return options;
    }

    async search(query, given) {
      const options = this.options(given);
      const { state, by } = await this.resolve(query, options);
      const end = options.offset + options.limit;
      const total = state.total - state.refuted.length;
      const phrases = this.phrases(state.plan);
      return {
        total,
        exact: !state.doubtful.size,
        checked: state.checked,
        more: state.hits.length > end || state.next < state.docs.length || total > Math.max(end, state.hits.length),
        hits: state.hits.slice(options.offset, end).map(hit => this.shown(hit, phrases)),
        by,
        terms: phrases.map(phrase => phrase.raw)
      };
    }

    // A hit with what to show of it: the piece that holds most of what was asked for, body first.
    shown(hit, phrases) {
      const { fragment } = hit;
      const [url, title, kind, branch, date, iso] = fragment.data;
      const pieces = fragment.pieces.filter(piece => piece.place !== 'title');
      const counts = pieces.map(piece => phrases.filter(phrase => fragment.has(piece, phrase)).length * 2 + (piece.place === 'body' ? 1 : 0));
      const most = counts.reduce((best, count, i) => count > counts[best] ? i : best, 0);
      const isFound = counts[most] > 1;
      const piece = pieces[most] || { section: null, text: '', place: '' };
      const section = piece.section || ['', '', ''];
      return {
        doc: hit.doc, url, title, kind, branch, date, iso, score: hit.score,
        titleParts: cutAt(title, 0, title.length, marksIn(title, phrases.filter(phrase => !phrase.isPerson))),
        anchor: isFound ? section[0] : '',
        heading: isFound ? section[1] : '',
        excerpt: excerptOf(piece.place === 'heading' ? section[2] : piece.text, phrases),
        place: isFound ? piece.place : 'title'
      };
    }

    // How many of what a question finds are of each kind, branch, year and honour.
    async facets(query, given) {
      const options = this.options(given);
      options.limit = 1;
      options.offset = 0;
      // What the first page has found out is used; else neither order nor scores are needed.
      const key = sort => JSON.stringify(['text', query, options.filters, sort]);
      const known = await (this.states.get(key(options.sort)) || null);
      if (!known || !known.all) options.sort = 'newest';
      const { state } = await this.resolve(query, options);
      const [columns, labels] = await Promise.all([this.store.columns(), this.store.labels()]);
      const refuted = new Set(state.refuted);
      const docs = state.all.filter(doc => !refuted.has(doc));
      const count = of => {
        const counts = new Map();
        docs.forEach(doc => counts.set(of(doc), (counts.get(of(doc)) || 0) + 1));
        return counts;
      };
      const most = rows => rows.filter(row => row[row.length - 1]).sort((a, b) => b[b.length - 1] - a[a.length - 1]);
      const kinds = count(columns.kind);
      const branches = count(columns.branch);
      const years = count(doc => columns.date(doc).slice(0, 4));
      const honours = new Map();
      labels.branches.forEach(row => new Set(row[4]).forEach(honour => {
        honours.set(honour, (honours.get(honour) || 0) + (branches.get(row[0]) || 0));
      }));
      years.delete('');
      return {
        exact: !state.doubtful.size,
        kinds: most(labels.kinds.map(([id, label]) => [id, label, kinds.get(id) || 0])),
        branches: most(labels.branches.map(([id, name, short]) => [id, short || name, branches.get(id) || 0])),
        years: Array.from(years, ([year, n]) => [Number(year), n]).sort((a, b) => b[0] - a[0]),
        honours: most(Array.from(honours))
      };
    }

    // What may have been meant by a query that finds nothing: one phrase of it with one character changed.
    async suggest(query) {
      const quick = { limit: 1, most: 20, sort: 'newest' };
      const finds = async asked => (await this.search(asked, quick)).hits.length > 0;
      // What has not been read to its end may yet be found.
      const mayFind = async asked => (await this.search(asked, quick)).more || finds(asked);
      if (await mayFind(query)) return null;
      const phrases = [].concat(...parse(query).groups);
      for (const raw of phrases.slice(0, 4)) {
        const phrase = phraseOf(raw);
        if (phrase.asked.length > 24 || await mayFind('"' + raw + '"')) continue;
        for (const near of await this.nearest(phrase)) {
          const better = query.replace(raw, () => near);
          if (await finds(better)) return better;
        }
      }
      return null;
    }

    // What stands in texts that hold the rest of a phrase, at one edit from it; the most frequent first.
    // A character is left out to see the rest, and where that finds nothing, two that may stand the wrong way.
    async nearest(phrase) {
      const letters = Array.from(phrase.asked);
      const counts = new Map();
      for (let width = 1; width < 3 && !counts.size; width++) {
        const fragments = await Promise.all(Array.from(await this.restOf(letters, width), doc => this.store.fragment(doc)));
        fragments.forEach(fragment => fragment.pieces.forEach(piece => {
          new Set(nearIn(squeeze(piece.folded), letters)).forEach(near => counts.set(near, (counts.get(near) || 0) + 1));
        }));
      }
      // What lacks an edge of the phrase is seldom what was meant, what ends otherwise less likely.
      const ends = text => text[0] + text[text.length - 1];
      const weight = near => counts.get(near) * (phrase.asked.includes(near) ? 0.5 : ends(near) === ends(phrase.asked) ? 1 : 0.9);
      return Array.from(counts.keys()).sort((a, b) => weight(b) - weight(a)).slice(0, 5);
    }

    // Some documents with the pairs of a phrase that are left when characters are left out.
    async restOf(letters, width) {
      const read = new Set();
      for (let i = 0; i + width <= letters.length && read.size < FEW; i++) {
        const rest = letters.slice(0, i).concat(WALL, letters.slice(i + width)).join('');
        // A lone character says too little.
        const pairs = lookups(rest).filter(term => term.length > 1);
        if (!pairs.length) continue;
        const found = await Promise.all(pairs.map(term => this.store.term(term)));
        const docs = await this.docsOf({ found }, false);
        docs.slice(-5).forEach(doc => read.add(doc));
      }
      return read;
    }
  }

  // The parts of a text at one insertion, deletion, substitution or transposition from what was asked for.
  function nearIn(text, asked) {
    const letters = Array.from(text);
    const out = [];
    letters.forEach((_, start) => {
      for (let length = asked.length - 1; length <= asked.length + 1; length++) {
        const part = letters.slice(start, start + length);
        if (part.length === length && !part.includes(WALL) && isOneEdit(part, asked)) out.push(part.join(''));
      }
    });
    return out;
  }

  function isOneEdit(a, b) {
    let i = 0;
    while (i < a.length && i < b.length && a[i] === b[i]) i++;
    let j = 0;
    while (j < a.length - i && j < b.length - i && a[a.length - 1 - j] === b[b.length - 1 - j]) j++;
    const [x, y] = [a.length - i - j, b.length - i - j];
    // A character more at an edge is no other phrase: it holds what was not found.
    if (x + y === 1) return y === 1 || (i > 0 && j > 0);
    return (x === 1 && y === 1) || (x === 2 && y === 2 && a[i] === b[i + 1] && a[i + 1] === b[i]);
  }

  // What positions are read with.
  const kit = { TOKEN, LONGEST_WORD, Reader, encoder, shardOf, hash64, broken };

  async function open(options) {
    return new Index(await new Store(options).open());
  }

  root.BeilinSearch = { fold, terms, squeeze, holds: (text, asked) => holds(text, asked), parse, useTable, inflate, open, kit };
})(typeof globalThis === 'object' ? globalThis : self);
