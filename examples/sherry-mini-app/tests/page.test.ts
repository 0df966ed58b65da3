import axe from 'axe-core'
import { numberToHex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mintUsdc } from '../../../sandbox/chain/deploy-contracts.ts'
import { rpc } from '../../../sandbox/chain/rpc.ts'
import { startBrowser, type TestBrowser } from '../../../tests/browser/support/browser.ts'
import { findChromium } from '../../../tests/browser/support/find-chromium.ts'
import { testWorld, USDC, type World } from '../../../tests/support/world.ts'
import { servePage } from '../serve-page.ts'

const chromium = findChromium()
if (!chromium) console.warn('NOT RUN: no Chromium to show a mini-app in. Install one, or name it by CHROMIUM=<path>.')

const app = 'http://localhost:3000'

// a page on one site, the service and the chain on others, and no word between them but what the browser lets through
describe.skipIf(!chromium)('in a page on another site', () => {
  let world: World
  let browser: TestBrowser
  let host: Awaited<ReturnType<typeof servePage>>
  beforeAll(async () => {
    ;[world, browser, host] = await Promise.all([testWorld({ workers: false }), startBrowser(chromium!), servePage(0)])
  })
  afterAll(async () => {
    host.server.close()
    await browser[Symbol.asyncDispose]()
    await world[Symbol.asyncDispose]()
  })

  /** The page of the host, showing a paywall to somebody with this much USDC. */
  async function opened({ amount = USDC }: { amount?: bigint } = {}) {
    const key = generatePrivateKey()
    const { address } = privateKeyToAccount(key)
    await rpc(world.chain.url, 'anvil_setBalance', [address, numberToHex(10n ** 20n)])
    if (amount > 0n) await mintUsdc(world.chain.url, { to: address, amount })
    const { id } = await world.paywall({ price: USDC })
    const miniApp = `${world.url}/sherry/paywalls/${id}`
    const page = await browser.open(`${host.url}/?${new URLSearchParams({ miniApp, app, rpc: world.chain.url, key })}`)
    return { page, address, id }
  }

  test('the mini-app is shown with its icon, pays, and leads to where it is unlocked', async () => {
    const { page, address, id } = await opened()
    const icon = page.locator('img')
    await page.getByRole('heading', { name: 'A test' }).waitFor()
    expect(
      await icon.evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth)),
    ).toBeGreaterThan(0)

    await page.getByRole('button', { name: 'Pay 1 USDC' }).dblclick()

    const unlock = page.getByRole('link', { name: 'Unlock it' })
    await unlock.waitFor()
    expect(await unlock.getAttribute('href')).toMatch(new RegExp(`^${app}/claim\\?paywall=${id}&hash=0x[0-9a-f]{64}$`))
    expect(await world.transfers(address, USDC)).toBe(1)
  })

  test('a refusal is told in its words, and nothing is paid', async () => {
    const { page, address } = await opened()
    await world.client.lists.add.mutate({ list: 'deny', address, reason: 'a test' })
    await page.getByRole('button', { name: 'Pay 1 USDC' }).click()
    await page.getByRole('alert').filter({ hasText: 'does not allow this payment: deny-list' }).waitFor()
    expect(await world.transfers(address, USDC)).toBe(0)
  })

  test('who has too little hears it, and may try again', async () => {
    const { page } = await opened({ amount: 0n })
    const button = page.getByRole('button', { name: 'Pay 1 USDC' })
    await button.click()
    await page.getByRole('alert').filter({ hasText: /\w/ }).waitFor()
    expect(await button.getAttribute('aria-disabled')).toBeNull()
  })

  test.each(['light', 'dark'] as const)('nothing stands in the way of anybody: %s', async (colorScheme) => {
    const { page } = await opened()
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width: 360, height: 640 })
    await page.getByRole('button', { name: 'Pay 1 USDC' }).waitFor()
    await page.addScriptTag({ content: axe.source })
    const { violations } = await page.evaluate<axe.AxeResults>('axe.run()')
    expect(violations.map(({ id }) => id)).toEqual([])
    if (process.env.SCREENSHOTS)
      await page.screenshot({ path: `${process.env.SCREENSHOTS}/mini-app-${colorScheme}.png` })
  })
})
