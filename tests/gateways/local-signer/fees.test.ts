import fc from 'fast-check'
import { expect, test } from 'vitest'
import { feesFor, type GasPolicy, raised } from '../../../server/gateways/local-signer/gas-policy.ts'
import { verdictOn } from '../../../server/gateways/local-signer/verdict.ts'

const wei = fc.bigInt({ min: 0n, max: 10n ** 15n })
const policy: fc.Arbitrary<GasPolicy> = fc.oneof(
  fc.tuple(wei, wei).map(([a, b]) => ({ policy: 'eip1559' as const, cap: a + b + 1n, tip: b })),
  fc.tuple(wei, wei).map(([price, more]) => ({ policy: 'fixed' as const, price, cap: price + more })),
  wei.map((price) => ({ policy: 'fixed' as const, price })),
)
const capOf = (one: GasPolicy) => (one.policy === 'fixed' ? (one.cap ?? one.price) : one.cap)

test('whatever the base fee does, the cap is never passed, and each offer is a tenth above the one before it', () => {
  fc.assert(
    fc.property(policy, fc.array(wei, { minLength: 1, maxLength: 20 }), (one, baseFees) => {
      let fees = feesFor(one, baseFees[0]!)
      expect(fees.feeCap <= capOf(one) && fees.tip <= capOf(one)).toBe(true)
      for (const baseFee of baseFees) {
        const next = raised(one, fees, baseFee)
        if (!next) continue
        expect(next.feeCap * 10n >= fees.feeCap * 11n && next.feeCap > fees.feeCap).toBe(true)
        expect(next.feeCap <= capOf(one) && next.tip <= next.feeCap).toBe(true)
        // nodes want more of both, unless there is no more to be had
        expect(next.tip * 10n >= fees.tip * 11n || next.tip === next.feeCap).toBe(true)
        fees = next
      }
    }),
  )
})

test('a fixed price without a cap is paid and never raised, nothing included', () => {
  for (const price of [0n, 25n]) {
    const fixed = { policy: 'fixed', price } as const
    expect(feesFor(fixed, 7n)).toEqual({ feeCap: price, tip: price })
    expect(raised(fixed, { feeCap: price, tip: price }, 7n)).toBeNull()
  }
})

test.each([
  ['already known', 'taken'],
  ['known transaction: 0x12', 'taken'],
  ['transaction already imported', 'taken'],
  ['nonce too low: next nonce 5, tx nonce 4', 'used'],
  ['replacement transaction underpriced', 'used'],
  ['intrinsic gas too low: have 1, want 21000', 'refused'],
  ['exceeds block gas limit', 'refused'],
  ['oversized data', 'refused'],
  ['cannot issue transaction from non-allow listed address', 'blocked'],
  ['insufficient funds for gas * price + value', 'blocked'],
  ['transaction underpriced', 'blocked'],
  ['max fee per gas less than block base fee: address 0x12, maxFeePerGas: 1 baseFee: 25', 'blocked'],
  ['nonce too high', 'unknown'],
  ['txpool is full', 'unknown'],
  ['internal error', 'unknown'],
  ['', 'unknown'],
])('a node that says "%s": %s', (message, verdict) => {
  expect(verdictOn(message)).toBe(verdict)
})
