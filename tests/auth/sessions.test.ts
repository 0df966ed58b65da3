import { randomUUID } from 'node:crypto'
import { sealData } from 'iron-session'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Me, Page, Session } from '../../server/contract/entities.ts'
import { sandboxSecrets } from '../../server/sandbox-secrets.ts'
import { call } from '../http/support/calls.ts'
import { type Instance, instance } from '../http/support/instance.ts'
import { withAdmin } from '../http/support/rows.ts'
import { eventually } from '../support/eventually.ts'
import { PAGE, type Person, person } from '../support/people.ts'
import { testWorld, type World } from '../support/world.ts'
import { act, ask, setCookieOf } from './support/browser.ts'
import { challengeOf, dataOf, expectRefusal, signInAs, somebody } from './support/ceremony.ts'

const COOKIE = 'provider-session'
const minutes = (count: number) => count * 60_000
const hours = (count: number) => minutes(count * 60)
const days = (count: number) => hours(count * 24)

let world: World
let other: Instance
let late = 0

beforeAll(async () => {
  const clock = { now: () => new Date(Date.now() + late) }
  world = await testWorld({ workers: false, clock })
  other = await instance(world, {}, { clock })
})
beforeEach(() => {
  late = 0
})
afterAll(async () => {
  await other[Symbol.asyncDispose]()
  await world[Symbol.asyncDispose]()
})

const everywhere = () => [world.url, other.url]

/** Expects that a cookie is good for nothing, on every instance. */
async function expectDead(cookie: string): Promise<void> {
  for (const url of everywhere()) {
    expectRefusal(await ask(url, cookie), 'UNAUTHENTICATED')
    expectRefusal(await act(url, cookie, 'auth.token', { scopes: ['account:read'] }), 'UNAUTHENTICATED')
  }
}

async function expectAlive(cookie: string, userId: string): Promise<void> {
  for (const url of everywhere())
    expect(dataOf<Me>(await ask(url, cookie))).toMatchObject({ kind: 'user', user: { id: userId } })
}

const sealed = (content: unknown, ttl = days(7) / 1000) =>
  sealData(content, { password: { 1: sandboxSecrets.sessionPassword }, ttl })

describe('the cookie', () => {
  test('over https has the __Host- name and is Secure; it is taken away in the same words', async () => {
    await using service = await instance(world, { PUBLIC_URL: 'https://api.example.com' })
    const account = somebody()
    const { answer, cookie } = await signInAs(service.url, world.appId, account)
    const given = setCookieOf(answer)
    expect(given.name).toBe('__Host-provider-session')
    expect(given.value).toMatch(/^Fe26\.2\*1\*[\w*-]+~2$/)
    expect(given.attributes).toEqual(['Max-Age=604740', 'Path=/', 'HttpOnly', 'Secure', 'SameSite=Lax'])
    expect(dataOf<Me>(await ask(service.url, cookie))).toMatchObject({ kind: 'user' })

    const taken = setCookieOf(await act(service.url, cookie, 'auth.signOut'))
    expect(taken).toEqual({
      name: given.name,
      value: '',
      attributes: ['Max-Age=0', 'Path=/', 'HttpOnly', 'Secure', 'SameSite=Lax'],
    })
  })

  test('over plain http has another name, so that neither is taken for the other', async () => {
    const { answer, cookie } = await signInAs(world.url, world.appId, somebody())
    const { name, value, attributes } = setCookieOf(answer)
    expect(name).toBe(COOKIE)
    expect(attributes).toEqual(['Max-Age=604740', 'Path=/', 'HttpOnly', 'SameSite=Lax'])
    await using secure = await instance(world, { PUBLIC_URL: 'https://api.example.com' })
    expectRefusal(await ask(secure.url, cookie), 'UNAUTHENTICATED')
    expectRefusal(await ask(world.url, `__Host-${COOKIE}=${value}`), 'UNAUTHENTICATED')
  })

  test.each([
    ['30000', 30],
    ['60000', 60],
    ['90000', 30],
  ])('of sessions of %s ms is kept for %i s', async (lifetime, seconds) => {
    await using service = await instance(world, { SESSION_LIFETIME_MS: lifetime })
    const { answer, cookie } = await signInAs(service.url, world.appId, somebody())
    expect(setCookieOf(answer).attributes[0]).toBe(`Max-Age=${seconds}`)
    expect((await ask(service.url, cookie)).status).toBe(200)
  })

  test('tells nothing of whose it is', async () => {
    const ada = await person(world)
    const text = Buffer.from(ada.headers.cookie.split('*').at(-4)!, 'base64url').toString('latin1')
    for (const secret of [ada.userId, ada.sessionId, ada.account.address, world.appId]) {
      expect(ada.headers.cookie).not.toContain(secret)
      expect(text).not.toContain(secret)
    }
  })

  test('is given by signing in and by nothing else', async () => {
    const ada = await person(world)
    const answers = [
      await ada.query('auth.me'),
      await ada.query('auth.sessions', {}),
      await ada.mutate('auth.token', { scopes: ['account:read'] }),
      await call(world.url, { path: 'apps.mine', type: 'query' }, undefined, world.apiKey),
    ]
    for (const { status, headers } of answers)
      expect({ status, cookies: headers.getSetCookie() }).toEqual({ status: 200, cookies: [] })
    expect(await challengeOf(world.url, { appId: world.appId, address: ada.account.address })).toBeTruthy()
  })
})

