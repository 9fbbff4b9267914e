import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/** The file that keeps the output folder in the repository; never removed. */
const PLACEHOLDER = '.gitignore';

/** Smaller files gain nothing from compression once headers are counted. */
const MIN_BYTES = 1024;

const COMPRESSIBLE = /\.(?:js|mjs|css|html|json|svg|txt)$/;

/**
 * Empties the output folder except for its placeholder, and after the build
 * writes a brotli and a gzip copy beside every text file, so that the server
 * compresses nothing while people wait.
 */
export function embeddable(outDir: string): Plugin {
  return {
    name: 'gad-embeddable',
    apply: 'build',
    buildStart() {
      for (const name of readdirSync(outDir)) {
        if (name !== PLACEHOLDER) rmSync(join(outDir, name), { recursive: true });
      }
    },
    closeBundle() {
      let raw = 0;
      let brotli = 0;
      for (const file of filesUnder(outDir)) {
        if (!COMPRESSIBLE.test(file)) continue;
        const text = readFileSync(file);
        if (text.length < MIN_BYTES) continue;
        const br = brotliCompressSync(text, {
          params: {
            [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
            [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
          },
        });
        writeFileSync(`${file}.br`, br);
        writeFileSync(`${file}.gz`, gzipSync(text, { level: constants.Z_BEST_COMPRESSION }));
        raw += text.length;
        brotli += br.length;
      }
      this.info(`${kib(raw)} of text, ${kib(brotli)} as brotli`);
    },
  };
}

function filesUnder(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function kib(bytes: number): string {
  return `${Math.round(bytes / 1024)} KiB`;
}
