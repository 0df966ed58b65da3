import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

// `npm run soak`: the long versions of the property, crash and load tests. Everything goes on after a failure; the end says
// what failed and with which seed it is repeated.

const root = fileURLToPath(new URL('..', import.meta.url))
const newSeed = () => Math.floor(Math.random() * 2 ** 31)

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(newSeed()) },
    rounds: { type: 'string', default: '3' },
    payments: { type: 'string', default: '3000' },
    kills: { type: 'string', default: '10' },
    minutes: { type: 'string', default: '5' },
    help: { type: 'boolean', default: false },
  },
})
const numbers = Object.entries(values).filter(([name]) => name !== 'help')
const wrong = numbers.filter(([, value]) => !/^\d+$/.test(String(value)))
if (values.help || wrong.length > 0) {
  for (const [name] of wrong) console.error(`--${name} is a whole number`)
  console.log(`npm run soak -- [--seed N] [--rounds 3] [--payments 3000] [--kills 10] [--minutes 5]

  --seed      repeats a run: its inputs, its faults and its kills
  --rounds    runs of the property suites, each with the next seed
  --payments  made while the service is killed
  --kills     times it is killed
  --minutes   of load`)
  process.exit(values.help ? 0 : 2)
}
const [seed, rounds, minutes] = [Number(values.seed), Number(values.rounds), Number(values.minutes)]

interface Leg {
  name: string
  seed: number
  script: string
  args: string[]
  /** What repeats this leg alone. */
  repeat: string
}

const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
const bench = 'tests/bench/run.ts'
// suites that say so themselves: they state a property, or read SOAK for a longer version
const suites = globSync('tests/**/*.test.ts', { cwd: root })
  .filter((path) => !path.startsWith('tests/crash'))
  .filter((path) => /\bfc\.assert\(|process\.env\.SOAK/.test(readFileSync(`${root}/${path}`, 'utf8')))
  .sort()

const legs: Leg[] = [
  ...Array.from({ length: rounds }, (_, round) => ({
    name: `properties, round ${round + 1}: ${suites.length} suites`,
    seed: seed + round,
    script: vitest,
    args: ['run', '--config', 'tests/setup/soak.config.ts', ...suites],
    repeat: `npm run soak -- --rounds 1 --seed ${seed + round}`,
  })),
  {
    name: `crash: ${values.payments} payments, ${values.kills} kills`,
    seed,
    script: bench,
    args: ['crash', '--payments', values.payments, '--kills', values.kills, '--seed', String(seed || 1)],
    repeat: `npm run bench -- crash --payments ${values.payments} --kills ${values.kills} --seed ${seed || 1}`,
  },
  {
    name: `load: ${minutes} minutes`,
    seed,
    script: bench,
    // a round is 10 s of the floor and 10 s of the service
    args: ['payments', '--seconds', '10', '--rounds', String(Math.max(1, minutes * 3))],
    repeat: `npm run bench -- payments --seconds 10 --rounds ${Math.max(1, minutes * 3)}`,
  },
]

console.log(`Seed ${seed}: npm run soak -- --seed ${seed} repeats this run.`)
const failed: Leg[] = []
for (const leg of legs) {
  console.log(`\n── ${leg.name} (seed ${leg.seed})`)
  const began = performance.now()
  const child = spawn(process.execPath, [leg.script, ...leg.args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, SOAK: '1', SEED: String(leg.seed) },
  })
  const [code] = await once(child, 'exit')
  console.log(
    `── ${code === 0 ? 'passed' : 'FAILED'} after ${((performance.now() - began) / 60_000).toFixed(1)} minutes`,
  )
  if (code !== 0) failed.push(leg)
}

console.log(
  failed.length === 0
    ? `\nAll ${legs.length} legs passed (seed ${seed}).`
    : `\n${failed.length} of ${legs.length} legs failed:`,
)
for (const leg of failed) console.log(`  ${leg.name}\n    repeat it: ${leg.repeat}`)
process.exitCode = failed.length === 0 ? 0 : 1
