import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { node, registries, validators } from '../../../sandbox/chainsettle/deploy-registries.ts'
import {
  type ChainsettleClient,
  createClient,
  type NewSettlement,
} from '../../../server/gateways/chainsettle/client.ts'
import { ChainsettleError } from '../../../server/gateways/chainsettle/errors.ts'
import { idHashOf, newSalt } from '../../../server/gateways/chainsettle/id-hash.ts'
import { createTransport } from '../../../server/gateways/chainsettle/transport.ts'
import { type ChainsettleWorld, chainsettleWorld } from './support/world.ts'

let world: ChainsettleWorld
let client: ChainsettleClient
beforeAll(async () => {
  world = await chainsettleWorld()
  client = createClient(createTransport({ baseUrl: world.url, timeout: 5_000 }))
})
afterAll(() => world[Symbol.asyncDispose]())
beforeEach(() => world.control.reset())

const somebody = () => privateKeyToAddress(generatePrivateKey())

let made = 0
const newSettlement = (): NewSettlement => ({
  settlementId: `settlement-${++made}`,
  settlementType: 'docusign',
  network: 'base',
  userEmail: 'issuer@example.com',
  counterparty: somebody(),
  details: { asset_name: 'kyc', asset_tag: 'kyc-full', jurisdiction: 'uk' },
})

async function errorOf(call: Promise<unknown>): Promise<Pick<ChainsettleError, 'outcome' | 'reason' | 'message'>> {
  try {
    await call
  } catch (error) {
    if (error instanceof ChainsettleError) return error
    throw error
  }
  throw new Error('The call went well; an error was expected')
}

test('it tells of itself: health, networks, types, registries, validators', async () => {
  expect((await client.health()).status).toBe('ok')
  expect(await client.settlementTypes()).toMatchObject({
    supported_types: ['docusign'],
    supported_networks: ['base'],
    supported_jurisdictions: ['us', 'uk', 'eu', 'pa', 'mx', 'ng', 'other'],
  })
  expect((await client.config()).base!.registry_addresses).toEqual({
    docusign: registries.docusign,
    ValidatorRegistry: registries.validatorRegistry,
  })
  expect(await client.validatorList('base')).toEqual({
    'Attest Node': node,
    'Number of Validators': validators.length,
    'Validator Registry': registries.validatorRegistry,
  })
})

test('a settlement from its beginning to its end, which is on the chain', async () => {
  const settlement = newSettlement()
  const { settlement_info: info } = await client.initAttest(settlement)
  expect(idHashOf(info.salt!, settlement.settlementId)).toBe(info.id_hash)
  expect(await client.getSettlementStatus(info.id_hash)).toEqual({ status: 1, finalized: false })
  expect(await world.control.standing(info.id_hash)).toMatchObject({
    status: 'registered',
    counterparty: settlement.counterparty,
    sender: node,
  })

  await client.simulateSigning({ envelopeId: info.envelope_id!, recipientId: info.recipient_id! })
  expect(await client.attest(info.id_hash)).toMatchObject({ internal_status: 'attested' })
  expect(await client.getSettlementStatus(info.id_hash)).toEqual({ status: 3, finalized: true })
  expect(await world.control.standing(info.id_hash)).toMatchObject({ status: 'confirmed', finalized: true })

  const gateway = world.connect({ issuers: [node] })
  const [attestation] = await gateway.attestationsOf({ address: settlement.counterparty }, AbortSignal.timeout(5_000))
  expect(attestation).toMatchObject({ status: 'verified', level: 2, jurisdiction: 'GB', issuer: node })
})

test('a document that nobody signed is attested as failed', async () => {
  const { settlement_info: info } = await client.initAttest(newSettlement())
  await client.attest(info.id_hash)
  expect(await client.getSettlementStatus(info.id_hash)).toEqual({ status: 4, finalized: true })
})

test('validators that keep their votes back keep it from being final', async () => {
  await world.control.configure({ automaticVotes: false })
  const { settlement_info: info } = await client.initAttest(newSettlement())
  await client.simulateSigning({ envelopeId: info.envelope_id!, recipientId: info.recipient_id! })
  await client.attest(info.id_hash)
  expect(await client.getSettlementStatus(info.id_hash)).toEqual({ status: 3, finalized: false })
  await world.control.finalize(info.id_hash)
  expect(await client.getSettlementStatus(info.id_hash)).toEqual({ status: 3, finalized: true })
})

