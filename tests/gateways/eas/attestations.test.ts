import { encodeAbiParameters, type Hex, toHex } from 'viem'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { attest, revoke, type Said, schemas } from '../../../sandbox/eas/attest.ts'
import { unavailableOf } from '../attestations/unavailable.ts'
import { type EasWorld, easWorld, stranger } from './world.ts'

let world: EasWorld
beforeAll(async () => {
  world = await easWorld()
})
afterAll(() => world[Symbol.asyncDispose]())
beforeEach(() => {
  world.door.rewrite = null
})

const account = 'bool verifiedAccount'
const country = 'string verifiedCountry'
const somebody = () => privateKeyToAddress(generatePrivateKey())
const read = (address: `0x${string}`, options?: Parameters<typeof world.connect>[0]) =>
  world.connect(options).attestationsOf({ address }, AbortSignal.timeout(10_000))
const say = (recipient: `0x${string}`, said: Said) => attest(world.chain.url, { recipient, said })

test('a verified account and a verified country are two attestations, newest first', async () => {
  const recipient = somebody()
  const uid = await say(recipient, { [account]: true })
  await world.passTime(60)
  await say(recipient, { [country]: 'FR' })
  const [second, first] = await read(recipient)
  expect(first).toMatchObject({ kind: 'kyc', level: 2, levelName: 'account', jurisdiction: null, status: 'verified' })
  expect(first!.evidence!.idHash).toBe(uid)
  expect(second).toMatchObject({
    kind: 'jurisdiction',
    level: 0,
    jurisdiction: 'FR',
    jurisdictionLabel: 'FR',
    jurisdictionBasis: 'residence',
    status: 'verified',
  })
  expect(second!.issuedAt.getTime()).toBeGreaterThan(first!.issuedAt.getTime())
})

test.each([
  ['US', 'US'],
  ['us', 'US'],
  ['GBR', 'GB'],
  ['XK', null],
  ['EU', null],
  ['nowhere', null],
])('the country %j is the jurisdiction %s', async (written, jurisdiction) => {
  const recipient = somebody()
  await say(recipient, { [country]: written })
  expect(await read(recipient)).toMatchObject([
    { jurisdiction, jurisdictionLabel: written.toUpperCase(), status: 'verified' },
  ])
})

test('an account that is not verified is rejected; a country that is not named is unknown', async () => {
  const recipient = somebody()
  await say(recipient, { [account]: false })
  await say(recipient, { [country]: '' })
  const attestations = await read(recipient)
  expect(attestations.map(({ kind, status }) => [kind, status]).sort()).toEqual([
    ['jurisdiction', 'unknown'],
    ['kyc', 'rejected'],
  ])
  for (const { jurisdiction } of attestations) expect(jurisdiction).toBeNull()
})

test('what is revoked stays revoked, with its time, also when it would have expired', async () => {
  const recipient = somebody()
  const expiresAt = new Date((await world.time()) + 3_600_000)
  const uid = await attest(world.chain.url, { recipient, said: { [account]: true }, expiresAt })
  await revoke(world.chain.url, { uid, schema: account })
  const [attestation] = await read(recipient)
  expect(attestation).toMatchObject({ status: 'revoked', revokedAt: expect.any(Date), expiresAt })
  expect(attestation!.revokedAt!.getTime()).toBeGreaterThanOrEqual(attestation!.issuedAt.getTime())
  await world.passTime(3_601)
  expect(await read(recipient)).toMatchObject([{ status: 'revoked' }])
})

test('our clock ends an attestation too, where the chain is behind it', async () => {
  const recipient = somebody()
  const expiresAt = new Date((await world.time()) + 3_600_000)
  await attest(world.chain.url, { recipient, said: { [account]: true }, expiresAt })
  const at = (offset: number) => ({ now: () => new Date(expiresAt.getTime() + offset) })
  expect(await read(recipient, at(-1_000))).toMatchObject([{ status: 'verified' }])
  expect(await read(recipient, at(0))).toMatchObject([{ status: 'expired' }])
})

test('an end that no calendar has is none', async () => {
  const recipient = somebody()
  const uid = await say(recipient, { [account]: true })
  const never = toHex(2n ** 64n - 1n, { size: 32 }).slice(2)
  world.door.rewrite = (_, result) =>
    typeof result === 'string' && result.includes(uid.slice(2)) && result.length > 500
      ? `${result.slice(0, 2 + 4 * 64)}${never}${result.slice(2 + 5 * 64)}`
      : result
  expect(await read(recipient)).toMatchObject([{ status: 'verified', expiresAt: null }])
})

test('a newer attestation of the same schema takes the place of the older', async () => {
  const recipient = somebody()
  await say(recipient, { [country]: 'FR' })
  await say(recipient, { [country]: 'ES' })
  expect(await read(recipient)).toMatchObject([{ jurisdiction: 'ES' }])
})

test("an attester who is accepted counts, whatever else stands in the indexer; a stranger's are left out", async () => {
  const recipient = somebody()
  await say(recipient, { [country]: 'FR' })
  await world.verifyAsStranger(recipient)
  expect(await read(recipient)).toMatchObject([{ kind: 'jurisdiction' }])
  expect(await read(recipient, { attesters: [stranger] })).toMatchObject([{ kind: 'kyc', issuer: stranger }])
  expect(await read(recipient, { attesters: [] })).toEqual([])
})

test('schemas that are not configured are not asked for', async () => {
  const recipient = somebody()
  await say(recipient, { [account]: true })
  await say(recipient, { [country]: 'FR' })
  const only = { uid: schemas[country], field: country, basis: 'residence' } as const
  expect(await read(recipient, { schemas: [only] })).toMatchObject([{ kind: 'jurisdiction' }])
  expect(() => world.connect({ schemas: [] })).toThrow(RangeError)
})

test.each<[string, Hex]>([
  ['nothing', '0x'],
  ['half a word', '0x01'],
  ['neither true nor false', toHex(2, { size: 32 })],
  ['text', encodeAbiParameters([{ type: 'string' }], ['true'])],
])('an account attested with %s is no answer', async (_, data) => {
  const recipient = somebody()
  await say(recipient, { schema: schemas[account], data })
  expect((await unavailableOf(read(recipient))).reason).toBe('unreadable')
})

test('an indexer that names the attestation of somebody else, or of another schema, is no answer', async () => {
  const [recipient, other] = [somebody(), somebody()]
  const wrong = [
    await say(other, { [account]: true }),
    await say(recipient, { [country]: 'FR' }),
    toHex(7, { size: 32 }),
  ]
  for (const uid of wrong) {
    let first = true
    world.door.rewrite = ({ method }, result) => {
      if (method !== 'eth_call' || !first) return result
      first = false
      return uid
    }
    expect((await unavailableOf(read(recipient))).reason).toBe('unreadable')
  }
})
