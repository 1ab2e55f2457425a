// Brings new posts and comments without a reload: what is being typed stays.
// Nobody who selects text or stands on a link of the list is disturbed.
const live = document.querySelector("[data-live]");
async function refresh() {
  if (document.hidden || live.contains(document.activeElement) || !getSelection().isCollapsed) return;
  const answer = await fetch(location.href, { cache: "no-store" });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[data-live]");
  if (fresh && fresh.innerHTML !== live.innerHTML) live.innerHTML = fresh.innerHTML;
}
if (live) setInterval(() => refresh().catch(() => {}), 4000);
