// The form of a plan: what stands beside it follows what is typed. Everything works without this script.
"use strict";

(() => {
  const form = document.getElementById("plan-form");
  const notice = document.getElementById("notice");
  const color = document.getElementById("label_color");
  const id = document.getElementById("id");
  const PAUSE = 150; // ms after the last key
  let asking = null; // aborts the request that is under way
  let timer = 0;
  let leaving = false;

  const typed = () => new URLSearchParams(new FormData(form)).toString();
  const begun = form.hasAttribute("data-unsaved") ? null : typed();

  // A reason why nothing can be saved now; the form stays as it is.
  const tell = (reason) => {
    if (!reason === notice.hidden && notice.dataset.told === reason) return;
    notice.hidden = !reason;
    notice.dataset.told = reason;
    notice.textContent = reason ? notice.dataset[reason] + " " : "";
    if (reason === "signedOut") {
      const link = document.createElement("a");
      link.href = "/";
      link.target = "_blank";
      link.rel = "noopener";
      link.textContent = notice.dataset.signIn;
      notice.append(link);
    }
  };

  const reasonOf = (response) => {
    if (response.ok) return "";
    if (response.status === 413) return "large";
    return response.status >= 500 || response.status === 429 ? "away" : "signedOut";
  };

  const take = (html) => {
    const old = document.getElementById("outlook");
    const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("outlook");
    if (!fresh || old.isEqualNode(fresh)) return;
    old.replaceWith(document.importNode(fresh, true));
    if (id) id.placeholder = fresh.dataset.madeId;
  };

  // The newest request wins: an older one is aborted, and its answer is not taken.
  const ask = async () => {
    clearTimeout(timer);
    if (asking) asking.abort();
    const mine = asking = new AbortController();
    let reason = "away";
    try {
      const response = await fetch(form.dataset.preview, {
        method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual", signal: mine.signal,
      });
      const html = await response.text();
      if (mine !== asking) return null;
      reason = reasonOf(response);
      if (!reason) take(html);
    } catch {
      if (mine.signal.aborted) return null;
    }
    tell(reason);
    return reason;
  };

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });

  // Before a form leaves the page, it is seen that its answer will come from the console, and not from a sign-in.
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (leaving) return;
    leaving = true;
    const reason = await ask();
    if (reason === "") form.submit();
    else leaving = false;
  });
  addEventListener("pageshow", () => { leaving = false; });
  addEventListener("beforeunload", (event) => {
    if (!leaving && typed() !== begun) event.preventDefault();
  });

  // The swatches and the browser's own picker fill the one field of the colour.
  const put = (field, value) => {
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  if (color) {
    const swatches = document.getElementById("swatches");
    const any = document.getElementById("any-color");
    const mark = () => {
      for (const each of swatches.children) each.setAttribute("aria-pressed", each.dataset.color === color.value.trim().toLowerCase());
      if (/^#[0-9a-f]{6}$/i.test(color.value.trim())) any.value = color.value.trim();
    };
    swatches.addEventListener("click", (event) => {
      const chosen = event.target.closest("button");
      if (chosen) put(color, chosen.dataset.color === color.value.trim().toLowerCase() ? "" : chosen.dataset.color);
    });
    any.addEventListener("input", (event) => {
      event.stopPropagation();
      put(color, any.value);
    });
    color.addEventListener("input", mark);
    swatches.hidden = any.hidden = false;
    mark();
  }

  // Known ids become buttons that put a line into the list, and take it out.
  const linesOf = (area) => area.value.split("\n").map((line) => line.trim()).filter(Boolean);
  for (const known of document.querySelectorAll("[data-list]")) {
    const area = document.getElementById(known.dataset.list);
    const mark = () => {
      const lines = new Set(linesOf(area).flatMap((line) => [line, line.replace(/\s\*$/, "")]));
      for (const each of known.children) {
        each.firstElementChild.setAttribute("aria-pressed", lines.has(each.dataset.line.trim()));
      }
    };
    for (const each of known.children) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...each.firstElementChild.childNodes);
      each.firstElementChild.replaceWith(button);
      button.addEventListener("click", () => {
        const line = each.dataset.line.trim();
        const lines = linesOf(area);
        const others = lines.filter((other) => other !== line && other.replace(/\s\*$/, "") !== line);
        put(area, (others.length < lines.length ? others : [...lines, line]).join("\n"));
      });
    }
    area.addEventListener("input", mark);
    mark();
  }

  const preview = document.getElementById("preview");
  if (preview) preview.hidden = true;
})();
