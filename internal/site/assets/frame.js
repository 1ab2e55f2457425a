// The residents' form inside a frame of somebody's site: it says that it is there, and that
// Esc was pressed. Nothing that was typed leaves it.
(function () {
  'use strict';
  if (window.parent === window) return;
  window.parent.postMessage('otklik:ready', '*');
  document.addEventListener('keydown', function (event) {
    if (event.key === 'Escape') window.parent.postMessage('otklik:close', '*');
  });
})();
