// Before the first paint: put back the reader's choice of view and theme, so that nothing flashes. And the one place
// where an address becomes a script: browsers with Trusted Types run none that was not asked for here.
(function () {
  var root = document.documentElement;
  var here = document.currentScript.src.replace(/assets\/early\.js(\?.*)?$/, '');

  // Gives an address of a script of this site as what a script element or a worker takes; refuses any other.
  function own(url) {
    var whole = new URL(url, document.baseURI).href;
    if (whole.indexOf(here) !== 0) throw new TypeError('not a script of this site: ' + whole);
    return whole;
  }
  var policy = window.trustedTypes && trustedTypes.createPolicy('beilin', { createScriptURL: own });
  window.beilinScript = function (url) { return policy ? policy.createScriptURL(url) : own(url); };

  root.setAttribute('data-js', '');
  try {
    if (localStorage.getItem('beilin-view') === 'senior') root.setAttribute('data-view', 'senior');
    var theme = localStorage.getItem('beilin-theme');
    if (theme === 'dark' || theme === 'light') root.setAttribute('data-theme', theme);
  } catch (e) { /* storage may be closed to files; the page is whole without it */ }
})();
