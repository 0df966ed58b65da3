import { expect, test } from 'vitest'
import { compliance } from './compliance.ts'

/** So small that its rates say nothing; every outcome and every count of it is still looked at. */
const small = {
  ...{ entries: 400, many: 800, people: 60, atOnce: 4, seconds: 0.1, rounds: 1 },
  ...{ paySeconds: 0.3, payRounds: 1, warmup: 0.2 },
}

test.runIf(process.env.SOAK)(
  'the bench of compliance finds right outcomes and exact counts, at any size',
  { timeout: 120_000 },
  async () => {
    await using stack = new AsyncDisposableStack()
    const said: string[] = []

    const figures = await compliance.run({ options: small, stack, say: (line) => said.push(line) })

    expect(figures).toMatchObject({ wrong: 0, errors: 0, miscounted: 0 })
    expect(figures.checks).toBeGreaterThan(0)
    expect(figures.limitedRate).toBeGreaterThan(0)
    expect(Object.keys(figures).sort()).toEqual(Object.keys(compliance.figures).sort())
    expect(Object.values(figures).filter((value) => !Number.isFinite(value))).toEqual([])
    expect(said.join('\n')).toContain('800 entries imported and published')
  },
)
