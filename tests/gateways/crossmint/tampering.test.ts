import fc from 'fast-check'
import {
  type Address,
  bytesToHex,
  concat,
  encodeAbiParameters,
  encodeFunctionData,
  type Hex,
  hexToBytes,
  numberToHex,
  parseAbi,
  parseAbiParameters,
} from 'viem'
import { expect, test } from 'vitest'
import { executesExactly } from '../../../server/gateways/crossmint/encode-calls.ts'
import { transaction as schema } from '../../../server/gateways/crossmint/schemas.ts'
import { canonicalEntryPoints, mismatchOf } from '../../../server/gateways/crossmint/verify-transaction.ts'
import type { Call } from '../../../server/gateways/wallet-provider.ts'
import {
  chainId,
  encodeAccountCalls,
  hashOf,
  signer,
  submission,
  type TransactionAnswer,
  transactionAnswer,
  transferCall,
  wallet,
} from './support/answers.ts'
import { asked, gatewayTo, providerErrorOf } from './support/gateway.ts'
import { startPeer } from './support/peer.ts'

const modularAbi = parseAbi(['function execute(bytes32 mode, bytes executionCalldata)'])
const executions = parseAbiParameters('(address, uint256, bytes)[]')
const allOrNothingBatch = `0x01${'00'.repeat(31)}` as const

const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((value) => bytesToHex(value))
const call: fc.Arbitrary<Call> = fc.record({
  to: bytes(20) as fc.Arbitrary<Address>,
  value: fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 2n ** 256n - 1n })),
  data: fc.uint8Array({ maxLength: 140 }).map((value) => bytesToHex(value)),
})
const calls = fc.array(call, { minLength: 1, maxLength: 4 })

/** Every encoding that may be signed, written down here a second time. */
const encoders: Record<string, (calls: readonly Call[]) => Hex> = {
  account: encodeAccountCalls,
  'account batch': (calls) =>
    encodeFunctionData({
      abi: parseAbi(['function executeBatch((address target, uint256 value, bytes data)[] calls)']),
      args: [calls.map(({ to, value, data }) => ({ target: to, value, data }))],
    }),
  'ERC-7579': (calls) => (calls.length === 1 ? modular(`0x${'00'.repeat(32)}`, packed(calls[0]!)) : batchOf(calls)),
  'ERC-7579 batch': (calls) => batchOf(calls),
}

function batchOf(calls: readonly Call[], mode: Hex = allOrNothingBatch): Hex {
  return modular(
    mode,
    encodeAbiParameters(executions, [calls.map(({ to, value, data }) => [to, value, data] as const)]),
  )
}
function modular(mode: Hex, data: Hex): Hex {
  return encodeFunctionData({ abi: modularAbi, args: [mode, data] })
}
function packed({ to, value, data }: Call): Hex {
  return concat([to, numberToHex(value, { size: 32 }), data])
}

function mismatch(answer: TransactionAnswer, asked: readonly Call[], entryPoints = canonicalEntryPoints) {
  return mismatchOf(
    { wallet, chainId, chain: 'avalanche-fuji', calls: asked, entryPoints },
    schema.parse(answer),
    answer.approvals.pending[0]!.message,
  )
}

test.each(Object.entries(encoders))('what was asked for is signed: %s', (_, encode) => {
  fc.assert(
    fc.property(calls, (asked) => {
      expect(mismatch(transactionAnswer({ calls: asked, callData: encode(asked) }), asked)).toBeNull()
    }),
    { numRuns: 100 },
  )
})

test.each(Object.entries(encoders))('one other byte anywhere in the calldata is not signed: %s', (_, encode) => {
  fc.assert(
    fc.property(calls, fc.nat(), fc.integer({ min: 1, max: 255 }), (asked, place, change) => {
      const tampered = hexToBytes(encode(asked))
      tampered[place % tampered.length]! ^= change
      // the hash is the true hash of the tampered operation: only the calls give it away
      const answer = transactionAnswer({ calls: asked, callData: bytesToHex(tampered) })
      expect(mismatch(answer, asked)).toBe('calldata_mismatch')
    }),
    { numRuns: 500 },
  )
})

