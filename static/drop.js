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

  // Where a link has hidden or locked what takes them, neither data nor models can be brought.
  const refuses = (places) => document.querySelector(`:is(${places}):is([data-hidden], [data-locked])`);
  const refusesData = () => refuses("#data, #own");
  const refusesModels = () => "embed" in root.dataset || refuses("#models");
  const refusesAll = () => refusesData() && refusesModels();

  // A part of this page that is dragged, by mistake most often, is no text of the user's own.
  let own = false;
  addEventListener("dragstart", () => (own = true));

  addEventListener("dragover", (event) => {
    const kind = own ? "" : kindOf(event);
    if (kind) {
      event.preventDefault();
      event.dataTransfer.dropEffect = refusesAll() ? "none" : "copy";
    }
    root.toggleAttribute("data-dragging", kind !== "" && !refusesAll());
  });

  const leave = () => root.removeAttribute("data-dragging");
  // Only when the pointer leaves the window is there no element that it enters.
  addEventListener("dragleave", (event) => event.relatedTarget ?? leave());
  addEventListener("dragend", () => {
    own = false;
    leave();
  });

  const listOf = (file) => {
    const transfer = new DataTransfer();
    transfer.items.add(file);
    return transfer.files;
  };

  // A model, or an export of everything, goes first, whatever is dropped with it; other files are data.
  const takeFiles = (files) => {
    const model = [...files].find(({ name }) => /\.(safetensors|microgpt)$/i.test(name));
    if (model ? refusesModels() : refusesData()) return;
    const field = document.getElementById(model ? "model-file" : "own-file");
    field.files = model ? listOf(model) : files;
    // `input` is for boot.js, which listens until Python does.
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const takeText = (text) => {
    if (!text.trim() || refusesData()) return;
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
    if (kind === "files") takeFiles(event.dataTransfer.files);
    else takeText(event.dataTransfer.getData("text/plain"));
  });
})();
