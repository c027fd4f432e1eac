// Keys, live lines and fresh ages. Every page reads and works without this file.
"use strict";

const byId = (id) => document.getElementById(id);
document.documentElement.classList.add("script");
for (const element of document.querySelectorAll(".needs-script")) element.hidden = false;

// ---- keys -------------------------------------------------------------------------------

const ACTS = { c: "confirm", a: "claim", d: "dismiss" };

const rows = () => [...document.querySelectorAll("tr.line, tr.row, main .post")];
const current = () => document.querySelector(".current");

function move(step) {
  const all = rows();
  if (!all.length) return;
  const from = all.indexOf(current());
  const to = Math.min(Math.max(from + step, 0), all.length - 1);
  current()?.classList.remove("current");
  all[to].classList.add("current");
  const link = all[to].querySelector("a");
  if (link) link.focus({ preventScroll: true });
  all[to].scrollIntoView({ block: "nearest" });
}

/** On an alert's page: put the cursor into the form; on the feed: open the alert at that form. */
function act(name) {
  const form = byId(name);
  if (form) {
    form.querySelector("select, input:not([type=hidden]), button").focus();
    return;
  }
  const row = current();
  if (row?.dataset.alert) location.assign(`/alerts/${row.dataset.alert}#do-${name}`);
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea");
  if (event.key === "Escape" && typing) return typing.blur();
  if (typing || event.ctrlKey || event.metaKey || event.altKey || byId("keys").open) return;
  if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "/") byId("find").focus();
  else if (event.key === "?") byId("keys").showModal();
  else if (event.key === "Enter" && event.target === document.body) current()?.querySelector("a")?.click();
  else if (event.key === "w" && !pick.hidden) pick.firstChild.click();
  else if (event.key in ACTS) act(ACTS[event.key]);
  else return;
  if (event.key !== "Enter") event.preventDefault();
});
document.addEventListener("focusin", (event) => {
  const row = event.target.closest("tr.line");
  if (row && row !== current()) {
    current()?.classList.remove("current");
    row.classList.add("current");
  }
});
for (const button of document.querySelectorAll("[data-open]")) {
  button.addEventListener("click", () => byId(button.dataset.open).showModal());
}
// No element is called do-…: the browser's own jump to a fragment would take the focus away again.
const wanted = location.hash.replace("#do-", "");
if (Object.values(ACTS).includes(wanted) && byId(wanted)) act(wanted);

// ---- any phrase -------------------------------------------------------------------------

// Words marked in a post can be watched as a case: the button lies below, `w` presses it.
const pick = document.createElement("p");
pick.className = "arrived pick";
pick.hidden = true;
pick.append(document.createElement("a"));
byId("main").append(pick);
document.addEventListener("selectionchange", () => {
  const selection = document.getSelection();
  const phrase = selection.toString().trim().replace(/\s+/g, " ");
  const inside = selection.anchorNode?.parentElement?.closest(".post, .terms");
  pick.hidden = !inside || phrase.length < 2 || phrase.length > 60;
  if (pick.hidden) return;
  pick.firstChild.textContent = `关注“${phrase}”（w）`;
  pick.firstChild.href = `/watch?phrase=${encodeURIComponent(phrase)}`;
});

