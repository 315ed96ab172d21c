import"./engine.js";const e=globalThis.BeilinSearch;export default e;export const{fold,terms,squeeze,holds,parse,open}=e;
