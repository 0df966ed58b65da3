import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['examples/*/tests/**/*.test.ts'],
    globalSetup: ['tests/setup/global.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 1,
    isolate: false,
  },
})