describe('a cookie is nobody’s', () => {
  const part = (n: number, change: (text: string) => string) => (value: string) => {
    const parts = value.split('*')
    parts[n] = change(parts[n]!)
    return parts.join('*')
  }
  const inMiddle = (text: string) => {
    const at = Math.floor(text.length / 2)
    return `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`
  }
  const tampered: [what: string, change: (value: string) => string][] = [
    ['its version', part(0, () => 'Fe26.1')],
    ['the number of its password', part(1, () => '2')],
    ['no number of its password', part(1, () => '')],
    ['a password that every object has', part(1, () => 'constructor')],
    ['its salt', part(2, inMiddle)],
    ['its initial vector', part(3, inMiddle)],
    ['its content', part(4, inMiddle)],
    ['half its content', part(4, (text) => text.slice(0, text.length / 2))],
    ['its end', part(5, (text) => String(Number(text) + 1))],
    ['no end', part(5, () => '')],
    ['the salt of its seal', part(6, inMiddle)],
    ['its seal', part(7, inMiddle)],
    ['no seal', part(7, () => '~2')],
    ['a part too many', (value) => value.replace('~2', '*~2')],
    ['a part too few', (value) => value.slice(0, value.lastIndexOf('*'))],
    ['what comes before it', (value) => `x${value}`],
    ['no mark after its seal', (value) => value.replace('~2', '')],
    ['text after its mark', (value) => `${value}x`],
    ['8 KiB after its mark, for us to remember', (value) => `${value}~${'x'.repeat(8_000)}`],
    ['quotes that are not closed', (value) => `"${value}`],
    ['percents', () => '%E0%A4%A'],
    ['zeros', () => '0'.repeat(300)],
    ['8 KiB', () => 'A'.repeat(8_000)],
    ['nothing', () => ''],
  ]
  test.each(tampered)('with %s changed', async (_, change) => {
    const { cookie } = await signInAs(world.url, world.appId, somebody())
    const value = cookie.slice(COOKIE.length + 1)
    const other = change(value)
    expect(other).not.toBe(value)
    await expectDead(`${COOKIE}=${other}`)
    expect((await ask(world.url, cookie)).status).toBe(200)
  })

  const forged: [what: string, forge: (of: Person) => Promise<string>][] = [
    [
      'sealed with another password of the same number',
      ({ sessionId }) => sealData({ id: sessionId, secret: 'x'.repeat(43) }, { password: { 1: 'another'.repeat(8) } }),
    ],
    ['with the session’s id and another secret', ({ sessionId }) => sealed({ id: sessionId, secret: 'x'.repeat(43) })],
    ['without a secret', ({ sessionId }) => sealed({ id: sessionId })],
    ['with an empty secret', ({ sessionId }) => sealed({ id: sessionId, secret: '' })],
    ['of no session', () => sealed({ id: randomUUID(), secret: 'x'.repeat(43) })],
    ['with what is no id', () => sealed({ id: "' or true --", secret: 'x'.repeat(43) })],
    ['with text in it', () => sealed('text')],
    ['with nothing in it', () => sealed(null)],
  ]
  test.each(forged)('%s', async (_, forge) => {
    const ada = await person(world)
    await expectDead(`${COOKIE}=${await forge(ada)}`)
    await expectAlive(ada.headers.cookie, ada.userId)
  })

  test('under another name', async () => {
    const { cookie } = await signInAs(world.url, world.appId, somebody())
    const value = cookie.slice(COOKIE.length + 1)
    for (const name of ['Provider-Session', `${COOKIE}.0`, 'session', `x${COOKIE}`])
      await expectDead(`${name}=${value}`)
  })

  test('when it was sealed too long ago, and why is counted', async () => {
    await using service = await instance(world)
    const [ada, reasons] = [await person(world), unsealable(service.url)]
    const secret = 'x'.repeat(43)
    const attempts = {
      expired: await sealed({ id: ada.sessionId, secret }, -3600),
      invalid: `${await sealed({ id: ada.sessionId, secret })}`.replace('Fe26.2*1*', 'Fe26.2*1*0'),
      'unknown-password': await sealData({ id: ada.sessionId, secret }, { password: { 7: 'another'.repeat(8) } }),
    }
    for (const value of Object.values(attempts))
      expectRefusal(await ask(service.url, `${COOKIE}=${value}`), 'UNAUTHENTICATED')
    expect(await reasons()).toEqual({ expired: 1, invalid: 1, 'unknown-password': 1 })
  })
})

