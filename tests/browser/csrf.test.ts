import { randomUUID } from 'node:crypto'
import type { Frame, Page } from 'playwright-core'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { mintUsdc } from '../../sandbox/chain/deploy-contracts.ts'
import type { Challenge, Page as PageOf, Payment, SignedIn, Token, Wallet } from '../../server/contract/entities.ts'
import { call } from '../http/support/calls.ts'
import { rowCounts } from '../http/support/rows.ts'
import { eventually } from '../support/eventually.ts'
import { USDC } from '../support/world.ts'
import { networkLogOf } from './support/browser.ts'
import { findChromium } from './support/find-chromium.ts'
import { formPage } from './support/form-page.ts'
import { bodyOf, expectError, fetchFrom, type PageRequest, post, resultOf } from './support/page-calls.ts'
import { emptyPage, hosts, type Scene, startScene } from './support/scene.ts'
import type { Arrival } from './support/sites.ts'

const chromium = findChromium()
if (!chromium)
  console.warn('NOT RUN: no Chromium to try what pages may not do. Install one, or name it by CHROMIUM=<path>.')

const COOKIE = '__Host-provider-session'
const unreadable = { type: 'none', status: 0, text: 'TypeError: Failed to fetch' }

/** What an injected wallet offers to the page. */
declare const sign: (message: string) => Promise<string>