test('what it tells of a settlement beyond what we need does not come in: tokens, addresses of mail', async () => {
  const settlement = newSettlement()
  const { settlement_info: info } = await client.initAttest(settlement)
  const read = await client.getSettlement(info.id_hash)
  expect(read).toEqual({
    id_hash: info.id_hash,
    settlement_id: settlement.settlementId,
    settlement_type: 'docusign',
    network: 'base',
    counterparty: settlement.counterparty,
    status_enum: 1,
    is_finalized: false,
  })
  const [exchange] = (await world.control.journal({ type: 'exchange' })).slice(-1)
  expect(JSON.stringify(exchange!.responseBody)).toContain('access_token')
  expect(JSON.stringify({ info, read })).not.toMatch(/access|example\.com/)
})

test('a salt can be left with it, for a settlement that exists', async () => {
  const { settlement_info: info } = await client.initAttest(newSettlement())
  const stored = { salt: info.salt!, email: 'a@example.com', recipientEmail: 'b@example.com' }
  await client.storeSalt({ idHash: info.id_hash, ...stored })
  expect(await errorOf(client.storeSalt({ idHash: newSalt(), ...stored }))).toMatchObject({ reason: 'not_found' })
})

test('the third generation: its health is elsewhere, and it is told of settlements that the chain has', async () => {
  const third = createClient(createTransport({ baseUrl: world.url, timeout: 5_000 }), 3)
  expect(await third.health()).toEqual({ status: 'ok' })
  const paths = (await world.control.journal({ type: 'exchange' })).map(({ path }) => path)
  expect(paths).toEqual(['/utils/health'])
  const unknown = { salt: newSalt(), settlementId: 'never made', recipientEmail: 'a@example.com' }
  expect(await errorOf(third.registerSettlement(unknown))).toMatchObject({ outcome: 'refused', reason: 'not_found' })

  const settlement = newSettlement()
  const { settlement_info: info } = await client.initAttest(settlement)
  const known = { salt: info.salt!, settlementId: settlement.settlementId, recipientEmail: 'a@example.com' }
  const { settlement_info: registered } = await third.registerSettlement(known)
  expect(registered).toMatchObject({ id_hash: info.id_hash, user_url: expect.stringContaining('https://') })
})

test('what it refuses is refused: the same again will be too', async () => {
  const settlement = newSettlement()
  await client.initAttest(settlement)
  expect(await errorOf(client.initAttest(settlement))).toMatchObject({
    outcome: 'refused',
    reason: 'bad_request',
    message: 'Settlement ID already exists',
  })
  expect(await errorOf(client.initAttest({ ...newSettlement(), network: 'avalanche' }))).toMatchObject({
    outcome: 'refused',
    message: 'Unsupported network: avalanche',
  })
  expect(await errorOf(client.validatorList('avalanche'))).toMatchObject({ outcome: 'refused' })
  for (const call of [client.getSettlement, client.getSettlementStatus, client.attest])
    expect(await errorOf(call(newSalt()))).toMatchObject({ outcome: 'refused', reason: 'not_found' })
})

test('a settlement whose answer is lost may have been made, and was; a question whose answer is lost was a question', async () => {
  await world.control.inject({ mode: 'lost-answer', count: 1 })
  const settlement = newSettlement()
  expect(await errorOf(client.initAttest(settlement))).toMatchObject({ outcome: 'unknown', reason: 'unreachable' })
  expect(await errorOf(client.initAttest(settlement))).toMatchObject({ message: 'Settlement ID already exists' })

  await world.control.inject({ mode: 'lost-answer', count: 1 })
  expect(await errorOf(client.settlementTypes())).toMatchObject({ outcome: 'unavailable', reason: 'unreachable' })
})

test.each([
  ['error', 'failing'],
  ['bad-gateway', 'failing'],
  ['rate-limited', 'failing'],
  ['garbage', 'unreadable'],
  ['truncated', 'unreachable'],
] as const)('%s after a write: unknown; after a read: unavailable', async (mode, reason) => {
  await world.control.inject({ mode, count: 2 })
  expect(await errorOf(client.initAttest(newSettlement()))).toMatchObject({ outcome: 'unknown', reason })
  expect(await errorOf(client.health())).toMatchObject({ outcome: 'unavailable', reason })
})

test('a signal ends a call, and so does the time it is given', async () => {
  await world.control.inject({ mode: 'hang', delay: 20_000 })
  expect(await errorOf(client.health({ signal: AbortSignal.timeout(50) }))).toMatchObject({ reason: 'aborted' })
  const hasty = createClient(createTransport({ baseUrl: world.url, timeout: 50 }))
  expect(await errorOf(hasty.health())).toMatchObject({ outcome: 'unavailable', reason: 'timeout' })
  expect(await errorOf(hasty.attest(newSalt()))).toMatchObject({ outcome: 'unknown', reason: 'timeout' })
})
