// Sends files in pieces while the form is being filled in: with progress, a preview, and going
// on after a lost connection. Without it the form sends them itself.
(() => {
  "use strict";
  const part = document.querySelector("[data-upload]");
  const input = part?.querySelector("input[type=file]");
  if (!input || !window.fetch) return;
  const list = part.querySelector("[data-files]"), status = part.querySelector("[data-say]"), form = part.closest("form");
  const most = Number(part.dataset.most) || 10, piece = 1 << 20, patience = 8;
  const wait = (ms) => new Promise((go) => { setTimeout(go, ms); });
  const make = (tag, props = {}, ...inside) => { const e = Object.assign(document.createElement(tag), props); e.append(...inside); return e; };
  const running = new Set();
  async function ask(method, url, headers = {}, body = undefined) {
    const answer = await fetch(url, { method, headers: { Accept: "application/json", ...headers }, body });
    const told = method === "HEAD" || answer.status === 204 ? {} : await answer.json().catch(() => ({}));
    if (answer.ok) return { told, offset: Number(answer.headers.get("Upload-Offset")) };
    const e = new Error(told.error || "");
    e.final = answer.status >= 400 && answer.status < 500 && answer.status !== 409;
    throw e;
  }
  async function send(file, show, left) {
    const { told } = await ask("POST", part.dataset.upload, { "Upload-Length": String(file.size), "Upload-Name": encodeURIComponent(file.name) });
    const url = `${part.dataset.upload}/${told.token}`;
    left.url = url;
    let at = 0, failed = 0;
    for (;;) {
      if (left.gone) return null;
      try {
        const got = await ask("PATCH", url, { "Upload-Offset": String(at), "Content-Type": "application/offset+octet-stream" }, file.slice(at, at + piece));
        at = got.offset; failed = 0; show(at / file.size);
        if (got.told.kind) return got.told;
      } catch (e) {
        if (e.final || ++failed > patience) throw e;
        show(at / file.size, "Связь прервалась, продолжим сами…");
        await wait(Math.min(500 * 2 ** failed, 20000));
        try { at = (await ask("HEAD", url)).offset; } catch (lost) { if (lost.final) throw lost; }
      }
    }
  }
  function add(file) {
    const bar = make("progress", { max: 1, value: 0 }), note = make("span", { textContent: "загружается…" }), left = {};
    bar.setAttribute("aria-label", `Загрузка: ${file.name}`);
    const away = make("button", { type: "button", textContent: "убрать" });
    away.setAttribute("aria-label", `Убрать файл ${file.name}`);
    const line = make("li", {}, make("span", { textContent: `${file.name} ` }), bar, note, away);
    if (file.type.startsWith("image/") && file.size < 30e6) {
      const read = new FileReader(); // data: is what the page's policy lets an image be
      read.onload = () => { line.prepend(make("img", { src: read.result, alt: "", width: 72 })); };
      read.readAsDataURL(file);
    }
    list.append(line);
    const remove = () => { left.gone = true; line.remove(); if (left.url) ask("DELETE", left.url).catch(() => {}); input.focus(); };
    away.addEventListener("click", remove);
    const show = (share, words) => { bar.value = share; note.textContent = words || `${Math.round(share * 100)} %`; };
    const job = send(file, show, left).then((told) => {
      if (!told) return;
      bar.remove();
      note.textContent = "загружен";
      line.append(make("input", { type: "hidden", name: "files", value: told.token }));
      status.textContent = `Файл «${file.name}» загружен.`;
      part.dispatchEvent(new CustomEvent("uploaded", { bubbles: true, detail: told }));
    }, (e) => {
      bar.remove();
      note.textContent = e.message || "Не загрузился: нет связи. Попробуйте ещё раз.";
      line.classList.add("portal-problem");
      status.textContent = `Файл «${file.name}» не приложен. ${note.textContent}`;
    }).finally(() => running.delete(job));
    running.add(job);
  }
  input.addEventListener("change", () => {
    const room = most - list.querySelectorAll("li:not(.portal-problem)").length, files = [...input.files];
    input.value = "";
    files.slice(0, Math.max(room, 0)).forEach(add);
    if (files.length > room) status.textContent = `К одному сообщению можно приложить до ${most} файлов.`;
  });
  form?.addEventListener("submit", async (e) => {
    if (!running.size) return;
    e.preventDefault();
    status.textContent = "Ждём, пока загрузятся файлы…";
    await Promise.all(running);
    form.requestSubmit(e.submitter);
  });
})();
