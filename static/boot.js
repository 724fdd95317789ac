// First in <head>: sets the theme before anything is painted, starts the worker, and keeps what
// happens (messages, clicks on buttons) until the page's Python is there to take it.
"use strict";
(() => {
  const workerUrl = new URL("worker.mjs", document.currentScript.src);

  try {
    const theme = localStorage.getItem("theme");
    if (theme) document.documentElement.dataset.theme = theme;
  } catch {
    // Storage may be forbidden; then the system's theme stands.
  }

  const messages = [];
  let deliver = (message) => messages.push(message);
  const plain = (_, value) =>
    ArrayBuffer.isView(value) ? Array.from(value) : value;
  const fatal = (message) => deliver(JSON.stringify({ type: "fatal", message }));

  let worker;
  const start = () => {
    const mine = new Worker(workerUrl, { type: "module" });
    const whileMine = (handle) => (event) => {
      if (mine === worker) handle(event);
    };
    mine.onmessage = whileMine(({ data }) => deliver(JSON.stringify(data, plain)));
    mine.onerror = whileMine((event) => {
      event.preventDefault();
      fatal(event.message || "The part of the page that runs Python could not be loaded");
    });
    mine.onmessageerror = whileMine(() => fatal("A message from Python could not be read"));
    worker = mine;
  };

  const clicked = [];
  const keep = (event) => {
    const button = event.target.closest("button");
    if (button) clicked.push(button);
  };
  document.addEventListener("click", keep, true);

  window.microgpt = {
    // From now on, and for all that came before, calls `receive` with each message as JSON.
    attach(receive) {
      deliver = receive;
      for (const message of messages.splice(0)) receive(message);
    },
    post(json) {
      worker.postMessage(JSON.parse(json));
    },
    // Ends the worker whatever it is doing, and starts another.
    restart() {
      worker.terminate();
      start();
    },
    // The buttons that were clicked before now; later clicks are the page's own.
    clicks() {
      document.removeEventListener("click", keep, true);
      return clicked.splice(0);
    },
  };

  start();
})();
