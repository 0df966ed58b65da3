import type { Page, Request } from 'playwright-core'
import type { Address } from 'viem'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createClient } from '../../../client-sdk/index.ts'
import { mintUsdc } from '../../../sandbox/chain/deploy-contracts.ts'
import { rpc } from '../../../sandbox/chain/rpc.ts'
import { type PersonName, people } from '../../../sandbox/people.ts'
import { USDC } from '../../../sandbox/seed.ts'
import { type Service, startService } from '../../../sandbox/service.ts'
import { findChromium } from '../../../tests/browser/support/find-chromium.ts'
import { expectPaidOnce, expectUnpaid, type Offer, putUp } from './support/offer.ts'
import { openShop, type Shop, signInAgain, walletOf } from './support/shop.ts'

const chromium = findChromium()
if (!chromium)
  console.warn('NOT RUN: no Chromium to click through the example. Install one, or name it by CHROMIUM=<path>.')

const custodial = /Your Payer Tiger wallet/
const external = /Your own wallet/
const confirm = { name: 'Confirm in my wallet' } as const

describe.skipIf(!chromium)('what goes wrong while somebody pays', () => {
  const everything = new AsyncDisposableStack()
  let shop: Shop
  /** Null while it is down. */
  let service: Service | null
  beforeAll(async () => {
    shop = everything.use(await openShop(chromium!))
    service = shop.example.service
  })
  beforeEach(async () => {
    if (!service) await startAgain()
  })
  afterAll(() => everything.disposeAsync())

  async function kill(): Promise<void> {
    await service!.kill()
    service = null
  }

  async function startAgain(): Promise<void> {
    const { sandbox, logFile } = shop.example
    service = everything.use(await startService({ ...sandbox.environment, RATE_LIMITS: 'off' }, logFile))
  }

  const says = (page: Page, sentence: string) => page.getByText(sentence, { exact: true }).waitFor()
  const answer = (page: Page, button: 'Reject' | 'Send' | 'Switch') =>
    walletOf(page).getByRole('button', { name: button, exact: true }).click()
  const asked = (page: Page) => walletOf(page).getByRole('heading', { name: 'Send this transaction?' }).waitFor()
  const payButton = (page: Page) => page.getByRole('button', { name: 'Pay 1.00 USDC' })

  async function payFrom(page: Page, wallet: RegExp): Promise<void> {
    await page.getByLabel(wallet).check()
    await payButton(page).click()
  }

  /** Opens the same offer in another tab of the same person, ready to be paid. */
  async function secondTab(page: Page, wallet: RegExp): Promise<Page> {
    const other = await page.context().newPage()
    await other.goto(page.url())
    await other.getByLabel(wallet).check()
    await payButton(other).waitFor()
    return other
  }

  async function unlocked(...pages: Page[]): Promise<void> {
    for (const page of pages) {
      await page.getByText('Unlocked', { exact: true }).waitFor({ timeout: 30_000 })
      expect(await walletOf(page).count()).toBe(0)
    }
  }

  /** Does something when a page of this person calls a procedure, in place of the call or before it. Once. */
  async function meanwhile(page: Page, procedure: string, work: (request: Request) => Promise<'abort' | 'continue'>) {
    const done = Promise.withResolvers<void>()
    const called = (url: URL) => url.pathname.startsWith('/api/provider/') && url.pathname.includes(procedure)
    let isFirst = true
    await page.context().route(called, async (route) => {
      if (!isFirst) return route.continue()
      isFirst = false
      await route[await work(route.request())]()
      done.resolve()
    })
    return done.promise
  }

  /** Lets what goes to the chain's node get there, and keeps the answers: what a wallet has sent, the page does not learn. */
  async function keepAnswers(page: Page): Promise<void> {
    await page.context().route(`${shop.example.sandbox.chain.url}/**`, async (route) => {
      const response = await route.fetch()
      if (!route.request().postData()?.includes('eth_sendRawTransaction')) await route.fulfill({ response })
    })
  }

  /** Waits until the chain shows that an offer was paid. */
  const moved = (offer: Offer) =>
    expect.poll(async () => (await offer.paid()).transfers.length, { timeout: 20_000 }).toBe(1)

  /** The address of the wallet that is kept for somebody. */
  async function custodialOf(name: PersonName): Promise<Address> {
    const { sandbox, seeded } = shop.example
    const client = createClient({ url: sandbox.serviceUrl, apiKey: seeded.apiKey })
    const { items } = await client.wallets.list.query({ limit: 100 })
    const own = items.find(({ address }) => address === people[name].address)
    return items.find(({ kind, userId }) => kind === 'custodial' && userId === own?.userId)!.address
  }

  /** Has all USDC of an account go elsewhere. */
  async function takeAll(account: Address): Promise<void> {
    const { chain, contracts } = shop.example.sandbox
    await rpc(chain.url, 'anvil_dealERC20', [account, contracts.usdc, '0x0'])
  }

  async function inOwnWallet(page: Page, choice: 'Account' | 'Network', label: string): Promise<void> {
    await page.getByRole('button', { name: "Open the sandbox's wallet" }).click()
    await walletOf(page).getByLabel(choice).selectOption({ label })
    await walletOf(page).getByRole('button', { name: 'Use it' }).click()
  }

  describe('in the wallet', () => {
    test('a no moves nothing, and a yes after it pays the same payment', async () => {
      const offer = await putUp(shop)
      const page = await shop.enter('reader', offer.path)
      await payFrom(page, external)
      await answer(page, 'Reject')
      await says(page, 'You did not confirm the payment in your wallet. Nothing was paid; try again when you want to.')
      const waiting = await expectUnpaid(offer)

      await page.getByRole('button', confirm).dblclick()
      await answer(page, 'Send')
      await unlocked(page)
      expect((await expectPaidOnce(offer)).id).toBe(waiting!.id)
    })

    test('another network: it is changed where its owner lets it, and told where they do not', async () => {
      const offer = await putUp(shop)
      const page = await shop.enter('reader', offer.path)
      await inOwnWallet(page, 'Network', 'Another network')
      await payFrom(page, external)
      await walletOf(page).getByRole('heading', { name: 'Switch the network?' }).waitFor()
      await answer(page, 'Reject')
      await says(page, 'Your wallet is on another network and did not change. Change it to Fuji, then try again.')
      const waiting = await expectUnpaid(offer)

      await page.getByRole('button', confirm).click()
      await answer(page, 'Switch')
      await answer(page, 'Send')
      await unlocked(page)
      expect((await expectPaidOnce(offer)).id).toBe(waiting!.id)
    })

    test('another account is another person: their session ends, and who comes back finds the payment waiting', async () => {
      const offer = await putUp(shop)
      const page = await shop.enter('reader', offer.path)
      await payFrom(page, external)
      await answer(page, 'Reject')
      await page.getByRole('button', confirm).waitFor()
      await inOwnWallet(page, 'Account', 'merchant')
      await says(page, 'Sign in with a wallet first: what you buy is kept with it, and opens on every device.')
      await inOwnWallet(page, 'Account', 'reader')
      await signInAgain(page)

      await page.getByRole('button', confirm).click()
      await answer(page, 'Send')
      await unlocked(page)
      await expectPaidOnce(offer)
    })
  })

  describe('too little', () => {
    const missing = (page: Page) => says(page, '1.00 USDC are missing in this wallet')

    test('of the money by the time they pay, in a wallet that we keep: it says how much, and pays when it is there', async () => {
      const offer = await putUp(shop)
      const page = await shop.enter('reader without funds', offer.path)
      await page.getByRole('button', { name: 'Open a wallet that we keep for you' }).click()
      await expect.poll(() => page.getByLabel(custodial).isChecked()).toBe(true)
      await missing(page)
      await page.getByRole('button', { name: 'Get test USDC' }).click()
      await payButton(page).waitFor()
      await takeAll(await custodialOf('reader without funds'))
      await payButton(page).click()
      await missing(page)
      await page.getByText(/^Send USDC to .*, or choose another wallet\.$/).waitFor()
      await expectUnpaid(offer)

      await page.getByRole('button', { name: 'Get test USDC' }).click()
      await page.getByRole('button', { name: 'Try again' }).click()
      await unlocked(page)
      await expectPaidOnce(offer)
    })

    test('of the money by the time they pay, then for the fee, in a wallet of their own: it says which', async () => {
      const { url } = shop.example.sandbox.chain
      const { address } = people['reader without funds']
      await mintUsdc(url, { to: address, amount: USDC })
      const offer = await putUp(shop)
      const page = await shop.enter('reader without funds', offer.path)
      await page.getByLabel(external).check()
      await payButton(page).waitFor()
      await takeAll(address)
      await payButton(page).click()
      await missing(page)
      await expectUnpaid(offer)

      const coin = await rpc<string>(url, 'eth_getBalance', [address, 'latest'])
      await rpc(url, 'anvil_setBalance', [address, '0x0'])
      await mintUsdc(url, { to: address, amount: USDC })
      await page.getByRole('button', confirm).click()
      await answer(page, 'Send')
      await says(page, 'Your wallet has not enough AVAX for the fee of Fuji. Add some, then try again.')
      await expectUnpaid(offer)

      await rpc(url, 'anvil_setBalance', [address, coin])
      await page.getByRole('button', confirm).click()
      await answer(page, 'Send')
      await unlocked(page)
      await expectPaidOnce(offer)
    })
  })

  describe('the service is killed', () => {
    const away = 'We keep asking. Nothing is lost, and nothing is paid twice: you may stay, reload or come back later.'

    test('when it has accepted, and nobody has heard of it: the page goes on by itself', async () => {
      const offer = await putUp(shop)
      const page = await shop.enter('reader', offer.path)
      const killed = meanwhile(page, 'payments.create', async (request) => {
        const answer = await page.request.fetch(request.url(), {
          method: 'POST',
          headers: await request.allHeaders(),
          data: request.postData()!,
        })
        expect(answer.ok()).toBe(true)
        await kill()
        return 'abort'
      })
      await payFrom(page, custodial)
      await killed
      await says(page, away)
      await startAgain()
      await unlocked(page)
      await expectPaidOnce(offer)
    })

    test('before it hands out what is to be signed: it is asked for later, by itself', async () => {
      const offer = await putUp(shop)
      const page = await shop.enter('reader', offer.path)
      const killed = meanwhile(page, 'payments.calls', async () => {
        await kill()
        return 'continue'
      })
      await payFrom(page, external)
      await killed
      await says(page, away)
      expect(await walletOf(page).count()).toBe(0)
      await startAgain()
      await answer(page, 'Send')
      await unlocked(page)
      await expectPaidOnce(offer)
    })

    test('when the wallet has sent, before it was told so: it is told later, and nobody signs again', async () => {
      const offer = await putUp(shop)
      const page = await shop.enter('reader', offer.path)
      const killed = meanwhile(page, 'payments.submitted', async () => {
        await kill()
        return 'continue'
      })
      await payFrom(page, external)
      await answer(page, 'Send')
      await killed
      await says(page, away)
      await startAgain()
      await unlocked(page)
      await expectPaidOnce(offer)
    })
  })

  describe('pressed twice', () => {
    test('two clicks at once ask the wallet once', async () => {
      const offer = await putUp(shop)
      const page = await shop.enter('reader', offer.path)
      await page.getByLabel(external).check()
      await payButton(page).dblclick()
      await answer(page, 'Send')
      await unlocked(page)
      await expectPaidOnce(offer)
    })

    test('in two tabs at once, from a wallet that we keep: it is one payment, and both open', async () => {
      const offer = await putUp(shop)
      const page = await shop.enter('reader', offer.path)
      const other = await secondTab(page, custodial)
      await page.getByLabel(custodial).check()
      await Promise.all([payButton(page).click(), payButton(other).click()])
      await unlocked(page, other)
      await expectPaidOnce(offer)
    })

    test('in two tabs at once, from a wallet of their own: one of them asks, and both open', async () => {
      const offer = await putUp(shop)
      const page = await shop.enter('reader', offer.path)
      const other = await secondTab(page, external)
      await page.getByLabel(external).check()
      await Promise.all([payButton(page).click(), payButton(other).click()])
      const asking = await Promise.any([page, other].map(async (tab) => asked(tab).then(() => tab)))
      for (const tab of [page, other])
        await tab.getByText('Look at your wallet: it asks you to confirm.', { exact: true }).waitFor()
      expect((await Promise.all([page, other].map((tab) => walletOf(tab).count()))).toSorted()).toEqual([0, 1])
      await answer(asking, 'Send')
      await unlocked(page, other)
      await expectPaidOnce(offer)
    })
  })

  describe('left in the middle', () => {
    test('while the wallet asks: the payment waits', async () => {
      const offer = await putUp(shop)
      const page = await shop.enter('reader', offer.path)
      await payFrom(page, external)
      await asked(page)
      await page.reload()
      await page.getByText('It waits for you to confirm it in your wallet.', { exact: true }).waitFor()
      const waiting = await expectUnpaid(offer)
      await page.getByRole('button', confirm).click()
      await answer(page, 'Send')
      await unlocked(page)
      expect((await expectPaidOnce(offer)).id).toBe(waiting!.id)
    })

    test('closed when the wallet has sent, before the service was told: it is told by the next page, which asks for nothing', async () => {
      const offer = await putUp(shop)
      const page = await shop.enter('reader', offer.path)
      const sent = meanwhile(page, 'payments.submitted', async () => 'abort')
      await payFrom(page, external)
      await answer(page, 'Send')
      await sent
      const next = await page.context().newPage()
      await page.close()
      await next.goto(shop.example.url + offer.path)
      await unlocked(next)
      await expectPaidOnce(offer)
    })

    test('when the wallet has sent, and the page never heard of it: who confirms again is not asked again', async () => {
      const offer = await putUp(shop)
      const page = await shop.enter('reader', offer.path)
      await keepAnswers(page)
      await payFrom(page, external)
      await answer(page, 'Send')
      await moved(offer)
      await page.reload()
      await page.getByRole('button', confirm).click()
      await unlocked(page)
      await expectPaidOnce(offer)
    })

    test('while the chain takes its time: it is on its way, and opens when it is there', async () => {
      const { url } = shop.example.sandbox.chain
      const offer = await putUp(shop)
      const page = await shop.enter('reader', offer.path)
      await rpc(url, 'evm_setIntervalMining', [0])
      try {
        await payFrom(page, external)
        await answer(page, 'Send')
        const underWay = page.getByRole('listitem').filter({ hasText: /On its way.*Transaction 0x/ })
        await underWay.waitFor()
        await page.reload()
        await underWay.waitFor()
        await expectUnpaid(offer)
      } finally {
        await rpc(url, 'evm_setIntervalMining', [1])
      }
      await unlocked(page)
      await expectPaidOnce(offer)
    })

    test('signed out in another tab while the wallet asks: what is sent then is told once they are back', async () => {
      const offer = await putUp(shop)
      const page = await shop.enter('reader', offer.path)
      await payFrom(page, external)
      await asked(page)
      const other = await page.context().newPage()
      await other.goto(shop.example.url)
      await other.getByRole('button', { name: /^Account 0x/ }).click()
      await other.getByRole('button', { name: 'Sign out' }).click()
      await other.getByRole('banner').getByRole('button', { name: 'Sign in' }).waitFor()
      await answer(page, 'Send')
      await moved(offer)
      await says(page, 'Sign in with a wallet first: what you buy is kept with it, and opens on every device.')

      await signInAgain(page)
      await unlocked(page)
      await expectPaidOnce(offer)
    })
  })
})
