import { mergeConfig } from 'vitest/config'
import usual from '../../vitest.config.ts'

/** The tests as usual, with more patience and properties that a seed repeats. */
export default mergeConfig(usual, {
  test: { setupFiles: ['tests/setup/seed-properties.ts'], testTimeout: 1_800_000 },
})
