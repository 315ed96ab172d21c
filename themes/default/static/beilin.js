// The two switches in the unit line (长辈版, 深色) and keyboard reach for wide tables. Pages are whole without this file.
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
})();
