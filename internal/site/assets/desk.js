// The desk's keys and live marks. Everything here is a short cut: each page
// does all of its work by links and forms when this file is absent.
(() => {
  "use strict";
  const $ = (sel, from = document) => from.querySelector(sel);
  const $$ = (sel, from = document) => [...from.querySelectorAll(sel)];
  const wide = matchMedia("(min-width: 60rem)");
  const tell = (text) => { const t = $("#tell"); if (t) t.textContent = text; };
  if ($("#keys")) $$("[data-keys]").forEach((b) => { b.hidden = false; b.addEventListener("click", () => $("#keys")?.showModal()); });

  // A menu that scrolls on a phone shows where we are.
  const here = $(".top-nav [aria-current]"), menu = $(".top-nav");
  if (here && menu.scrollWidth > menu.clientWidth) menu.scrollLeft = here.offsetLeft - menu.offsetLeft - 16;

  // The queue: j and k move through the rows, the item opens beside them.
  const queue = $("[data-queue]");
  const rows = () => $$(".rows > .row");
  const current = () => $(".rows > .row[aria-current]");
  let wanted = 0;
  let stream = ""; // by this name the server knows which incident this page shows

  async function open(row, push = true) {
    if (!row) return;
    const link = $(".row-link", row);
    if (!wide.matches) { location.assign(link.href); return; }
    rows().forEach((r) => r.removeAttribute("aria-current"));
    row.setAttribute("aria-current", "true");
    row.classList.remove("row-changed");
    row.scrollIntoView({ block: "nearest" });
    if (push) history.replaceState(null, "", link.href);
    const turn = ++wanted;
    await new Promise((done) => setTimeout(done, 60)); // a held key passes rows by
    if (turn !== wanted) return;
    const back = queue.dataset.back || "/desk";
    const answer = await fetch("/desk/incidents/" + row.dataset.id + "/pane?back=" + encodeURIComponent(back) + "&stream=" + stream, { headers: { "HX-Request": "true" } });
    if (turn !== wanted) return;
    if (answer.redirected || !answer.ok) { location.assign(link.href); return; }
    const item = $("#item");
    item.innerHTML = await answer.text(); // our own page, escaped by the server
    item.scrollTop = 0;
    window.htmx?.process(item);
    dress(item);
    tell($("h2", item)?.textContent ?? "");
  }
  function step(by) {
    const list = rows();
    if (!list.length) return;
    const at = list.indexOf(current());
    const next = list[Math.min(Math.max(at + by, 0), list.length - 1)];
    open(next);
    $(".row-link", next).focus({ preventScroll: true });
  }
  queue?.addEventListener("click", (e) => {
    const link = e.target.closest(".row-link");
    if (!link || e.metaKey || e.ctrlKey || e.shiftKey || !wide.matches) return;
    e.preventDefault();
    open(link.closest(".row"));
  });
  queue?.addEventListener("click", (e) => { // new rows come, what is being read stays
    const line = e.target.closest(".fresh-line"), open = current();
    if (line && open && wide.matches) { const u = new URL(line.href); u.searchParams.set("at", open.dataset.id); line.href = u; }
  });
  function countPicked() {
    const n = $$(".row-check input:checked").length;
    const picked = $("[data-picked]");
    if (picked) picked.textContent = n ? ": " + n : "";
  }
  queue?.addEventListener("change", (e) => { if (e.target.name === "id") countPicked(); });
  addEventListener("pageshow", countPicked); // boxes that were ticked before
  // Enter in the bar's field means the button below it, not the form's first.
  $("#bulk")?.addEventListener("submit", (e) => {
    const at = document.activeElement;
    const own = at?.matches("input") && at.closest(".bulk-deed")?.querySelector("button");
    if (!own || e.submitter === own) return;
    e.preventDefault();
    setTimeout(() => e.target.requestSubmit(own)); // not while it is being submitted
  });

  // Live: what has changed is marked, what is new is announced; nothing moves.
  const events = $("#events");
  let asking = 0;
  async function askFresh() {
    asking = 0;
    const answer = await fetch(events.dataset.fresh);
    if (!answer.ok || answer.redirected) return;
    const text = await answer.text();
    const line = $("#fresh");
    if (line.innerHTML !== text) { line.innerHTML = text; tell(line.textContent.trim()); }
  }
  let connected = 0; // a stream that comes back may have missed something
  events?.addEventListener("htmx:sse:after:connection", () => { if (connected++ && events.dataset.fresh) askFresh(); });
  const told = (e) => { try { return JSON.parse(e.detail.data); } catch { return {}; } };
  events?.addEventListener("stream", (e) => { stream = told(e).stream ?? ""; });
  events?.addEventListener("notice", (e) => {
    const { unseen, text, more } = told(e), count = $("[data-bell-count]");
    if (!count || typeof unseen !== "number") return;
    count.hidden = !unseen;
    count.firstChild.data = text;
    $("[data-bell-words]").textContent = unseen ? "Уведомления, новых: " + text : "Уведомления";
    if (more) tell("Новое уведомление. Непрочитанных: " + text);
  });
  events?.addEventListener("presence", (e) => {
    const { incident, text } = told(e), line = $(`[data-looking="${incident}"]`);
    if (line) { line.hidden = !text; $("span", line).textContent = text; }
  });
  events?.addEventListener("signedout", () => { const line = $("#signedout"); if (line) line.hidden = false; });
  events?.addEventListener("incident", (e) => {
    let event;
    try { event = JSON.parse(e.detail.data); } catch { return; }
    const row = $(`.row[data-id="${event.incident}"]`);
    if (row) row.classList.add("row-changed");
    const shown = $("[data-case]");
    if (shown && shown.dataset.case === String(event.incident) && Number(shown.dataset.version) < event.version) {
      const line = $("[data-stale]", shown);
      if (line) { line.hidden = false; tell(line.textContent.trim()); }
    }
    if (events.dataset.fresh && !row && !asking) asking = setTimeout(askFresh, 800 + Math.random() * 700);
  });

  // What a loaded item needs beyond its HTML.
  function dress(root) {
    $$("[data-next]", root).forEach((input) => { // after a decision go on with the next row
      const list = rows();
      const at = list.indexOf(current());
      const next = list[at + 1] ?? list[at - 1];
      if (at >= 0 && next) input.value = $(".row-link", next).getAttribute("href");
    });
    $$("textarea[data-count]", root).forEach((area) => {
      const out = document.getElementById(area.dataset.count);
      const show = () => { if (out) out.textContent = [...area.value].length.toLocaleString("ru"); };
      const key = area.dataset.draft && "draft:" + area.dataset.draft;
      if (key && !area.value) area.value = localStorage.getItem(key) ?? "";
      area.addEventListener("input", () => { show(); if (key) area.value ? localStorage.setItem(key, area.value) : localStorage.removeItem(key); });
      area.form.addEventListener("submit", () => { if (key) sessionStorage.setItem("sent", key); });
      show();
    });
  }
  // A draft is erased once a page says that the reply was taken.
  const sent = sessionStorage.getItem("sent");
  if (sent) {
    if (!$("[data-kept]")) localStorage.removeItem(sent);
    sessionStorage.removeItem("sent");
  }
  dress(document);

  // The phone card: the text is read while it is typed; Ctrl+Enter files it.
  const card = $("#k-text");
  card?.form.addEventListener("keydown", (e) => { if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) card.form.requestSubmit(); });
  if (card?.matches("[data-read]")) {
    let later = 0, turn = 0;
    const hear = () => {
      clearTimeout(later);
      later = setTimeout(async () => {
        const mine = ++turn, panel = $("#reading");
        const answer = await fetch("/desk/read", { method: "POST", body: new URLSearchParams(new FormData(card.form)), headers: { "X-Part": "1" } });
        if (mine === turn && answer.ok && !answer.redirected && !panel.contains(document.activeElement)) panel.innerHTML = await answer.text();
      }, 350);
    };
    card.form.addEventListener("input", (e) => { if (!e.target.closest("#reading")) hear(); });
    if (card.value || $("#k-phone").value) hear();
  }

  // A reply: the draft is read while it is typed.
  let lintLater = 0, lintTurn = 0;
  document.addEventListener("input", (e) => {
    const text = e.target.closest?.("textarea[data-lint]");
    if (!text) return;
    clearTimeout(lintLater);
    lintLater = setTimeout(async () => {
      const mine = ++lintTurn, purpose = text.form.elements.purpose?.value || "";
      const reason = text.form.elements.override_reason;
      if (reason && reason === document.activeElement) return; // what is being typed stays
      const body = new URLSearchParams({ text: text.value, purpose, override_reason: reason?.value || "" });
      const answer = await fetch(text.dataset.lint, { method: "POST", body, headers: { "X-Lint": "1" } });
      const panel = $("#reply-lint");
      if (mine === lintTurn && panel && answer.ok && !answer.redirected) panel.innerHTML = await answer.text();
    }, 700);
  });

  // A standing query: Ctrl+Enter tries it; where it cannot be read, the cursor
  // stands at the place. Columns count characters, not UTF-16 units.
  const query = $("#w-query");
  query?.form.addEventListener("keydown", (e) => { if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) { $("[data-key=c]", query.form).click(); e.preventDefault(); } });
  const point = () => {
    const at = query && $("[data-column]");
    if (!at) return;
    const place = [...query.value].slice(0, at.dataset.column - 1).join("").length;
    query.focus();
    query.setSelectionRange(place, Math.min(place + 1, query.value.length));
  };
  point();
  if (query) document.addEventListener("htmx:after:swap", point);

  // Keys, by their place on the keyboard: they work in the Russian layout too.
  // In a stack of cards j and k move, and keys mean the card that one stands at.
  const stack = $("[data-stack]");
  const atHand = () => stack && ($(":scope > [aria-current]", stack) ?? stack.firstElementChild);
  function turn(by) {
    const list = [...stack.children], next = list[Math.min(Math.max(list.indexOf(atHand()) + (stack.querySelector(":scope > [aria-current]") ? by : 0), 0), list.length - 1)];
    list.forEach((c) => c.removeAttribute("aria-current"));
    next.setAttribute("aria-current", "true");
    next.focus(); next.scrollIntoView({ block: "nearest" });
  }
  const press = (sel) => { const b = $$(sel, atHand() ?? document).find((x) => !x.disabled && x.offsetParent !== null); if (b) b.click(); return !!b; };
  const enter = (sel) => {
    const f = $(sel, atHand() ?? document);
    if (!f) return false;
    f.closest("details")?.setAttribute("open", "");
    f.focus(); f.scrollIntoView({ block: "center" });
    return true;
  };
  const keys = {
    KeyJ: () => stack ? turn(1) : step(1), KeyK: () => stack ? turn(-1) : step(-1),
    KeyA: () => press("[data-key=a]"), KeyC: () => press("[data-key=c]"),
    KeyX: () => enter("[data-key=x]"), KeyH: () => enter("[data-key=h]"), KeyR: () => enter("[data-key=r]"),
    KeyM: () => press("[data-key=m]"),
    KeyN: () => press(".fresh-line"),
    Enter: () => {
      const r = current(), back = queue.dataset.back;
      if (r) location.assign("/desk/incidents/" + r.dataset.id + (back && back !== "/desk" ? "?back=" + encodeURIComponent(back) : ""));
    },
    Space: () => { const box = current() && $("input", current()); if (box) box.click(); },
  };
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing || $("dialog[open]")) return;
    const typing = e.target.closest("input:not([type=checkbox]), textarea, select");
    if (e.key === "Escape" && typing) { typing.blur(); return; }
    if (typing) return;
    if (e.key === "?" || (e.shiftKey && e.code === "Slash") || (e.shiftKey && e.code === "Digit7" && e.key === "?")) { $("#keys")?.showModal(); e.preventDefault(); return; }
    if ((e.key === "/" || e.code === "Slash") && !e.shiftKey) { if (enter("#q")) e.preventDefault(); return; }
    if (e.shiftKey) return;
    if ((e.code === "Space" || e.code === "Enter") && e.target.closest("a:not(.row-link), button, summary, label, input")) return; // theirs
    if (!queue && (e.code === "Enter" || e.code === "Space")) return;
    const deed = keys[e.code];
    if (deed) { deed(); e.preventDefault(); }
  });

  if (queue && wide.matches && !current() && rows().length && !queue.classList.contains("queue-item")) open(rows()[0], false);
})();
