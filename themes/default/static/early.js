// Before the first paint: put back the reader's choice of view and theme, so that nothing flashes.
(function () {
  var root = document.documentElement;
  root.setAttribute('data-js', '');
  try {
    if (localStorage.getItem('beilin-view') === 'senior') root.setAttribute('data-view', 'senior');
    var theme = localStorage.getItem('beilin-theme');
    if (theme === 'dark' || theme === 'light') root.setAttribute('data-theme', theme);
  } catch (e) { /* storage may be closed to files; the page is whole without it */ }
})();
