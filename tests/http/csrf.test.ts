import { randomUUID } from 'node:crypto'
import superjson from 'superjson'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { grantedRoles } from '../../server/contract/callers.ts'
import { PAGE, type Person, person } from '../support/people.ts'
import { testWorld, type World } from '../support/world.ts'
import { keyHeaders } from './support/callers.ts'
import { type Answer, call, type Procedure, procedures, readAnswer, request, send } from './support/calls.ts'
import { type Forged, foreignPages, forged, noPages, type Pages } from './support/forged.ts'
import { goodInputs } from './support/inputs.ts'
import { rowCounts } from './support/rows.ts'

let world: World
/** Somebody who may do everything that a person may. */
let somebody: Person
beforeAll(async () => {
  world = await testWorld({ workers: false })
  await world.crossmint.setWebhook(null)
  await world.operator.apps.create.mutate({
    name: 'another app',
    origins: ['https://other.example.com'],
    idempotencyKey: randomUUID(),
  })
  somebody = await powerful()
})
afterAll(() => world[Symbol.asyncDispose]())

const powerful = () => person(world, { roles: grantedRoles })

const mutations = procedures.filter(({ type }) => type === 'mutation')
const queries = procedures.filter(({ type }) => type === 'query')
const reading = procedures.filter(({ type }) => type !== 'mutation')
const forPeople = ({ for: callers }: Procedure) =>
  callers.some((caller) => caller !== 'service' && caller !== 'platform')
/** What needs no session, and is held to its page in another way. */
const signingIn = mutations.filter(({ for: callers }) => callers.includes('anyone'))
const withSession = mutations.filter((one) => !signingIn.includes(one))

const [inJson, notInJson] = [forged.filter(({ json }) => json), forged.filter(({ json }) => !json)]

/** All that there is for the first mutation, and for each one in a soak; else every fifth, so that each five have all. */
const shareOf = <T>(all: readonly T[], mutation: Procedure): T[] => {
  const turn = withSession.indexOf(mutation)
  return all.filter((_, n) => process.env.SOAK || turn === 0 || n % 5 === turn % 5)
}

const inputOf = async ({ path }: Procedure, who: Person) => {
  const input = await goodInputs[path]!(world, who)
  // people pay from wallets of their own
  if (path === 'payments.create' || path === 'eerc.transfer')
    await world.client.wallets.link.mutate({ walletId: String(input?.walletId), userId: who.userId })
  return input
}
const payloadOf = async (procedure: Procedure, who = somebody) =>
  JSON.stringify(superjson.serialize(await inputOf(procedure, who)))

/** Sends a body as it is: the type is the one that is given, or none. */
async function post(path: string, type: string | null, body: string, headers: Record<string, string>): Promise<Answer> {
  const response = await fetch(`${world.url}/trpc/${path}`, {
    method: 'POST',
    headers: { ...(type !== null && { 'content-type': type }), ...headers },
    // a string would be given a type
    body: Buffer.from(body),
  })
  return readAnswer(response)
}

/** Every mutation changes a row with its audit leaf, so that rows tell of it. */
async function nothingWritten(work: () => Promise<void>) {
  const before = await rowCounts(world.database)
  await work()
  expect(await rowCounts(world.database)).toEqual(before)
}

function expectRefusal({ status, headers, error, text }: Answer, code: string, how: string) {
  expect(error?.data.code, `${how}: ${text}`).toBe(code)
  expect(status, how).toBe(error!.data.httpStatus)
  expect(headers.getSetCookie(), how).toEqual([])
}

/** Sends a mutation from each of these pages in each of these forms, with somebody's cookie. */
async function expectAllRefused({ path }: Procedure, payload: string, pages: Pages, forms: readonly Forged[]) {
  const { cookie } = somebody.headers
  await Promise.all(
    Object.entries(pages).flatMap(([page, headers]) =>
      forms.map(async ({ name, type, json, body }) => {
        const answer = await post(path, type, body(payload), { ...headers, cookie })
        expectRefusal(answer, json ? 'ORIGIN_NOT_ALLOWED' : 'UNSUPPORTED_MEDIA_TYPE', `${name} from ${page}`)
      }),
    ),
  )
}

