import { defineConfig } from 'vitest/config';

// One browser against one running system: the steps tell one story, in order.
export default defineConfig({
  test: {
    include: ['e2e/**/*.e2e.ts'],
    environment: 'node',
    // The runner gives its workers a BASE_URL of its own, the path of the page.
    env: { GAD_E2E_URL: process.env['BASE_URL'] ?? '' },
    testTimeout: 240_000,
    hookTimeout: 240_000,
    fileParallelism: false,
    bail: 1,
  },
});
