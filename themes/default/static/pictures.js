// Pictures over the page: a dialog with the pictures of the page in turn. Arrow keys, Home and End go through them, Escape
// closes, and the focus goes back to where it was. Without this file the links lead to the pictures themselves.
(function () {
  var dialog = document.importNode(document.querySelector('template[data-script]').content, true).querySelector('dialog');
  var image = dialog.querySelector('img');
  var caption = dialog.querySelector('figcaption');
  var links = [];
  var at = 0;
  var from = null;

  function show(n) {
    at = (n + links.length) % links.length;
    var link = links[at];
    var small = link.querySelector('img');
    var copies = link.querySelector('source');
    var words = link.parentNode.querySelector('figcaption');
    image.alt = small.alt;
    ['width', 'height'].forEach(function (side) {
      var size = small.getAttribute(side);
      if (size) image.setAttribute(side, size);
      else image.removeAttribute(side);
    });
    // The largest copy is enough for a screen; the picture itself is behind its link.
    image.src = copies ? copies.srcset.split(', ').pop().split(' ')[0] : small.src;
    caption.querySelector('b').textContent = links.length > 1 ? (at + 1) + ' / ' + links.length : '';
    caption.querySelector('span').textContent = words ? words.textContent : small.alt;
    caption.querySelector('a').href = link.href;
  }

  function open(link) {
    // Looked for anew, for the preview puts other text in the same page.
    links = [].slice.call(document.querySelectorAll('main a.whole'));
    if (!dialog.isConnected) document.body.appendChild(dialog);
    dialog.querySelector('.prev').hidden = dialog.querySelector('.next').hidden = links.length < 2;
    from = link;
    show(links.indexOf(link));
    dialog.showModal();
    dialog.querySelector('.close').focus();
  }

  document.addEventListener('click', function (event) {
    var link = event.target.closest && event.target.closest('main a.whole');
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    open(link);
  });

  function on(name, work) { dialog.querySelector(name).addEventListener('click', work); }
  on('.prev', function () { show(at - 1); });
  on('.next', function () { show(at + 1); });
  on('.close', function () { dialog.close(); });

  dialog.addEventListener('click', function (event) {
    if (event.target === dialog || event.target.nodeName === 'FIGURE') dialog.close();
  });
  dialog.addEventListener('keydown', function (event) {
    var to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: links.length - 1 }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    show(to);
  });
  dialog.addEventListener('close', function () {
    if (from) from.focus();
  });
})();