describe.skipIf(!chromium)('in a browser', () => {
  let scene: Scene
  let wallet: Wallet
  beforeAll(async () => {
    scene = await startScene(chromium!)
  })
  afterAll(() => scene[Symbol.asyncDispose]())

  test("a person signs in on the app's page, with a wallet", async () => {
    const { world, app, account, urlOf } = scene
    const { user } = await app.evaluate(
      async ({ urls, question }) => {
        const call = async <T>(url: string, input: unknown): Promise<T> => {
          const answer = await fetch(url, {
            method: 'POST',
            credentials: 'include',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ json: input }),
          })
          return (await answer.json()).result.data.json
        }
        const { nonce, message } = await call<Challenge>(urls.challenge, question)
        return call<SignedIn>(urls.verify, { nonce, signature: await sign(message) })
      },
      {
        urls: { challenge: urlOf('auth.challenge'), verify: urlOf('auth.verify') },
        question: { appId: world.appId, address: account.address, chainId: world.chain.chainId },
      },
    )
    expect(user.address).toBe(account.address)
  })

  test('the cookie is for the service alone, over TLS alone, and for no script', async () => {
    expect(await scene.cookies()).toEqual([
      expect.objectContaining({
        name: COOKIE,
        domain: hosts.service,
        path: '/',
        secure: true,
        httpOnly: true,
        sameSite: 'Lax',
      }),
    ])
    const service = await scene.browser.open(`${scene.sites.originOf(hosts.service)}/health/live`)
    for (const page of [service, scene.app]) expect(await page.evaluate('document.cookie')).toBe('')
    await service.close()
  })

  test('no sibling can put another cookie in its place', async () => {
    const { app, browser, cookies, harmless } = scene
    const sibling = await scene.visit(hosts.sibling)
    const set = (cookie: string) =>
      sibling.evaluate((text) => {
        // biome-ignore lint/suspicious/noDocumentCookie: this is the attack
        document.cookie = text
      }, `${cookie}; Path=/; Secure`)
    // it can for a name that browsers do not hold to one host
    await set('provider-session=evil; Domain=shop.test')
    expect((await cookies()).map(({ name }) => name)).toEqual([COOKIE, 'provider-session'])
    await browser.context.clearCookies({ name: 'provider-session' })

    await harmless(async () => {
      for (const domain of ['Domain=shop.test', `Domain=${hosts.service}`])
        for (const cookie of [`${COOKIE}=evil`, `${COOKIE.toUpperCase()}=evil`, `=${COOKIE}=evil`, `  ${COOKIE} =evil`])
          await set(`${cookie}; ${domain}`)
    })
    const seen = await fetchFrom(app, scene.urlOf('auth.me'), { credentials: 'include' })
    expect(resultOf(seen)).toMatchObject({ kind: 'user' })
    await sibling.close()
  })

  test("on the app's page, the person opens a wallet and reads", async () => {
    const { world, sites, app, urlOf } = scene
    const arrived = await scene.arrivalsOf(
      'wallets.open',
      async () => {
        wallet = resultOf(await fetchFrom(app, urlOf('wallets.open'), post()))
      },
      2,
    )
    const page = { origin: sites.originOf(hosts.app), site: 'same-site', mode: 'cors', hasAuthorization: false }
    expect(arrived).toMatchObject([
      { ...page, method: 'OPTIONS', hasCookie: false, status: 204 },
      { ...page, method: 'POST', hasCookie: true, status: 200 },
    ])
    await mintUsdc(world.chain.url, { to: wallet.address, amount: 100n * USDC })
    const list = urlOf(`wallets.list?input=${encodeURIComponent(bodyOf({}))}`)
    const { items } = resultOf<PageOf<Wallet>>(await fetchFrom(app, list, { credentials: 'include' }))
    expect(items.map(({ id }) => id)).toContain(wallet.id)
  })

  const purchase = async () => {
    const paywall = await scene.world.paywall()
    return { paywallId: paywall.id, walletId: wallet.id, idempotencyKey: randomUUID() }
  }

  describe.each([
    { host: hosts.sibling, site: 'same-site', sendsCookie: true },
    // SameSite=Lax: from another site it goes along only where the person is sent to
    { host: hosts.attacker, site: 'cross-site', sendsCookie: false },
  ])('a page on $host', ({ host, site, sendsCookie }) => {
    let tab: Page
    beforeAll(async () => {
      tab = await scene.browser.context.newPage()
    })
    afterAll(() => tab.close())
    beforeEach(async () => {
      await tab.goto(emptyPage(scene.sites, host))
    })

    const forms = ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'].flatMap((enctype) =>
      ['_self', 'inner'].map((target) => ({ enctype, target })),
    )
    test.each(forms)('changes nothing by a form of $enctype, sent to $target', async ({ enctype, target }) => {
      const { sites, urlOf, arrivalsOf } = scene
      const calls = {
        'auth.signOut': { everywhere: true },
        'wallets.open': undefined,
        'payments.create': await purchase(),
      }
      await scene.harmless(async () => {
        for (const [path, input] of Object.entries(calls)) {
          const form = formPage({ action: urlOf(path), payload: bodyOf(input), enctype, target })
          expect(await arrivalsOf(path, () => tab.goto(sites.page(host, form)))).toEqual([
            {
              method: 'POST',
              path: `/trpc/${path}`,
              origin: sites.originOf(host),
              site,
              mode: 'navigate',
              contentType: expect.stringContaining(enctype),
              hasCookie: sendsCookie,
              hasAuthorization: false,
              status: 415,
            },
          ])
        }
      })
    })

    interface Attempt {
      name: string
      path: string
      request: PageRequest
      arrives: Partial<Arrival>
      /** What the browser says of why the script learns nothing. */
      refusal: string
    }
    const unasked: Attempt[] = [
      { mode: 'cors', refusal: 'MissingAllowOriginHeader' } as const,
      { mode: 'no-cors', refusal: 'corp-not-same-origin' } as const,
    ].flatMap(({ mode, refusal }) => [
      ...['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'].map((type) => ({
        name: `a POST of ${type}, ${mode}`,
        path: 'wallets.open',
        request: post(undefined, { mode, headers: { 'content-type': type } }),
        arrives: { method: 'POST', mode, contentType: type, hasCookie: sendsCookie, status: 415 },
        refusal,
      })),
      {
        name: `a mutation by GET, ${mode}`,
        path: 'wallets.open',
        request: { mode, credentials: 'include' },
        arrives: { method: 'GET', mode, hasCookie: sendsCookie, status: 404 },
        refusal,
      },
      {
        name: `a query, ${mode}`,
        path: 'auth.me',
        request: { mode, credentials: 'include' },
        arrives: { method: 'GET', mode, hasCookie: sendsCookie, status: sendsCookie ? 403 : 401 },
        refusal,
      },
    ])
    // these a browser asks for before it sends them, and they never arrive
    const refusedBefore = {
      arrives: { method: 'OPTIONS', hasCookie: false, hasAuthorization: false, status: 415 },
      refusal: 'PreflightMissingAllowOriginHeader',
    }
    const withHeader: PageRequest = { credentials: 'include', headers: { authorization: 'Bearer x' } }
    const asked: Attempt[] = [
      { name: 'a POST of JSON', path: 'wallets.open', request: post(), ...refusedBefore },
      { name: 'JSON, no cookie', path: 'wallets.open', request: post({}, { credentials: 'omit' }), ...refusedBefore },
      { name: 'a query with a token', path: 'auth.me', request: withHeader, ...refusedBefore },
    ]

    test.each([...unasked, ...asked])('changes and learns nothing by $name', async (attempt) => {
      const { path, request, arrives, refusal } = attempt
      const log = await networkLogOf(tab)
      await scene.harmless(async () => {
        const arrived = await scene.arrivalsOf(path, async () => {
          expect(await fetchFrom(tab, scene.urlOf(path), request)).toEqual(unreadable)
        })
        expect(arrived).toEqual([expect.objectContaining({ ...arrives, site })])
      })
      await eventually(() => expect(log.refusals).toEqual([refusal]))
      const keptBack = !sendsCookie && unasked.includes(attempt)
      expect(log.heldBack).toEqual(keptBack ? [expect.stringMatching(`^${COOKIE}: .*SameSiteLax`)] : [])
    })

    test('changes nothing by a beacon', async () => {
      await scene.harmless(async () => {
        const arrived = await scene.arrivalsOf('wallets.open', () =>
          tab.evaluate((url) => navigator.sendBeacon(url, '{"json":null}'), scene.urlOf('wallets.open')),
        )
        expect(arrived).toMatchObject([{ method: 'POST', site, hasCookie: sendsCookie, status: 415 }])
      })
    })

    test('shows the person nothing by sending them there, although the cookie goes along', async () => {
      const url = scene.urlOf('auth.me')
      const arrived = await scene.arrivalsOf('auth.me', () =>
        tab.evaluate((to) => {
          location.href = to
        }, url),
      )
      expect(arrived).toMatchObject([{ site, mode: 'navigate', origin: null, hasCookie: true, status: 403 }])
      await tab.waitForURL(url)
      expect(await tab.textContent('body')).toContain('ORIGIN_NOT_ALLOWED')
    })

    test('signs nobody in as somebody else', async () => {
      const { world, sites, urlOf, arrivalsOf } = scene
      const attacker = privateKeyToAccount(generatePrivateKey())
      const { data } = await call(
        world.url,
        { path: 'auth.challenge', type: 'mutation' },
        { appId: world.appId, address: attacker.address, chainId: world.chain.chainId },
        // outside of browsers anybody says that they are anywhere
        { origin: sites.originOf(hosts.app) },
      )
      const { nonce, message } = data as Challenge
      const answer = { nonce, signature: await attacker.signMessage({ message }) }
      const action = urlOf('auth.verify')
      const form = formPage({ action, payload: bodyOf(answer), enctype: 'text/plain', target: '_self' })
      await scene.harmless(async () => {
        expect(await fetchFrom(tab, action, post(answer))).toEqual(unreadable)
        const arrived = await arrivalsOf('auth.verify', () => tab.goto(sites.page(host, form)))
        expect(arrived).toMatchObject([{ method: 'POST', status: 415 }])
      })
    })
  })

  test("a sandboxed frame in the app's own page is nobody", async () => {
    const { browser, sites, urlOf, arrivalsOf } = scene
    const inner = emptyPage(sites, hosts.app)
    const tab = await browser.open(
      sites.page(hosts.app, `<iframe sandbox="allow-scripts allow-forms" src="${inner}"></iframe>`),
    )
    const frame = tab.frames().find((one) => one.url() === inner)!
    await scene.harmless(async () => {
      const json = await arrivalsOf('wallets.open', async () =>
        expect(await fetchFrom(frame, urlOf('wallets.open'), post())).toEqual(unreadable),
      )
      expect(json).toMatchObject([{ method: 'OPTIONS', origin: 'null', status: 415 }])
      const plain = await arrivalsOf('wallets.open', () =>
        fetchFrom(frame, urlOf('wallets.open'), post(undefined, { headers: { 'content-type': 'text/plain' } })),
      )
      expect(plain).toMatchObject([{ method: 'POST', origin: 'null', status: 415 }])
    })
    await tab.close()
  })

  test("another app's page may ask, and is refused what is this app's", async () => {
    const { sites, urlOf, arrivalsOf } = scene
    const tab = await scene.visit(hosts.other)
    await scene.harmless(async () => {
      const arrived = await arrivalsOf(
        'wallets.open',
        async () => expectError(await fetchFrom(tab, urlOf('wallets.open'), post()), 403, 'ORIGIN_NOT_ALLOWED'),
        2,
      )
      expect(arrived).toMatchObject([
        { method: 'OPTIONS', status: 204 },
        { method: 'POST', origin: sites.originOf(hosts.other), hasCookie: true, status: 403 },
      ])
      const me = await fetchFrom(tab, urlOf('auth.me'), { credentials: 'include' })
      expectError(me, 403, 'ORIGIN_NOT_ALLOWED')
    })
    await tab.close()
  })

  describe('a mini-app on another site, in a frame of the app', () => {
    let tab: Page
    let mini: Frame
    let authorization: string
    beforeAll(async () => {
      const { browser, sites, app, urlOf } = scene
      const page = emptyPage(sites, hosts.mini)
      tab = await browser.open(sites.page(hosts.app, `<iframe src="${page}"></iframe>`))
      mini = tab.frames().find((frame) => frame.url() === page)!
      const scopes = ['account:read', 'payments:read', 'payments:write']
      const { token } = resultOf<Token>(await fetchFrom(app, urlOf('auth.token'), post({ scopes })))
      authorization = `Bearer ${token}`
    })
    afterAll(() => tab.close())

    const withToken = (request: PageRequest): PageRequest => ({
      ...request,
      headers: { ...request.headers, authorization },
    })

    test('reads and pays with its token, and without the cookie', async () => {
      const { sites, urlOf } = scene
      const input = await purchase()
      const arrived = await scene.arrivalsOf(
        'payments.create',
        async () => {
          const paid = await fetchFrom(mini, urlOf('payments.create'), withToken(post(input)))
          expect(resultOf<Payment>(paid)).toMatchObject({ walletId: wallet.id, state: 'accepted' })
        },
        2,
      )
      const page = { origin: sites.originOf(hosts.mini), site: 'cross-site', hasCookie: false }
      expect(arrived).toMatchObject([
        { ...page, method: 'OPTIONS', status: 204 },
        { ...page, method: 'POST', hasAuthorization: true, status: 200 },
      ])
      const list = urlOf(`payments.list?input=${encodeURIComponent(bodyOf({}))}`)
      const { items } = resultOf<PageOf<Payment>>(await fetchFrom(mini, list, withToken({ credentials: 'omit' })))
      expect(items).toMatchObject([{ paywallId: input.paywallId }])
    })

    test('hears what its token is not good for, and that the cookie is not its own', async () => {
      const url = scene.urlOf('wallets.open')
      await scene.harmless(async () => {
        expectError(await fetchFrom(mini, url, withToken(post())), 403, 'FORBIDDEN')
        expectError(await fetchFrom(mini, url, post()), 401, 'UNAUTHENTICATED')
      })
    })

    test('has a token that no other page can use', async () => {
      const { urlOf } = scene
      const attacker = await scene.visit(hosts.attacker)
      const other = await scene.visit(hosts.other)
      const input = await purchase()
      await scene.harmless(async () => {
        const arrived = await scene.arrivalsOf('payments.create', async () =>
          expect(await fetchFrom(attacker, urlOf('payments.create'), withToken(post(input)))).toEqual(unreadable),
        )
        expect(arrived).toMatchObject([{ method: 'OPTIONS', status: 415 }])
        const paid = await fetchFrom(other, urlOf('payments.create'), withToken(post(input)))
        expectError(paid, 403, 'ORIGIN_NOT_ALLOWED')
      })
      await Promise.all([attacker.close(), other.close()])
    })

    test('loses its token with the session, and the browser its cookie', async () => {
      const { world, app, urlOf } = scene
      expect(resultOf(await fetchFrom(app, urlOf('auth.signOut'), post({})))).toEqual({ ended: 1 })
      expect(await scene.cookies()).toEqual([])

      const input = await purchase()
      const rows = await rowCounts(world.database)
      expectError(await fetchFrom(app, urlOf('wallets.open'), post()), 401, 'UNAUTHENTICATED')
      expectError(await fetchFrom(mini, urlOf('payments.create'), withToken(post(input))), 401, 'UNAUTHENTICATED')
      expect(await rowCounts(world.database)).toEqual(rows)
    })
  })
})
