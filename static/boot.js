// First in <head>: sets the theme before anything is painted, keeps clicks and edits until the
// page's Python is up, passes messages between it and the worker, and reports whatever goes wrong
// on the page.
"use strict";
(() => {
  const ADDRESS_RETRY_MILLISECONDS = 1000;
  const workerUrl = new URL("worker.mjs", document.currentScript.src);
  const NOT_LOADED = "The part of the page that runs Python could not be loaded";

  // The address of a script that runs the module at `url` as a worker. A worker that is loaded from the
  // network has no content policy but that of its own response; one made from a blob inherits the
  // page's, whatever host serves the site. It imports dynamically, since in Firefox no other import of
  // a worker comes to the service worker; what is posted meanwhile is handed on. If there is nothing
  // to run it posts `failure`.
  const workerScript = (url, failure) => {
    const code = `
      const early = [];
      onmessage = (event) => early.push(event);
      import(${JSON.stringify(url)}).then(
        () => early.forEach((event) => onmessage(event)),
        (error) => {
          console.error(error);
          postMessage(${JSON.stringify(failure)});
        },
      );`;
    return URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  };
  const pythonScript = workerScript(workerUrl, { type: "fatal", message: NOT_LOADED });

  // In a frame the page is somebody else's, or a preview: it keeps nothing, and finds nothing of what
  // the user has kept.
  const framed = window.top !== window || new URLSearchParams(location.search).has("embed");

  // Storage may be forbidden or full; Python could not catch the exception.
  const attempt = (action) => {
    try {
      return action();
    } catch {
      return null;
    }
  };
  const recall = (key) => attempt(() => localStorage.getItem(key));
  const keep = (key, value) => framed || attempt(() => localStorage.setItem(key, value));

  // Each tab keeps what is edited there, which a reload finds again; a new one begins with the newest.
  const keepOwn = (key, value, onlyMine = false) => {
    if (!framed) attempt(() => sessionStorage.setItem(key, value));
    if (!onlyMine) keep(key, value);
  };
  const recallOwn = (key, onlyMine = false) => {
    if (framed) return null;
    const mine = attempt(() => sessionStorage.getItem(key));
    if (mine !== null || onlyMine) return mine;
    const newest = recall(key);
    if (newest !== null) attempt(() => sessionStorage.setItem(key, newest));
    return newest;
  };

  // The policy allows no style attributes: HTML has custom properties as `data-style="--now: 0.5"`,
  // which are set here, of the page's own HTML before the browser paints. What has been set since
  // then stays.
  const applyStyle = (element) => {
    for (const property of element.dataset.style.split(";")) {
      const [name, value] = property.split(":").map((part) => part.trim());
      const known = !name.startsWith("--") || element.style.getPropertyValue(name);
      if (!known) element.style.setProperty(name, value);
    }
    element.removeAttribute("data-style");
  };
  const applyStyles = (root) => root.querySelectorAll("[data-style]").forEach(applyStyle);
  const parsed = new MutationObserver((records) => {
    for (const { addedNodes } of records) {
      for (const node of addedNodes) if (node.dataset?.style) applyStyle(node);
    }
  });
  parsed.observe(document, { childList: true, subtree: true });
  addEventListener("DOMContentLoaded", () => {
    parsed.disconnect();
    applyStyles(document);
  });

  // WebKit in the locale C.UTF-8 says that its language is "C". Intl refuses that, and uPlot, which
  // asks it when it is imported, could not be loaded.
  if (!attempt(() => Intl.getCanonicalLocales(navigator.language)))
    Object.defineProperty(navigator, "language", { value: document.documentElement.lang });

  // The service worker keeps the files of this release as long as somebody holds this lock.
  const release = new URL("..", document.currentScript.src).href;
  const forEver = () => new Promise(() => {});
  navigator.locks?.request(release, { mode: "shared" }, forEver).catch(() => {}); // refused storage

  // The theme is the system's, until the user chooses one.
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const applyTheme = (theme) => {
    document.documentElement.dataset.theme = theme;
    for (const meta of document.querySelectorAll("meta[data-theme]"))
      meta.media = meta.dataset.theme === theme ? "all" : "not all"; // of the window around the page
  };
  const showTheme = () => applyTheme(recall("theme") ?? (dark.matches ? "dark" : "light"));
  dark.addEventListener("change", showTheme);
  showTheme();

  // The place that the address names is there from the first picture on.
  const [, place = "playground"] = location.hash.match(/[#&]place=(lab|learn)(?:&|$)/) ?? [];
  document.documentElement.dataset.sitePlace = place;

  let deliver;
  const fatal = (message) => deliver(JSON.stringify({ type: "fatal", message }), null);

  let worker;
  let workers = 0; // started so far
  const start = () => {
    // The name is that of the lock which the worker holds as long as it lives.
    const name = `worker ${(workers += 1)} of the page at ${performance.timeOrigin} ${Math.random()}`;
    const mine = new Worker(pythonScript, { type: "module", name });
    const whileMine = (handle) => (event) => {
      if (mine === worker) handle(event);
    };
    const died = () => fatal("Python has stopped without a word");
    mine.onmessage = whileMine(({ data: { blob = null, ...message } }) => {
      if (message.type === "locked") navigator.locks.request(name, whileMine(died));
      else deliver(JSON.stringify(message), blob);
    });
    mine.onerror = whileMine((event) => {
      event.preventDefault();
      fatal(event.message || NOT_LOADED);
    });
    mine.onmessageerror = whileMine(() => fatal("A message from Python could not be read"));
    worker = mine;
  };

  // Shows one sentence about what went wrong above the page; the console has the details.
  const fail = (sentence) => {
    const show = () => {
      const notice = document.getElementById("page-notice");
      if (!notice.hidden) return; // the first error is the cause of the others
      notice.firstElementChild.textContent = `${sentence}. Reload the page to go on; your settings are kept.`;
      notice.lastElementChild.onclick = () => location.reload();
      notice.hidden = false;
      navigator.serviceWorker?.controller?.postMessage("tend"); // perhaps a kept file is damaged
    };
    if (document.readyState === "loading") addEventListener("DOMContentLoaded", show);
    else show();
  };
  const unexpected = (reason) =>
    fail(`Something went wrong on this page (${String(reason?.message ?? reason).split("\n")[0]})`);
  const onError = ({ target, error, message }) => {
    if (target instanceof HTMLScriptElement || target.rel === "stylesheet")
      fail("A part of this page could not be loaded");
    else if (target !== window) return; // a font or an icon: the page works without it
    // A browser says so when a chart is resized with the next frame only.
    else if (!message?.startsWith("ResizeObserver loop")) unexpected(error ?? message);
  };
  addEventListener("error", onError, true); // capturing: a missing script's error does not bubble
  // PyScript opens a database when it starts, and never uses it: that storage is refused is no fault.
  const REFUSED = ["SecurityError", "InvalidStateError", "UnknownError", "QuotaExceededError"];
  addEventListener("unhandledrejection", (event) => {
    const { reason } = event;
    if (reason instanceof DOMException && REFUSED.includes(reason.name)) event.preventDefault();
    else unexpected(reason);
  });
  // PyScript has run the page's Python, or has given up.
  addEventListener("mpy:done", () => deliver ?? fail("The page's own Python could not start"));

  // The page's Python comes after the first picture, which on a slow line would wait for it.
  const startPython = () => document.head.append(document.getElementById("python").content);
  addEventListener("DOMContentLoaded", () => {
    if (document.hidden) return startPython(); // nothing is painted
    new PerformanceObserver((_, observer) => {
      observer.disconnect();
      startPython();
    }).observe({ type: "paint", buffered: true });
  });
  // Firefox reports no picture of a page that it shows scrolled down after a reload: then it is there
  // with the frame after all has come. (The template is empty once it has been used.)
  addEventListener("load", () => requestAnimationFrame(() => setTimeout(startPython)));

  // What the user does before the page's Python is up.
  const clicked = [];
  const edited = new Map();
  const collect = (event) => {
    const button = event.target.closest("button");
    if (button) clicked.push(button);
  };
  const note = ({ target, type }) => edited.set(target, { type, value: target.value });
  document.addEventListener("click", collect, true);
  document.addEventListener("input", note, true);

  // In a frame an entry would be one of the page around it.
  // WebKit throws when an address is written more than 100 times within 30 s: then again later.
  let addressTimer;
  const writeAddress = (fragment, isEntry) => {
    clearTimeout(addressTimer);
    const url = fragment ? `#${fragment}` : location.pathname + location.search;
    try {
      history[isEntry && !framed ? "pushState" : "replaceState"](true, "", url); // true: not typed by hand
    } catch {
      addressTimer = setTimeout(writeAddress, ADDRESS_RETRY_MILLISECONDS, fragment, isEntry);
    }
  };
  addEventListener("popstate", () => clearTimeout(addressTimer));

  window.microgpt = {
    fail,
    framed,
    workerScript,
    applyStyles,
    applyTheme,
    keep,
    reloaded: performance.getEntriesByType("navigation")[0]?.type === "reload",
    recallOwn,
    keepOwn,
    writeAddress,
    // A long text never passes through MicroPython: it would fill its memory.
    textBlob: (area) => new Blob(area.value.trim() ? [area.value] : []),
    // Puts a text back that was kept. What can no longer be read is gone.
    async recallText(blob, area) {
      const text = await blob.text().catch(() => "");
      if (!area.value) area.value = text;
    },
    // Whether anything is kept in a database, see store.mjs.
    anyKept: () => !framed && recall("kept") !== null,
    // Starts the worker, and calls `receive` with each message as JSON and its blob. Not before
    // the page is up: on two cores the worker's start would make it wait.
    attach(receive) {
      deliver = receive;
      start();
    },
    // With `give` the blob is transferred: nothing is copied, and the page can no longer use it.
    post(json, blob, give) {
      const message = JSON.parse(json);
      worker.postMessage(blob ? { ...message, blob } : message, give ? [blob.buffer] : []);
    },
    // Ends the worker whatever it is doing, and starts another.
    restart() {
      worker.terminate();
      start();
    },
    // Draws items of the case of type: through MicroPython each touch of an element takes a while.
    drawCase(list, json) {
      for (const [place, token, text, said, isEnd, ink, words, rank, chosen, likeliest] of JSON.parse(json)) {
        const item = list.children[place];
        item.hidden = token === undefined;
        if (item.hidden) continue;
        const button = item.firstElementChild;
        const part = (name) => button.getElementsByClassName(name)[0];
        button.dataset.token = token;
        if (rank) part("rank").textContent = rank;
        button.classList.toggle("chosen", chosen);
        button.classList.toggle("likeliest", likeliest);
        part("ink").style.setProperty("--model", ink[0]);
        part("ink").style.setProperty("--now", ink[1]);
        part("ink").style.setProperty("--low", ink[2]);
        part("ink").style.setProperty("--high", ink[3]);
        part("ink").dataset.probability = words;
        part("tile").textContent = text;
        part("tile").classList.toggle("end", isEnd);
        part("name").textContent = said;
        part("probability").textContent = words + (chosen ? ", chosen" : "");
      }
    },
    // Offers a text, or a blob, as a file.
    download(name, content) {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([content], { type: content.type ?? "text/plain" }));
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // after the browser has read it
    },
    // Repeats the edits made so far, now that the page's Python listens.
    edit() {
      document.removeEventListener("input", note, true);
      for (const [widget, { type, value }] of edited) {
        if (widget.type === "radio") widget.checked = true;
        else if (widget.type !== "file") widget.value = value;
        widget.dispatchEvent(new Event(type, { bubbles: true }));
        widget.dispatchEvent(new Event("change", { bubbles: true }));
      }
    },
    // Returns the buttons clicked so far; the page's Python handles later clicks itself.
    clicks() {
      document.removeEventListener("click", collect, true);
      return clicked.splice(0);
    },
  };
})();
