import type { Locator, Page } from 'playwright-core'
import { type Hex, parseTransaction } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClient, type Payment } from '../../../client-sdk/index.ts'
import { mintUsdc } from '../../../sandbox/chain/deploy-contracts.ts'
import { rpc } from '../../../sandbox/chain/rpc.ts'
import { type PersonName, people } from '../../../sandbox/people.ts'
import { USDC } from '../../../sandbox/seed.ts'
import { findChromium } from '../../../tests/browser/support/find-chromium.ts'
import { expectAccessible } from './support/axe.ts'
import { openShop, type Shop } from './support/shop.ts'

const chromium = findChromium()
if (!chromium)
  console.warn('NOT RUN: no Chromium to click through the example. Install one, or name it by CHROMIUM=<path>.')

const phone = { viewport: { width: 360, height: 780 }, colorScheme: 'dark' } as const
const desk = { viewport: { width: 1280, height: 900 }, colorScheme: 'light' } as const

describe.skipIf(!chromium)('somebody who buys', () => {
  let shop: Shop
  beforeAll(async () => {
    shop = await openShop(chromium!)
  })
  afterAll(() => shop[Symbol.asyncDispose]())

  const wallet = (page: Page): Locator => page.locator('#sandbox-wallet')
  async function open(page: Page, title: string): Promise<void> {
    await page.getByRole('link', { name: title }).click()
    await page.getByRole('heading', { level: 1, name: title }).waitFor()
  }
  const unlocked = (page: Page) => page.getByText('Unlocked', { exact: true }).waitFor()
  const step = (page: Page, name: string) => page.getByRole('listitem').filter({ hasText: name })

  async function paywallOf(title: string): Promise<string> {
    const { serviceUrl } = shop.example.sandbox
    const { items } = await createClient({
      url: serviceUrl,
      apiKey: shop.example.seeded.apiKey,
    }).paywalls.list.query({ limit: 100 })
    return items.find((paywall) => paywall.title === title)!.id
  }

  /** What was ever paid or tried for a piece from the wallets of somebody, as the service has it. */
  async function paymentsOf(person: PersonName, title: string): Promise<Payment[]> {
    const { sandbox, seeded } = shop.example
    const client = createClient({ url: sandbox.serviceUrl, apiKey: seeded.apiKey })
    const { items: wallets } = await client.wallets.list.query({ limit: 100 })
    const [external] = wallets.filter(({ address }) => address === people[person].address)
    const own = wallets.filter(({ userId }) => userId !== null && userId === external?.userId).map(({ id }) => id)
    const { items } = await client.payments.list.query({ paywallId: await paywallOf(title), limit: 100 })
    return items.filter(({ walletId }) => own.includes(walletId))
  }

  test('pays from the wallet that is kept for them, sees it settle, and reads; the other tab opens by itself; a double click pays once', async () => {
    const page = await shop.enter('reader', '/')
    await open(page, 'Night walk in Bardia')
    const other = await page.context().newPage()
    await other.goto(page.url())
    await other.getByRole('button', { name: /^Pay / }).waitFor()
    expect(await page.getByText('Ram writes the time').count()).toBe(0)

    await page.getByLabel(/Your Payer Tiger wallet/).check()
    await page.getByRole('button', { name: 'Pay 0.50 USDC' }).dblclick()
    await step(page, 'On its way').first().waitFor()
    await unlocked(page)
    await page.getByText('Ram writes the time').waitFor()
    await unlocked(other)
    await other.getByText('Ram writes the time').waitFor()
    const payments = await paymentsOf('reader', 'Night walk in Bardia')
    expect(payments.map(({ state }) => state)).toEqual(['settled'])

    await page.getByRole('link', { name: 'Receipt', exact: true }).click()
    const [payment] = payments
    await page.getByText(payment!.transactionHash!).waitFor()
    for (const fact of [
      payment!.id,
      payment!.decisionId,
      payment!.payer,
      payment!.recipient,
      String(payment!.blockNumber),
    ])
      await page.getByText(fact, { exact: true }).waitFor()
    const [explorer] = await Promise.all([
      page.context().waitForEvent('page'),
      page.getByRole('link', { name: /See it on the chain/ }).click(),
    ])
    await explorer.getByRole('region', { name: 'What moved' }).getByText('0.50 USDC').waitFor()
  })

  test('pays from a wallet of their own: a no is no harm, a reload neither, and another network is changed', async () => {
    const page = await shop.enter('reader', '/')
    await open(page, 'The atlas of stripes')
    await page.getByLabel(/Your own wallet/).check()
    await page.getByRole('button', { name: 'Pay 12.25 USDC' }).click()
    await wallet(page).getByRole('button', { name: 'Reject' }).click()
    await page.getByText('Nothing was paid; try again when you want to.').waitFor()
    await page.reload()
    await page.getByText('It waits for you to confirm it in your wallet.').waitFor()

    await page.getByRole('button', { name: "Open the sandbox's wallet" }).click()
    await wallet(page).getByLabel('Network').selectOption({ label: 'Another network' })
    await wallet(page).getByRole('button', { name: 'Use it' }).click()
    await page.getByRole('button', { name: 'Confirm in my wallet' }).click()
    await wallet(page).getByRole('heading', { name: 'Switch the network?' }).waitFor()
    await wallet(page).getByRole('button', { name: 'Reject' }).click()
    await page.getByText('Your wallet is on another network and did not change.').waitFor()

    await page.getByRole('button', { name: 'Confirm in my wallet' }).click()
    await wallet(page).getByRole('button', { name: 'Switch' }).click()
    await wallet(page).getByText(people.merchant.address).waitFor()
    await wallet(page).getByRole('button', { name: 'Send', exact: true }).click()
    await unlocked(page)
    const payments = await paymentsOf('reader', 'The atlas of stripes')
    expect(payments.map(({ state, payer }) => [state, payer])).toEqual([['settled', people.reader.address]])
  })

  test('a reload in the middle of a payment, after which nobody was told how it went: nothing is lost, and it is paid once', async () => {
    const page = await shop.enter('reader', '/')
    await open(page, 'How a tiger counts to ten')
    await page.getByLabel(/Your Payer Tiger wallet/).check()
    const calls = '**/api/provider/**'
    await page.route(calls, (route) =>
      route.request().url().includes('payments.get') ? route.abort() : route.continue(),
    )
    const accepted = page.waitForResponse((response) => response.url().includes('payments.create') && response.ok())
    await page.getByRole('button', { name: 'Pay 2.00 USDC' }).click()
    await accepted
    await page.unroute(calls)
    await page.reload()
    await unlocked(page)
    const payments = await paymentsOf('reader', 'How a tiger counts to ten')
    expect(payments.map(({ state }) => state)).toEqual(['settled'])
  })

  test('who may not pay is told by which rule and what would help, before anything is tried', async () => {
    const page = await shop.enter('listed reader', '/')
    await open(page, 'How a tiger counts to ten')
    await page.getByRole('heading', { name: 'This wallet cannot pay here' }).waitFor()
    await page.getByText(/is on the list "fraud": paid with a stolen wallet before/).waitFor()
    await page.getByText('What would help').waitFor()
    expect(await page.getByRole('button', { name: /^Pay / }).count()).toBe(0)
    expect(await paymentsOf('listed reader', 'How a tiger counts to ten')).toEqual([])
  })

  test('who has too little is told how much is missing, and pays when it is there', async () => {
    const page = await shop.enter('reader without funds', '/')
    await open(page, 'How a tiger counts to ten')
    await page.getByText('2.00 USDC are missing in this wallet').waitFor()
    await page.getByRole('button', { name: 'Open a wallet that we keep for you' }).click()
    await page.getByLabel(/Your Payer Tiger wallet/).waitFor()
    await expect.poll(() => page.getByLabel(/Your Payer Tiger wallet/).isChecked()).toBe(true)
    await page.getByRole('button', { name: 'Get test USDC' }).click()
    await page.getByRole('button', { name: 'Pay 2.00 USDC' }).click()
    await unlocked(page)
  })

  test('what was paid in a mini-app is theirs when they sign in with the wallet that paid', async () => {
    const { sandbox } = shop.example
    const paywallId = await paywallOf('The tiger who came to pay')
    const payer = people.auditor
    await mintUsdc(sandbox.chain.url, { to: payer.address, amount: 10n * USDC })
    const answer = await fetch(`${sandbox.serviceUrl}/sherry/paywalls/${paywallId}/pay`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-wallet-address': payer.address, 'x-chain-id': '43113' },
    })
    const { serializedTransaction } = (await answer.json()) as { serializedTransaction: Hex }
    const { to, data } = parseTransaction(serializedTransaction)
    const hash = await rpc<Hex>(sandbox.chain.url, 'eth_sendTransaction', [{ from: payer.address, to, data }])

    const page = await shop.enter('auditor', `/claim?paywall=${paywallId}&hash=${hash}`)
    await page.getByRole('button', { name: 'It was me: unlock it' }).click()
    await page.getByRole('link', { name: 'Read it' }).click()
    await unlocked(page)
    const broken = await shop.visit(`/claim?paywall=${paywallId}&hash=0x12`)
    await broken.getByRole('heading', { name: 'This link is not whole' }).waitFor()
  })

  test('another account in the wallet is another person: the session of the first ends', async () => {
    const page = await shop.enter('reader', '/wallet')
    await page.getByRole('button', { name: "Open the sandbox's wallet" }).click()
    await wallet(page).getByLabel('Account').selectOption('merchant')
    await wallet(page).getByRole('button', { name: 'Use it' }).click()
    await page.getByRole('heading', { name: 'What you pay from' }).waitFor()
  })

  test('by keyboard: past the navigation, into the dialog, out of it, and back to where one was', async () => {
    const page = await shop.visit('/')
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the content')
    await page.keyboard.press('Enter')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main')
    const button = page.getByRole('banner').getByRole('button', { name: 'Sign in' })
    await button.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Sign in with your wallet' }).waitFor()
    expect(await page.evaluate(() => document.activeElement?.closest('dialog') !== null)).toBe(true)
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await button.evaluate((element) => element === document.activeElement)).toBe(true)
  })

  test.for([
    ['a desk by day', desk],
    ['a phone by night', phone],
  ] as const)(
    'axe finds nothing that keeps anybody out, and nothing is wider than the screen: %s',
    async ([, options]) => {
      const check = async (page: Page, name: string) => {
        await page.locator('.skeleton').first().waitFor({ state: 'detached' })
        await expectAccessible(page, name)
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), name).toBeLessThanOrEqual(
          0,
        )
      }
      const nobody = await shop.visit('/', options)
      await check(nobody, 'the library')
      await nobody.getByRole('banner').getByRole('button', { name: 'Sign in' }).click()
      await nobody.getByRole('dialog').waitFor()
      await check(nobody, 'signing in')
      for (const path of ['/wallet', '/receipts', '/claim', '/nowhere']) {
        await nobody.goto(shop.example.url + path)
        await nobody.getByRole('heading', { level: 1 }).waitFor()
        await check(nobody, `${path} of nobody`)
      }

      const page = await shop.enter('reader', '/wallet', options)
      await page.getByRole('heading', { name: 'Your own wallet' }).waitFor()
      await check(page, 'the wallets')
      await page.getByRole('link', { name: 'Receipts' }).click()
      await page.getByRole('article').first().waitFor()
      await check(page, 'the receipts')
      await page.getByRole('article').getByRole('link').first().click()
      await page.getByText('Decision', { exact: true }).waitFor()
      await check(page, 'a receipt')
      const explorer = await page.getByRole('link', { name: /See it on the chain/ }).getAttribute('href')
      await page.goto(explorer!)
      await page.getByRole('heading', { name: 'What moved' }).waitFor()
      await check(page, 'a transaction')
      await page.goto(`${shop.example.url}/paywalls/${await paywallOf('The tiger who came to pay')}`)
      await page.getByRole('button', { name: /^Pay / }).waitFor()
      await check(page, 'a piece with its price')
      await page.goto(`${shop.example.url}/paywalls/${await paywallOf('Night walk in Bardia')}`)
      await unlocked(page)
      await check(page, 'a piece that is unlocked')

      const listed = await shop.enter('listed reader', '/', options)
      await open(listed, 'How a tiger counts to ten')
      await listed.getByRole('heading', { name: 'This wallet cannot pay here' }).waitFor()
      await check(listed, 'a refusal')
    },
  )
})