/** Other calls than those asked for, by one change. */
const tamperings = fc.oneof(
  fc.record({
    kind: fc.constant('target' as const),
    at: fc.nat(),
    byte: fc.nat(19),
    change: fc.integer({ min: 1, max: 255 }),
  }),
  fc.record({ kind: fc.constant('value' as const), at: fc.nat(), bit: fc.nat(255) }),
  fc.record({
    kind: fc.constant('data' as const),
    at: fc.nat(),
    byte: fc.nat(),
    change: fc.integer({ min: 1, max: 255 }),
  }),
  fc.record({ kind: fc.constant('longer data' as const), at: fc.nat(), byte: fc.nat(255) }),
  fc.record({ kind: fc.constant('order' as const), at: fc.nat() }),
  fc.record({ kind: fc.constant('extra' as const), at: fc.nat(), call }),
  fc.record({ kind: fc.constant('missing' as const), at: fc.nat() }),
)

type Tampering = typeof tamperings extends fc.Arbitrary<infer Value> ? Value : never

function tamper(asked: readonly Call[], tampering: Tampering): Call[] {
  const changed = asked.map((one) => ({ ...one }))
  const at = tampering.at % changed.length
  const one = changed[at]!
  switch (tampering.kind) {
    case 'target':
      one.to = flip(one.to, tampering.byte, tampering.change)
      break
    case 'value':
      one.value ^= 1n << BigInt(tampering.bit)
      break
    case 'data':
      one.data = one.data === '0x' ? '0x00' : flip(one.data, tampering.byte, tampering.change)
      break
    case 'longer data':
      one.data = concat([one.data, numberToHex(tampering.byte, { size: 1 })])
      break
    case 'order':
      changed.push(...changed.splice(at, 1))
      break
    case 'extra':
      changed.splice(at, 0, tampering.call)
      break
    case 'missing':
      changed.splice(at, 1)
      break
  }
  return changed
}

function flip(hex: Hex, place: number, change: number): Hex {
  const changed = hexToBytes(hex)
  changed[place % changed.length]! ^= change
  return bytesToHex(changed)
}

const isOther = (asked: readonly Call[], tampered: readonly Call[]) =>
  tampered.length > 0 && encodeAccountCalls(tampered) !== encodeAccountCalls(asked)

test.each(Object.entries(encoders))(
  'another target, value, data, order or number of calls is not signed: %s',
  (_, encode) => {
    fc.assert(
      fc.property(calls, tamperings, fc.boolean(), (asked, tampering, owned) => {
        const tampered = tamper(asked, tampering)
        fc.pre(isOther(asked, tampered))
        // either the provider admits other calls, or it names ours and carries out others
        const answer = transactionAnswer({ calls: owned ? tampered : asked, callData: encode(tampered) })
        expect(mismatch(answer, asked)).toBe('calldata_mismatch')
      }),
      { numRuns: 500 },
    )
  },
)

test('no approval of tampered calls leaves the gateway', async () => {
  let answer: unknown
  await using peer = await startPeer(() => ({ status: 201, body: answer }))
  const gateway = gatewayTo(peer)
  await fc.assert(
    fc.asyncProperty(
      calls,
      tamperings,
      fc.constantFrom(...Object.values(encoders)),
      async (asked, tampering, encode) => {
        const tampered = tamper(asked, tampering)
        fc.pre(isOther(asked, tampered))
        answer = transactionAnswer({ calls: asked, callData: encode(tampered) })

        const error = await providerErrorOf(gateway.submit({ ...submission, calls: asked }))

        expect(error).toMatchObject({ outcome: 'refused', reason: 'calldata_mismatch' })
      },
    ),
    { numRuns: 100 },
  )
  expect(new Set(asked(peer))).toEqual(new Set(['POST /transactions']))
})

