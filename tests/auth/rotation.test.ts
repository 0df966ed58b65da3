import { randomBytes } from 'node:crypto'
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keyHeaders } from '../http/support/callers.ts'
import { call } from '../http/support/calls.ts'
import { type Instance, instance } from '../http/support/instance.ts'
import { person } from '../support/people.ts'
import { testWorld, type World } from '../support/world.ts'
import { ask } from './support/browser.ts'
import { expectRefusal, signInAs, somebody } from './support/ceremony.ts'

/** The secrets of the service are changed under way, one instance after the other, and nobody notices. */

let world: World
beforeAll(async () => {
  world = await testWorld({ workers: false })
})
afterAll(() => world[Symbol.asyncDispose]())

const [oldPassword, newPassword] = [randomBytes(32).toString('base64url'), randomBytes(32).toString('base64url')]
const [oldSeed, newSeed] = [randomBytes(32).toString('base64url'), randomBytes(32).toString('base64url')]

const sealedWith = ({ cookie }: { cookie: string }) => /Fe26\.2\*(\d+)\*/.exec(cookie)?.[1]

const unsealable = async ({ url }: Instance) =>
  /^session_cookies_unsealable_total\{reason="unknown-password"\} (\d+)$/m.exec(
    await (await fetch(`${url}/metrics`)).text(),
  )?.[1] ?? '0'

test('the password of cookies: the highest number seals, all open, a dropped one opens no longer and is counted', async () => {
  await using before = await instance(world, { SESSION_PASSWORDS: `1:${oldPassword}` })
  await using during = await instance(world, { SESSION_PASSWORDS: `1:${oldPassword},2:${newPassword}` })
  await using after = await instance(world, { SESSION_PASSWORDS: `2:${newPassword}` })
  const signIn = ({ url }: Instance) => signInAs(url, world.appId, somebody())
  const [early, late] = [await signIn(before), await signIn(during)]
  expect([sealedWith(early), sealedWith(late)]).toEqual(['1', '2'])

  expect((await ask(before.url, early.cookie)).status).toBe(200)
  expect((await ask(during.url, early.cookie)).status).toBe(200)
  expectRefusal(await ask(after.url, early.cookie), 'UNAUTHENTICATED')
  expect([await unsealable(before), await unsealable(during), await unsealable(after)]).toEqual(['0', '0', '1'])

  expectRefusal(await ask(before.url, late.cookie), 'UNAUTHENTICATED')
  expect((await ask(during.url, late.cookie)).status).toBe(200)
  expect((await ask(after.url, late.cookie)).status).toBe(200)
  expect([await unsealable(before), await unsealable(during), await unsealable(after)]).toEqual(['1', '0', '1'])
})

test('the order in which the passwords are written does not matter, nor that 10 sorts before 9', async () => {
  await using one = await instance(world, { SESSION_PASSWORDS: `10:${newPassword},9:${oldPassword}` })
  await using other = await instance(world, { SESSION_PASSWORDS: `9:${oldPassword},10:${newPassword}` })
  for (const { url } of [one, other]) expect(sealedWith(await signInAs(url, world.appId, somebody()))).toBe('10')
})

test('a password of the same number with another secret opens nothing', async () => {
  await using one = await instance(world, { SESSION_PASSWORDS: `1:${oldPassword}` })
  await using other = await instance(world, { SESSION_PASSWORDS: `1:${newPassword}` })
  const { cookie } = await signInAs(one.url, world.appId, somebody())
  expectRefusal(await ask(other.url, cookie), 'UNAUTHENTICATED')
})

test('the key of tokens: the first signs, all are believed and published, a dropped one is refused', async () => {
  await using before = await instance(world, { TOKEN_KEYS: `old:${oldSeed}` })
  await using announced = await instance(world, { TOKEN_KEYS: `old:${oldSeed},new:${newSeed}` })
  await using during = await instance(world, { TOKEN_KEYS: `new:${newSeed},old:${oldSeed}` })
  await using after = await instance(world, { TOKEN_KEYS: `new:${newSeed}` })
  const instances = [before, announced, during, after]
  const minted = await Promise.all(
    instances.map(async ({ url }) => (await person(world, { url })).token('account:read')),
  )
  expect(minted.map((token) => decodeProtectedHeader(token).kid)).toEqual(['old', 'old', 'new', 'new'])

  const use = async ({ url }: Instance, token: string) =>
    (await call(url, { path: 'auth.me', type: 'query' }, undefined, keyHeaders(token))).status
  const verdicts = await Promise.all(instances.map((each) => Promise.all(minted.map((token) => use(each, token)))))
  expect(verdicts).toEqual([
    [200, 200, 401, 401],
    [200, 200, 200, 200],
    [200, 200, 200, 200],
    [401, 401, 200, 200],
  ])

  const published = await Promise.all(
    instances.map(async ({ url }): Promise<JSONWebKeySet> => (await fetch(`${url}/.well-known/jwks.json`)).json()),
  )
  expect(published.map(({ keys }) => keys.map(({ kid }) => kid))).toEqual([
    ['old'],
    ['old', 'new'],
    ['new', 'old'],
    ['new'],
  ])
  for (const set of published) expect(JSON.stringify(set)).not.toMatch(new RegExp(`"d"|${oldSeed}|${newSeed}`))
  for (const token of minted) await jwtVerify(token, createLocalJWKSet(published[1]!), { algorithms: ['EdDSA'] })
})

test('a key that is given another name is another key', async () => {
  await using one = await instance(world, { TOKEN_KEYS: `one:${oldSeed}` })
  await using other = await instance(world, { TOKEN_KEYS: `other:${oldSeed}` })
  const token = await (await person(world, { url: one.url })).token('account:read')
  const answer = await call(other.url, { path: 'auth.me', type: 'query' }, undefined, keyHeaders(token))
  expectRefusal(answer, 'UNAUTHENTICATED')
})
