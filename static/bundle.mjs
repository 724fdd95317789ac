// Downloads, and bundles of Python files: one lies behind the other in a file of the site.

export const download = async (address) => {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address} is missing (status ${response.status})`);
  return new Uint8Array(await response.arrayBuffer());
};

// Writes a bundle's files below `folder` of an interpreter's file system; `sizes` are by their names.
export const writeBundle = (FS, folder, bytes, sizes) => {
  let begin = 0;
  for (const [name, size] of Object.entries(sizes)) {
    const path = `${folder}/${name}`;
    FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
    FS.writeFile(path, bytes.subarray(begin, (begin += size)));
  }
};
