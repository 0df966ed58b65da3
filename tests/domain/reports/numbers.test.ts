import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Facts, Question } from '../../../server/domain/compliance/question.ts'
import { jurisdiction, jurisdictionIn } from '../../../server/domain/compliance/rules/jurisdiction.ts'
import { reportKinds, type TableName, tablesOf } from '../../../server/domain/reports/kinds.ts'
import { type MadeReport, makeReport } from '../../../server/domain/reports/make-report.ts'
import { privilegedActions } from '../../../server/domain/reports/read-privileged-actions.ts'
import { type TestDatabase, testDatabase } from '../../support/database.ts'
import { key, publicKeys, seal } from '../audit/support/trails.ts'
import { from, hostile, type Month, seedMonth, to } from './support/month.ts'

const now = new Date('2026-11-01T03:00:00Z')
let database: TestDatabase
let month: Month
let report: MadeReport

beforeAll(async () => {
  database = await testDatabase()
  month = await seedMonth(database.db)
  // what is another app's must not be counted
  await seedMonth(database.db, { name: 'another', seed: 8, decisions: 40 })
  await seal(database.db)
  report = await make()
})
afterAll(() => database[Symbol.asyncDispose]())

const make = (patch: Partial<Parameters<typeof makeReport>[1]> = {}) =>
  makeReport(
    database.db,
    { id: crypto.randomUUID(), appId: month.appId, kinds: reportKinds, from, to, requestedBy: 'user:1', now, ...patch },
    { key, publicKeys },
  )

const textOf = (name: string, { files } = report) =>
  Buffer.concat(files.find((file) => file.name === name)!.parts).toString()

type Cells = Record<string, string | number | null>

/** A table as its kind's JSON has it. */
const tableIn = (name: TableName, made = report): Cells[] => {
  const kind = reportKinds.find((one) => Object.hasOwn(tablesOf[one], name))!
  return JSON.parse(textOf(`${kind}.json`, made)).tables[name]
}

const within = (at: Date) => at >= from && at < to
const count = <T>(list: readonly T[], of: (item: T) => string) => {
  const counts = new Map<string, number>()
  for (const item of list) counts.set(of(item), (counts.get(of(item)) ?? 0) + 1)
  return Object.fromEntries(counts)
}
const counted = (name: TableName, column: string, ...by: string[]) =>
  Object.fromEntries(tableIn(name).map((row) => [by.map((one) => row[one]).join(' '), row[column]]))

test('decisions: each of the period, and no other, counted by outcome and by day', () => {
  const expected = month.decisions.filter(({ at }) => within(at))
  expect(expected.length).toBeGreaterThan(700)
  expect(expected.length).toBeLessThan(month.decisions.length)

  const rows = tableIn('decisions')
  expect(new Set(rows.map(({ decision }) => decision))).toEqual(new Set(expected.map(({ id }) => id)))
  expect(rows.length).toBe(expected.length)
  expect(rows.map(({ at }) => at)).toEqual(expected.map(({ at }) => at.toISOString()).sort())
  const one = expected.find(({ outcome }) => outcome === 'deny')!
  expect(rows.find(({ decision }) => decision === one.id)).toMatchObject({
    outcome: 'deny',
    amount: String(one.amount),
    asset: month.assets[one.asset]!.id,
    policy_version: one.policyVersion,
    codes: one.checks
      .filter(({ outcome }) => outcome !== 'allow')
      .map(({ code }) => code)
      .join(' '),
  })
  expect(counted('decisions-by-outcome', 'decisions', 'outcome')).toEqual(count(expected, ({ outcome }) => outcome))

  const days = tableIn('decisions-by-day')
  expect(days).toHaveLength(31)
  for (const day of days)
    expect({
      allow: 0,
      review: 0,
      deny: 0,
      ...count(
        expected.filter(({ at }) => at.toISOString().startsWith(String(day.day))),
        ({ outcome }) => outcome,
      ),
    }).toEqual({ allow: day.allow, review: day.review, deny: day.deny })
  expect(report.manifest.policyVersions).toEqual([3, 4])
})

test('refusals: each rule that refused, by its reason code', () => {
  const expected = month.decisions
    .filter(({ at, outcome }) => within(at) && outcome === 'deny')
    .flatMap(({ checks }) => checks.filter(({ outcome }) => outcome === 'deny'))
  expect(tableIn('refusals')).toHaveLength(expected.length)
  expect(counted('refusals-by-rule', 'refusals', 'rule', 'code')).toEqual(
    count(expected, ({ rule, code }) => `${rule} ${code}`),
  )
  expect(tableIn('refusals').some(({ message }) => message === hostile)).toBe(true)
})

