import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { people } from '../../../sandbox/people.ts'
import { findChromium } from '../../../tests/browser/support/find-chromium.ts'
import { expectAccessible } from './support/axe.ts'
import { openShop, type Shop } from './support/shop.ts'

const chromium = findChromium()
if (!chromium)
  console.warn('NOT RUN: no Chromium to click through the example. Install one, or name it by CHROMIUM=<path>.')

const phone = { viewport: { width: 390, height: 844 }, colorScheme: 'dark' } as const
const LARGE = 'A year of field notes'

// machines that test this are busy with other things
describe.skipIf(!chromium)('the desk and the shop', { timeout: 240_000 }, () => {
  let shop: Shop
  beforeAll(async () => {
    shop = await openShop(chromium!)
  }, 240_000)
  afterAll(() => shop[Symbol.asyncDispose]())

  /** Buys from the wallet that is kept for somebody, with a click. */
  async function buy(page: Page, title: string): Promise<void> {
    await page.goto(shop.example.url)
    await page.getByRole('link', { name: title }).click()
    await page.getByLabel(/Your Payer Tiger wallet/).check()
    await page.getByRole('button', { name: /^Pay / }).click()
  }

  /** The review that waits for somebody's own payment, on an officer's desk. */
  const reviewOf = (page: Page, person: string) =>
    page.getByRole('article').filter({ hasText: `${person.slice(0, 6)}…${person.slice(-4)}` })

  test('a large payment waits for an officer; denied, it says so; let pass, it unlocks what was bought, and nobody reloads anything', async () => {
    const reader = await shop.enter('reader', '/')
    const officer = await shop.enter('officer', '/officer')
    await buy(reader, LARGE)
    await reader
      .getByText(/In review|officer looks|looks at it/i)
      .first()
      .waitFor()
    const denied = reviewOf(officer, people.reader.address)
    await denied.getByText('250.00 USDC is more than 100.00 USDC, which is what passes without an officer.').waitFor()

    await denied.getByRole('button', { name: 'Deny it' }).click()
    await denied.getByText('Say why: the next person who looks at this has to understand it.').waitFor()
    await denied.getByLabel('Your reason, for the record').fill('too much for a first purchase')
    await denied.getByRole('button', { name: 'Deny it' }).click()
    await denied.waitFor({ state: 'detached' })
    await reader.getByRole('heading', { name: 'The payment was refused' }).waitFor()
    expect(await reader.getByText('too much for a first purchase').count()).toBe(0)

    await buy(reader, LARGE)
    const passed = reviewOf(officer, people.reader.address)
    await passed.getByRole('button', { name: 'Take it' }).click()
    await passed.getByText('Looked at by').waitFor()
    await passed.getByLabel('Your reason, for the record').fill('known for years')
    await passed.getByRole('button', { name: 'Let it pass' }).click()
    await passed.waitFor({ state: 'detached' })
    await reader.getByText('Unlocked').waitFor()
    await reader.getByText('We call her Outward from now on.').waitFor()

    await officer.getByRole('radio', { name: 'All' }).check()
    await officer.getByText('“known for years”').waitFor()
  })

  test('nobody decides on what they asked for themselves, and is told so', async () => {
    const officer = await shop.enter('officer', '/officer')
    const own = officer.getByRole('article').filter({ hasText: '(you)' })
    await own.getByText('You asked for this payment or pay it, so that another officer decides on it.').waitFor()
    expect(await own.getByRole('button').count()).toBe(0)
    const second = await shop.enter('second officer', '/officer')
    const theirs = second.getByRole('article').filter({ hasText: people.officer.address.slice(0, 6) })
    await theirs.getByRole('button', { name: 'Let it pass' }).waitFor()
  })

  test('who is put on a list is refused from then on by that rule, which is explained on the desk; taking them off takes a second person', async () => {
    const officer = await shop.enter('officer', '/officer/lists')
    const reader = await shop.enter('reader without funds', '/wallet')
    const { address } = people['reader without funds']

    await officer.getByRole('button', { name: 'Put somebody on a list' }).click()
    const form = officer.getByRole('dialog', { name: 'Put somebody on a list' })
    await form.getByLabel('List').fill('watched')
    await form.getByLabel('Who').fill(`${address.slice(0, -1)}${address.endsWith('0') ? '1' : '0'}`)
    await form.getByLabel('Why').fill('under investigation')
    await form.getByRole('button', { name: 'Put them on it' }).click()
    await form.getByText('its checksum is wrong').waitFor()
    await form.getByLabel('Who').fill(address)
    await form.getByRole('button', { name: 'Put them on it' }).click()
    await officer.getByText(`Done: “watched” has ${address}.`).waitFor()

    await reader.goto(shop.example.url)
    await reader.getByRole('link', { name: 'Night walk in Bardia' }).click()
    await reader.getByLabel(/Your own wallet/).check()
    await reader.getByText(/is on the list "watched": under investigation/).waitFor()

    await officer.getByRole('button', { name: `Take off ${address}` }).click()
    const removal = officer.getByRole('dialog', { name: 'Take them off the list' })
    await removal.getByLabel('Why').fill('cleared')
    await removal.getByRole('button', { name: 'Ask for it' }).click()
    await officer.getByText('It loosens a list, so that somebody else has to approve it.').waitFor()
    await officer.getByRole('main').getByRole('link', { name: 'approvals', exact: true }).click()
    await officer.getByText('You asked for this, so another officer or an operator decides on it.').waitFor()

    const operator = await shop.enter('operator', '/officer/approvals')
    await operator.getByRole('button', { name: 'Approve, and do it' }).click()
    await officer.getByText('Nothing waits for a second person').waitFor()
    await officer.getByRole('link', { name: 'Lists' }).click()
    await officer.getByText('fraud', { exact: true }).last().waitFor()
    await officer.getByRole('button', { name: `Take off ${address}` }).waitFor({ state: 'detached' })
  })

  test('a decision is explained with every rule, and its record is verified by the browser', async () => {
    const auditor = await shop.enter('auditor', '/officer/decisions')
    await auditor.getByRole('radio', { name: 'For an officer' }).check()
    await auditor
      .getByRole('main')
      .getByRole('link', { name: /250\.00 USDC/ })
      .last()
      .click()
    await auditor.getByRole('heading', { name: 'Every rule, and what it saw' }).waitFor()
    for (const rule of ['Deny lists', 'Sanctions', 'Amount at once', 'Limit over time'])
      await auditor.getByText(rule, { exact: true }).waitFor()
    await auditor.getByText('is the hash of what was decided on').waitFor()
    await auditor.getByRole('link', { name: 'Verify it here' }).click()
    await auditor.getByText(/This browser has recomputed its/).waitFor()
    const record = auditor.getByRole('listitem').filter({ hasText: 'payment.held' })
    await record.getByText('Proven to be in the log').waitFor()
    await record.getByText('Its root is signed').waitFor()

    await auditor.getByRole('link', { name: 'All records' }).click()
    await auditor.getByLabel('What happened').fill('payment held')
    await auditor.getByRole('button', { name: 'Search' }).click()
    await auditor.getByText('an action is such as payment.accepted').waitFor()
    await auditor.getByLabel('What happened').fill('policy.published')
    await auditor.getByRole('button', { name: 'Search' }).click()
    const found = auditor.getByRole('main').getByRole('link', { name: /policy\.published/ })
    await found.waitFor()
    expect(await found.count()).toBe(1)
  })

  test('a merchant puts something up, and sees it sold in the moment in which it is', async () => {
    const merchant = await shop.enter('merchant', '/merchant')
    await merchant.getByRole('button', { name: 'New paywall' }).click()
    const form = merchant.getByRole('dialog', { name: 'New paywall' })
    await form.getByLabel('Price').fill('1.2345678')
    await form.getByRole('button', { name: 'Open it' }).click()
    await form.getByText('with at most 6 digits after the point').waitFor()
    await form.getByLabel('Price').fill('3.21')
    await form.getByLabel('What is sold').fill('Whiskers are longer than one thinks.\n\nThat is all.')
    await form.getByRole('button', { name: 'Open it' }).click()
    await form.getByText('Give it a title of 1 to 200 characters.').waitFor()
    await form.getByLabel('Title').fill('On whiskers')
    await form.getByRole('button', { name: 'Open it' }).click()
    await merchant.getByText('“On whiskers” is open.').waitFor()
    const before = await merchant.getByRole('region', { name: 'Earned' }).locator('.sum').textContent()

    const reader = await shop.enter('reader', '/')
    await buy(reader, 'On whiskers')
    await reader.getByText('That is all.').waitFor()
    const sale = merchant
      .getByRole('region', { name: 'Latest' })
      .getByRole('listitem')
      .filter({ hasText: 'On whiskers' })
    await sale.getByText('Paid').waitFor()
    await sale.getByText('3.21 USDC').waitFor()
    await expect
      .poll(() => merchant.getByRole('region', { name: 'Earned' }).locator('.sum').textContent(), { timeout: 20_000 })
      .toBe(`${((Number(before!.replace(' USDC', '')) * 100 + 321) / 100).toFixed(2)} USDC`)

    const card = merchant.getByRole('listitem').filter({ has: merchant.getByRole('heading', { name: 'On whiskers' }) })
    await card.getByRole('button', { name: 'Edit “On whiskers”' }).click()
    const edit = merchant.getByRole('dialog', { name: 'Edit' })
    expect(await edit.getByLabel('What is sold').inputValue()).toContain('Whiskers are longer')
    await edit.getByLabel('Price').fill('4')
    await edit.getByRole('button', { name: 'Save' }).click()
    await card.getByText('4.00 USDC').waitFor()
    await card.getByRole('button', { name: 'Archive “On whiskers”' }).click()
    await merchant.getByRole('button', { name: 'Archive it' }).click()
    await card.getByText('Archived').waitFor()
    await reader.reload()
    await reader.getByText('That is all.').waitFor()
  })

  test('who has no part there is told whose room it is, and who could let them in', async () => {
    const reader = await shop.enter('reader', '/officer')
    await reader.getByRole('heading', { name: "This is the compliance officer's desk" }).waitFor()
    await reader.goto(`${shop.example.url}/merchant`)
    await reader.getByText('who is a reader here').waitFor()
    const nobody = await shop.visit('/merchant')
    await nobody.getByText('Sign in with the wallet that the shop knows you by.').waitFor()
  })

  test.for([
    ['a desk by day', {}],
    ['a phone by night', phone],
  ] as const)('axe finds nothing that keeps anybody out: %s', async ([, options]) => {
    const merchant = await shop.enter('merchant', '/merchant', options)
    await merchant.getByText('The same as a table').click()
    await expectAccessible(merchant, '/merchant')
    await merchant.getByRole('button', { name: 'New paywall' }).click()
    await merchant.getByRole('dialog').getByRole('button', { name: 'Open it' }).click()
    await expectAccessible(merchant, 'the form of a paywall')

    const officer = await shop.enter('officer', '/officer', options)
    for (const path of ['/officer', '/officer/approvals', '/officer/lists', '/officer/decisions', '/officer/audit']) {
      await officer.goto(shop.example.url + path)
      await officer.getByRole('heading', { level: 1 }).waitFor()
      await officer.locator('.skeleton').first().waitFor({ state: 'detached' })
      await expectAccessible(officer, path)
      expect(await officer.evaluate(() => document.documentElement.scrollWidth - innerWidth), path).toBeLessThanOrEqual(
        0,
      )
    }
    await officer.goto(`${shop.example.url}/officer/decisions`)
    await officer.getByRole('main').getByRole('link', { name: /USDC/ }).first().click()
    await officer.getByRole('heading', { name: 'Every rule, and what it saw' }).waitFor()
    await expectAccessible(officer, 'a decision')
    await officer.getByRole('link', { name: 'Verify it here' }).click()
    await officer.getByText('Proven to be in the log').first().waitFor()
    await expectAccessible(officer, 'a trail')
    await expectAccessible(await shop.enter('reader', '/officer', options), 'somebody else there')
  })
})
