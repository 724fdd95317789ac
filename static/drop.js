// Files that are dropped anywhere on the page are taken as if they had been chosen in its field, so
// that no drop leaves the page. Knows nothing of what is in them.
"use strict";
(() => {
  const root = document.documentElement;
  const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");

  addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    root.dataset.dragging = "";
  });

  const leave = () => delete root.dataset.dragging;
  // Only where the whole page is left there is nothing that is entered instead.
  addEventListener("dragleave", (event) => event.relatedTarget ?? leave());
  addEventListener("dragend", leave);

  addEventListener("drop", (event) => {
    leave();
    if (!holdsFiles(event)) return;
    event.preventDefault();
    const field = document.getElementById("own-file");
    field.files = event.dataTransfer.files;
    // The first is for whoever listens before Python does; see boot.js.
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
})();
