import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { createSiweMessage, parseSiweMessage } from 'viem/siwe'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Me, SignedIn } from '../../server/contract/entities.ts'
import { flipped } from '../gateways/chain/support/signatures.ts'
import { call } from '../http/support/calls.ts'
import { type Instance, instance } from '../http/support/instance.ts'
import { PAGE, person } from '../support/people.ts'
import { testWorld, type World } from '../support/world.ts'
import { answerChallenge, challengeOf, dataOf, expectRefusal, signInAs, somebody } from './support/ceremony.ts'
import { type Tally, tally } from './support/tally.ts'

let world: World
let other: Instance
let rows: Tally

beforeAll(async () => {
  world = await testWorld({ workers: false })
  ;[other, rows] = await Promise.all([instance(world), tally(world.database)])
})
afterAll(async () => {
  await Promise.all([other, rows].map((each) => each[Symbol.asyncDispose]()))
  await world[Symbol.asyncDispose]()
})

const challengeFor = ({ address }: { address: `0x${string}` }) =>
  challengeOf(world.url, { appId: world.appId, address })
const me = async (cookie: string) =>
  dataOf<Me & { kind: 'user' }>(
    await call(world.url, { path: 'auth.me', type: 'query' }, undefined, { cookie, origin: PAGE }),
  )

test('the message is one of ERC-4361 that says who, where, what for, and until when', async () => {
  const account = somebody()
  const { nonce, message, expiresAt } = await challengeFor(account)
  const { issuedAt, ...said } = parseSiweMessage(message)
  expect(said).toEqual({
    domain: 'app.localhost:3000',
    address: account.address,
    statement: 'Sign in with this wallet. It costs nothing and moves nothing.',
    uri: PAGE,
    version: '1',
    chainId: world.chain.chainId,
    nonce,
    expirationTime: expiresAt,
  })
  expect(nonce).toMatch(/^[0-9a-f]{32}$/)
  expect(expiresAt.getTime() - issuedAt!.getTime()).toBe(5 * 60_000)
  expect(Math.abs(Date.now() - issuedAt!.getTime())).toBeLessThan(60_000)
  expect(createSiweMessage(parseSiweMessage(message) as never)).toBe(message)
})

test('no two challenges share a nonce, nor does one tell the next', async () => {
  const account = somebody()
  const challenges = await Promise.all(Array.from({ length: 50 }, () => challengeFor(account)))
  expect(new Set(challenges.map(({ nonce }) => nonce)).size).toBe(50)
  expect(new Set(challenges.map(({ nonce }) => nonce.slice(0, 16))).size).toBe(50)
})

test('whoever signs in for the first time becomes a user with a wallet, and is the same ever after', async () => {
  const account = somebody()
  const made = await rows.growth(async () => {
    const first = await signInAs(world.url, world.appId, account)
    expect(first.user).toMatchObject({ address: account.address, roles: ['user'] })
    expect(first.session).toMatchObject({ address: account.address, current: true, revokedAt: null })
    expect(await me(first.cookie)).toMatchObject({
      kind: 'user',
      appId: world.appId,
      user: first.user,
      sessionId: first.session.id,
      scopes: null,
    })
    const again = await signInAs(other.url, world.appId, account)
    expect(again.user).toEqual(first.user)
    const { items } = dataOf<{ items: { address: string; kind: string }[] }>(
      await call(world.url, { path: 'wallets.list', type: 'query' }, {}, { cookie: again.cookie, origin: PAGE }),
    )
    expect(items).toMatchObject([{ kind: 'external', address: account.address, userId: first.user.id }])
  })
  expect(made).toEqual({ app_user: 1, wallet: 1, session: 2, audit: 4, event: 4 })
})

test('one wallet is another user in another app', async () => {
  const [account, { appId }] = [somebody(), await world.stranger()]
  const [here, there] = [await signInAs(world.url, world.appId, account), await signInAs(world.url, appId, account)]
  expect(here.user.id).not.toBe(there.user.id)
  expect((await me(there.cookie)).appId).toBe(appId)
})

