// The two switches in the unit line (长辈版, 深色), keyboard reach for wide tables, and the way to quick search.
// Pages are whole without this file.
(function () {
  var root = document.documentElement;

  function keep(key, value) {
    try {
      if (value) localStorage.setItem('beilin-' + key, value);
      else localStorage.removeItem('beilin-' + key);
    } catch (e) { /* not remembered, still switched */ }
  }

  function isDark() {
    var chosen = root.getAttribute('data-theme');
    if (chosen) return chosen === 'dark';
    return !!window.matchMedia && matchMedia('(prefers-color-scheme: dark)').matches;
  }

  var switches = {
    view: function () {
      var senior = root.getAttribute('data-view') !== 'senior';
      if (senior) root.setAttribute('data-view', 'senior');
      else root.removeAttribute('data-view');
      keep('view', senior ? 'senior' : '');
    },
    theme: function () {
      var theme = isDark() ? 'light' : 'dark';
      root.setAttribute('data-theme', theme);
      keep('theme', theme);
    }
  };

  document.addEventListener('click', function (event) {
    var button = event.target.closest && event.target.closest('[data-switch]');
    if (button) switches[button.getAttribute('data-switch')]();
  });

  // A box that scrolls sideways can be reached and moved with the keyboard.
  function reach() {
    var boxes = document.querySelectorAll('.scroll, .txt table, .txt pre');
    for (var i = 0; i < boxes.length; i++) {
      if (boxes[i].scrollWidth > boxes[i].clientWidth) boxes[i].setAttribute('tabindex', '0');
      else boxes[i].removeAttribute('tabindex');
    }
  }
  reach();
  window.addEventListener('resize', reach);

  // Pictures that lead to themselves open over the page.
  var viewer = document.querySelector('dialog[data-script]');
  if (viewer && window.HTMLDialogElement && document.querySelector('main a.whole')) {
    var address = viewer.getAttribute('data-script');
    var script = document.createElement('script');
    script.src = window.beilinScript ? beilinScript(address) : address;
    document.head.appendChild(script);
  }

  // Search: `/` and Ctrl-K, or an address that names words to be marked. Its scripts are loaded then, not before.
  var find = document.querySelector('form.find');
  var assets = document.currentScript.src.replace(/[^/]*$/, 'search/');
  if (!find || !find.q) return;

  function load(name, then) {
    var script = document.createElement('script');
    script.src = window.beilinScript ? beilinScript(assets + name) : assets + name;
    script.onload = then;
    script.onerror = then && function () { location.href = find.action; };
    document.head.appendChild(script);
  }

  function ask() {
    var own = document.getElementById('s-q');
    if (own) own.select();
    else if (!window.HTMLDialogElement) location.href = find.action;
    else if (window.BeilinSearchUI) BeilinSearchUI.open(find.action);
    else load('ui.js', function () { BeilinSearchUI.open(find.action); });
  }

  function isOff() {
    try {
      return localStorage.getItem('beilin-slash') === 'off';
    } catch (e) { return false; }
  }

  find.q.setAttribute('aria-keyshortcuts', '/ Control+K');
  document.addEventListener('keydown', function (event) {
    var isTyping = event.target.closest && event.target.closest('input:not([type=checkbox]), textarea, select, [contenteditable]');
    var isSlash = event.key === '/' && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping && !isOff();
    var isK = (event.key === 'k' || event.key === 'K') && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    if (!isSlash && !isK) return;
    event.preventDefault();
    ask();
  });
  if (/[?&]mark=/.test(location.search)) load('marks.js');
})();
