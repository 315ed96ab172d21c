// Copies an article with its looks; counts the pages of a volume.
(function () {
  function said(box, yes) {
    box.textContent = box.getAttribute(yes ? 'data-yes' : 'data-no');
  }

  // Where there is no clipboard for pages (no https, old browsers), a selection is copied as by hand.
  function copySelected(node) {
    var range = document.createRange();
    range.selectNodeContents(node);
    var selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    var done = false;
    try { done = document.execCommand('copy'); } catch (e) { /* told below */ }
    selection.removeAllRanges();
    return done;
  }

  function written(node) {
    var out = '';
    for (var i = 0; i < node.childNodes.length; i++) out += new XMLSerializer().serializeToString(node.childNodes[i]);
    return out.replace(/ xmlns="[^"]*"/g, '');
  }

  document.addEventListener('click', function (event) {
    var target = event.target.closest && event.target.closest('[data-copy], [data-print]');
    if (!target) return;
    if (target.hasAttribute('data-print')) { window.print(); return; }
    var node = document.getElementById(target.getAttribute('data-copy'));
    var box = document.querySelector('[data-copied]');
    if (navigator.clipboard && navigator.clipboard.write && window.ClipboardItem) {
      var item = new ClipboardItem({
        'text/html': new Blob([written(node)], { type: 'text/html' }),
        'text/plain': new Blob([node.innerText], { type: 'text/plain' })
      });
      navigator.clipboard.write([item]).then(function () { said(box, true); }, function () { said(box, copySelected(node)); });
    } else {
      said(box, copySelected(node));
    }
  });

  // Pages of a volume: every record is laid into columns of a page's size, which break as pages do.
  var cells = document.querySelectorAll('[data-page]');
  if (!cells.length) return;

  var GAP = 40;

  function pagesOf(node) {
    var frame = document.createElement('div');
    frame.className = 'vol-measure';
    var copy = node.cloneNode(true);
    copy.removeAttribute('id');
    frame.appendChild(copy);
    node.parentNode.appendChild(frame);
    var pages = Math.max(1, Math.round((frame.scrollWidth + GAP) / (frame.clientWidth + GAP)));
    node.parentNode.removeChild(frame);
    return pages;
  }

  function count() {
    var page = 2 + pagesOf(document.querySelector('.vol-toc'));
    for (var i = 0; i < cells.length; i++) {
      var item = document.getElementById(cells[i].getAttribute('data-page'));
      cells[i].textContent = String(page);
      page += pagesOf(item);
    }
  }
  count();
  // Fonts and pictures that come later change what fits on a page.
  window.addEventListener('load', count);
})();
