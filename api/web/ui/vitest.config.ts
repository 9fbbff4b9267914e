import { defineConfig } from 'vitest/config';

export default defineConfig({
  // A loaded machine is slow, not wrong.
  test: { include: ['test/**/*.test.ts'], environment: 'node', testTimeout: 60_000, hookTimeout: 60_000 },
});
