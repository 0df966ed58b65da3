import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { FaultMode, Lie } from '../../../sandbox/chainsettle/control.ts'
import type { UnavailableReason } from '../../../server/gateways/attestations.ts'
import { unavailableOf } from '../attestations/unavailable.ts'
import { startPeer } from '../crossmint/support/peer.ts'
import { type ChainsettleWorld, chainsettleWorld } from './support/world.ts'

// What the HTTP interface does to an answer that the chain decides.

let world: ChainsettleWorld
/** The chain says that they are verified. */
const subject = privateKeyToAddress(generatePrivateKey())
let idHash: `0x${string}`
beforeAll(async () => {
  world = await chainsettleWorld()
  idHash = await world.control.attest(subject)
})
afterAll(() => world[Symbol.asyncDispose]())
beforeEach(() => world.control.reset())

const patience = () => AbortSignal.timeout(10_000)
const read = (address: `0x${string}`, options?: Parameters<typeof world.connect>[0]) =>
  world.connect(options).attestationsOf({ address }, patience())

const faults: [FaultMode, UnavailableReason][] = [
  ['down', 'unreachable'],
  ['hang', 'timeout'],
  ['slow', 'timeout'],
  ['error', 'failing'],
  ['bad-gateway', 'failing'],
  ['rate-limited', 'failing'],
  ['garbage', 'unreadable'],
  ['truncated', 'unreachable'],
  ['unknown-status', 'unreadable'],
]

test.each(faults)(
  '%s: unavailable, "%s", though the chain has it; afterwards it answers again',
  async (mode, reason) => {
    await world.control.inject({ mode, endpoint: 'get_settlement_status', delay: 5_000 })
    expect((await unavailableOf(read(subject, { timeout: 200 }))).reason).toBe(reason)
    expect(await world.control.faults()).toMatchObject([{ fired: 1 }])

    await world.control.clear()
    expect(await read(subject)).toMatchObject([{ status: 'verified' }])
  },
)

test('slow, but in time, is an answer', async () => {
  await world.control.inject({ mode: 'slow', delay: 100 })
  expect(await read(subject)).toMatchObject([{ status: 'verified' }])
})

test.each(['hang', 'slow'] as const)('%s beyond the time that the caller gives: given up then', async (mode) => {
  await world.control.inject({ mode, delay: 20_000 })
  const began = performance.now()
  const error = await unavailableOf(world.connect().attestationsOf({ address: subject }, AbortSignal.timeout(400)))
  expect(error.reason).toBe('timeout')
  expect(performance.now() - began).toBeLessThan(2_000)
})

test.each(['down', 'error', 'garbage', 'bad-gateway'] as const)('%s: pinging tells', async (mode) => {
  await world.control.inject({ mode, endpoint: 'health' })
  await unavailableOf(world.connect().ping())
  await world.control.clear()
  await world.connect().ping()
})

const chainSays = { verified: {}, rejected: { outcome: 'failed' }, pending: { stage: 'attested' } } as const
const lies: [Lie, string][] = [
  [{ status: 'confirmed', finalized: true }, 'verified'],
  [{ status: 'confirmed', finalized: false }, 'pending'],
  [{ status: 'attested', finalized: false }, 'pending'],
  [{ status: 'failed', finalized: true }, 'rejected'],
]

test.each(Object.keys(chainSays) as (keyof typeof chainSays)[])(
  'the chain says %s: that counts, and what HTTP says instead is kept as a contradiction',
  async (truth) => {
    const somebody = privateKeyToAddress(generatePrivateKey())
    const settlement = await world.control.attest({ subject: somebody, ...chainSays[truth] })
    for (const [lie, told] of lies) {
      await world.control.contradict(settlement, lie)
      const [attestation] = await read(somebody)
      expect(attestation!.status).toBe(truth)
      expect(attestation!.evidence!.contradiction).toEqual(
        told === truth ? undefined : { source: 'http', status: told },
      )
    }
  },
)

test('HTTP is ahead of a chain that is read some blocks deep: the chain still counts', async () => {
  const somebody = privateKeyToAddress(generatePrivateKey())
  await world.control.attest(somebody)
  const [attestation] = await read(somebody, { confirmations: 2 })
  expect(attestation).toMatchObject({
    status: 'pending',
    evidence: { finalized: false, contradiction: { source: 'http', status: 'verified' } },
  })
})

