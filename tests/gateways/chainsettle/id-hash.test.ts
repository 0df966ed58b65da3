import fc from 'fast-check'
import { concat, type Hash, stringToHex } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { resultOf, rpc, rpcBatch } from '../../../sandbox/chain/rpc.ts'
import { type Chain, startChain } from '../../../sandbox/chain/start-chain.ts'
import { idHashOf, newSalt } from '../../../server/gateways/chainsettle/id-hash.ts'

let chain: Chain
beforeAll(async () => {
  chain = await startChain({ chainId: 84_532 })
})
afterAll(() => chain.stop())

/** Answers with the keccak256 of what it is called with. */
const hasher = '0x000000000000000000000000000000000000ca5e'
const code = '0x3660006000373660002060005260206000f3'

const salts = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes): Hash => `0x${Buffer.from(bytes).toString('hex')}`)
const ids = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
)

test('property: it is what a chain computes of the salt and the id, one after the other', async () => {
  await rpc(chain.url, 'anvil_setCode', [hasher, code])
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(salts, ids), { minLength: 1, maxLength: 50 }), async (pairs) => {
      const computed = await rpcBatch(
        chain.url,
        pairs.map(([salt, id]) => ({
          method: 'eth_call',
          params: [{ to: hasher, data: concat([salt, stringToHex(id)]) }, 'latest'],
        })),
      )
      expect(pairs.map(([salt, id]) => idHashOf(salt, id))).toEqual(computed.map((hash) => resultOf<Hash>(hash)))
    }),
    { numRuns: 40 },
  )
})

test('property: another salt or another id is another name', () => {
  fc.assert(
    fc.property(fc.tuple(salts, ids), fc.tuple(salts, ids), (one, other) => {
      const same = one[0] === other[0] && one[1] === other[1]
      expect(idHashOf(...one) === idHashOf(...other)).toBe(same)
    }),
  )
})

test('a known one', () => {
  // of 32 bytes of 01 and "settlement-1", computed with another library
  expect(idHashOf(`0x${'01'.repeat(32)}`, 'settlement-1')).toBe(
    '0x6e3e26109b4ce7e97d575e808472529089a888ff05b9333e7e7cffc04729ef6f',
  )
})

test('salts are 32 bytes, and never the same', () => {
  const made = Array.from({ length: 100 }, newSalt)
  for (const salt of made) expect(salt).toMatch(/^0x[0-9a-f]{64}$/)
  expect(new Set(made).size).toBe(100)
})