describe('signing in again', () => {
  test('ends the session of that browser, with a new id and a new secret, wherever it is done', async () => {
    const account = somebody()
    const first = await signInAs(world.url, world.appId, account)
    const second = await signInAs(other.url, world.appId, account, { headers: { origin: PAGE, cookie: first.cookie } })
    expect(second.session.id).not.toBe(first.session.id)
    expect(second.cookie).not.toBe(first.cookie)
    await expectDead(first.cookie)
    await expectAlive(second.cookie, first.user.id)
  })

  test('as somebody else ends the session of whoever was there', async () => {
    const ada = await person(world)
    const grace = await signInAs(world.url, world.appId, somebody(), { headers: ada.headers })
    await expectDead(ada.headers.cookie)
    await expectAlive(grace.cookie, grace.user.id)
  })

  test('leaves the sessions of other browsers', async () => {
    const account = somebody()
    const [one, two] = [
      await signInAs(world.url, world.appId, account),
      await signInAs(world.url, world.appId, account),
    ]
    await expectAlive(one.cookie, one.user.id)
    await expectAlive(two.cookie, one.user.id)
  })

  test('over a planted cookie gives the planter nothing', async () => {
    const mallory = await person(world)
    const ada = await signInAs(world.url, world.appId, somebody(), { headers: mallory.headers })
    expect(ada.session.id).not.toBe(mallory.sessionId)
    await expectDead(mallory.headers.cookie)
  })

  test('over garbage, a dead cookie or somebody’s id with another secret is signing in, and ends nothing', async () => {
    const [ada, dead] = [await person(world), await person(world)]
    await dead.mutate('auth.signOut')
    const stolenId = await sealed({ id: ada.sessionId, secret: 'x'.repeat(43) })
    for (const cookie of [`${COOKIE}=garbage`, dead.headers.cookie, `${COOKIE}=${stolenId}`]) {
      const { answer } = await signInAs(world.url, world.appId, somebody(), { headers: { origin: PAGE, cookie } })
      expect(answer.status).toBe(200)
    }
    await expectAlive(ada.headers.cookie, ada.userId)
  })

  test('that fails leaves the session as it was', async () => {
    const ada = await person(world)
    const { nonce } = await challengeOf(world.url, { appId: world.appId, address: ada.account.address })
    const signature = await somebody().signMessage({ message: 'another' })
    expectRefusal(await act(world.url, ada.headers.cookie, 'auth.verify', { nonce, signature }), 'SIGN_IN_FAILED')
    await expectAlive(ada.headers.cookie, ada.userId)
  })
})

