import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
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
    context.setDefaultTimeout(60_000)
    const page = await context.newPage()
    await page.goto(example.url + path)
    return page
  }

  return {
    example,
    visit,
    async enter(name, path, options) {
      const page = await visit(path, options)
      await page.getByRole('banner').getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('button', { name: 'Sandbox wallet' }).click()
      const wallet = page.locator('#sandbox-wallet')
      await wallet.getByRole('heading', { name: 'Connect to this page?' }).waitFor()
      await wallet.getByLabel('Account').selectOption(name)
      await wallet.getByRole('button', { name: 'Connect' }).click()
      await wallet.getByRole('button', { name: 'Sign', exact: true }).click()
      await page.getByRole('button', { name: /^Account 0x/ }).waitFor()
      return page
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
