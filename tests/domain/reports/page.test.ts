import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { reportKinds } from '../../../server/domain/reports/kinds.ts'
import { makeReport } from '../../../server/domain/reports/make-report.ts'
import { startBrowser, type TestBrowser } from '../../browser/support/browser.ts'
import { findChromium } from '../../browser/support/find-chromium.ts'
import { testDatabase } from '../../support/database.ts'
import { key, publicKeys, seal } from '../audit/support/trails.ts'
import { from, hostile, seedMonth, to } from './support/month.ts'

const chromium = findChromium()
if (!chromium) console.log('NOT RUN: the page of a report in a browser, for there is no Chromium')

let html: string
let path: string
let browser: TestBrowser | null
let page: Page
const requests: string[] = []

beforeAll(async () => {
  await using database = await testDatabase()
  const { appId } = await seedMonth(database.db)
  await seal(database.db)
  const now = new Date('2026-11-01T03:00:12Z')
  const { files } = await makeReport(
    database.db,
    {
      id: '6f0c1a52-8b1e-4c41-9a35-2f4f8f6f1b07',
      appId,
      kinds: reportKinds,
      from,
      to,
      requestedBy: 'system:clock',
      now,
    },
    { key, publicKeys },
  )
  html = Buffer.concat(files.find(({ name }) => name === 'report.html')!.parts).toString()
  path = await mkdtemp(join(tmpdir(), 'provider-report-'))
  await writeFile(join(path, 'report.html'), html)
  browser = chromium ? await startBrowser(chromium) : null
  if (!browser) return
  page = await browser.context.newPage()
  page.on('request', (request) => requests.push(request.url()))
  await page.goto(`file://${join(path, 'report.html')}`)
})
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]()
  await rm(path, { recursive: true })
})

test('what comes from outside is text in it, and nothing else', () => {
  expect(html).not.toContain('<script')
  expect(html).not.toContain('<Tiger>')
  expect(html).toContain('Payer &#38; &#60;Tiger&#62;')
  expect(html).not.toContain(hostile)
  expect(html.match(/(?:https?:)?\/\/[\w.-]+/g) ?? []).toEqual([])
})

test.skipIf(!chromium)('every chart has as many marks as it has things to show, and says what it is', async () => {
  const marks = await page.evaluate(() =>
    Object.fromEntries(
      [...document.querySelectorAll('svg.chart')].map((svg) => [
        svg.id,
        {
          marks: svg.querySelectorAll('.column, .bar').length,
          named: svg
            .getAttribute('aria-labelledby')!
            .split(' ')
            .every((id) => document.getElementById(id)!.textContent!.length > 10),
        },
      ]),
    ),
  )
  const rowsOf = (title: string) =>
    page
      .locator('section', { has: page.locator('h2', { hasText: title }) })
      .locator('table tbody tr')
      .count()
  expect(marks).toEqual({
    'decisions-per-day': { marks: 31, named: true },
    'refusals-by-rule': { marks: await rowsOf('Refusals'), named: true },
    'review-ages': { marks: 6, named: true },
    'payments-by-jurisdiction': { marks: 5, named: true },
  })
})

test.skipIf(!chromium)('it asks for nothing, and runs nothing', async () => {
  expect(requests).toEqual([`file://${join(path, 'report.html')}`])
  expect(await page.locator('script, link, img, iframe, object, embed, form, a').count()).toBe(0)
  expect(
    await page.evaluate(() =>
      [...document.querySelectorAll('*')]
        .flatMap((one) => one.getAttributeNames())
        .filter((name) => name.startsWith('on')),
    ),
  ).toEqual([])
})

test.skipIf(!chromium)('it is printed on A4, and nothing runs over the edge', async () => {
  await page.emulateMedia({ media: 'print' })
  // the width that is left of A4 between the margins, at 96 dots per inch
  await page.setViewportSize({ width: Math.floor(((210 - 32) / 25.4) * 96), height: 1000 })
  const overflowing = await page.evaluate(() => {
    const edge = document.documentElement.clientWidth + 1
    return [...document.querySelectorAll('main *')]
      .filter((one) => one.getBoundingClientRect().right > edge)
      .map((one) => one.outerHTML.slice(0, 80))
  })
  expect(overflowing).toEqual([])
  const pdf = await page.pdf({ preferCSSPageSize: true })
  const boxes = pdf.toString('latin1').match(/\/MediaBox \[[^\]]*\]/g)!
  expect(boxes.length).toBeGreaterThan(2)
  expect(boxes.length).toBeLessThan(10)
  for (const box of boxes) {
    const [, , width, height] = box.match(/[\d.]+/g)!.map(Number)
    expect([Math.round(width!), Math.round(height!)]).toEqual([595, 842])
  }
  if (process.env.REPORT_PICTURES) await pictures(pdf)
})

/** For whoever wants to look: the page as on a screen, and as it is printed. */
async function pictures(pdf: Buffer): Promise<void> {
  const target = process.env.REPORT_PICTURES!
  await writeFile(join(target, 'report.pdf'), pdf)
  await writeFile(join(target, 'report.html'), html)
  await page.emulateMedia({ media: 'screen' })
  await page.setViewportSize({ width: 900, height: 1200 })
  await page.screenshot({ path: join(target, 'report-screen.png'), fullPage: true })
}