describe('a session ends', () => {
  test('when it is signed out, at once and everywhere, and the cookie is taken away', async () => {
    const ada = await person(world)
    await expectAlive(ada.headers.cookie, ada.userId)
    const answer = await ada.mutate('auth.signOut')
    expect(dataOf(answer)).toEqual({ ended: 1 })
    expect(setCookieOf(answer)).toMatchObject({ name: COOKIE, value: '' })
    await expectDead(ada.headers.cookie)
  })

  test('when all of them are signed out: those of other users and of other apps go on', async () => {
    const [account, { appId }] = [somebody(), await world.stranger()]
    const mine = [
      await person(world, { account }),
      await person(world, { account, url: other.url }),
      await person(world, { account }),
    ]
    const [grace, elsewhere] = [await person(world), await person(world, { account, appId })]
    expect(dataOf(await mine[0]!.mutate('auth.signOut', { everywhere: true }))).toEqual({ ended: 3 })
    for (const { headers } of mine) await expectDead(headers.cookie)
    await expectAlive(grace.headers.cookie, grace.userId)
    await expectAlive(elsewhere.headers.cookie, elsewhere.userId)
  })

  test('when its user ends it from another browser', async () => {
    const account = somebody()
    const [phone, desk] = [await person(world, { account }), await person(world, { account })]
    const ended = dataOf<Session>(await desk.mutate('auth.revokeSession', { sessionId: phone.sessionId }))
    expect(ended).toMatchObject({ id: phone.sessionId, current: false, revokedAt: expect.any(Date) })
    await expectDead(phone.headers.cookie)
    await expectAlive(desk.headers.cookie, desk.userId)
    expect(dataOf(await desk.mutate('auth.revokeSession', { sessionId: phone.sessionId }))).toEqual(ended)

    const { items } = dataOf<Page<Session>>(await desk.query('auth.sessions', {}))
    expect(items.map(({ id, current, revokedAt }) => ({ id, current, ended: revokedAt !== null }))).toEqual([
      { id: desk.sessionId, current: true, ended: false },
      { id: phone.sessionId, current: false, ended: true },
    ])
  })

  test('but not another’s, in this app or another', async () => {
    const { appId } = await world.stranger()
    const [ada, grace] = [await person(world), await person(world)]
    const elsewhere = await person(world, { account: ada.account, appId })
    for (const sessionId of [grace.sessionId, elsewhere.sessionId, randomUUID()])
      expectRefusal(await ada.mutate('auth.revokeSession', { sessionId }), 'NOT_FOUND')
    await expectAlive(grace.headers.cookie, grace.userId)
    const { items } = dataOf<Page<Session>>(await ada.query('auth.sessions', {}))
    expect(items.map(({ id }) => id)).toEqual([ada.sessionId])
  })

  test('when it is seven days old, however much it is used', async () => {
    const ada = await person(world)
    for (let hour = 11; hour < 7 * 24; hour += 11) {
      late = hours(hour)
      await expectAlive(ada.headers.cookie, ada.userId)
      await seenAt(ada.sessionId, late)
    }
    late = days(7) - minutes(1)
    await expectAlive(ada.headers.cookie, ada.userId)
    late = days(7)
    await expectDead(ada.headers.cookie)
  })

  test('when nobody used it for twelve hours', async () => {
    const [ada, grace] = [await person(world), await person(world)]
    late = hours(12) - minutes(1)
    await expectAlive(ada.headers.cookie, ada.userId)
    late = hours(12)
    await expectDead(grace.headers.cookie)
    await expectAlive(ada.headers.cookie, ada.userId)
  })

  test('for a page that the app takes off its list', async () => {
    const { appId } = await world.stranger()
    const ada = await person(world, { appId })
    await expectAlive(ada.headers.cookie, ada.userId)
    await world.operator.apps.update.mutate({ appId, origins: ['http://new.localhost:3000'] })
    for (const url of everywhere()) expectRefusal(await ask(url, ada.headers.cookie), 'ORIGIN_NOT_ALLOWED')
    const moved = { ...ada.headers, origin: 'http://new.localhost:3000' }
    expect((await call(world.url, { path: 'auth.me', type: 'query' }, undefined, moved)).status).toBe(200)
  })
})