const me = { path: 'auth.me', type: 'query' } as const

const namesItsPage = ['wallets.challenge', 'wallets.prove']

const pagesAtHome: Record<string, () => Record<string, string>> = {
  "the app's page": () => ({ origin: PAGE, 'sec-fetch-site': 'cross-site' }),
  "this service's own page": () => ({ origin: world.url }),
  "this service's own page, which does not say which": () => ({ 'sec-fetch-site': 'same-origin' }),
}

const methodNames = ['x-http-method-override', 'x-http-method', 'x-method-override']

describe.each(withSession)('$path, with the cookie of a session', (mutation) => {
  const { path } = mutation
  let payload: string
  beforeAll(async () => {
    payload = await payloadOf(mutation)
  })

  test('is refused from every page that is not at home, and in every form but JSON, and writes nothing', async () => {
    const { headers } = somebody
    await nothingWritten(async () => {
      const [another, sibling] = [foreignPages['another site']!, foreignPages['a sibling']!]
      const pages = Object.entries({ ...foreignPages, ...noPages })
      await expectAllRefused(mutation, payload, { another, sibling, 'no origin': {} }, inJson.slice(0, 1))
      await expectAllRefused(mutation, payload, { another, sibling, 'no origin': {} }, shareOf(forged, mutation))
      await expectAllRefused(mutation, payload, Object.fromEntries(shareOf(pages, mutation)), inJson.slice(0, 1))
      await expectAllRefused(mutation, payload, { 'the page itself': headers }, shareOf(notInJson, mutation))
    })
  })

  test('is refused if it is not a POST, whatever the request says that it is', async () => {
    const url = `${world.url}/trpc/${path}?input=${encodeURIComponent(payload)}`
    const { headers } = somebody
    const { cookie } = headers
    const as = (method: string, more: Record<string, string> = {}, query = '') =>
      request(`${url}${query}`, method === 'GET' ? undefined : payload, { method, headers: { ...headers, ...more } })
    await nothingWritten(async () => {
      const answers = await Promise.all([
        as('GET'),
        as('GET', {}, '&_method=POST&method=POST'),
        ...methodNames.map((name) => as('GET', { [name]: 'POST' })),
        ...['PUT', 'PATCH', 'DELETE', 'QUERY'].map((method) => as(method)),
        // from no page, where reading is not refused
        request(url, undefined, { method: 'GET', headers: { cookie } }),
      ])
      for (const answer of answers) expectRefusal(answer, 'NO_SUCH_PROCEDURE', 'not a POST')
      expect((await request(url, undefined, { method: 'HEAD', headers })).status).toBe(204)
      for (const name of methodNames)
        expectRefusal(
          await post(`${path}?_method=GET`, 'application/json', payload, { cookie, [name]: 'GET' }),
          'ORIGIN_NOT_ALLOWED',
          `a POST that says by ${name} that it only reads`,
        )
    })
  })

  // a message is made for the page that asks, which must be one of the app's
  const homes = Object.keys(pagesAtHome).filter((home) => home === "the app's page" || !namesItsPage.includes(path))
  test('is let through from pages at home', async () => {
    let me = await powerful()
    for (const home of homes) {
      const headers = { ...pagesAtHome[home]!(), cookie: me.headers.cookie }
      const answer = await post(path, 'application/json', await payloadOf(mutation, me), headers)
      if (forPeople(mutation)) expect(answer.status, `${home}: ${answer.text}`).toBe(200)
      else expectRefusal(answer, 'FORBIDDEN', `not for people, ${home}`)
      // it may have ended the session that it was called with
      if (path.startsWith('auth.')) me = await powerful()
    }
  })
})

