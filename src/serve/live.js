// In pages of the preview only (`beilin serve`): follows the builds. A page that has changed is swapped
// where it stands, with its scroll position, its focus and what is unfolded; what is wrong is shown over
// it. Written for old browsers too. Whatever comes from a file is set as text, never as markup.
(function () {
  var self = document.querySelector('script[src="/.beilin/live.js"]');
  if (!self || window.beilinLive) return;
  window.beilinLive = true;

  var tag = self.getAttribute('data-tag');
  var build = 0;
  var scrollKey = 'beilin-live-scroll';

  function ask(method, url, known, then, sort) {
    var request = new XMLHttpRequest();
    request.open(method, url);
    request.responseType = sort || '';
    if (known) request.setRequestHeader('If-None-Match', '"' + known + '"');
    request.onload = function () { then(request); };
    request.send();
  }

  // The page

  function here() { return location.pathname + location.search; }

  function reload() {
    try {
      sessionStorage.setItem(scrollKey, JSON.stringify([here(), window.pageXOffset, window.pageYOffset]));
    } catch (e) { /* the browser puts the page back itself, more or less */ }
    location.reload();
  }

  function scrollBackTo(x, y) {
    var root = document.documentElement;
    var was = root.style.scrollBehavior;
    root.style.scrollBehavior = 'auto';
    window.scrollTo(x, y);
    root.style.scrollBehavior = was;
    if (!root.getAttribute('style')) root.removeAttribute('style');
  }

  function scrollBack() {
    try {
      var kept = JSON.parse(sessionStorage.getItem(scrollKey));
      sessionStorage.removeItem(scrollKey);
      if (kept && kept[0] === here()) scrollBackTo(kept[1], kept[2]);
    } catch (e) { /* nothing was kept */ }
  }

  // What a reader or a script of the page set stays: unfolded details, reach of the keyboard, states.
  function isSetHere(name) {
    return name === 'open' || name === 'tabindex' || name === 'style' || name === 'hidden' || name.indexOf('aria-') === 0;
  }

  function setAttributes(now, next) {
    var i, attribute;
    for (i = 0; i < next.attributes.length; i++) {
      attribute = next.attributes[i];
      if (attribute.name !== 'open' && now.getAttribute(attribute.name) !== attribute.value) {
        now.setAttribute(attribute.name, attribute.value);
      }
    }
    for (i = now.attributes.length - 1; i >= 0; i--) {
      attribute = now.attributes[i];
      if (!next.hasAttribute(attribute.name) && !isSetHere(attribute.name)) now.removeAttribute(attribute.name);
    }
  }

  function isSame(a, b) {
    return a.nodeType === b.nodeType && a.nodeName === b.nodeName && (a.id || '') === (b.id || '');
  }

  // Makes an element what another is, and touches no more than differs.
  function become(now, next) {
    if (now.isEqualNode(next)) return;
    if (now.nodeType !== 1) {
      if (now.nodeValue !== next.nodeValue) now.nodeValue = next.nodeValue;
      return;
    }
    setAttributes(now, next);
    if (now === document.activeElement && /^(INPUT|TEXTAREA|SELECT)$/.test(now.nodeName)) return;
    becomeInside(now, next);
  }

  function becomeInside(now, next) {
    var olds = [].slice.call(now.childNodes);
    var news = [].slice.call(next.childNodes);
    // Ends that are equal stay: what is put in between moves nothing else.
    while (olds.length && news.length && olds[0].isEqualNode(news[0])) { olds.shift(); news.shift(); }
    var after = null;
    while (olds.length && news.length && olds[olds.length - 1].isEqualNode(news[news.length - 1])) {
      after = olds.pop();
      news.pop();
    }
    for (var i = 0; i < news.length; i++) {
      var at = find(olds, news[i], news.length - i);
      if (at < 0) {
        now.insertBefore(document.importNode(news[i], true), olds.length ? olds[0] : after);
        continue;
      }
      while (at-- > 0) now.removeChild(olds.shift());
      become(olds.shift(), news[i]);
    }
    while (olds.length) now.removeChild(olds.shift());
  }

  // Finds the old node a new one continues: an equal one, one with its id, or simply the next of its sort.
  function find(olds, next, left) {
    var i;
    for (i = 0; i < olds.length && i < 200; i++) if (olds[i].isEqualNode(next)) return i;
    if (next.id) {
      for (i = 0; i < olds.length; i++) if (isSame(olds[i], next)) return i;
      return -1;
    }
    for (i = 0; i <= Math.max(0, olds.length - left) && i < olds.length; i++) if (isSame(olds[i], next)) return i;
    return -1;
  }

  // What runs and what styles; data in a script (JSON-LD) are neither.
  function sources(page) {
    var all = [].slice.call(page.querySelectorAll('script[src], link[rel~="stylesheet"]'));
    return all.map(function (e) { return plain(e.getAttribute('src') || e.getAttribute('href')); }).join('\n') +
      [].slice.call(page.querySelectorAll('script:not([src]):not([type*="json"])')).map(function (e) { return e.textContent; }).join('\n');
  }

  function swap(next) {
    // Scripts of another page have to run, and cannot be put back.
    if (!next || !next.body || sources(next) !== sources(document)) return reload();
    var x = window.pageXOffset;
    var y = window.pageYOffset;
    var focused = document.activeElement && document.activeElement.id;
    if (document.title !== next.title) document.title = next.title;
    document.documentElement.lang = next.documentElement.lang;
    become(document.body, next.body);
    if (focused && document.activeElement === document.body) {
      var again = document.getElementById(focused);
      if (again) again.focus({ preventScroll: true });
    }
    scrollBackTo(x, y);
    // Scripts that measure the page measure it anew.
    window.dispatchEvent(new Event('resize'));
    document.dispatchEvent(new Event('beilin:swapped'));
  }

  // Asks for this page again; an answer that it is the same changes nothing at all.
  function look() {
    ask('GET', here(), tag, function (request) {
      if (request.status === 304) return;
      var now = (request.getResponseHeader('ETag') || '').replace(/^W\/|"/g, '');
      if (request.status !== 200) {
        if (tag) reload();
        return;
      }
      if (!tag) return reload();
      if (now === tag) return;
      tag = now;
      swap(request.response);
    }, 'document');
  }

  // What the page is made of

  function plain(url) { return (url || '').replace(/[?&]beilin=\d+$/, ''); }

  function isChanged(url, changed) {
    var a = document.createElement('a');
    a.href = plain(url);
    if (a.host !== location.host) return false;
    if (!changed) return true;
    var path = a.pathname.replace(/^\//, '');
    try { path = decodeURIComponent(path); } catch (e) { /* then it is as it is written */ }
    return changed.indexOf(path) >= 0;
  }

  function anew(url) {
    url = plain(url);
    return url + (url.indexOf('?') < 0 ? '?' : '&') + 'beilin=' + build;
  }

  function refresh(changed) {
    [].forEach.call(document.querySelectorAll('link[rel~="stylesheet"]'), function (old) {
      if (!isChanged(old.href, changed)) return;
      var next = old.cloneNode();
      next.href = anew(old.getAttribute('href'));
      // The old one stays until the new one is there: nothing flashes.
      next.onload = next.onerror = function () { if (old.parentNode) old.parentNode.removeChild(old); };
      old.parentNode.insertBefore(next, old.nextSibling);
    });
    if (!changed) return;
    [].forEach.call(document.images, function (image) {
      if (isChanged(image.src, changed)) image.src = anew(image.getAttribute('src'));
    });
  }

  function follow(changed) {
    var scripts = [].slice.call(document.querySelectorAll('script[src]'));
    if (changed && scripts.some(function (s) { return s !== self && isChanged(s.src, changed); })) return reload();
    refresh(changed);
    look();
  }

  // What is wrong

  var WORDS = {
    zh: { title: '生成失败，显示的还是上一次成功的网页', close: '关闭（Esc）', error: '错误', warning: '警告', hint: '提示：', count: ' 条' },
    en: { title: 'The build failed; the page is that of the last good one', close: 'Close (Esc)', error: 'error', warning: 'warning', hint: 'hint: ', count: '' }
  };

  var host = null;

  function element(name, sort, text) {
    var e = document.createElement(name);
    if (sort) e.className = sort;
    if (text) e.textContent = text;
    return e;
  }

  function place(d) {
    var all = document.createDocumentFragment();
    if (!d.path) return all;
    all.appendChild(element('p', 'place', d.path + (d.line ? ':' + d.line + ':' + d.column : '')));
    if (d.line) {
      var line = element('pre');
      line.appendChild(document.createTextNode(d.before));
      line.appendChild(element('mark', '', d.marked || ' '));
      line.appendChild(document.createTextNode(d.after));
      all.appendChild(line);
    }
    return all;
  }

  function draw(d, words) {
    var all = element('section');
    var first = element('p');
    first.appendChild(element('span', d.severity, words[d.severity] + ' '));
    first.appendChild(document.createTextNode(d.message));
    all.appendChild(first);
    all.appendChild(place(d));
    d.others.forEach(function (other) {
      all.appendChild(element('p', '', other.message));
      all.appendChild(place(other));
    });
    if (d.hint) all.appendChild(element('p', '', words.hint + d.hint));
    return all;
  }

  function close() {
    if (host && host.parentNode) host.parentNode.removeChild(host);
    host = null;
  }

  function show(status) {
    close();
    if (status.ok) return;
    var words = WORDS[status.lang] || WORDS.zh;
    host = document.createElement('beilin-overlay');
    // The page's own styles do not reach in, where the browser knows how.
    var inside = host.attachShadow ? host.attachShadow({ mode: 'open' }) : host;
    // A sheet of its own: pages allow no style in their text.
    var sheet = element('link');
    sheet.rel = 'stylesheet';
    sheet.href = '/.beilin/live.css';
    inside.appendChild(sheet);
    var box = element('div', 'box');
    box.setAttribute('role', 'alert');
    box.lang = status.lang === 'en' ? 'en' : 'zh-CN';
    var head = element('div', 'head');
    head.appendChild(element('span', '', words.title));
    var button = element('button', '', words.close);
    button.type = 'button';
    button.onclick = close;
    head.appendChild(button);
    box.appendChild(head);
    status.diagnostics.forEach(function (d) { box.appendChild(draw(d, words)); });
    inside.appendChild(box);
    // Beside the body: a swap of the page leaves it alone.
    document.documentElement.appendChild(host);
  }

  document.addEventListener('keydown', function (event) {
    if (host && (event.key === 'Escape' || event.key === 'Esc')) close();
  });

  function complain() {
    ask('GET', '/.beilin/status', '', function (request) {
      if (request.status === 200) show(JSON.parse(request.responseText));
    });
  }

  // The builds

  function hear(state) {
    var skipped = state.build !== build + 1;
    var first = build === 0;
    // After a pause, or when the server was started anew, anything may have changed.
    var changed = skipped ? null : state.changed;
    // The same number may be another run of the server.
    var same = state.build === build;
    build = state.build;
    if (!state.ok) return complain();
    close();
    if (first || same) look();
    else follow(changed);
  }

  var stream = null;

  function listen() {
    if (stream || document.hidden) return;
    stream = new EventSource('/.beilin/events');
    var read = function (event) { hear(JSON.parse(event.data)); };
    stream.addEventListener('hello', read);
    stream.addEventListener('built', read);
    stream.onerror = function () {
      // Some errors end the stream for good; others the browser mends itself.
      if (stream && stream.readyState === 2) {
        stream = null;
        setTimeout(listen, 1000);
      }
    };
  }

  function poll() {
    ask('GET', '/.beilin/status', '', function (request) {
      if (request.status !== 200) return;
      var status = JSON.parse(request.responseText);
      if (status.builds !== build) hear({ ok: status.ok, build: status.builds, changed: status.changed });
    });
  }

  scrollBack();
  if (window.EventSource) {
    listen();
    // A browser keeps few connections to a server: pages nobody sees give theirs back.
    document.addEventListener('visibilitychange', function () {
      if (!document.hidden) return listen();
      if (stream) stream.close();
      stream = null;
    });
  } else {
    poll();
    setInterval(poll, 1000);
  }
})();
