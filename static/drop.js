// Files dropped anywhere on the page are handled as if they were chosen in its file input, and text
// as if it were pasted, so that no drop navigates away. Knows nothing about their contents.
"use strict";
(() => {
  const root = document.documentElement;
  const TEXT_FIELDS = "textarea, input:not([type=radio], [type=range], [type=checkbox], [type=file])";

  // "files", "text", or "" for what is left to the browser: links, and text on a text field.
  const kindOf = ({ dataTransfer, target }) => {
    const types = dataTransfer?.types ?? [];
    if (types.includes("Files")) return "files";
    if (!types.includes("text/plain") || types.includes("text/uri-list")) return "";
    return target.closest?.(TEXT_FIELDS) ? "" : "text";
  };

  // Where a link has hidden or locked the user's own data, nothing can be brought.
  const isRefused = () => document.querySelector(":is(#data, #own):is([data-hidden], [data-locked])");

  // A part of this page that is dragged, by mistake most often, is no text of the user's own.
  let own = false;
  addEventListener("dragstart", () => (own = true));

  addEventListener("dragover", (event) => {
    const kind = own ? "" : kindOf(event);
    if (kind) {
      event.preventDefault();
      event.dataTransfer.dropEffect = isRefused() ? "none" : "copy";
    }
    root.toggleAttribute("data-dragging", kind !== "" && !isRefused());
  });

  const leave = () => root.removeAttribute("data-dragging");
  // Only when the pointer leaves the window is there no element that it enters.
  addEventListener("dragleave", (event) => event.relatedTarget ?? leave());
  addEventListener("dragend", () => {
    own = false;
    leave();
  });

  const takeFiles = (files) => {
    const field = document.getElementById("own-file");
    field.files = files;
    // `input` is for boot.js, which listens until Python does.
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const takeText = (text) => {
    if (!text.trim()) return;
    const area = document.getElementById("own-text");
    area.value = text;
    const about = { bubbles: true, inputType: "insertFromDrop" };
    area.dispatchEvent(new InputEvent("input", about));
  };

  addEventListener("drop", (event) => {
    const kind = own ? "" : kindOf(event);
    own = false;
    leave();
    if (!kind) return;
    event.preventDefault();
    if (isRefused()) return;
    if (kind === "files") takeFiles(event.dataTransfer.files);
    else takeText(event.dataTransfer.getData("text/plain"));
  });
})();
