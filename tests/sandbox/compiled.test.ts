import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test('the committed contracts are what their source compiles to', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['sandbox/contracts/compile.ts', '--check'])
  expect(stdout).toMatch(/^\d+ contracts match their source/)
})
