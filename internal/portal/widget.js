// A button «Сообщить о проблеме» on somebody's page. It stores nothing, reads nothing of the page
// but its own marks, sets no inline style and runs under a strict policy: script-src and
// frame-src of our address are enough. Where a frame is not allowed the link is followed.
(function () {
  'use strict';
  var me = document.currentScript;
  if (!me || window.otklikWidget) return;
  window.otklikWidget = true;
  var base = new URL(me.src).origin, good = /^[a-z0-9-]{1,40}$/;
  var modal = typeof HTMLDialogElement === 'function' && 'adoptedStyleSheets' in Document.prototype;
  var make = function (name, text) {
    var e = document.createElement(name);
    if (text) e.textContent = text;
    return e;
  };
  var shade = function (css) { // the styles of the page stay outside, and ours inside
    var host = make('div'), root = host.attachShadow({ mode: 'open' }), sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
    return { host: host, root: root };
  };
  var face = ':host{all:initial}*{box-sizing:border-box;font:16px/1.45 system-ui,sans-serif}a,button{color:#0b4f8a}' +
    'a:focus-visible,button:focus-visible{outline:3px solid #0b4f8a;outline-offset:2px}';

  var forms = {}; // one for each mark: what was typed stays when it is closed
  var form = function (mark) {
    if (forms[mark]) return forms[mark];
    var box = shade(face + 'dialog{width:min(46rem,100vw);height:min(56rem,100dvh);max-width:none;max-height:none;padding:0;border:0;border-radius:12px;overflow:hidden;background:#fff;color:#1c1c1c}' +
      'dialog[open]{display:flex;flex-direction:column}dialog::backdrop{background:rgb(0 0 0/.5)}' +
      'p{margin:0;padding:8px 12px;display:flex;gap:12px;justify-content:space-between;align-items:center;border-bottom:1px solid #d0d0d0}' +
      'button{min-height:44px;padding:0 16px;border:1px solid #0b4f8a;border-radius:8px;background:#fff;cursor:pointer}iframe{flex:1;width:100%;border:0}');
    var dialog = make('dialog'), head = make('p'), away = make('a', 'На отдельной странице'), close = make('button', 'Закрыть'), frame = make('iframe');
    dialog.setAttribute('aria-label', 'Сообщить о проблеме');
    away.href = base + '/report?from=' + mark;
    away.target = '_blank';
    away.rel = 'noopener';
    close.type = 'button';
    close.addEventListener('click', function () { dialog.close(); });
    frame.title = 'Сообщить о проблеме';
    frame.allow = 'geolocation';
    head.append(away, close);
    dialog.append(head, frame);
    box.root.append(dialog);
    document.body.append(box.host);
    box.host.dataset.otklikForm = mark;
    window.addEventListener('message', function (event) {
      if (event.origin !== base || event.source !== frame.contentWindow) return;
      if (event.data === 'otklik:close') dialog.close();
      if (event.data === 'otklik:ready') box.host.dataset.ready = '1';
    });
    document.addEventListener('securitypolicyviolation', function (event) {
      if (/^(frame|child|default)-src/.test(event.effectiveDirective) && String(event.blockedURI).indexOf(base) === 0) location.assign(away.href);
    });
    frame.src = base + '/widget/' + mark;
    forms[mark] = dialog;
    return dialog;
  };

  document.addEventListener('click', function (event) {
    var path = event.composedPath();
    var link = path.find(function (e) { return e.dataset && e.dataset.otklik && e.href; });
    if (!link || !modal || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (!good.test(link.dataset.otklik)) return;
    event.preventDefault();
    form(link.dataset.otklik).showModal();
  });

  var mark = me.dataset.mark;
  if (!mark) return;
  if (!good.test(mark)) { console.error('Otklik: data-mark may have a-z, 0-9 and - alone'); return; }
  var link = make('a', 'Сообщить о проблеме');
  link.href = base + '/report?from=' + mark;
  link.dataset.otklik = mark;
  if (!modal) { me.after(link); return; }
  var box = shade(face + 'aside{max-width:36rem;padding:16px;border:1px solid #9bb7cf;border-radius:12px;background:#f2f7fb;color:#1c1c1c}p{margin:0 0 12px}' +
    'a{display:inline-block;min-height:44px;padding:10px 18px;border-radius:8px;background:#0b4f8a;color:#fff;text-decoration:none}');
  var banner = make('aside');
  banner.setAttribute('aria-label', 'Сообщить о проблеме');
  banner.append(make('p', 'Яма на дороге, мусор, холодные батареи? Напишите: ответим и проверим, что сделано.'), link);
  box.root.append(banner);
  me.after(box.host);
})();
