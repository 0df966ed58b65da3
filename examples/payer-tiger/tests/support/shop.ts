import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core'
import { freePort } from '../../../../sandbox/free-port.ts'
import type { PersonName } from '../../../../sandbox/people.ts'
import { type Example, startExample } from '../../../../sandbox/start-example.ts'

/** The whole example on free ports, with a browser before it. */
export interface Shop extends AsyncDisposable {
  example: Example
  /** Opens a browser of somebody's own, who signs in with the wallet of the sandbox, by clicks. */
  enter(name: PersonName, path: string, options?: BrowserContextOptions): Promise<Page>
  /** Opens a browser of nobody's. */
  visit(path: string, options?: BrowserContextOptions): Promise<Page>
}

export async function openShop(executablePath: string): Promise<Shop> {
  await using stack = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'payer-tiger-'))
  stack.defer(() => rm(directory, { recursive: true, force: true }))
  const [servicePort, appPort] = [await freePort(), await freePort()]
  const example = await startExample(stack, { directory, servicePort, appPort })
  const browser = await chromium.launch({ executablePath, args: ['--no-proxy-server'], chromiumSandbox: false })
  stack.defer(() => browser.close())
  const owned = stack.move()

  async function visit(path: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context: BrowserContext = await browser.newContext(options)
    context.setDefaultTimeout(30_000)
    const page = await context.newPage()
    await page.goto(example.url + path)
    return page
  }

  return {
    example,
    visit,
    async enter(name, path, options) {
      const page = await visit(path, options)
      await askToSignIn(page)
      const wallet = walletOf(page)
      await wallet.getByRole('heading', { name: 'Connect to this page?' }).waitFor()
      await wallet.getByLabel('Account').selectOption(name)
      await wallet.getByRole('button', { name: 'Connect' }).click()
      await sign(page)
      return page
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** What the sandbox's wallet asks on a page. */
export const walletOf = (page: Page): Locator => page.locator('#sandbox-wallet')

/** Signs in, by clicks, with the account that the wallet has shown to the page before. */
export async function signInAgain(page: Page): Promise<void> {
  await askToSignIn(page)
  await sign(page)
}

async function askToSignIn(page: Page): Promise<void> {
  await page.getByRole('banner').getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Sandbox wallet' }).click()
}

async function sign(page: Page): Promise<void> {
  await walletOf(page).getByRole('button', { name: 'Sign', exact: true }).click()
  await page.getByRole('button', { name: /^Account 0x/ }).waitFor()
}