test('an execution that goes on after a failed call, delegates, or carries more is not signed', () => {
  const one = [transferCall]
  const modes: Hex[] = [
    `0x0001${'00'.repeat(30)}`, // single, errors swallowed
    `0xff${'00'.repeat(31)}`, // delegatecall
    `0x00000000${'12345678'}${'00'.repeat(24)}`, // with a selector of its own
  ]
  for (const mode of modes) expect(executesExactly(modular(mode, packed(transferCall)), one)).toBe(false)
  expect(executesExactly(batchOf(one, `0x0101${'00'.repeat(30)}`), one)).toBe(false)
  expect(executesExactly(concat([encodeAccountCalls(one), '0x00']), one)).toBe(false)
  expect(executesExactly('0x', one)).toBe(false)
})

test('letter case of hexadecimal makes no difference', () => {
  const shouted = `0x${encodeAccountCalls([transferCall]).slice(2).toUpperCase()}` as Hex
  const answer = transactionAnswer({ callData: shouted })
  expect(mismatch(answer, [transferCall])).toBeNull()
})

test('another sender, chain, message or hash is not signed', () => {
  const stranger: Address = '0x4444444444444444444444444444444444444444'
  const elsewhere = `0x${'ab'.repeat(32)}` as const
  const check = (options: Parameters<typeof transactionAnswer>[0]) =>
    mismatch(transactionAnswer(options), [transferCall])

  expect(check({ sender: stranger })).toBe('sender_mismatch')
  expect(check({ chain: 'avalanche' })).toBe('calldata_mismatch')
  expect(check({ message: elsewhere })).toBe('message_mismatch')
  expect(check({ userOperationHash: elsewhere })).toBe('hash_mismatch')
})

test('the hash covers every field of the operation', () => {
  const { userOperation } = transactionAnswer().onChain
  const numbers = Object.keys(userOperation).filter((name) => !['sender', 'callData', 'signature'].includes(name))
  expect(numbers).toHaveLength(10)
  for (const name of numbers as (keyof typeof userOperation)[]) {
    const answer = transactionAnswer()
    const changed = { ...userOperation, [name]: flip(evenHex(userOperation[name]), 0, 1) }
    expect(hashOf(changed)).not.toBe(answer.onChain.userOperationHash)
    const tampered = { ...answer, onChain: { ...answer.onChain, userOperation: changed } } as TransactionAnswer
    expect(mismatch(tampered, [transferCall])).toBe('hash_mismatch')
  }
})

test('an operation nobody can hash is not signed', () => {
  const answer = transactionAnswer()
  const broken = { ...answer.onChain.userOperation, callGasLimit: `0x1${'00'.repeat(16)}` }
  const tampered = { ...answer, onChain: { ...answer.onChain, userOperation: broken } } as unknown as TransactionAnswer
  expect(mismatch(tampered, [transferCall])).toBe('hash_mismatch')
})

test('with unverified entry points an unknown hash is signed, other calls are still not', async () => {
  const unknownHash = `0x${'ab'.repeat(32)}` as const
  const other = encodeAccountCalls([{ ...transferCall, value: 1n }])
  const answers = [
    transactionAnswer({ userOperationHash: unknownHash }),
    transactionAnswer({ userOperationHash: unknownHash, status: 'pending' }),
    transactionAnswer({ userOperationHash: unknownHash, callData: other }),
  ]
  await using peer = await startPeer((_, before) => ({ status: 201, body: answers[before] }))
  const gateway = gatewayTo(peer, { entryPoints: 'unverified', signer })

  expect(await gateway.submit(submission)).toMatchObject({ userOperationHash: unknownHash, state: 'pending' })
  expect(await providerErrorOf(gateway.submit(submission))).toMatchObject({
    outcome: 'refused',
    reason: 'calldata_mismatch',
  })
})

function evenHex(hex: Hex): Hex {
  return hex.length % 2 === 0 ? hex : `0x0${hex.slice(2)}`
}
