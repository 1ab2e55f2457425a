// Does the task of the form (docs/abuse.md) while the person looks at the page; the question,
// which is there for browsers without programs, goes when it is done.
(() => {
  "use strict";
  const part = document.querySelector("[data-task]");
  if (!part || !window.Worker) return;
  const say = part.querySelector("[data-say]"), question = part.querySelector("[data-question]"), field = part.querySelector("[name=altcha]");
  let worker;
  try { worker = new Worker(part.dataset.worker); } catch { return; }
  const form = part.closest("form"), buttons = [...(form?.querySelectorAll("button[type=submit], button:not([type])") || [])];
  say.textContent = "Проверяем браузер, это займёт несколько секунд…";
  worker.onerror = () => { say.textContent = ""; };
  worker.onmessage = ({ data }) => {
    worker.terminate();
    if (!data.solved) { say.textContent = ""; return; }
    field.value = data.solved;
    question.hidden = true;
    say.textContent = "Готово: можно отправлять.";
    buttons.find((b) => !part.contains(b))?.focus();
  };
  worker.postMessage(JSON.parse(part.dataset.task));
})();
