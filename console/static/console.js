// Live numbers: the page asks for itself at intervals and takes over the elements that carry `data-live` and an id.
// Everything works without this script.
"use strict";

(() => {
  const main = document.getElementById("main");
  const seconds = Number(main.dataset.refresh || 0);
  const bar = document.getElementById("live");
  if (!seconds || !bar) return;

  const LONGEST = 60;
  const state = document.getElementById("live-state");
  const button = document.getElementById("live-pause");
  let wait = seconds;
  let paused = false;
  let ended = false;
  let timer = 0;
  let asking = null; // aborts the request that is under way

  const say = (word) => {
    const text = state.dataset[word];
    if (state.textContent !== text) state.textContent = text;
  };

  // Whoever has the focus in an element, or has marked text in it, keeps it as it is.
  const inUse = (element) => {
    const marked = document.getSelection();
    return element.contains(document.activeElement) ||
      (marked && !marked.isCollapsed && marked.containsNode(element, true));
  };

  const lives = (root) => [...root.querySelectorAll("[data-live][id]")];
  const outermost = (root) => lives(root).filter((each) => {
    const above = each.parentElement.closest("[data-live][id]");
    return !above || above === root || !root.contains(above);
  });

  const renew = (old, fresh) => {
    if (!fresh || old.isEqualNode(fresh)) return;
    if (!inUse(old)) {
      old.replaceWith(document.importNode(fresh, true));
    } else {
      for (const part of outermost(old)) renew(part, fresh.querySelector("#" + CSS.escape(part.id)));
    }
  };

  const take = (html) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    for (const old of outermost(main)) renew(old, page.getElementById(old.id));
  };

  const plan = () => {
    clearTimeout(timer);
    if (!paused && !ended && !document.hidden) timer = setTimeout(ask, wait * 1000);
  };

  const end = () => {
    ended = true;
    button.hidden = true;
    say("ended");
  };

  const ask = async () => {
    const mine = asking = new AbortController();
    try {
      const response = await fetch(location.href, { cache: "no-store", redirect: "manual", signal: mine.signal });
      if (response.ok) {
        const html = await response.text();
        if (paused || document.hidden) return;
        take(html);
        wait = seconds;
        say("on");
      } else if (response.status >= 500 || response.status === 429) {
        throw new Error("away");
      } else {
        end(); // signed out, or no longer this user's page
      }
    } catch {
      if (mine.signal.aborted) return;
      wait = Math.min(wait * 2, Math.max(LONGEST, seconds));
      say("lost");
    } finally {
      if (asking === mine) asking = null;
    }
    plan();
  };

  const stop = () => {
    clearTimeout(timer);
    if (asking) asking.abort();
  };

  button.addEventListener("click", () => {
    paused = !paused;
    button.textContent = paused ? button.dataset.resume : button.dataset.pause;
    say(paused ? "paused" : "on");
    if (paused) stop();
    else ask();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) stop();
    else if (!paused && !ended) ask();
  });

  button.textContent = button.dataset.pause;
  say("on");
  bar.hidden = false;
  plan();
})();