// One click, one act: a second click on a slow answer would send the form again.
document.addEventListener("submit", (event) => {
  if (event.target.method !== "post") return;
  setTimeout(() => {
    for (const button of event.target.querySelectorAll("button")) button.disabled = true;
  });
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// ---- ages -------------------------------------------------------------------------------

function age(milliseconds) {
  const minutes = Math.floor(milliseconds / 60000);
  if (minutes < 1) return "刚刚";
  if (minutes < 60) return `${minutes} 分钟前`;
  if (minutes < 2880) return `${Math.floor(minutes / 60)} 小时前`;
  return `${Math.floor(minutes / 1440)} 天前`;
}
// Counted from the server's clock: an office computer's own may be wrong.
const skew = Date.now() - Date.parse(document.body.dataset.now);
setInterval(() => {
  for (const span of document.querySelectorAll("time .age")) {
    const gone = Date.now() - skew - Date.parse(span.parentElement.dateTime);
    if (gone > -60000) span.textContent = `（${age(gone)}）`;
  }
}, 30000);

// ---- live lines -------------------------------------------------------------------------

const feed = byId("feed");
if (feed) {
  const lines = byId("lines");
  const live = byId("live");
  const arrived = byId("arrived");
  const title = document.title;
  let waiting = 0;

  const clock = () =>
    new Date(Date.now() - skew).toLocaleTimeString("zh-CN", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit" });

  const fragment = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html; // rendered and escaped by our own server
    return template.content.firstElementChild;
  };

  /** Replace cells, not the row: focus and the place of the row stay. */
  function update(row, fresh) {
    const focused = row.contains(document.activeElement);
    const chosen = row.classList.contains("current");
    row.replaceChildren(...fresh.children);
    row.className = fresh.className;
    if (chosen) row.classList.add("current");
    if (focused) row.querySelector("a").focus({ preventScroll: true });
  }

  /** Put the line on top and scroll by its height, so that what is being read stays in its place. */
  function insert(fresh) {
    const first = lines.firstElementChild;
    byId("empty").hidden = true;
    feed.hidden = false;
    if (!first) return void lines.append(fresh);
    const before = first.getBoundingClientRect().top;
    fresh.classList.add("fresh");
    lines.prepend(fresh);
    const moved = first.getBoundingClientRect().top - before;
    const room = document.documentElement.scrollHeight - window.innerHeight - window.scrollY;
    if (room < moved) document.body.style.paddingBottom = `${moved - room + 8}px`;
    window.scrollBy({ top: moved, behavior: "instant" });
  }

  function count() {
    byId("open-count").textContent = lines.querySelectorAll("tr:not(.shut)").length;
    document.title = waiting ? `(${waiting}) ${title}` : title;
    const above = waiting > 0 && lines.getBoundingClientRect().top < 0;
    arrived.hidden = !above;
    byId("show-arrived").textContent = `${waiting} 条新预警，点此显示`;
  }

  function onAlert(event) {
    const data = JSON.parse(event.data);
    const fresh = fragment(data.html);
    let known = byId(`alert-${data.alert}`);
    if (known && !lines.contains(known) && !fresh.classList.contains("shut")) {
      known.remove(); // opened again: it moves up from the closed ones
      known = null;
    }
    if (known) update(known, fresh);
    else if (!fresh.classList.contains("shut")) {
      insert(fresh);
      waiting += 1;
      live.textContent = `${clock()} 新预警：${data.level} ${data.title}`;
    }
    count();
  }

  byId("show-arrived").addEventListener("click", () => {
    feed.scrollIntoView({ block: "start" });
    lines.querySelector("a").focus({ preventScroll: true });
  });
  const seen = () => {
    if (document.hidden || !waiting || lines.getBoundingClientRect().top < 0) return;
    waiting = 0;
    count();
  };
  // Seen is what somebody in front of the screen saw; our own scrolling proves nothing.
  for (const sign of ["keydown", "pointerdown", "wheel"]) {
    document.addEventListener(sign, seen, { passive: true });
  }
  document.addEventListener("scroll", count, { passive: true });

  const source = new EventSource(feed.dataset.events);
  source.addEventListener("open", () => {
    live.classList.remove("lost");
    live.textContent = `实时更新中（${clock()} 连接）`;
  });
  source.addEventListener("error", () => {
    live.classList.add("lost");
    live.textContent = `连接断开，${clock()} 起不再更新，正在重连`;
  });
  source.addEventListener("alert", onAlert);
  source.addEventListener("sources", (event) => {
    const strip = byId("strip");
    const fresh = document.createElement("template");
    fresh.innerHTML = JSON.parse(event.data).html;
    if (strip.textContent.trim() !== fresh.content.textContent.trim()) strip.replaceChildren(fresh.content);
  });
  source.addEventListener("trouble", () => {
    live.classList.add("lost");
    live.textContent = `${clock()} 数据读不到，稍后自动再试`;
  });
  window.addEventListener("beforeunload", () => source.close());
}