test('reviews: as they stood at the end of the period, with their ages', () => {
  const expected = month.reviews
    .filter(({ openedAt, closedAt }) => openedAt < to && (!closedAt || closedAt >= from))
    .map(({ id, openedAt, closedAt, state, by }) => {
      const closed = closedAt && closedAt < to ? closedAt : null
      return {
        id,
        outcome: closed ? state : 'open',
        by: closed ? by : null,
        age: Math.floor(((closed ?? to).getTime() - openedAt.getTime()) / 1000),
      }
    })
  expect(
    expected.some(
      ({ id, outcome }) => outcome === 'open' && month.reviews.find((one) => one.id === id)!.state !== 'open',
    ),
  ).toBe(true)
  const rows = tableIn('reviews')
  expect(
    rows
      .map(({ review, outcome, decided_by, age_seconds }) => ({
        id: review,
        outcome,
        by: decided_by,
        age: age_seconds,
      }))
      .sort(byId),
  ).toEqual(expected.sort(byId))
  expect(counted('reviews-by-outcome', 'reviews', 'outcome')).toEqual(count(expected, ({ outcome }) => outcome))
  for (const { outcome, shortest_seconds, median_seconds, longest_seconds } of tableIn('reviews-by-outcome')) {
    const ages = expected
      .filter((one) => one.outcome === outcome)
      .map(({ age }) => age)
      .sort((a, b) => a - b)
    expect([shortest_seconds, median_seconds, longest_seconds]).toEqual([
      ages[0],
      ages[Math.ceil(ages.length / 2) - 1],
      ages.at(-1),
    ])
  }
  const bounds = [0, 1, 4, 24, 48, 72, 1e9].map((hours) => hours * 3600)
  expect(tableIn('reviews-by-age').map(({ closed, open }) => [closed, open])).toEqual(
    bounds.slice(1).map((below, index) => {
      const these = expected.filter(({ age }) => age >= bounds[index]! && age < below)
      const open = these.filter(({ outcome }) => outcome === 'open').length
      return [these.length - open, open]
    }),
  )
})

const byId = (a: { id: unknown }, b: { id: unknown }) => (String(a.id) < String(b.id) ? -1 : 1)

test('list changes and privileged actions: who did what, and when', () => {
  const expected = month.leaves.filter(({ at }) => within(at))
  const listed = expected.filter(({ action }) => action.startsWith('list'))
  const rows = tableIn('list-changes')
  expect(rows.map(({ object }) => object).sort()).toEqual(listed.map(({ object }) => object).sort())
  for (const { object, actor, at, data } of listed)
    expect(rows.find((row) => row.object === object)).toMatchObject({
      actor,
      at: at.toISOString(),
      list: data.list ?? data.name,
      subject: data.subject ?? null,
      added: data.added ?? null,
      reason: data.reason ?? null,
    })
  expect(counted('list-changes-by-list', 'changes', 'list', 'action')).toEqual(
    count(listed, ({ action, data }) => `${data.list ?? data.name} ${action}`),
  )

  const privileged = expected.filter(({ action }) => (privilegedActions as readonly string[]).includes(action))
  const actions = tableIn('privileged-actions')
  expect(actions.map(({ object, action, actor }) => `${object} ${action} ${actor}`).sort()).toEqual(
    privileged.map(({ object, action, actor }) => `${object} ${action} ${actor}`).sort(),
  )
  expect(actions.map(({ at }) => at)).toEqual(privileged.map(({ at }) => at.toISOString()).sort())
  for (const { object, data } of privileged)
    expect(JSON.parse(String(actions.find((row) => row.object === object)!.data))).toEqual(data)
  expect(counted('privileged-actions-by-action', 'actions', 'action')).toEqual(
    count(privileged, ({ action }) => action),
  )
  expect(counted('privileged-actions-by-actor', 'actions', 'actor')).toEqual(count(privileged, ({ actor }) => actor))
})

