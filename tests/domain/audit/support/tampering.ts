import fc from 'fast-check'

/** Of one tampering: which kind, in turn, and random choices. */
export interface Choices {
  kind: number
  a: number
  b: number
  c: number
}

const RUNS = process.env.SOAK ? 10_000 : 300

/** Milliseconds that a test may take, on a machine that is busy. */
export const PATIENCE = RUNS * 400

const seed = process.env.SEED ? Number(process.env.SEED) : Math.floor(Math.random() * 2 ** 31)

/** Tampers at random, hundreds of times, or 10,000 times in a soak; `SEED` repeats a run. */
export async function tamper(what: string, attempt: (choices: Choices) => Promise<void>): Promise<void> {
  console.log(`${RUNS} tamperings of ${what}, seed ${seed}`)
  const choices = fc.record({ a: fc.nat(), b: fc.nat(), c: fc.nat() })
  let kind = 0
  await fc.assert(
    fc.asyncProperty(choices, (given) => attempt({ kind: kind++, ...given })),
    { numRuns: RUNS, seed, endOnFailure: true },
  )
}

/** One of them. */
export const pick = <T>(items: readonly T[], choice: number): T => items[choice % items.length]!
