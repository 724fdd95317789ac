// Starts PyScript, and writes the page's Python modules into MicroPython's file system.
import { hooks, modules, sizes } from "./page_places.mjs";

const download = async () => {
  const response = await fetch(modules);
  if (!response.ok) throw new Error(`${modules} is missing (status ${response.status})`);
  return new Uint8Array(await response.arrayBuffer());
};
const bytes = download();

hooks.main.onReady.add(async ({ interpreter: { FS } }) => {
  let begin = 0;
  for (const [name, size] of Object.entries(sizes)) {
    const path = `${FS.cwd()}/${name}`;
    FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
    FS.writeFile(path, (await bytes).subarray(begin, (begin += size)));
  }
});
