// What script adds to pages that work without it: filters act while typing,
// the flows refresh by themselves, a sentence can be copied.  The server
// renders everything; this file only puts the parts of a newer page in the
// place of the older ones.
"use strict";

(() => {
  const PARTS = ["age", "summary", "results", "health"];
  const REFRESH_MS = 15000;
  const form = document.getElementById("filters");
  const pause = document.getElementById("pause");
  let running = null;
  let typing = 0;

  // A response that is read as a document runs no script and needs no
  // markup from a string.
  const load = (url) =>
    new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      if (running) running.abort();
      running = request;
      request.open("GET", url);
      request.responseType = "document";
      request.onload = () =>
        request.status < 500 && request.response
          ? resolve(request.response)
          : reject(new Error(String(request.status)));
      request.onerror = () => reject(new Error("network"));
      request.onabort = () => reject(new Error("aborted"));
      request.send();
    });

  // Where the focus is, in words that hold after the parts were replaced.
  const focusPath = () => {
    const element = document.activeElement;
    if (!element || !element.closest("#summary, #results, #health")) return null;
    const href = element.getAttribute("href");
    return href ? { href, text: element.textContent } : null;
  };

  const restoreFocus = (path) => {
    if (!path) return;
    for (const link of document.querySelectorAll("main a[href]")) {
      if (
        link.getAttribute("href") === path.href ||
        link.textContent === path.text
      ) {
        link.focus({ preventScroll: true });
        return;
      }
    }
  };

  const show = (page) => {
    const focus = focusPath();
    const scrolls = [...document.querySelectorAll(".scroll")].map(
      (element) => element.scrollLeft,
    );
    const open = document.querySelector("details[open]") !== null;
    for (const id of PARTS) {
      const old = document.getElementById(id);
      const fresh = page.getElementById(id);
      if (old && fresh) old.replaceWith(document.importNode(fresh, true));
    }
    if (open) {
      const details = document.querySelector("details");
      if (details) details.open = true;
    }
    document.querySelectorAll(".scroll").forEach((element, i) => {
      element.scrollLeft = scrolls[i] || 0;
    });
    restoreFocus(focus);
    addCopyButtons();
  };

  const update = async (url, remember) => {
    try {
      show(await load(url));
      if (remember) history.replaceState(null, "", url);
      document.documentElement.removeAttribute("data-stale");
    } catch (error) {
      if (error.message !== "aborted") {
        const age = document.getElementById("age");
        if (age) age.textContent = "The exporter does not answer.";
        document.documentElement.setAttribute("data-stale", "");
      }
    }
  };

  const filtersUrl = () => {
    const parameters = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (value) parameters.append(name, value);
    }
    const query = parameters.toString();
    return form.getAttribute("action") + (query ? "?" + query : "");
  };

  const paused = () => pause.getAttribute("aria-pressed") === "true";

  const startFilters = () => {
    pause.hidden = false;
    pause.addEventListener("click", () => {
      pause.setAttribute("aria-pressed", String(!paused()));
      if (!paused()) update(location.href, false);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      update(filtersUrl(), true);
    });
    form.addEventListener("input", () => {
      clearTimeout(typing);
      typing = setTimeout(() => update(filtersUrl(), true), 200);
    });
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a.sort, .paging a");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      rememberOrder(link.getAttribute("href"));
      update(link.getAttribute("href"), true);
    });
    setInterval(() => {
      if (!paused() && !document.hidden) update(location.href, false);
    }, REFRESH_MS);
  };

  // The order chosen by a heading stays when a filter changes.
  const rememberOrder = (href) => {
    const parameters = new URL(href, location.href).searchParams;
    for (const name of ["sort", "order"]) {
      let input = form.elements.namedItem(name);
      if (!input) {
        input = document.createElement("input");
        input.type = "hidden";
        input.name = name;
        form.append(input);
      }
      input.value = parameters.get(name) || "";
    }
  };

  const addCopyButtons = () => {
    if (!navigator.clipboard) return;
    for (const button of document.querySelectorAll("[data-copy]")) {
      button.hidden = false;
    }
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const source = document.getElementById(button.dataset.copy);
    await navigator.clipboard.writeText(source.textContent);
    button.textContent = "Copied";
  });

  addCopyButtons();
  if (form && pause) startFilters();
})();