/** A Chainsettle that answers the question for a status so, and nothing else. */
async function answering(answer: { status?: number; body?: unknown; text?: string }) {
  const peer = await startPeer(() => ({ status: 200, ...answer }))
  return { url: new URL(peer.url).origin, requests: peer.requests, [Symbol.asyncDispose]: peer[Symbol.asyncDispose] }
}

test('a settlement that HTTP does not know counts by the chain, and that it is not known is kept', async () => {
  await using forgetful = await answering({ status: 404, body: { error: 'Settlement not found' } })
  expect(await read(subject, { baseUrl: forgetful.url })).toMatchObject([
    { status: 'verified', evidence: { contradiction: { source: 'http', status: 'unknown' } } },
  ])
})

test.each([
  ['a page for 404', { status: 404, text: '<html>Not Found</html>' }, 'failing'],
  ['another 404 in JSON', { status: 404, body: { message: 'no route' } }, 'failing'],
  ['a redirect', { status: 302, body: {} }, 'unreachable'],
  ['an error with the status of a success', { status: 200, body: { error: 'no' } }, 'unreadable'],
  ['no status', { body: { is_finalized: true } }, 'unreadable'],
  ['a status of text that is none', { body: { status: 'green' } }, 'unreadable'],
  ['a fraction', { body: { status_enum: 2.5 } }, 'unreadable'],
  ['a status below all', { body: { status_enum: -1 } }, 'unreadable'],
  ['a word for whether it is final', { body: { status_enum: 3, is_finalized: 'true' } }, 'unreadable'],
  ['null', { text: 'null' }, 'unreadable'],
  ['a list', { body: [3] }, 'unreadable'],
  [
    'more than anybody reads',
    { text: `{"status_enum":3,"is_finalized":true,"x":"${'x'.repeat(3_000_000)}"}` },
    'unreachable',
  ],
] as [string, { status?: number; body?: unknown; text?: string }, string][])(
  '%s is no answer',
  async (_, answer, reason) => {
    await using peer = await answering(answer)
    expect((await unavailableOf(read(subject, { baseUrl: peer.url }))).reason).toBe(reason)
  },
)

test.each([
  [{ status: 3 }, undefined], // the second generation before it told whether it is final
  [{ status: 4 }, 'rejected'],
  [{ status: 'confirmed' }, undefined], // the first has words
  [{ status: 'failed' }, 'rejected'],
  [{ status: 'pending' }, 'pending'],
  [{ status_enum: 3, is_finalized: null }, undefined],
  [{ status_enum: 3, is_finalized: true, status: 'something else entirely' }, 'unreadable'],
])('former ways of telling a status: %j', async (body, told) => {
  await using peer = await answering({ body })
  if (told === 'unreadable') {
    expect((await unavailableOf(read(subject, { baseUrl: peer.url }))).reason).toBe('unreadable')
    return
  }
  const [attestation] = await read(subject, { baseUrl: peer.url })
  expect(attestation!.status).toBe('verified')
  expect(attestation!.evidence!.contradiction?.status).toBe(told)
})

test('the hash goes over the wire as its own client sends it, in the path alone', async () => {
  await using peer = await answering({ body: { status_enum: 3, is_finalized: true } })
  await read(subject, { baseUrl: `${peer.url}/` })
  expect(peer.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    `GET /api/get_settlement_status/${idHash.slice(2)}`,
  ])
})

test('the third generation, and none at all, are not asked about settlements', async () => {
  await world.control.inject({ mode: 'down' })
  for (const options of [{ generation: 3 }, { baseUrl: null }] as const) {
    const [attestation] = await read(subject, options)
    expect(attestation!.status).toBe('verified')
    expect(attestation!.evidence).not.toHaveProperty('contradiction')
  }
  await world.connect({ baseUrl: null }).ping()
  expect((await unavailableOf(world.connect({ generation: 3 }).ping())).reason).toBe('unreachable')
})

test('a Chainsettle that says it is not well is not well', async () => {
  await using peer = await answering({ body: { status: 'degraded' } })
  expect((await unavailableOf(world.connect({ baseUrl: peer.url }).ping())).reason).toBe('failing')
})
