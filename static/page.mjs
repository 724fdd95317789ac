// Starts PyScript, and writes the page's Python modules into MicroPython's file system.
import { hooks, insideModules, insideSheet, insideSizes, modules, sizes } from "./page_places.mjs";

const download = async (address) => {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address} is missing (status ${response.status})`);
  return new Uint8Array(await response.arrayBuffer());
};
const bytes = download(modules);

const write = (FS, files, content) => {
  let begin = 0;
  for (const [name, size] of Object.entries(files)) {
    const path = `${FS.cwd()}/${name}`;
    FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
    FS.writeFile(path, content.subarray(begin, (begin += size)));
  }
};

hooks.main.onReady.add(async ({ interpreter: { FS } }) => {
  let tries = 0;
  // Makes importable what shows the inside of the model; all of it is fetched, or nothing is kept.
  window.microgpt.loadInside = async () => {
    tries += 1; // a browser may remember that a script could not be fetched
    const [content, rules, script] = await Promise.all([
      download(insideModules),
      download(insideSheet),
      import(`./inside.mjs#${tries}`),
    ]);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(new TextDecoder().decode(rules));
    document.adoptedStyleSheets.push(sheet);
    write(FS, insideSizes, content);
    script.begin();
  };
  write(FS, sizes, await bytes);
});