test('an operator who was named by their wallet has the role from the first sign-in on', async () => {
  const account = somebody()
  const { id: appId } = await world.operator.apps.create.mutate({
    name: 'named',
    origins: [PAGE],
    operators: [account.address],
    idempotencyKey: randomUUID(),
  })
  const made = await rows.growth(async () => {
    const { user } = await signInAs(world.url, appId, account)
    expect(user).toMatchObject({ address: account.address, roles: ['user', 'operator'] })
  })
  expect(made).toEqual({ wallet: 1, session: 1, audit: 2, event: 2 })
})

test.each([
  'https://app.example.com',
  'https://[::1]:3000',
  'https://intranet',
  'https://xn--bcher-kva.example:8443',
  'https://a_b.example.com',
])('a page at %s signs people in', async (origin) => {
  const { id: appId } = await world.operator.apps.create.mutate({
    name: 'x',
    origins: [origin],
    idempotencyKey: randomUUID(),
  })
  const account = somebody()
  const { message } = await challengeOf(world.url, { appId, address: account.address }, { origin })
  expect(message.startsWith(`${new URL(origin).host} wants you to sign in`)).toBe(true)
  const { answer } = await signInAs(world.url, appId, account, { headers: { origin } })
  expect(answer.headers.get('access-control-allow-origin')).toBe(origin)
  expect(answer.headers.get('access-control-allow-credentials')).toBe('true')
})

test.each([
  ['one instance', () => [world.url]],
  ['two instances', () => [world.url, other.url]],
])('of 50 who answer a challenge at once, over %s, one signs in: 20 times', async (_, urls) => {
  for (let round = 0; round < 20; round++) {
    const account = somebody()
    const { nonce, message } = await challengeFor(account)
    const signature = await account.signMessage({ message })
    const made = await rows.growth(async () => {
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, n) => answerChallenge(urls()[n % urls().length]!, { nonce, signature })),
      )
      const [won, lost] = [
        answers.filter(({ status }) => status === 200),
        answers.filter(({ status }) => status !== 200),
      ]
      expect(won).toHaveLength(1)
      for (const answer of lost) expectRefusal(answer, 'SIGN_IN_FAILED')
    })
    expect(made).toMatchObject({ challenge: -1, app_user: 1, wallet: 1, session: 1 })
  }
})

test('who signs in for the first time ten times at once, over two instances, is one user', async () => {
  for (let round = 0; round < 5; round++) {
    const account = somebody()
    const challenges = await Promise.all(Array.from({ length: 10 }, () => challengeFor(account)))
    const answers = await Promise.all(
      challenges.map(async ({ nonce, message }) => ({ nonce, signature: await account.signMessage({ message }) })),
    )
    const made = await rows.growth(async () => {
      const signedIn = await Promise.all(
        answers.map(async (answer, n) =>
          dataOf<SignedIn>(await answerChallenge([world.url, other.url][n % 2]!, answer)),
        ),
      )
      expect(new Set(signedIn.map(({ user }) => user.id)).size).toBe(1)
    })
    expect(made).toEqual({ challenge: -10, app_user: 1, wallet: 1, session: 10, audit: 12, event: 12 })
  }
})

test('two wallets of one user that sign in at once are one user', async () => {
  const [ada, second] = [await person(world), somebody()]
  const { nonce, message } = dataOf<{ nonce: string; message: string }>(
    await ada.mutate('wallets.challenge', { address: second.address, chainId: world.chain.chainId }),
  )
  dataOf(await ada.mutate('wallets.prove', { nonce, signature: await second.signMessage({ message }) }))
  const [one, two] = await Promise.all([ada.account, second].map((each) => signInAs(world.url, world.appId, each)))
  expect([one!.user.id, two!.user.id]).toEqual([ada.userId, ada.userId])
})

test('a signature with any bit turned over is refused', async () => {
  const account = somebody()
  const made = await rows.growth(() =>
    fc.assert(
      fc.asyncProperty(fc.nat(65 * 8 - 1), async (bit) => {
        const { nonce, message } = await challengeFor(account)
        const signature = flipped(await account.signMessage({ message }), bit)
        expectRefusal(await answerChallenge(world.url, { nonce, signature }), 'SIGN_IN_FAILED')
      }),
      { numRuns: 40 },
    ),
  )
  expect(made).toEqual({})
})
