(function () {
  var body = document.body;
  var settings = JSON.parse(body.getAttribute('data-settings'));
  var cards = document.querySelectorAll('.card');
  var clock = document.querySelector('.clock');
  var count = document.querySelector('.count');
  var night = document.querySelector('.night');
  var at = 0, paused = 0, since = Date.now(), loaded = Date.now();
  // After a touch the cards stand still for a while, then go on by themselves.
  var IDLE = 60000;
  // The file may have been replaced meanwhile: it is read anew once an hour, between two cards.
  var HOUR = 3600000;

  body.className = 'js';

  function two(n) { return (n < 10 ? '0' : '') + n; }

  function show(next) {
    cards[at].className = 'card';
    at = (next + cards.length) % cards.length;
    cards[at].className = 'card on';
    count.textContent = (at + 1) + ' / ' + cards.length;
    since = Date.now();
  }

  function isNight(now) {
    var from = settings.night[0], until = settings.night[1];
    var minute = now.getHours() * 60 + now.getMinutes();
    if (from === until) return false;
    return from < until ? minute >= from && minute < until : minute >= from || minute < until;
  }

  function tick() {
    var now = new Date();
    clock.textContent = now.getFullYear() + '-' + two(now.getMonth() + 1) + '-' + two(now.getDate()) + ' ' + two(now.getHours()) + ':' + two(now.getMinutes());
    night.hidden = !isNight(now);
    if (!night.hidden || Date.now() < paused) return;
    if (Date.now() - since < settings.seconds * 1000) return;
    if (Date.now() - loaded > HOUR) { location.reload(); return; }
    show(at + 1);
  }

  function hold(step) {
    paused = Date.now() + IDLE;
    if (step) show(at + step);
  }

  document.addEventListener('keydown', function (event) {
    if (event.key === 'ArrowRight' || event.key === 'PageDown') hold(1);
    else if (event.key === 'ArrowLeft' || event.key === 'PageUp') hold(-1);
    else if (event.key === ' ') hold(0);
  });
  document.addEventListener('click', function (event) { hold(event.clientX < window.innerWidth / 3 ? -1 : 1); });

  show(0);
  tick();
  setInterval(tick, 500);
})();
