// What is looked at in an open page. Every function here runs in the page, so it uses nothing from outside itself.

/** What is wider than the window, and the boxes that stick out. */
export const overflow = () => {
  const wide = Math.min(document.documentElement.clientWidth, innerWidth);
  const all = Math.max(document.documentElement.scrollWidth, document.scrollingElement.scrollWidth);
  if (all <= wide) return [];
  const out = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > wide + 1).slice(0, 4);
  return [`${all} > ${wide}`, ...out.map((e) => `${e.tagName.toLowerCase()}.${e.className?.baseVal ?? e.className} ${Math.round(e.getBoundingClientRect().right)}`)];
};

/** Pictures that cannot be shown, or have no alternative text. */
export const broken = async () => {
  const images = [...document.images];
  const faults = [];
  for (const image of images) {
    image.loading = "eager";
    try {
      await image.decode();
    } catch {
      faults.push(image.src);
    }
    if (!image.naturalWidth) faults.push(`${image.src} has no width`);
    if (!image.hasAttribute("alt")) faults.push(`${image.src} has no alt`);
  }
  return faults;
};

/** Where the keyboard stands, and whether one sees it. */
export const focus = () => {
  const e = document.activeElement;
  const box = e.getBoundingClientRect();
  const style = getComputedStyle(e);
  const marked = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
  const inside = box.width > 0 && box.height > 0 && box.bottom > 0 && box.right > 0 && box.left < innerWidth && box.top < innerHeight;
  return { name: `${e.tagName.toLowerCase()}.${e.className?.baseVal ?? e.className} “${e.textContent.trim().slice(0, 20)}”`, skip: e.classList.contains("skip"), id: e.id, body: e === document.body, marked, inside };
};

/**
 * What a finger is to hit and is lower than 44 px: links, buttons, fields, what opens. Measured is what answers to a touch above and
 * below the middle, so that padding and a link spread over its row count, and a neighbour lying over it does not.
 * Links within a sentence are as high as its lines.
 */
export const small = () => {
  const least = 44;
  const isShown = (e) => {
    const box = e.getBoundingClientRect();
    return box.width > 2 && box.height > 2 && e.checkVisibility({ visibilityProperty: true }) && !e.closest(".skip");
  };
  const isInSentence = (e) => {
    if (e.tagName !== "A" || !getComputedStyle(e).display.startsWith("inline")) return false;
    let block = e.parentElement;
    while (getComputedStyle(block).display === "inline") block = block.parentElement;
    if (block.matches("p:not(.more), .m, figcaption, blockquote, .note") || block.closest(".txt table:not([class])")) return true;
    // A cell, a term or an entry is a sentence where words stand before the link; a date or a mark before it is none.
    const range = document.createRange();
    range.setStart(block, 0);
    range.setEndBefore(e);
    return range.toString().replace(/[\d\s.．:：/–—-]/g, "").length > 1;
  };
  const faults = new Map();
  for (const e of document.querySelectorAll("a[href], button, summary, input, select, textarea")) {
    if (!isShown(e) || isInSentence(e)) continue;
    const target = e.closest("label") ?? e;
    target.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const rects = [...target.getClientRects()].filter((r) => r.width > 2);
    const first = rects[0];
    const last = rects.at(-1);
    const hits = (x, y) => {
      const at = document.elementFromPoint(x, y);
      return !!at && (target.contains(at) || at.contains(target) && at.closest("a, button, summary, label") === target);
    };
    const reach = (rect, step) => {
      const x = Math.min(Math.max(rect.left + Math.min(rect.width / 2, 40), 1), innerWidth - 1);
      let y = (rect.top + rect.bottom) / 2;
      while (Math.abs(y - (rect.top + rect.bottom) / 2) < 60 && hits(x, y + step)) y += step;
      return y;
    };
    const high = reach(last, 0.5) - reach(first, -0.5);
    if (high >= least - 0.75) continue;
    const place = [];
    for (let at = target; at && at !== document.body && place.length < 6; at = at.parentElement) place.unshift(`${at.tagName.toLowerCase()}${at.className && typeof at.className === "string" ? `.${at.className.trim().replaceAll(/\s+/g, ".")}` : ""}`);
    const key = place.join(" > ");
    if (!faults.has(key)) faults.set(key, `${Math.round(high)} px: ${key} “${target.textContent.trim().slice(0, 16)}”`);
  }
  scrollTo(0, 0);
  return [...faults.values()];
};

/** Runs before the page: sums what moves without being asked to. */
export const watchShifts = () => {
  globalThis.shifts = { sum: 0, what: [] };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.hadRecentInput) continue;
      globalThis.shifts.sum += entry.value;
      for (const s of entry.sources) globalThis.shifts.what.push(`${entry.value.toFixed(3)} ${s.node?.nodeName.toLowerCase()}.${s.node?.className ?? ""} ${Math.round(s.previousRect.y)} → ${Math.round(s.currentRect.y)}`);
    }
  }).observe({ type: "layout-shift", buffered: true });
};

/** Reads down to the end, a window at a time, and tells what moved by more than CLS 0.02. */
export const shifted = async () => {
  const paint = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  await document.fonts.ready;
  await paint();
  for (let y = 0; y < document.scrollingElement.scrollHeight; y += innerHeight) {
    scrollTo({ top: y, behavior: "instant" });
    await paint();
  }
  scrollTo({ top: 0, behavior: "instant" });
  return globalThis.shifts.sum < 0.02 ? [] : [globalThis.shifts.sum.toFixed(3), ...globalThis.shifts.what];
};
