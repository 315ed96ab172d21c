// Marks on a page the words it was found by (?mark=…), and takes the marks off again. Loaded by such an
// address only.
(function () {
  'use strict';

  var main = document.getElementById('main');
  var asked = new URLSearchParams(location.search).getAll('mark').map(fold).filter(Boolean);
  var spoken = new URLSearchParams(location.search).get('mark');
  var marks = [];
  var at = -1;

  function isLetter(c) {
    return /[\p{Alphabetic}\p{N}]/u.test(c);
  }

  function isHan(c) {
    return /[々〇\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\u{20000}-\u{3ffff}]/u.test(c);
  }

  // Writes characters as the index compares them: without what does not part them, with a wall where nothing
  // reaches across. `each` is told the place of every character kept.
  function squeezer(each) {
    var gap = false;
    var bridge = false;
    var last = '';
    return function (text, where) {
      if (text === null) {
        gap = true;
        return;
      }
      for (var i = 0; i < text.length;) {
        var c = String.fromCodePoint(text.codePointAt(i));
        var folded = c.normalize('NFKC').toLowerCase();
        for (var f of folded) {
          if (isLetter(f) || isHan(f)) {
            var words = last && !isHan(last) && !isHan(f);
            if (words && (gap || bridge)) each(' ');
            else if (last && gap) each('\0');
            gap = bridge = false;
            each(f, where, i, i + c.length);
            last = f;
          } else if (/["'“”‘’《》〈〉「」『』()[\]【】〔〕·•‧]/.test(f)) {
            bridge = true;
          } else {
            gap = true;
          }
        }
        i += c.length;
      }
    };
  }

  function fold(text) {
    var out = '';
    squeezer(function (c) {
      out += c;
    })(text);
    return out;
  }

  // The text of the page as one string, and where each character of it stands.
  function read() {
    var chars = [];
    var places = [];
    var take = squeezer(function (c, node, from, to) {
      for (var k = 0; k < c.length; k++) {
        chars.push(c[k]);
        places.push(node && { node: node, from: from, to: to });
      }
    });
    var walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
    var block = null;
    while (walker.nextNode()) {
      var node = walker.currentNode;
      if (node.parentNode.closest('script, style, noscript, svg, nav, [aria-hidden]')) continue;
      var own = node.parentNode.closest('p, li, h1, h2, h3, h4, h5, th, td, dt, dd, pre, figcaption, blockquote, div, section, main');
      if (block && own !== block) take(null);
      block = own;
      take(node.data, node);
    }
    return { text: chars.join(''), places: places };
  }

  // Marks in `on` the characters that belong to a phrase. Half a word is none, unless there is nothing else.
  function find(text, phrase, on, halves) {
    var count = 0;
    function isWord(c) {
      return Boolean(c) && isLetter(c) && !isHan(c);
    }
    for (var i = text.indexOf(phrase); i >= 0; i = text.indexOf(phrase, i + 1)) {
      var end = i + phrase.length;
      var cuts = (isWord(phrase[0]) && isWord(text[i - 1])) || (isWord(phrase[phrase.length - 1]) && isWord(text[end]));
      if (cuts && !halves) continue;
      count += 1;
      for (var k = i; k < end; k++) on[k] = true;
    }
    return count;
  }

  function mark() {
    var page = read();
    var on = [];
    asked.forEach(function (phrase) {
      if (!find(page.text, phrase, on, false)) find(page.text, phrase, on, true);
    });
    // Runs of marked characters: one to a reader, though the text may lie in several nodes.
    var runs = [];
    for (var i = 0; i < page.places.length; i++) {
      if (!on[i] || !page.places[i]) continue;
      var place = page.places[i];
      var run = on[i - 1] ? runs[runs.length - 1] : null;
      if (!run) runs.push(run = []);
      var piece = run[run.length - 1];
      if (piece && piece.node === place.node) piece.to = place.to;
      else run.push({ node: place.node, from: place.from, to: place.to });
    }
    // Backwards, so that the places before stay what they are.
    runs.reverse().forEach(function (run) {
      run.reverse().forEach(function (piece) {
        var node = piece.node;
        if (piece.to < node.length) node.splitText(piece.to);
        if (piece.from > 0) node = node.splitText(piece.from);
        piece.mark = document.createElement('mark');
        node.parentNode.insertBefore(piece.mark, node);
        piece.mark.appendChild(node);
      });
      run.reverse();
    });
    marks = runs.reverse().map(function (run) {
      return run.map(function (piece) {
        return piece.mark;
      });
    });
  }

  function show() {
    var say = self.BeilinSearchWords.say;
    function words(key, values) {
      return say[key].replace(/\{(\w+)\}/g, function (all, name) {
        return values[name];
      });
    }
    function button(key, act) {
      var made = document.createElement('button');
      made.type = 'button';
      made.textContent = say[key];
      made.onclick = act;
      return made;
    }
    var bar = document.createElement('div');
    bar.className = 'marks noprint';
    var told = document.createElement('p');
    told.setAttribute('role', 'status');
    bar.appendChild(told);
    if (marks.length > 1) {
      bar.appendChild(button('mark_next', function () {
        if (marks[at]) toggle(false);
        at = (at + 1) % marks.length;
        toggle(true);
        marks[at][0].scrollIntoView({ block: 'center' });
        told.textContent = words('mark_at', { i: at + 1, n: marks.length });
      }));
    }
    bar.appendChild(button('mark_off', function () {
      marks.forEach(function (run) {
        run.forEach(function (m) {
          var parent = m.parentNode;
          while (m.firstChild) parent.insertBefore(m.firstChild, m);
          m.remove();
          parent.normalize();
        });
      });
      bar.remove();
      var to = new URL(location.href);
      to.searchParams.delete('mark');
      try {
        history.replaceState(history.state, '', to.href);
      } catch (error) { /* a page opened from a folder may have no history */ }
      main.focus({ preventScroll: true });
    }));
    main.insertBefore(bar, main.firstChild);
    told.textContent = words(marks.length ? 'marked' : 'marked_none', { n: marks.length, q: spoken });
  }

  function toggle(is) {
    marks[at].forEach(function (m) {
      m.classList.toggle('at', is);
    });
  }

  if (!main || asked.length === 0) return;
  mark();
  if (!location.hash && marks.length) marks[0][0].scrollIntoView({ block: 'center' });
  var script = document.createElement('script');
  var url = new URL('words.js', document.querySelector('.find').action).href;
  script.src = window.beilinScript ? beilinScript(url) : url;
  script.onload = show;
  document.head.appendChild(script);
})();
