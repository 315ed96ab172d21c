// The search page and the quick-search dialog: fields, results, filters, addresses. What is found comes from
// the engine, in a worker where there can be one, or from a server (remote.js).
// A classic script, because a page opened from a folder may load no other. The search page loads it, and
// other pages when their reader asks. Floor: Chrome 64, so no `?.` and no `??`.
(function () {
  'use strict';

  var assets = document.currentScript.src.replace(/[^/]*$/, '');
  var SIZE = 10;
  var QUICK = 5;
  var WAIT = 150;
  // So many texts are checked to fill a page, beyond those that a first answer checks.
  var THOROUGH = 160;
  // What can be chosen, by its key in addresses and its name among the engine's counts.
  var GROUPS = { kind: 'kinds', branch: 'branches', year: 'years', honour: 'honours' };
  var KEYS = Object.keys(GROUPS);
  // Where the site says who it is, how it speaks and who answers: search/words.js.
  var words;
  // The address of the search page.
  var page;

  // ---------------------------------------------------------------- words and elements

  function say(key, values) {
    return (words.say[key] || key).replace(/\{(\w+)\}/g, function (all, name) {
      return values && name in values ? values[name] : all;
    });
  }

  // Makes an element; `null` and `false` leave an attribute or a child out.
  function el(name, attributes, children) {
    var made = document.createElement(name);
    Object.keys(attributes || {}).forEach(function (key) {
      var value = attributes[key];
      if (value != null && value !== false) made.setAttribute(key, value === true ? '' : value);
    });
    return fill(made, children == null ? [] : children);
  }

  function fill(element, children) {
    element.textContent = '';
    [].concat(children).forEach(function (child) {
      if (child != null && child !== false) element.append(child);
    });
    return element;
  }

  function byId(id) {
    return document.getElementById(id);
  }

  // Speaks when the reader pauses: a live region that changes with every letter is noise.
  function voice(region) {
    var timer;
    return function (text) {
      clearTimeout(timer);
      timer = setTimeout(function () {
        // The same words again are said again.
        region.textContent = region.textContent === text ? text + '\u00a0' : text;
      }, 400);
    };
  }

  // ---------------------------------------------------------------- the engine

  // What early.js gives browsers with Trusted Types; another theme may have no need of it.
  function trusted(url) {
    return self.beilinScript ? self.beilinScript(url) : url;
  }

  var loading = {};
  function load(url) {
    loading[url] = loading[url] || new Promise(function (done, failed) {
      var script = document.createElement('script');
      script.src = trusted(url);
      script.onload = done;
      script.onerror = function () {
        delete loading[url];
        failed(fault(navigator.onLine === false ? 'offline' : 'missing', url));
      };
      document.head.append(script);
    });
    return loading[url];
  }

  function fault(code, message) {
    var error = new Error(message);
    error.code = code;
    return error;
  }

  function ready(at) {
    page = at;
    return Promise.resolve(self.BeilinSearchWords || load(new URL('words.js', page).href)).then(function () {
      words = self.BeilinSearchWords;
    });
  }

  var engine;
  function open() {
    if (!engine) {
      engine = start();
      engine.catch(function () {
        engine = null;
      });
    }
    return engine;
  }

  function start() {
    var site = { base: new URL('./', page).href, assets: assets };
    if (words.endpoint) {
      return load(assets + 'engine.js').then(function () {
        return load(assets + 'remote.js');
      }).then(function () {
        return self.BeilinRemote.open(words.endpoint);
      });
    }
    return inWorker(site).catch(function (error) {
      // What the index is wrong in, it is wrong in here too; a worker that may not run is another matter.
      if (error.code) throw error;
      return load(assets + 'engine.js').then(function () {
        return self.BeilinSearch.open(site);
      });
    });
  }

  // The engine in a worker: its methods by messages, each answer under the number of its question.
  function inWorker(site) {
    return new Promise(function (opened, failed) {
      if (!self.Worker || location.protocol === 'file:') throw fault('', 'no worker');
      var worker = new Worker(trusted(assets + 'worker.js'));
      var waiting = {};
      var count = 0;
      function call(method, args, progress) {
        return new Promise(function (done, fails) {
          count += 1;
          waiting[count] = { done: done, fails: fails, progress: progress };
          worker.postMessage({ id: count, method: method, args: args });
        });
      }
      worker.onmessage = function (event) {
        var answer = event.data;
        var asked = waiting[answer.id];
        if (!asked) return;
        if (answer.progress !== undefined) {
          if (asked.progress) asked.progress(answer.progress);
          return;
        }
        delete waiting[answer.id];
        if (answer.error) asked.fails(fault(answer.error.code, answer.error.message));
        else asked.done(answer.result);
      };
      worker.onerror = function (event) {
        event.preventDefault();
        engine = null;
        failed(fault('', event.message));
        Object.keys(waiting).forEach(function (id) {
          waiting[id].fails(fault('', event.message));
        });
        waiting = {};
      };
      // The face of the index comes while the worker starts; if it does not, the worker asks for it and knows why.
      fetch(site.base + 'meta.json', { cache: 'no-cache' }).then(function (answer) {
        return answer.ok ? answer.text() : '';
      }).catch(function () {
        return '';
      }).then(function (meta) {
        site.meta = meta;
        return call('open', [site]);
      }).then(function () {
        opened({
          // What was asked before and is not answered is no longer wanted.
          search: function (query, options) {
            var progress = options.onProgress;
            Object.keys(waiting).forEach(function (id) {
              worker.postMessage({ cancel: Number(id) });
            });
            waiting = {};
            return call('search', [query, Object.assign({}, options, { onProgress: null, stop: null })], progress);
          },
          suggest: function (query) {
            return call('suggest', [query]);
          },
          facets: function (query, options) {
            return call('facets', [query, options]);
          }
        });
      }, failed);
    });
  }

  // ---------------------------------------------------------------- a hit

  function parts(list) {
    return (list || []).map(function (part) {
      return part[1] ? el('mark', {}, part[0]) : part[0];
    });
  }

  function isHit(part) {
    return part[1];
  }

  // The address of a hit: its heading, and the words to be marked there, as asked and as written.
  function address(hit, found) {
    var name = words.index && /(^|\/)$/.test(hit.url) ? hit.url + 'index.html' : hit.url;
    var to = new URL(name, new URL('../', page));
    if (!/^(https?|file):$/.test(to.protocol)) return page;
    var written = (hit.titleParts || []).concat(hit.excerpt || []).filter(isHit).map(function (part) {
      return part[0];
    });
    new Set((found.terms || []).concat(written)).forEach(function (word) {
      if (to.search.length < 300) to.searchParams.append('mark', word);
    });
    if (hit.anchor) to.hash = hit.anchor;
    return to.href;
  }

  // The lines of a hit; in the dialog the whole row is what is chosen, and holds no link.
  function lines(hit, to) {
    var mark = words.marks[hit.kind];
    var place = hit.place && words.say['place_' + hit.place];
    var title = hit.titleParts && hit.titleParts.length ? parts(hit.titleParts) : hit.title;
    var excerpt = hit.excerpt && hit.excerpt.length > 0;
    var iso = /^\d{4}(-\d\d){0,2}$/.test(hit.iso) ? hit.iso : null;
    return [
      mark && el('span', { class: 'k' + (mark === '誉' ? ' hon' : ''), title: hit.kind, 'aria-hidden': 'true' }, mark),
      to ? el('a', { class: 't', href: to }, title) : el('span', { class: 't' }, title),
      excerpt && el('p', { class: 'x' }, [
        place ? el('span', { class: 'pl' }, place) : hit.heading && el('span', { class: 'in' }, hit.heading)
      ].concat(parts(hit.excerpt))),
      el('p', { class: 'm' }, [
        // A whole day as lists write it, what is less as it was written.
        hit.date && el(iso ? 'time' : 'span', { class: 'd', datetime: iso }, /-\d\d-/.test(iso) ? iso : hit.date),
        hit.kind && el('span', {}, hit.kind),
        hit.branch && el('span', {}, hit.branch)
      ])
    ];
  }

  function total(found) {
    return say(found.exact ? 'total' : 'about', { n: found.total });
  }

  function totalElement(found) {
    return el('span', found.exact ? {} : { class: 'about', title: say('about_why') }, total(found));
  }

  // What is wrong, in words: the fact, and what to do.
  function wrong(error) {
    var key = /^(offline|missing|format|broken)$/.test(error.code) ? error.code : 'failed';
    return [say(key), say(key + '_why')];
  }

  // Calls back when the reader pauses, never in the midst of a composition: what an input method shows by then
  // is not what is asked for, and its Enter is not ours.
  function typing(input, changed) {
    var timer;
    var composing = false;
    function later(wait) {
      clearTimeout(timer);
      timer = setTimeout(changed, wait);
    }
    // With the first letter begins the question: the engine and the index's face come while it is written.
    input.addEventListener('compositionstart', function () {
      composing = true;
      clearTimeout(timer);
      open();
    });
    input.addEventListener('compositionend', function () {
      composing = false;
      // What an input method has set is a word.
      later(0);
    });
    input.addEventListener('input', function (event) {
      if (event.isComposing) return;
      composing = false;
      if (input.value.trim()) open();
      later(WAIT);
    });
    return {
      stop: function () {
        clearTimeout(timer);
      },
      isComposing: function () {
        return composing;
      }
    };
  }

  // ---------------------------------------------------------------- the search page

  function searchPage(form) {
    var input = byId('s-q');
    var out = byId('s-out');
    var head = byId('s-total');
    var note = byId('s-note');
    var list = byId('s-hits');
    var pages = byId('s-pages');
    var chips = byId('s-chips');
    var panel = byId('s-facets');
    var browse = byId('s-browse');
    var announce = voice(byId('s-said'));
    var base = document.title;
    var labels = {};
    var counted = '';
    var turn = 0;
    var most;
    var state = read(location.href);
    var settled = href(state);

    function read(url) {
      var given = new URL(url).searchParams;
      var asked = { q: given.get('q') || '', sort: given.get('sort') || 'relevance', page: Math.max(1, parseInt(given.get('page'), 10) || 1) };
      KEYS.forEach(function (key) {
        asked[key] = given.getAll(key);
      });
      return asked;
    }

    // The address of a question; what is as usual is left out.
    function href(asked, change) {
      asked = Object.assign({}, asked, change);
      var given = new URLSearchParams();
      if (asked.q) given.set('q', asked.q);
      KEYS.forEach(function (key) {
        asked[key].forEach(function (value) {
          given.append(key, value);
        });
      });
      if (asked.sort !== 'relevance') given.set('sort', asked.sort);
      if (asked.page > 1) given.set('page', asked.page);
      var query = given.toString();
      return location.pathname + (query ? '?' + query : '');
    }

    // While one types, the address follows in place; what was asked for by Enter or by a link is a step of
    // the history, and the step before stays what it was.
    function write(step) {
      var to = href(state);
      try {
        if (step && to !== settled) {
          history.replaceState(null, '', settled);
          history.pushState(null, '', to);
        } else {
          history.replaceState(null, '', to);
        }
      } catch (error) { /* a page opened from a folder may have no history */ }
      if (step) settled = to;
    }

    function filters() {
      var all = [];
      KEYS.forEach(function (key) {
        state[key].forEach(function (value) {
          all.push({ key: key, value: value, not: false });
        });
      });
      return all;
    }

    function go(asked, step) {
      state = asked;
      most = undefined;
      write(step);
      run();
    }

    function run() {
      turn += 1;
      var mine = turn;
      var chosen = filters();
      var asks = state.q.trim() || chosen.length > 0;
      document.title = state.q.trim() ? state.q.trim() + '－' + base : base;
      showSorts();
      showChips();
      if (!asks) {
        out.hidden = true;
        browse.hidden = false;
        out.removeAttribute('aria-busy');
        counted = '';
        announce('');
        return;
      }
      out.setAttribute('aria-busy', 'true');
      var slow = setTimeout(function () {
        tell(say('searching'));
      }, 400);
      function tell(text) {
        if (mine !== turn) return;
        out.hidden = false;
        fill(note, el('p', { class: 'wait' }, text));
        announce(text);
      }
      function stop() {
        return mine !== turn;
      }
      var options = { stop: stop, limit: SIZE, offset: (state.page - 1) * SIZE, sort: state.sort, filters: chosen };
      if (most) options.most = most;
      options.onProgress = function (so) {
        if (so.checked > SIZE * 2) tell(say('checking', { n: so.checked }));
      };
      open().then(function (index) {
        return index.search(state.q, options).then(function (found) {
          if (mine !== turn) return;
          show(index, found, chosen);
          // What was found stands there already; a page that is not full is filled before it is asked for.
          if (found.more && found.hits.length < SIZE && !options.most) {
            options.most = THOROUGH;
            return index.search(state.q, options).then(function (again) {
              if (mine === turn) show(index, again, chosen);
            });
          }
        });
      }).catch(function (error) {
        if (mine === turn) showFault(error);
      }).then(function () {
        clearTimeout(slow);
        if (mine === turn) out.removeAttribute('aria-busy');
      });
    }

    function show(index, found, chosen) {
      var hits = found.hits;
      var isNone = hits.length === 0 && !found.more && state.page === 1;
      var isCut = found.more && hits.length < SIZE;
      var q = state.q.trim();
      var notes = [];
      out.hidden = false;
      browse.hidden = !isNone;
      out.classList.toggle('none', isNone);
      fill(head, isNone ? say(chosen.length ? 'none_filters' : 'none', { q: q }) : totalElement(found));
      fill(list, hits.map(function (hit) {
        return el('li', {}, lines(hit, address(hit, found)));
      }));
      list.start = (state.page - 1) * SIZE + 1;
      if (!isNone && (found.by === 'pinyin' || found.by === 'edge')) notes.push(el('p', { class: 'by' }, say(found.by, { q: q })));
      if (isNone) notes.push(tries(chosen));
      else if (hits.length === 0 && !isCut) notes.push(el('p', {}, [say('none_page'), link(state, { page: 1 }, say('first'))]));
      fill(note, notes);
      announce([isNone ? head.textContent : total(found)].concat(notes.length ? notes[0].textContent : []).join('。'));
      showPages(found, isCut);
      if (isNone) {
        var mine = turn;
        index.suggest(state.q).then(function (other) {
          if (!other || mine !== turn) return;
          note.prepend(el('p', { class: 'by' }, [say('suggest'), link(state, { q: other, page: 1 }, other)]));
          announce(head.textContent + '。' + say('suggest') + other);
        }, function () { /* no suggestion is no fault */ });
      }
      panel.hidden = isNone && !chosen.length;
      countFacets(index);
    }

    function tries(chosen) {
      return el('ul', { class: 'tries' }, say('try').split('|').map(function (text) {
        return el('li', {}, text);
      }).concat(chosen.length ? el('li', {}, link(state, bare(), say('clear'))) : []));
    }

    function bare() {
      return { kind: [], branch: [], year: [], honour: [], page: 1 };
    }

    function link(asked, change, text, attributes) {
      return el('a', Object.assign({ href: href(asked, change), 'data-go': '' }, attributes), text);
    }

    function showPages(found, isCut) {
      var n = state.page;
      var more = found.more || (found.exact && n * SIZE < found.total);
      pages.hidden = n === 1 && !more;
      fill(pages, isCut ? [
        el('p', {}, say('more_why', { n: found.checked })),
        el('button', { type: 'button', class: 'again' }, say('more'))
      ] : el('ul', {}, [
        n > 1 && el('li', {}, link(state, { page: n - 1 }, say('prev'), { rel: 'prev', 'data-go': 'head' })),
        el('li', {}, el('span', { class: 'gap', 'aria-current': 'page' }, say('page', { n: n }))),
        more && el('li', {}, link(state, { page: n + 1 }, say('next'), { rel: 'next', 'data-go': 'head' }))
      ]));
      if (isCut) {
        pages.lastChild.onclick = function () {
          most = (most || 60) * 4;
          run();
        };
      }
    }

    function showFault(error) {
      var said = wrong(error);
      out.hidden = false;
      out.classList.add('none');
      panel.hidden = true;
      pages.hidden = true;
      browse.hidden = error.code === 'offline';
      fill(list, []);
      fill(head, said[0]);
      fill(note, [el('p', {}, said[1]), el('button', { type: 'button', class: 'again' }, say('again'))]);
      // Another version comes with another page.
      note.lastChild.onclick = error.code === 'format' ? function () {
        location.reload();
      } : run;
      announce(said.join(''));
    }

    function showSorts() {
      byId('s-sorts').querySelectorAll('[data-sort]').forEach(function (a) {
        var sort = a.getAttribute('data-sort');
        a.href = href(state, { sort: sort, page: 1 });
        a.setAttribute('data-go', '');
        if (sort === state.sort) a.setAttribute('aria-current', 'true');
        else a.removeAttribute('aria-current');
      });
    }

    // The address of the same question with one choice more, or one less.
    function toggled(key, value) {
      var change = { page: 1 };
      var at = state[key].indexOf(value);
      change[key] = at < 0 ? state[key].concat(value) : state[key].filter(function (other) {
        return other !== value;
      });
      return change;
    }

    function showChips() {
      var chosen = filters();
      chips.hidden = chosen.length === 0;
      fill(chips, el('ul', {}, chosen.map(function (f) {
        var label = labels[f.key + ':' + f.value] || f.value;
        return el('li', {}, link(state, toggled(f.key, f.value), [label, el('span', { 'aria-hidden': 'true' }, '×')], { 'data-go': 'head', 'aria-label': say('drop', { name: label }) }));
      })));
    }

    // Counts come after the results, and only where somebody sees them or a chosen one has no name yet. What
    // there is beside a choice is counted as if it were not made, so that a second of its kind can be.
    function countFacets(index) {
      var asked = JSON.stringify([state.q, filters()]);
      if (panel.hidden || asked === counted || !(panel.open || filters().length)) return;
      var mine = turn;
      var apart = index.isApart ? [] : KEYS.filter(function (key) {
        return state[key].length;
      });
      Promise.all([''].concat(apart).map(function (key) {
        return index.facets(state.q, { filters: filters().filter(function (f) {
          return f.key !== key;
        }) });
      })).then(function (all) {
        if (mine !== turn) return;
        var found = all[0];
        // A server may have no counts.
        panel.hidden = !found;
        apart.forEach(function (key, i) {
          found[GROUPS[key]] = all[i + 1][GROUPS[key]];
        });
        if (found) showFacets(found);
        showChips();
      }).catch(function () { /* the results stand without counts */ });
    }

    // Who writes an address by hand writes names.
    function named(key, entries) {
      state[key] = state[key].map(function (value) {
        var ids = entries.filter(function (e) {
          return e[0] === value || e[1] === value;
        });
        return ids.length === 1 ? ids[0][0] : value;
      });
    }

    function showFacets(found) {
      var before = href(state);
      var was = document.activeElement && document.activeElement.getAttribute('data-facet');
      KEYS.forEach(function (key) {
        // Years and honours have no ids beside their names.
        found[key] = found[GROUPS[key]].map(function (e) {
          return e.length === 3 ? e : [String(e[0]), String(e[0]), e[1]];
        });
        named(key, found[key]);
      });
      counted = JSON.stringify([state.q, filters()]);
      if (settled === before) settled = href(state);
      if (before !== href(state)) write(false);
      var made = KEYS.map(function (key) {
        return facet(key, found[key]);
      });
      fill(panel.lastElementChild, made.concat(found.exact ? [] : el('p', { class: 'note' }, say('facets_about'))));
      panel.querySelectorAll('[data-facet]').forEach(function (a) {
        if (a.getAttribute('data-facet') === was) a.focus();
      });
    }

    function facet(key, entries) {
      entries.forEach(function (e) {
        labels[key + ':' + e[0]] = e[1];
      });
      // A choice stays to be seen, though nothing is left of it.
      var gone = state[key].filter(function (value) {
        return !entries.some(function (e) {
          return e[0] === value;
        });
      });
      var all = entries.concat(gone.map(function (value) {
        return [value, labels[key + ':' + value] || value, 0];
      }));
      if (all.length === 0) return null;
      var items = all.map(function (e, i) {
        var on = state[key].indexOf(e[0]) >= 0;
        var a = link(state, toggled(key, e[0]), [e[1], el('span', {}, String(e[2]))], { 'data-facet': key + ':' + e[0], 'aria-current': on && 'true' });
        return el('li', { hidden: i >= 8 && !on }, a);
      });
      var rest = items.filter(function (li) {
        return li.hidden;
      });
      var button = rest.length > 0 && el('button', { type: 'button' }, say('rest', { n: rest.length }));
      if (button) {
        button.onclick = function () {
          rest.forEach(function (li) {
            li.hidden = false;
          });
          rest[0].firstChild.focus();
          button.remove();
        };
      }
      return el('nav', { class: 'facet', 'aria-label': say(key) }, [el('h3', {}, say(key)), el('ul', {}, items), button]);
    }

    var typed = typing(input, function () {
      if (input.value !== state.q) go(Object.assign({}, state, { q: input.value, page: 1 }), false);
    });
    form.addEventListener('submit', function (event) {
      event.preventDefault();
      if (typed.isComposing()) return;
      typed.stop();
      go(Object.assign({}, state, { q: input.value, page: input.value === state.q ? state.page : 1 }), true);
    });
    document.querySelector('main').addEventListener('click', function (event) {
      var a = event.target.closest('a[data-go]');
      if (!a || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      typed.stop();
      // What was typed and seen is a step of its own.
      write(true);
      go(read(a.href), true);
      input.value = state.q;
      if (a.getAttribute('data-go') === 'head') {
        head.focus();
        form.scrollIntoView();
      }
    });
    window.addEventListener('popstate', function () {
      typed.stop();
      state = read(location.href);
      settled = href(state);
      most = undefined;
      input.value = state.q;
      run();
    });
    byId('s-filter').addEventListener('click', function () {
      panel.open = true;
    });
    panel.addEventListener('toggle', function () {
      if (panel.open && engine && !out.hidden) open().then(countFacets);
    });

    // Beside the results there is room for the filters; on a phone they are folded below.
    var wide = window.matchMedia('(min-width: 1080px)');
    function unfold() {
      panel.open = wide.matches;
    }
    unfold();
    if (wide.addEventListener) wide.addEventListener('change', unfold);

    var slash = byId('s-slash');
    try {
      slash.checked = localStorage.getItem('beilin-slash') === 'off';
      slash.onchange = function () {
        localStorage.setItem('beilin-slash', slash.checked ? 'off' : 'on');
      };
    } catch (error) {
      slash.parentNode.hidden = true;
    }

    // What was typed before this script came counts; a question in the address is answered at once.
    if (input.value && !state.q) state.q = input.value;
    input.value = state.q;
    if (state.q || filters().length) run();
  }

  // ---------------------------------------------------------------- the dialog

  var dialog;
  var opener;

  function makeDialog() {
    var help = say('keys').split('|');
    var input = el('input', { type: 'text', name: 'q', role: 'combobox', 'aria-label': say('label'), 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': 'qs-list', autocomplete: 'off', spellcheck: 'false', enterkeyhint: 'search' });
    var form = el('form', { class: 'find', role: 'search', action: page }, [input, el('button', {}, say('all'))]);
    var list = el('ul', { id: 'qs-list', class: 'rows tight hits', role: 'listbox', 'aria-label': say('quick'), hidden: true });
    var state = el('p', { class: 'state', hidden: true });
    var said = el('p', { class: 'vh', role: 'status' });
    var count = el('span', { class: 'n' });
    var close = el('button', { type: 'button', class: 'x', 'aria-label': say('close') }, '×');
    var announce = voice(said);
    var turn = 0;
    var shown = '';
    var at = -1;
    dialog = el('dialog', { class: 'dlg', 'aria-label': say('quick') }, [
      el('div', { class: 'dlg-h' }, [form, close]), state, list, said,
      el('p', { class: 'dlg-f' }, [
        count,
        el('span', {}, [el('kbd', {}, '↑'), el('kbd', {}, '↓'), help[0]]), el('span', {}, [el('kbd', {}, 'Enter'), help[1]]),
        el('span', {}, [el('kbd', {}, 'Ctrl+Enter'), help[2]]), el('span', {}, [el('kbd', {}, 'Esc'), help[3]])
      ])
    ]);

    function choose(to) {
      var options = list.children;
      if (at >= 0 && options[at]) options[at].setAttribute('aria-selected', 'false');
      at = options.length ? (to + options.length) % options.length : -1;
      if (at < 0) {
        input.removeAttribute('aria-activedescendant');
        return;
      }
      options[at].setAttribute('aria-selected', 'true');
      input.setAttribute('aria-activedescendant', options[at].id);
      options[at].scrollIntoView({ block: 'nearest' });
    }

    function show(options, text) {
      fill(list, options);
      list.hidden = options.length === 0;
      input.setAttribute('aria-expanded', String(options.length > 0));
      fill(state, text);
      state.hidden = !text;
      at = -1;
      choose(0);
      if (text) announce(state.textContent);
    }

    function run() {
      turn += 1;
      var mine = turn;
      var q = input.value.trim();
      if (q === shown) return;
      shown = '';
      count.textContent = '';
      if (!q) {
        shown = q;
        show([], '');
        announce('');
        return;
      }
      var slow = setTimeout(function () {
        if (mine === turn) show([], say('searching'));
      }, 400);
      open().then(function (index) {
        return index.search(q, { limit: QUICK, offset: 0, sort: 'relevance', filters: [] }).then(function (found) {
          if (mine !== turn) return null;
          shown = q;
          count.textContent = found.hits.length ? total(found) : '';
          show(found.hits.map(function (hit, i) {
            var has = (hit.titleParts || []).some(isHit);
            var option = el('li', { id: 'qs-' + i, role: 'option', 'aria-selected': 'false' }, lines(has ? Object.assign({}, hit, { excerpt: null }) : hit));
            option.to = address(hit, found);
            return option;
          }), found.by === 'pinyin' || found.by === 'edge' ? say(found.by, { q: q }) : found.hits.length ? '' : say('none', { q: q }));
          if (found.hits.length) announce(total(found));
          return found.hits.length ? null : index.suggest(q);
        });
      }).then(function (other) {
        if (!other || mine !== turn) return;
        var button = el('button', { type: 'button', class: 'again' }, other);
        button.onclick = function () {
          input.value = other;
          input.focus();
          run();
        };
        fill(state, [say('none', { q: q }), el('br'), say('suggest'), button]);
        announce(state.textContent);
      }).catch(function (error) {
        if (mine === turn) show([], wrong(error).join(''));
      }).then(function () {
        clearTimeout(slow);
      });
    }

    // Leaves for another page; who comes back finds no dialog.
    function leave(to) {
      dialog.close();
      location.href = to;
    }

    function all() {
      var to = new URL(page);
      to.searchParams.set('q', input.value.trim());
      leave(to.href);
    }

    var typed = typing(input, run);
    input.addEventListener('keydown', function (event) {
      if (typed.isComposing() || event.keyCode === 229) return;
      var key = event.key;
      if (key === 'ArrowDown' || key === 'ArrowUp') {
        if (at >= 0) choose(at + (key === 'ArrowDown' ? 1 : -1));
      } else if (key === 'Enter') {
        typed.stop();
        // A question not answered yet is answered by the page.
        if (at >= 0 && shown === input.value.trim() && !event.ctrlKey && !event.metaKey) leave(list.children[at].to);
        else if (input.value.trim()) all();
      } else {
        return;
      }
      event.preventDefault();
    });
    form.addEventListener('submit', function (event) {
      event.preventDefault();
      if (!typed.isComposing()) all();
    });
    list.addEventListener('click', function (event) {
      var option = event.target.closest('li');
      if (!option) return;
      if (event.ctrlKey || event.metaKey) window.open(option.to);
      else leave(option.to);
    });
    list.addEventListener('mousedown', function (event) {
      // The field keeps the focus.
      event.preventDefault();
    });
    close.onclick = function () {
      dialog.close();
    };
    dialog.addEventListener('mousedown', function (event) {
      if (event.target === dialog) dialog.close();
    });
    dialog.addEventListener('close', function () {
      typed.stop();
      if (opener && opener.focus) opener.focus();
    });
    dialog.input = input;
    document.body.append(dialog);
  }

  function openDialog(at) {
    if (dialog && dialog.open) return;
    opener = document.activeElement;
    ready(at).then(function () {
      if (!dialog) makeDialog();
      if (!dialog.open) dialog.showModal();
      dialog.input.focus();
      dialog.input.select();
    }, function () {
      location.href = at;
    });
  }

  self.BeilinSearchUI = { open: openDialog };
  var own = byId('s-q');
  if (own) {
    ready(own.form.action).then(function () {
      searchPage(own.form);
    });
  }
})();
