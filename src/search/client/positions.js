// Tells by positions which documents hold a phrase, so that no text need be read for it. The engine loads it where
// the index has positions; `src/search/positions.rs` writes them.
//
// Of every pair of units that follow each other, and of every unit that something parts from another, the index has
// the places in each document: two on from unit to unit, three where something parts them, four from piece to piece.
// People and posts stand first, where every unit has places; where they end says a file of its own.
(function (root) {
  'use strict';

  const kit = root.BeilinSearch.kit;

  // The pairs and lone units of a squeezed phrase with their places: who has all of them at these distances holds
  // it. Nothing of what has no positions: a unit alone, but for people, and words longer than terms.
  function cover(asked, isPerson) {
    const units = [];
    let at = 0;
    let parted = true;
    asked.replace(kit.TOKEN, (token, han, mark, word) => {
      if (han || word) {
        const joined = !parted;
        if (units.length) at += joined ? 2 : 3;
        units.push({ text: token, at, joined });
      }
      parted = !han && !word;
    });
    if (units.length < (isPerson ? 1 : 2) || units.some(unit => Array.from(unit.text).length > kit.LONGEST_WORD)) return null;
    const out = [];
    const pair = i => out.push({ text: units[i].text + units[i + 1].text, at: units[i].at });
    for (let i = 0; i < units.length; i++) {
      if (i + 1 < units.length && units[i + 1].joined) pair(i++);
      else if (units[i].joined) pair(i - 1);
      else out.push(units[i]);
    }
    return out;
  }

  // What a generation, or what stands beside it, has of a term: the positions in its documents, one after another.
  async function blockOf(store, half, name) {
    const number = kit.shardOf(name, half.shards).toString(16);
    const [terms, sheet] = await Promise.all(['/s/', '/p/'].map(sort => store.file(half.of + sort + number, bytes => bytes)));
    const ofTerms = new kit.Reader(terms);
    const r = new kit.Reader(sheet);
    for (let left = ofTerms.number(); left > 0; left--) {
      const term = ofTerms.take(ofTerms.number());
      ofTerms.take(ofTerms.number());
      // Nothing, a file of its own, or so many bytes and one.
      const size = r.number();
      const block = r.take(Math.max(0, size - 1));
      if (term.length === name.length && term.every((byte, i) => byte === name[i])) {
        return size === 1 ? store.file(half.of + '/p/' + kit.hash64(name), bytes => bytes) : block;
      }
    }
    return kit.broken(half.of + '/p/' + number);
  }

  // The places of a term in the documents that are wanted.
  async function placesOf(store, text, wanted) {
    const meta = store.meta;
    const term = await store.term(text);
    await store.list(term);
    const out = new Map();
    const name = kit.encoder.encode(text);
    await Promise.all([
      { of: meta.base, shards: meta.shards, entry: term.base },
      { of: meta.delta, shards: meta.deltaShards, entry: term.delta }
    ].map(async half => {
      if (!half.entry || !half.entry.df) return;
      const block = await blockOf(store, half, name);
      if (!block.length) return;
      const r = new kit.Reader(block);
      half.entry.docs.forEach(doc => {
        const places = [];
        let more = 1;
        for (let at = 0; more;) {
          const step = r.number();
          more = step % 2;
          at += (step - more) / 2;
          if (step) places.push(at);
        }
        if (wanted.has(doc)) out.set(doc, places);
      });
      if (r.left()) kit.broken(half.of + '/p');
    }));
    return out;
  }

  // The last place of people and posts in each document.
  async function peopleOf(store) {
    const meta = store.meta;
    const read = async (of, count) => {
      if (!count) return [];
      const r = new kit.Reader(await store.file(of + '/p/people', bytes => bytes));
      return Array.from({ length: count }, () => r.number());
    };
    const [base, delta] = await Promise.all([read(meta.base, meta.baseDocs), read(meta.delta, meta.deltaDocs)]);
    return doc => doc < base.length ? base[doc] : delta[doc - base.length];
  }

  function both(a, b) {
    const has = new Set(b);
    return a.filter(place => has.has(place));
  }

  // Those of some documents that hold a squeezed phrase, or have it among people; null if positions cannot tell.
  root.BeilinPositions = async (store, asked, docs, isPerson) => {
    const parts = cover(asked, isPerson);
    if (!parts) return null;
    const wanted = new Set(docs);
    const [lastOf, ...found] = await Promise.all([isPerson ? peopleOf(store) : () => Infinity].concat(parts.map(part => placesOf(store, part.text, wanted))));
    const starts = doc => parts.map((part, i) => (found[i].get(doc) || []).map(place => place - part.at));
    return docs.filter(doc => starts(doc).reduce(both).some(start => start <= lastOf(doc)));
  };
})(typeof globalThis === 'object' ? globalThis : self);
