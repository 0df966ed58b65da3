import { randomUUID } from 'node:crypto'
import type { Cookie, Page } from 'playwright-core'
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { expect } from 'vitest'
import { rowCounts } from '../../http/support/rows.ts'
import { eventually } from '../../support/eventually.ts'
import { testWorld, type World } from '../../support/world.ts'
import { startBrowser, type TestBrowser } from './browser.ts'
import { type Arrival, type Sites, startSites } from './sites.ts'

/** The service, the app's page and its mini-app; another app's page; and two that belong to nobody here. */
export const hosts = {
  service: 'api.shop.test',
  app: 'app.shop.test',
  mini: 'mini.partner.test',
  other: 'other.shop.test',
  sibling: 'evil.shop.test',
  attacker: 'attacker.test',
}

/** The service behind TLS, a browser, and a person with a wallet on the app's page, who has not signed in yet. */
export interface Scene extends AsyncDisposable {
  world: World
  sites: Sites
  browser: TestBrowser
  /** The tab with the app's page. Its script has `sign(message)`, as from an injected wallet. */
  app: Page
  account: PrivateKeyAccount
  /** The address of a procedure for browsers. */
  urlOf(path: string): string
  /** Opens an empty page of a host. */
  visit(host: string): Promise<Page>
  /** What the browser holds for the service. */
  cookies(): Promise<Cookie[]>
  /** What arrives at the service of one procedure while a page does something: at least this many requests. */
  arrivalsOf(path: string, work: () => Promise<unknown>, atLeast?: number): Promise<Arrival[]>
  /** Makes sure that what pages do writes nothing, and leaves the browser with the cookie it had. */
  harmless(work: () => Promise<unknown>): Promise<void>
}

export const emptyPage = (sites: Sites, host: string) => sites.page(host, `<title>${host}</title>`)

export async function startScene(executable: string): Promise<Scene> {
  await using stack = new AsyncDisposableStack()
  const sites = stack.use(await startSites(hosts.service))
  const api = sites.originOf(hosts.service)
  const [world, browser] = await Promise.all([
    testWorld({ workers: false, environment: { PUBLIC_URL: api } }).then((started) => stack.use(started)),
    startBrowser(executable).then((started) => stack.use(started)),
  ])
  sites.serviceIsAt(world.url)
  // what Crossmint tells of wallets would be written whenever it comes
  await world.crossmint.setWebhook(null)
  const { operator, appId } = world
  await operator.apps.update.mutate({ appId, origins: [sites.originOf(hosts.app), sites.originOf(hosts.mini)] })
  await operator.apps.create.mutate({
    name: 'another app',
    origins: [sites.originOf(hosts.other)],
    idempotencyKey: randomUUID(),
  })
  const account = privateKeyToAccount(generatePrivateKey())
  const visit = (host: string) => browser.open(emptyPage(sites, host))
  const app = await visit(hosts.app)
  await app.exposeFunction('sign', (message: string) => account.signMessage({ message }))
  const cookies = () => browser.context.cookies(api)
  const owned = stack.move()
  return {
    world,
    sites,
    browser,
    app,
    account,
    urlOf: (path) => `${api}/trpc/${path}`,
    visit,
    cookies,
    async arrivalsOf(path, work, atLeast = 1) {
      const before = sites.arrivals.length
      await work()
      return eventually(() => {
        const arrived = sites.arrivals.slice(before).filter((one) => one.path === `/trpc/${path}`)
        expect(arrived.length).toBeGreaterThanOrEqual(atLeast)
        return arrived
      })
    },
    async harmless(work) {
      const before = await Promise.all([rowCounts(world.database), cookies()])
      await work()
      expect(await Promise.all([rowCounts(world.database), cookies()])).toEqual(before)
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