test('what a form of plain text sends would be a call, were it read', async () => {
  const payload = await payloadOf(withSession[0]!)
  const { body } = forged.find(({ name }) => name === 'a form of plain text')!
  expect(JSON.parse(body(payload))).toMatchObject(JSON.parse(payload))
  const answer = await post(withSession[0]!.path, 'application/json', body(payload), somebody.headers)
  expect(answer.status, answer.text).toBe(200)
})

describe('signing in', () => {
  test('is the only change that rests on no session', () => {
    expect(signingIn.map(({ path }) => path)).toEqual(['auth.challenge', 'auth.verify'])
  })

  const challenge = procedures.find(({ path }) => path === 'auth.challenge')!
  const verify = procedures.find(({ path }) => path === 'auth.verify')!
  const unnamed = { ...noPages, 'no origin, from this very service': { 'sec-fetch-site': 'same-origin' } }

  test('begins on pages of the app alone', async () => {
    const payload = await payloadOf(challenge)
    await nothingWritten(async () => {
      await expectAllRefused(challenge, payload, { ...foreignPages, ...unnamed }, forged)
    })
  })

  test.each(Object.keys({ ...foreignPages, ...unnamed }))(
    'does not end on another page, and gives no cookie there: %s',
    async (page) => {
      const headers = { ...{ ...foreignPages, ...unnamed }[page] }
      // the attacker's own account, which the victim is to use unawares
      const payload = await payloadOf(verify)
      const sessions = async () => (await rowCounts(world.database)).session
      const before = await sessions()
      await expectAllRefused(verify, payload, { [page]: headers }, notInJson)
      const answer = await post(verify.path, 'application/json', payload, headers)
      expect(['ORIGIN_NOT_ALLOWED', 'SIGN_IN_FAILED']).toContain(answer.error?.data.code)
      expect(answer.headers.getSetCookie()).toEqual([])
      expect(await sessions()).toBe(before)
    },
  )

  test('on another page leaves the session of the browser as it is', async () => {
    const me = await person(world)
    const payload = await payloadOf(verify)
    const { cookie } = me.headers
    const answer = await post(verify.path, 'application/json', payload, { cookie, origin: 'https://attacker.test' })
    expectRefusal(answer, 'SIGN_IN_FAILED', 'another page')
    expect((await me.query('auth.me')).status).toBe(200)
  })
})

describe('queries', () => {
  test.each(reading)('$path is refused on every foreign page', async (query) => {
    const payload = await payloadOf(query)
    await Promise.all(
      Object.entries(foreignPages).map(async ([page, headers]) => {
        const answer = await send(world.url, query, payload, {
          headers: { ...headers, cookie: somebody.headers.cookie },
        })
        expectRefusal(answer, 'ORIGIN_NOT_ALLOWED', page)
      }),
    )
  })

  test("are answered on the app's pages, on this service's own, and to whoever names no page", async () => {
    const pages = [
      { origin: PAGE },
      { origin: world.url },
      { 'sec-fetch-site': 'same-origin' },
      ...Object.values(noPages),
    ]
    const { cookie } = somebody.headers
    for (const page of pages) {
      const { status } = await call(world.url, me, undefined, { ...page, cookie })
      expect(status, JSON.stringify(page)).toBe(200)
    }
  })
})

