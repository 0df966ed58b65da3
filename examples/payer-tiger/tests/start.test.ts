import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { freePort } from '../../../sandbox/free-port.ts'
import { type Running, start } from '../../../tests/http/support/run.ts'
import { eventually } from '../../../tests/support/eventually.ts'

const open = (running: Running) =>
  eventually(() => {
    if (running.child.exitCode !== null) return running.output()
    expect(running.output()).toContain('Ctrl-C ends everything')
    return running.output()
  }, 120_000)

/** A process and all that it started, and they. */
function familyOf(processId: number): number[] {
  const all = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number])
  const below = (parent: number): number[] => all.flatMap(([id, of]) => (of === parent ? [id, ...below(id)] : []))
  return [processId, ...below(processId)]
}

function isAlive(processId: number): boolean {
  try {
    return process.kill(processId, 0)
  } catch {
    return false
  }
}

test('npm run example: Ctrl-C leaves no process, a taken port is named, and the second start finds what was there', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'payer-tiger-start-'))
  const ports = { PORT: String(await freePort()), APP_PORT: String(await freePort()) }
  const shop = `http://localhost:${ports.APP_PORT}`
  // in what order a page streams its parts is no matter
  const titles = async () => {
    const links = (await (await fetch(shop)).text()).matchAll(/\/paywalls\/[0-9a-f-]{36}/g)
    return [...new Set([...links].map(([link]) => link))].toSorted().join(' ')
  }
  try {
    let before = ''
    for (const round of ['first', 'second']) {
      await using running = start('sandbox/example.ts', [directory], ports)
      expect(await open(running), round).toContain(`${shop}/merchant`)
      const shown = await titles()
      expect(shown.length).toBeGreaterThan(0)
      if (round === 'first') {
        before = shown
        await using another = start('sandbox/example.ts', [`${directory}-other`], ports)
        const { code, stderr } = await another.ended
        expect(code).toBe(1)
        expect(stderr).toContain(`Port ${ports.APP_PORT} of this machine is taken`)
      } else expect(shown).toBe(before)

      const family = familyOf(running.child.pid!)
      expect(family.length).toBeGreaterThan(4)
      running.child.kill('SIGINT')
      expect(await running.ended).toMatchObject({ code: 0, signal: null })
      expect(family.filter(isAlive), round).toEqual([])
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}, 300_000)
