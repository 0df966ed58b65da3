import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BuyingPolicy, BuyingTerms } from '../../../server/contract/purchases.ts'
import { isWithin } from '../../../server/domain/purchases/terms.ts'
import { type Person, person } from '../../support/people.ts'
import { testWorld, type World } from '../../support/world.ts'

let world: World
let [asking, approving]: Person[] = []
beforeAll(async () => {
  world = await testWorld({ workers: false })
  ;[asking, approving] = await Promise.all([
    person(world, { roles: ['operator'] }),
    person(world, { roles: ['officer'] }),
  ])
})
afterAll(() => world[Symbol.asyncDispose]())

const payee = '0x90F79bf6EB2c4f870365E785982E1f101E93b906'
const other = '0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65'
const limits = { perCall: 10n, perApp: 100n, perPrincipal: 50n }
const terms = (): BuyingTerms => ({
  sellers: [{ host: 'api.example.com', payees: [payee] }],
  assets: [{ assetId: world.assetId, ...limits }],
  ways: ['direct'],
  windowSeconds: 3_600,
})
const set = async (wanted: BuyingTerms) => {
  const answer = await asking!.mutate('purchases.setPolicy', {
    terms: wanted,
    reason: 'the shop needs it',
    idempotencyKey: randomUUID(),
  })
  expect(answer.status, answer.text).toBe(200)
  return answer.data as BuyingPolicy
}
const approve = (who: Person, { approvalId }: BuyingPolicy) => who.mutate('approvals.approve', { approvalId })
const inForce = async () =>
  (await world.client.purchases.policies.query({ state: 'published' })).items.map(({ version }) => version)

test('what allows more is in force once somebody else has approved it, what allows less at once', async () => {
  const first = await set(terms())
  expect(first).toMatchObject({ ...terms(), version: 1, state: 'draft', approvalId: expect.any(String) })
  expect(await inForce()).toEqual([])
  expect((await approve(asking!, first)).error?.data.code).toBe('NEEDS_ANOTHER_PERSON')
  expect((await approve(approving!, first)).status).toBe(200)
  expect(await inForce()).toEqual([1])

  const laxer = await set({ ...terms(), assets: [{ assetId: world.assetId, ...limits, perCall: 11n }] })
  expect(laxer).toMatchObject({ version: 2, state: 'draft' })
  const stricter = await set({ ...terms(), assets: [] })
  expect(stricter).toMatchObject({ version: 3, state: 'published', approvalId: null })
  expect(await inForce()).toEqual([3])

  // what was asked for before somebody was stricter is not in force by accident
  expect((await approve(approving!, laxer)).error?.data.code).toBe('NOTHING_TO_CHANGE')
  expect(await inForce()).toEqual([3])
  const leaves = await world.client.audit.trail.query({ objectId: stricter.id })
  expect(leaves.items.map(({ body }) => JSON.parse(body).action)).toEqual([
    'buying_policy.drafted',
    'buying_policy.published',
  ])
})

test('nobody approves their own wish', async () => {
  const both = await person(world, { roles: ['operator', 'officer'] })
  const wish = { terms: terms(), reason: 'I need it', idempotencyKey: randomUUID() }
  const { data } = await both.mutate('purchases.setPolicy', wish)
  expect((await approve(both, data as BuyingPolicy)).error?.data.code).toBe('NEEDS_ANOTHER_PERSON')
})

test('an asset that is not there is none to buy with', async () => {
  const wish = { terms: { ...terms(), assets: [{ assetId: randomUUID(), ...limits }] }, reason: 'r' }
  const answer = await asking!.mutate('purchases.setPolicy', { ...wish, idempotencyKey: randomUUID() })
  expect(answer.error?.data.code).toBe('NOT_FOUND')
})

test('terms are within others when they allow nothing that those do not', () => {
  const some = terms()
  const [seller, asset] = [some.sellers[0]!, some.assets[0]!]
  const within: Partial<BuyingTerms>[] = [
    {},
    { sellers: [] },
    { ways: [] },
    { sellers: [{ ...seller, payees: [] }] },
    { assets: [{ ...asset, perCall: 9n, perApp: 99n, perPrincipal: 49n }] },
    { assets: [], windowSeconds: 60 },
  ]
  const beyond: Partial<BuyingTerms>[] = [
    { sellers: [seller, { host: 'other.example.com', payees: [] }] },
    { sellers: [{ ...seller, payees: [payee, other] }] },
    { ways: ['direct', 'httpayer'] },
    { assets: [asset, { ...asset, assetId: randomUUID() }] },
    { assets: [{ ...asset, perCall: 11n }] },
    { assets: [{ ...asset, perApp: 101n }] },
    { assets: [{ ...asset, perPrincipal: 51n }] },
    { windowSeconds: 60 },
    { windowSeconds: 86_400 },
  ]
  for (const change of within)
    expect(isWithin({ ...some, ...change }, some), JSON.stringify(Object.keys(change))).toBe(true)
  for (const change of beyond)
    expect(isWithin({ ...some, ...change }, some), JSON.stringify(Object.keys(change))).toBe(false)
})
