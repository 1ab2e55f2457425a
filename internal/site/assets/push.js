// «Присылать в этот браузер»: asks the browser, hands its subscription to the form, and
// marks this browser among those that are subscribed. Without it the page says why it cannot.
(() => {
  "use strict";
  const form = document.querySelector("[data-push-key]");
  if (!form) return;
  const line = form.querySelector("[data-push-say]"), button = form.querySelector("button");
  const say = (text) => { line.textContent = text; };
  const offer = (on, text = "") => { button.hidden = !on; say(text); };
  const forbidden = "Вы запретили этому сайту уведомления. Разрешите их в настройках сайта (значок слева от адреса) и обновите страницу.";
  if (!isSecureContext) return offer(false, "Браузеры получают уведомления только от сайта с HTTPS. Откройте Отклик по адресу, который начинается с https://.");
  if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) {
    return offer(false, "Этот браузер не умеет получать уведомления, или окно открыто в режиме инкогнито. Подойдут Яндекс Браузер, Chrome, Firefox, Edge.");
  }
  const raw = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const same = (a, b) => a && a.byteLength === b.byteLength && new Uint8Array(a).every((v, k) => v === b[k]);
  const key = raw(form.dataset.pushKey);
  const subscribed = async () => (await navigator.serviceWorker.getRegistration(form.dataset.scope))?.pushManager.getSubscription();
  async function mark(endpoint) {
    const sum = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint));
    return [...new Uint8Array(sum).slice(0, 8)].map((v) => v.toString(16).padStart(2, "0")).join("");
  }
  async function look() {
    const now = await subscribed();
    const card = now && document.querySelector(`[data-browser="${await mark(now.endpoint)}"]`);
    if (card && same(now.options.applicationServerKey, key)) {
      card.querySelector("[data-here]").hidden = false;
      card.querySelector("form").addEventListener("submit", async (e) => { // the browser forgets, too
        e.preventDefault();
        try { await now.unsubscribe(); } catch { /* its push service answers 410 some day */ }
        e.target.submit();
      });
      return offer(false, "Этот браузер уже получает уведомления.");
    }
    offer(Notification.permission !== "denied", Notification.permission === "denied" ? forbidden : "");
  }
  async function subscribe() {
    if (await Notification.requestPermission() !== "granted") return offer(Notification.permission !== "denied", Notification.permission === "denied" ? forbidden : "Без вашего разрешения уведомления сюда не придут.");
    await navigator.serviceWorker.register(form.dataset.worker, { scope: form.dataset.scope });
    const { pushManager } = await navigator.serviceWorker.ready;
    const had = await pushManager.getSubscription();
    if (had && !same(had.options.applicationServerKey, key)) await had.unsubscribe();
    const { endpoint, keys } = (await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })).toJSON();
    form.elements.endpoint.value = endpoint;
    form.elements.p256dh.value = keys.p256dh;
    form.elements.auth.value = keys.auth;
    form.submit();
  }
  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    button.disabled = true;
    try {
      await subscribe();
    } catch (err) {
      offer(true, err.name === "NotAllowedError" ? forbidden : "Браузер не смог подписаться: его служба уведомлений не отвечает. Попробуйте позже или возьмите другой браузер.");
    } finally {
      button.disabled = false;
    }
  });
  look().catch(() => offer(true));
})();
