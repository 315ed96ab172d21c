(function () {
  // Text that does not fit is told, never cut without a word.
  var box = document.getElementById('in');
  if (box.scrollHeight > box.clientHeight + 2) document.getElementById('over').hidden = false;
})();