test('a change of roles bites at once, on every instance', async () => {
  const ada = await person(world, { roles: ['operator'] })
  const list = () => Promise.all(everywhere().map((url) => ask(url, ada.headers.cookie, 'apiKeys.list', {})))
  for (const { status } of await list()) expect(status).toBe(200)
  await withAdmin(world.database.adminUrl, (admin) =>
    admin.query(`update app_user set roles = '{}' where id = $1`, [ada.userId]),
  )
  for (const answer of await list()) expectRefusal(answer, 'FORBIDDEN')
})

describe('when a session was last used', () => {
  test('is known to five minutes, and written once however many calls come at a time', async () => {
    const ada = await person(world)
    const touches = await watchedTouches()
    late = minutes(5) - 1_000
    await expectAlive(ada.headers.cookie, ada.userId)
    late += minutes(5)
    await withAdmin(world.database.adminUrl, async (admin) => {
      // whoever would write waits until all have been answered
      await admin.query('begin')
      await admin.query('select 1 from session where id = $1 for update', [ada.sessionId])
      await Promise.all(everywhere().flatMap((url) => Array.from({ length: 20 }, () => ask(url, ada.headers.cookie))))
      await admin.query('commit')
    })
    await seenAt(ada.sessionId, late)
    // each instance writes in turn: once this is written, nothing of before is still to come
    for (const url of everywhere()) {
      late += minutes(5) + 1_000
      await ask(url, ada.headers.cookie)
      await seenAt(ada.sessionId, late)
    }
    expect(await touches(ada.sessionId)).toBe(3)
  })
})

describe('of two cookies of one name', () => {
  test('the first counts, and no other is tried', async () => {
    const [ada, grace] = [await person(world), await person(world)]
    const both = (one: string, two: string) => ask(world.url, `${one}; ${two}`)
    expect(dataOf<Me>(await both(ada.headers.cookie, grace.headers.cookie))).toMatchObject({ user: { id: ada.userId } })
    expect(dataOf<Me>(await both(grace.headers.cookie, ada.headers.cookie))).toMatchObject({
      user: { id: grace.userId },
    })
    expectRefusal(await both(`${COOKIE}=garbage`, ada.headers.cookie), 'UNAUTHENTICATED')
  })
})

describe('a cookie beside an Authorization header', () => {
  const withBoth = async (authorization: string) => {
    const ada = await person(world)
    return call(world.url, { path: 'auth.me', type: 'query' }, undefined, { ...ada.headers, authorization })
  }
  test.each(['Bearer garbage', 'Basic YTpi', 'Bearer', '', 'Bearer psk_unknown-key-unknown-key-unknown-key-unknown0'])(
    'of %j is not looked at',
    async (authorization) => {
      expectRefusal(await withBoth(authorization), 'UNAUTHENTICATED')
    },
  )

  test('of an API key is not looked at', async () => {
    expect(dataOf<Me>(await withBoth(`Bearer ${world.apiKey}`))).toMatchObject({ kind: 'service', appId: world.appId })
  })
})

/** Waits until a session was seen so late. */
const seenAt = (sessionId: string, late: number) =>
  eventually(async () => {
    const { rows } = await withAdmin(world.database.adminUrl, (admin) =>
      admin.query<{ at: Date }>('select last_seen_at as at from session where id = $1', [sessionId]),
    )
    expect(Math.abs(rows[0]!.at.getTime() - Date.now() - late)).toBeLessThan(minutes(1))
  })

/** Counts how often the time of a session's last use is written from now on. */
async function watchedTouches() {
  await withAdmin(world.database.adminUrl, (admin) =>
    admin.query(`
      create table touched (id uuid not null);
      create function note_touch() returns trigger language plpgsql security definer as
        $$ begin insert into public.touched values (new.id); return new; end $$;
      create trigger note_touch after update on session for each row execute function note_touch()`),
  )
  return (sessionId: string) =>
    withAdmin(world.database.adminUrl, async (admin) => {
      const { rowCount } = await admin.query('select 1 from touched where id = $1', [sessionId])
      return rowCount
    })
}

/** How many cookies could not be unsealed so far, by why. */
const unsealable = (url: string) => async () => {
  const text = await (await fetch(`${url}/metrics`)).text()
  const lines = text.matchAll(/^session_cookies_unsealable_total\{reason="([\w-]+)"\} (\d+)$/gm)
  return Object.fromEntries([...lines].map(([, reason, count]) => [reason, Number(count)]))
}
