// Shows what the desk sends to this browser, and opens what it is about
// (docs/notices.md). It keeps nothing and stands before no page.
"use strict";
const home = "/desk/notices";
// A message may lead into the desk alone.
function inside(path) {
  try {
    const url = new URL(path || home, self.location.origin);
    if (url.origin === self.location.origin && url.pathname.startsWith("/desk")) return url.href;
  } catch { /* no path */ }
  return new URL(home, self.location.origin).href;
}
function show(e) {
  let m = {};
  try { m = e.data.json(); } catch { /* a browser must show something all the same */ }
  return self.registration.showNotification(m.title || "Отклик", {
    body: m.body ?? (m.title ? "" : "Есть новые уведомления."), tag: m.tag ?? "", lang: "ru", requireInteraction: Boolean(m.urgent), data: { path: m.path },
  });
}
async function open(notification) {
  const to = inside(notification.data?.path);
  const had = (await self.clients.matchAll({ type: "window", includeUncontrolled: true })).find((c) => c.url === to);
  return had ? had.focus() : self.clients.openWindow(to);
}
// The push service has given another address: the desk must know it.
async function renew(e) {
  const had = e.oldSubscription, now = e.newSubscription ?? (had && await self.registration.pushManager.subscribe(had.options));
  if (!now) return;
  const { endpoint, keys } = now.toJSON();
  const body = new URLSearchParams({ endpoint, p256dh: keys.p256dh, auth: keys.auth, old: had?.endpoint ?? "" });
  await fetch("/desk/notices/settings/push", { method: "POST", body, credentials: "same-origin", redirect: "manual" });
}
self.addEventListener("push", (e) => e.waitUntil(show(e)));
self.addEventListener("notificationclick", (e) => { e.notification.close(); e.waitUntil(open(e.notification)); });
self.addEventListener("pushsubscriptionchange", (e) => e.waitUntil(renew(e)));
