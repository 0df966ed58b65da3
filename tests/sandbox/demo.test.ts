import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test, vi } from 'vitest'
import { timeline } from '../../sandbox/timeline.ts'
import { run } from '../http/support/run.ts'

const sdk = fileURLToPath(new URL('../../client-sdk', import.meta.url))

test('the demo tells the whole story through the built SDK, and every step holds', async () => {
  if (!existsSync(`${sdk}/dist/index.js`)) await promisify(execFile)('npm', ['run', 'build'], { cwd: sdk })
  const { code, stdout } = await run('sandbox/demo.ts', ['--json'], {})
  const steps = stdout
    .trim()
    .split('\n')
    .map((line): { step: string; ok: boolean; says: string } => JSON.parse(line))
  expect(steps.filter(({ ok }) => !ok)).toEqual([])
  expect(code).toBe(0)
  const said = Object.fromEntries(steps.map(({ step, says }) => [step, says]))
  expect(said['token-transfer']).toMatch(/✓ deny-list, .*✓ tx-allow-list, .*✓ token-simulation; now 750 and 1250/)
  expect(said['token-refused']).toContain('✗ token-recipient (HOLDER_MAY_NOT_RECEIVE)')
  expect(said['token-freeze']).toMatch(/^alone: NEEDS_ANOTHER_PERSON; .*UNFROZEN_BALANCE_TOO_LOW/)
  expect(said['token-forced']).toContain('now 250 and 1750')
}, 120_000)

test('a step that fails is told, thrown on, and makes the exit code 1', async () => {
  const lines: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((line) => void lines.push(line))
  const { step, finish } = timeline(true)
  await step('first', 'It holds', async () => ({ says: 'well' }))
  const broken = step('second', 'It breaks', () => Promise.reject(new Error('it broke')))
  await expect(broken).rejects.toThrow('it broke')
  expect(finish()).toBe(1)
  log.mockRestore()
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { step: 'first', ok: true, says: 'well' },
    { step: 'second', ok: false, says: 'it broke' },
  ])
})
