"use strict";

// Live parts of a page: asked every few seconds while somebody looks, slower while nothing changes, and not at all after a while.
(() => {
  const FASTEST = 2000, SLOWEST = 15000, GIVE_UP = 20 * 60 * 1000;
  const main = document.querySelector("main[data-live]");
  if (!main) return;
  let wait = FASTEST, before = "", changed = Date.now();

  const colour = (id, [proof, title]) => {
    const bar = document.getElementById("c" + id);
    if (!bar || bar.classList.contains(proof)) return;
    bar.setAttribute("class", proof + " fresh");
    bar.querySelector("title").textContent = title;
    const mark = bar.querySelector("use");
    if (mark) mark.setAttribute("href", "#m-" + proof);
    setTimeout(() => bar.classList.remove("fresh"), 1600);
  };

  const show = (news) => {
    for (const [id, state] of Object.entries(news.cells || {})) colour(id, state);
    for (const [name, html] of Object.entries(news.parts || {})) {
      const part = main.querySelector(`[data-part="${name}"]`);
      if (part && !part.contains(document.activeElement)) part.innerHTML = html;
    }
  };

  const look = async () => {
    if (document.hidden) return again();
    try {
      const answer = await fetch(main.dataset.live, { headers: { Accept: "application/json" }, redirect: "manual" });
      if (answer.type === "opaqueredirect") return location.reload();
      if (answer.ok) {
        const text = await answer.text();
        if (text !== before) {
          before = text;
          changed = Date.now();
          wait = FASTEST;
          show(JSON.parse(text));
        } else wait = Math.min(wait * 1.2, SLOWEST);
      } else wait = SLOWEST;
    } catch {
      wait = SLOWEST;
    }
    again();
  };

  const again = () => {
    if (Date.now() - changed < GIVE_UP) return setTimeout(look, wait);
    const paused = document.querySelector(".paused");
    if (paused) paused.hidden = false;
  };

  again();
})();

// On a phone the menu is a line to be pushed along: the page that is open is in sight.
(() => {
  const open = document.querySelector(".bar nav [aria-current]");
  if (open) open.parentElement.scrollLeft = open.offsetLeft - open.parentElement.offsetLeft - 40;
})();

// A choice that needs no button.
for (const choice of document.querySelectorAll("select[data-submit]")) {
  choice.addEventListener("change", () => choice.form.submit());
}

// Cards by keyboard: j and k move, a and r act on the one in focus.
(() => {
  const list = document.querySelector("[data-keys]");
  if (!list) return;
  const cards = [...list.children];
  const current = () => cards.findIndex((card) => card.contains(document.activeElement));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    if (event.key === "j" || event.key === "k") {
      const next = current() + (event.key === "j" ? 1 : -1);
      cards[Math.max(0, Math.min(cards.length - 1, next))].focus();
      event.preventDefault();
    } else if (event.key === "a" || event.key === "r") {
      const form = current() >= 0 && cards[current()].querySelector(`[data-key="${event.key}"]`);
      if (!form) return;
      event.preventDefault();
      const field = form.querySelector("input:not([type=hidden])");
      (field || form.querySelector("button")).focus();
    }
  });
})();

// Who logs out takes along nothing of what they wrote: the phone may be another's tomorrow.
for (const leave of document.querySelectorAll('form[action="/logout"]')) {
  leave.addEventListener("submit", () => {
    for (const name of Object.keys(localStorage)) if (name.startsWith("xianli-visit:")) localStorage.removeItem(name);
    indexedDB.deleteDatabase("xianli-visits");
  });
}
