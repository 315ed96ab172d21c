// Pictures over the page: a dialog with the pictures of the page in turn. Arrow keys, Home and End go through them, Escape
// closes, and the focus goes back to where it was. Without this file the links lead to the pictures themselves.
//
// Everything is looked for when it is needed, for the preview puts other text in the same page.
(function () {
  var links = [];
  var at = 0;
  var from = null;

  function dialog() { return document.querySelector('dialog[data-script]'); }

  function show(n) {
    at = (n + links.length) % links.length;
    var link = links[at];
    var small = link.querySelector('img');
    var copies = link.querySelector('source');
    var words = link.parentNode.querySelector('figcaption');
    var caption = dialog().querySelector('figcaption');
    var image = dialog().querySelector('img') || caption.parentNode.insertBefore(document.createElement('img'), caption);
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
    var viewer = dialog();
    links = [].slice.call(document.querySelectorAll('main a.whole'));
    from = link;
    show(links.indexOf(link));
    viewer.querySelector('.prev').hidden = viewer.querySelector('.next').hidden = links.length < 2;
    viewer.hidden = false;
    viewer.showModal();
    viewer.querySelector('.close').focus();
  }

  document.addEventListener('click', function (event) {
    var target = event.target;
    if (!target.closest || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    var link = target.closest('main a.whole');
    if (link && dialog()) {
      event.preventDefault();
      open(link);
    } else if (target.closest('.viewer .prev')) show(at - 1);
    else if (target.closest('.viewer .next')) show(at + 1);
    else if (target.closest('.viewer') && !target.closest('.viewer img, .viewer figcaption')) dialog().close();
  });

  document.addEventListener('keydown', function (event) {
    if (!event.target.closest || !event.target.closest('.viewer')) return;
    var to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: links.length - 1 }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    show(to);
  });

  // What is told to a dialog alone is heard on the way down to it.
  document.addEventListener('close', function (event) {
    if (event.target === dialog() && from) from.focus();
  }, true);
})();
