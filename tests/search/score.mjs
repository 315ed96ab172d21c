// BM25 as the agreement has it, in double precision: what the engine's single precision is held against.

const idf = (docs, df) => Math.log(1 + (docs - df + 0.5) / (df + 0.5));

// `stats`: {docs, tokens, tiers: [{docs, tokens}]}.
export function bm25(stats, df, tf, length) {
  const slowed = 1.2 * (0.25 + (0.75 * length) / (stats.tokens / stats.docs));
  return (idf(stats.docs, df) * 2.2 * tf) / (tf + slowed);
}

// What being in a tier gives: there every document counts as one term long, once.
export function unitTier(stats, tier, df) {
  const average = stats.tiers[tier].tokens / stats.docs;
  return (idf(stats.docs, df) * 2.2) / (1 + 1.2 * (0.25 + 0.75 / average));
}
