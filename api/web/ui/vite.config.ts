import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { embeddable } from './build/assets.ts';

const outDir = fileURLToPath(new URL('../dist', import.meta.url));

/** Where `npm run dev` finds a running gad; the built pages need no such thing. */
const backend = process.env['GAD_DEV_BACKEND'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [embeddable(outDir)],
  build: {
    outDir,
    // The plugin empties it, and leaves the committed placeholder in place.
    emptyOutDir: false,
    target: 'es2022',
    // Inlined files would need `data:` in more places of the content policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The map library alone is 1.1 MB; it is loaded after the login form shows.
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      checks: { bundlerTimings: false },
      input: {
        index: fileURLToPath(new URL('index.html', import.meta.url)),
        docs: fileURLToPath(new URL('docs/index.html', import.meta.url)),
      },
    },
  },
  server: {
    proxy: {
      '/api': backend,
      '/openapi.yaml': backend,
      '/ws': { target: backend.replace(/^http/, 'ws'), ws: true },
    },
  },
});
