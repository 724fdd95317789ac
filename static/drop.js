// Files dropped anywhere on the page are handled as if they were chosen in its file input, so that
// no drop navigates away. Knows nothing about their contents.
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
  // Only when the pointer leaves the window is there no element that it enters.
  addEventListener("dragleave", (event) => event.relatedTarget ?? leave());
  addEventListener("dragend", leave);

  addEventListener("drop", (event) => {
    leave();
    if (!holdsFiles(event)) return;
    event.preventDefault();
    const field = document.getElementById("own-file");
    field.files = event.dataTransfer.files;
    // `input` is for boot.js, which listens until Python does.
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
})();