describe('batches', () => {
  /** The codes that a batch of these is answered with, one by one. */
  const codesOf = async (
    method: string,
    chosen: readonly Procedure[],
    body: string,
    headers: Record<string, string>,
  ) => {
    const url = `${world.url}/trpc/${chosen.map(({ path }) => path).join(',')}?batch=1`
    const all = { method, headers: { ...headers, cookie: somebody.headers.cookie } }
    const { text } = await (method === 'GET'
      ? request(`${url}&input=${encodeURIComponent(body)}`, undefined, all)
      : request(url, body, all))
    return (JSON.parse(text) as { error?: { json: { data: { code: string } } } }[]).map(
      ({ error }) => error?.json.data.code ?? 'OK',
    )
  }
  const inputsOf = async (chosen: readonly Procedure[]) => {
    const inputs = await Promise.all(chosen.map((one) => inputOf(one, somebody)))
    return JSON.stringify(Object.fromEntries(inputs.map((input, n) => [n, superjson.serialize(input)])))
  }

  test('of mutations are refused call by call, on every foreign page', async () => {
    for (let from = 0; from < withSession.length; from += 20) {
      const chosen = withSession.slice(from, from + 20)
      const body = await inputsOf(chosen)
      await nothingWritten(async () => {
        for (const headers of Object.values({ ...foreignPages, ...noPages }))
          expect(await codesOf('POST', chosen, body, headers)).toEqual(chosen.map(() => 'ORIGIN_NOT_ALLOWED'))
      })
    }
  })

  test('of mutations are refused by GET, also at home', async () => {
    const chosen = withSession.slice(0, 5)
    const body = await inputsOf(chosen)
    await nothingWritten(async () => {
      expect(await codesOf('GET', chosen, body, { origin: PAGE })).toEqual(chosen.map(() => 'NO_SUCH_PROCEDURE'))
    })
  })

  test('of queries are refused call by call, on every foreign page', async () => {
    const chosen = queries.slice(0, 20)
    const body = await inputsOf(chosen)
    expect(await codesOf('GET', chosen, body, { origin: PAGE })).not.toContain('ORIGIN_NOT_ALLOWED')
    for (const headers of Object.values(foreignPages))
      expect(await codesOf('GET', chosen, body, headers)).toEqual(chosen.map(() => 'ORIGIN_NOT_ALLOWED'))
  })
})

describe('a call with an Authorization header', () => {
  const open = { path: 'wallets.create', type: 'mutation' } as const
  const pay = procedures.find(({ path }) => path === 'payments.create')!

  test('needs no origin: API keys and tokens are sent by no browser of itself', async () => {
    expect((await call(world.url, open, { owner: randomUUID() }, world.apiKey)).status).toBe(200)
    const token = await somebody.token('payments:write', 'account:read')
    const purchase = await inputOf(pay, somebody)
    const paid = await call(world.url, pay, purchase, keyHeaders(token))
    expect(paid.status, paid.text).toBe(200)
    for (const headers of Object.values(noPages))
      expect((await call(world.url, me, undefined, { ...headers, ...keyHeaders(token) })).status).toBe(200)
  })

  test('with a token, from a page that is not one of its app, is refused', async () => {
    const token = await somebody.token('account:read')
    for (const [page, headers] of Object.entries(foreignPages)) {
      if (headers.origin === undefined) continue
      expectRefusal(
        await call(world.url, me, undefined, { ...headers, ...keyHeaders(token) }),
        'ORIGIN_NOT_ALLOWED',
        page,
      )
    }
  })

  test.each([
    '',
    'Basic dXNlcjpwYXNzd29yZA==',
    'Bearer',
    `Bearer psk_${'x'.repeat(43)}`,
    'Bearer eyJhbGciOiJub25lIn0.e30.e30',
  ])('is judged by it alone, whatever cookie comes along: %j', async (authorization) => {
    const headers = { ...somebody.headers, authorization }
    expectRefusal(await call(world.url, me, undefined, headers), 'UNAUTHENTICATED', 'a query')
    await nothingWritten(async () => {
      const answer = await call(world.url, { path: 'wallets.open', type: 'mutation' }, undefined, headers)
      expectRefusal(answer, 'UNAUTHENTICATED', 'a mutation')
    })
  })

  test('is who its key says, not who the cookie says', async () => {
    const answer = await call(world.url, me, undefined, { ...somebody.headers, ...keyHeaders(world.apiKey) })
    expect(answer.data).toMatchObject({ kind: 'service', appId: world.appId })
    expect((await call(world.url, me, undefined, somebody.headers)).data).toMatchObject({ kind: 'user' })
  })
})
