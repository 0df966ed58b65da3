import fc from 'fast-check'

/** Of one tampering: which kind, in turn, and random choices. */
export interface Choices {
  kind: number
  a: number
  b: number
  c: number
}

const seed = process.env.SEED ? Number(process.env.SEED) : Math.floor(Math.random() * 2 ** 31)

/** Tampers so often, at random; `SEED` repeats a run. */
export async function tamper(what: string, runs: number, attempt: (choices: Choices) => Promise<void>): Promise<void> {
  console.log(`${runs} tamperings of ${what}, seed ${seed}`)
  const choices = fc.record({ a: fc.nat(), b: fc.nat(), c: fc.nat() })
  let kind = 0
  await fc.assert(
    fc.asyncProperty(choices, (given) => attempt({ kind: kind++, ...given })),
    { numRuns: runs, seed, endOnFailure: true },
  )
}

/** One of them. */
export const pick = <T>(items: readonly T[], choice: number): T => items[choice % items.length]!
