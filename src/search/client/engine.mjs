// The engine for module scripts: the same classic script, with names to import.
import './engine.js';

const engine = globalThis.BeilinSearch;
export default engine;
export const { fold, terms, squeeze, holds, parse, open } = engine;
