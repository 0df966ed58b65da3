import {
  type Address,
  encodeAbiParameters,
  encodeEventTopics,
  erc20Abi,
  type Hash,
  type Hex,
  type Log,
  padHex,
  toHex,
} from 'viem'
import { describe, expect, test } from 'vitest'
import { type Receipt, userOperationEvent } from '../../../server/gateways/chain/chain.ts'
import { transferInReceipt } from '../../../server/gateways/chain/transfer-in-receipt.ts'

const address = (seed: number): Address => padHex(toHex(seed), { size: 20 })
const hash = (seed: number): Hash => padHex(toHex(seed), { size: 32 })
const [token, payer, recipient, stranger, entryPoint] = [1, 2, 3, 4, 5].map(address) as [
  Address,
  Address,
  Address,
  Address,
  Address,
]
const ours = hash(1)
const expected = { token, from: payer, to: recipient, amount: 5n }
const by = { operationHash: ours, entryPoints: [entryPoint] }

type Draft = Pick<Log, 'address' | 'topics' | 'data'>

const transfer = (change: Partial<typeof expected> = {}): Draft => {
  const { token: at, from, to, amount } = { ...expected, ...change }
  return {
    address: at,
    topics: encodeEventTopics({ abi: erc20Abi, eventName: 'Transfer', args: { from, to } }) as [Hex, ...Hex[]],
    data: encodeAbiParameters([{ type: 'uint256' }], [amount]),
  }
}

const operation = (userOpHash: Hash, { success = true, from = entryPoint } = {}): Draft => ({
  address: from,
  topics: encodeEventTopics({
    abi: [userOperationEvent],
    args: { userOpHash, sender: payer, paymaster: stranger },
  }) as [Hex, ...Hex[]],
  data: encodeAbiParameters(
    [{ type: 'uint256' }, { type: 'bool' }, { type: 'uint256' }, { type: 'uint256' }],
    [0n, success, 0n, 0n],
  ),
})

const receipt = (drafts: Draft[], { succeeded = true } = {}): Receipt => ({
  transactionHash: hash(9),
  blockNumber: 1n,
  blockHash: hash(8),
  succeeded,
  logs: drafts.map((draft, logIndex) => ({
    ...draft,
    logIndex,
    blockHash: hash(8),
    blockNumber: 1n,
    removed: false,
    transactionHash: hash(9),
    transactionIndex: 0,
  })),
})

const proofOf = (drafts: Draft[], options?: { succeeded: boolean }) =>
  transferInReceipt(receipt(drafts, options), by, expected)

test('the transfer before the event of our operation proves the payment, by its place in the block', () => {
  expect(proofOf([transfer(), operation(ours)])).toEqual({ proven: true, logIndex: 0 })
})

test('in a bundle only what lies between the operation before and our own event is ours', () => {
  expect(proofOf([transfer(), operation(hash(2)), transfer(), operation(ours)])).toEqual({ proven: true, logIndex: 2 })
  expect(proofOf([transfer(), operation(hash(2)), operation(ours)])).toEqual({ proven: false, because: 'absent' })
  expect(proofOf([operation(ours), transfer(), operation(hash(2))])).toEqual({ proven: false, because: 'absent' })
})

describe('another', () => {
  test.each([
    ['token', { token: stranger }],
    ['payer', { from: stranger }],
    ['recipient', { to: stranger }],
    ['amount, one unit less', { amount: 4n }],
    ['amount, one unit more', { amount: 6n }],
  ])('%s proves nothing', (_, change) => {
    expect(proofOf([transfer(change), operation(ours)])).toEqual({ proven: false, because: 'absent' })
  })
})

test('two halves are not the whole', () => {
  const half = transfer({ amount: 2n })
  const rest = transfer({ amount: 3n })
  expect(proofOf([half, rest, operation(ours)])).toEqual({ proven: false, because: 'absent' })
})

test('our operation reverted inside a bundle that succeeded', () => {
  const logs = [transfer(), operation(hash(2)), operation(ours, { success: false })]
  expect(proofOf(logs)).toEqual({ proven: false, because: 'reverted' })
})

test('a transaction that reverted as a whole', () => {
  expect(proofOf([], { succeeded: false })).toEqual({ proven: false, because: 'reverted' })
})

test('the operations of others, and ours not among them', () => {
  expect(proofOf([transfer(), operation(hash(2))])).toEqual({ proven: false, because: 'absent' })
})

test('an event that only looks like an entry point’s neither fails nor hides a payment', () => {
  const forged = { from: stranger }
  expect(proofOf([operation(ours, { ...forged, success: false }), transfer(), operation(ours)])).toEqual({
    proven: true,
    logIndex: 1,
  })
  expect(proofOf([transfer(), operation(hash(2), forged), operation(ours)])).toEqual({ proven: true, logIndex: 0 })
})

test('without user operations every log of the transaction counts', () => {
  const plain = { operationHash: null, entryPoints: [entryPoint] }
  expect(transferInReceipt(receipt([transfer()]), plain, expected)).toEqual({ proven: true, logIndex: 0 })
})

test('an NFT of that number is not money', () => {
  const { topics, ...rest } = transfer()
  const nft: Draft = { ...rest, topics: [...topics, hash(5)] as [Hex, ...Hex[]], data: '0x' }
  expect(proofOf([nft, operation(ours)])).toEqual({ proven: false, because: 'absent' })
})
