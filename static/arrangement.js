// What a link hides, locks and opens of the page, from the first picture on: `hide=`, `lock=` and
// `open=` in the address, and `?embed` for a page in another's frame, which shows all panels, or with
// `?embed=chart,text` these alone. The names are in app/shared/arrangement.py; in the HTML
// `data-item` says with which names a part is hidden (all of them), `data-lock` by which it is locked
// (any of them). A locked part is to be seen, says why it cannot be changed, and takes no edit.
"use strict";
(() => {
  const root = document.documentElement;
  const embed = new URLSearchParams(location.search).get("embed"); // null for a page of its own
  if (embed !== null) root.dataset.embed = "";

  const names = { hide: new Set(), lock: new Set(), open: new Set() };
  const decoded = (text) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return "";
    }
  };
  const read = () => {
    for (const verb of Object.keys(names)) names[verb].clear();
    for (const part of location.hash.slice(1).split("&")) {
      const [verb, text = ""] = part.split("=");
      if (Object.hasOwn(names, verb)) decoded(text).split(",").forEach((name) => names[verb].add(name));
    }
    if (!embed) return;
    const [panels, shown] = [root.dataset.panels.split(" "), embed.split(",")];
    if (!panels.some((panel) => shown.includes(panel))) return; // of another version: better all than none
    for (const panel of panels) if (!shown.includes(panel)) names.hide.add(panel);
  };

  // ---- locking ----------------------------------------------------------------------------------

  const WIDGETS = "input, select, textarea";
  const PRESSED = "button, summary, a";
  const disabled = new WeakSet(); // widgets that are disabled because they are locked

  // To unfold what is locked changes nothing; a fold that is itself locked stays as it is.
  const refuses = (element) => {
    const fold = element.closest("summary")?.parentElement;
    return fold ? "locked" in fold.dataset : element.closest("[data-locked]") !== null;
  };

  // A disabled widget takes no focus: what is around it does, and says why.
  const setLocked = (element, locked) => {
    element.toggleAttribute("data-locked", locked);
    const described = new Set((element.getAttribute("aria-describedby") ?? "").split(" "));
    described.delete("");
    described[locked ? "add" : "delete"]("locked-help");
    element.setAttribute("aria-describedby", [...described].join(" "));
    if (element.matches(PRESSED) || !element.querySelector(WIDGETS) || element.querySelector("button")) return;
    element.role = locked ? "group" : null;
    element.ariaLabel = locked ? (element.querySelector("label, legend") ?? element).textContent : null;
    if (locked) element.tabIndex = 0;
    else element.removeAttribute("tabindex");
  };

  const setDisabled = (widget, locked) => {
    if (locked && !widget.disabled) disabled.add(widget);
    if (locked) widget.disabled = true;
    else if (disabled.delete(widget)) widget.disabled = false;
  };

  const MOVES = /^(Tab|Escape|Arrow\w+|Page\w+|Home|End)$/;
  const COMMANDS = /^[acflrtw0+-]$/; // of the browser, none of which changes a text
  const passes = ({ type, key, ctrlKey, metaKey, altKey }) =>
    type === "keydown" && (ctrlKey || metaKey ? COMMANDS.test(key) : !altKey && MOVES.test(key));
  const refuse = (event) => {
    if (!event.target.closest || passes(event) || !refuses(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  // Here they come by before they come to anything else.
  for (const type of ["click", "keydown", "beforeinput", "input", "change", "paste", "drop"])
    addEventListener(type, refuse, true);

  // ---- what there is on the page ----------------------------------------------------------------

  const arrange = (element) => {
    const { item, lock = "" } = element.dataset;
    const hidden = item?.split(" ").every((name) => names.hide.has(name)) ?? false;
    element.toggleAttribute("data-hidden", hidden);
    const isFold = element.localName === "details";
    const isInside = !isFold && element.parentElement.closest("[data-locked]") !== null;
    const locked = isInside || lock.split(" ").some((name) => names.lock.has(name));
    if (locked !== "locked" in element.dataset) setLocked(element, locked);
    if (isFold && names.open.has(item)) element.open = true;
  };
  const arrangeAll = () => {
    read();
    document.querySelectorAll("[data-item], [data-lock]").forEach(arrange);
    for (const widget of document.querySelectorAll(WIDGETS)) setDisabled(widget, refuses(widget));
    for (const pressed of document.querySelectorAll(PRESSED)) {
      if (refuses(pressed)) pressed.ariaDisabled = "true";
      else if (pressed.ariaDisabled) pressed.ariaDisabled = null;
    }
  };
  const parsed = new MutationObserver(arrangeAll);
  if (embed !== null || /[#&](hide|lock|open)=/.test(location.hash)) {
    parsed.observe(document, { childList: true, subtree: true });
    addEventListener("DOMContentLoaded", () => {
      parsed.disconnect();
      arrangeAll();
    });
  }
  window.microgpt.arrange = arrangeAll; // what has come later as well
  addEventListener("hashchange", arrangeAll);
  addEventListener("popstate", arrangeAll);

  // The same experiment on a page of its own, as it is when the link is followed.
  const follow = ({ target }) => {
    const link = target.closest?.("#whole-page");
    if (link) link.href = location.pathname + location.hash;
  };
  for (const type of ["pointerdown", "focusin", "click"]) addEventListener(type, follow, true);
})();
