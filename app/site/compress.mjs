// Compresses the files that standard input names, a JSON list of [source, target without suffix],
// to target.br and target.gz.
import { readFile, rename, writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const save = async (path, data) => {
  await writeFile(`${path}.part`, data);
  await rename(`${path}.part`, path);
};

const compress = async ([source, target]) => {
  const data = await readFile(source);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_SIZE_HINT]: data.length,
  };
  const [br, gz] = await Promise.all([
    promisify(brotliCompress)(data, { params }),
    promisify(gzip)(data, { level: 9 }),
  ]);
  await save(`${target}.br`, br);
  await save(`${target}.gz`, gz);
};

await Promise.all(JSON.parse(await text(process.stdin)).map(compress));