test('payments: counted and added up exactly, by where the payer was and by asset', () => {
  const keyOf = ({ jurisdiction, decision }: Month['payments'][number]) =>
    `${jurisdiction ?? 'unknown'} ${month.assets[decision.asset]!.id}`
  const expected: Record<string, (number | string)[]> = {}
  for (const key of new Set(month.payments.map(keyOf))) {
    const these = month.payments.filter((one) => keyOf(one) === key)
    const accepted = these.filter(({ decision }) => within(decision.at))
    const settled = these.filter(({ settledAt }) => settledAt && within(settledAt))
    const sum = (list: typeof these) => String(list.reduce((total, { decision }) => total + decision.amount, 0n))
    if (accepted.length + settled.length > 0)
      expected[key] = [accepted.length, sum(accepted), settled.length, sum(settled)]
  }
  expect(Object.keys(expected).some((name) => name.startsWith('unknown'))).toBe(true)
  expect(
    Object.fromEntries(
      tableIn('payments-by-jurisdiction').map((row) => [
        `${row.jurisdiction} ${row.asset}`,
        [row.accepted, row.accepted_amount, row.settled, row.settled_amount],
      ]),
    ),
  ).toEqual(expected)
})

test('where a payer was is read from what the rule itself stores', () => {
  const rule: Parameters<typeof jurisdiction>[0] = {
    rule: 'jurisdiction',
    parties: ['recipient', 'payer'],
    allowed: null,
    blocked: ['KP'],
    otherwise: 'deny',
    unanswered: 'review',
  }
  const question = { parties: { payer: '0x01', recipient: '0x02' } } as unknown as Question
  const standing = (code: string) => ({ kyc: [], jurisdiction: { code, evidence: 'eas:1' }, unanswered: false })
  const checkOf = (payer: string) =>
    jurisdiction(rule, question, {
      standing: { payer: standing(payer), recipient: standing('FR') },
    } as unknown as Facts)
  expect(checkOf('DE').outcome).toBe('allow')
  expect(jurisdictionIn([checkOf('DE')], 'payer')).toBe('DE')
  expect(jurisdictionIn([checkOf('DE')], 'recipient')).toBe('FR')
  expect(jurisdictionIn([checkOf('KP')], 'payer')).toBe('KP')
  expect(
    jurisdictionIn(
      [
        { rule: 'kyc', evidence: 'payer in DE (eas:1)' },
        { rule: 'jurisdiction', evidence: null },
      ],
      'payer',
    ),
  ).toBe(null)
})

describe('files', () => {
  const tables = reportKinds.flatMap((kind) => Object.keys(tablesOf[kind]) as TableName[])

  test.each(tables)('%s.csv says what its JSON says', (name) => {
    const rows = parse(textOf(`${name}.csv`), { columns: true, record_delimiter: '\r\n' }) as Record<string, string>[]
    const plain = rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([column, cell]) => [column, /^'[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell]),
      ),
    )
    expect(plain).toEqual(
      tableIn(name).map((row) =>
        Object.fromEntries(Object.entries(row).map(([column, cell]) => [column, cell === null ? '' : String(cell)])),
      ),
    )
  })

  test('no cell begins as a formula does', () => {
    const cells = tables.flatMap((name) => (parse(textOf(`${name}.csv`)) as string[][]).flat())
    expect(cells.filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([])
    expect(cells).toContain(`'${hostile}`)
    expect(cells).toContain("'+1 was lost")
  })

  test('the manifest counts the rows of each, and knows the audit log', () => {
    const { manifest, files } = report
    expect(Object.keys(manifest.files).length).toBe(files.length - 1)
    for (const name of tables) expect(manifest.files[`${name}.csv`]!.rows).toBe(tableIn(name).length)
    expect(manifest.checkpoint).toMatchObject({ number: 1 })
    expect(manifest).toMatchObject({ app: month.appId, from: from.toISOString(), to: to.toISOString(), key: key.id })
  })

  test('parts put together are the file, and only the page has none of its hashes', () => {
    const page = textOf('report.html')
    for (const { name, seal } of report.files.slice(0, -2)) expect(page, name).toContain(seal.sha256)
  })

  test('of one kind there are the files of that kind alone, and of an empty month files without rows', async () => {
    const reviews = await make({ kinds: ['reviews'] })
    expect(Object.keys(reviews.manifest.files).sort()).toEqual([
      'report.html',
      'reviews-by-age.csv',
      'reviews-by-outcome.csv',
      'reviews.csv',
      'reviews.json',
    ])
    expect(tableIn('reviews', reviews)).toEqual(tableIn('reviews'))
    const empty = await make({ from: new Date('2020-01-01'), to: new Date('2020-02-01') })
    expect(tableIn('decisions', empty)).toEqual([])
    expect(tableIn('payments-by-jurisdiction', empty)).toEqual([])
    expect(textOf('report.html', empty)).toContain('Nothing in this period.')
  })

  test('an app that there is not has no report', async () => {
    await expect(make({ appId: crypto.randomUUID() })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})
