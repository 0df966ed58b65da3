import type { Check } from '../../contract/entities.ts'
import { barChart, chartPatterns, columnChart, type Series } from './charts.ts'
import type { Summaries } from './make-report.ts'
import type { ReportManifest } from './manifest.ts'
import { pageStyle } from './page-style.ts'
import type { PaymentsOf } from './read-payments.ts'
import type { TextFile } from './text-file.ts'
import { decimal, duration, escaped, whole } from './wording.ts'

/** What the page says of the report itself: as its manifest, but for the files and the signature. */
export type AboutReport = Omit<ReportManifest, 'files' | 'publicKeys' | 'signature'>

/** The report for people: one page of HTML that needs nothing else, to be read on a screen or printed on A4. */
export function renderPage(about: AboutReport, summaries: Summaries, files: readonly TextFile[]): string[] {
  const { decisions, reviews, payments, lists, privileged } = summaries
  const has = (kind: AboutReport['kinds'][number]) => about.kinds.includes(kind)
  const sections = [
    (has('decisions') || has('refusals')) && decisionsSection(decisions),
    has('refusals') && refusalsSection(decisions),
    reviews && reviewsSection(reviews),
    payments && paymentsSection(payments),
    lists && listsSection(lists),
    privileged && privilegedSection(privileged),
    verificationSection(about, files),
  ].filter((section) => typeof section === 'string')
  return [
    head(about),
    `<body>${chartPatterns}<main>`,
    header(about),
    keyFigures(summaries),
    ...sections.map((section, index) => section.replace('<h2>', `<h2><span>${index + 1}</span>`)),
    '</main></body></html>\n',
  ]
}

const head = (about: AboutReport): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(`Compliance report of ${about.appName}, ${periodOf(about)}`)}</title>
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>${pageStyle({ footer: `Report ${about.report}, ${about.from.slice(0, 10)} to ${about.to.slice(0, 10)}` })}</style></head>
`

function header(about: AboutReport): string {
  const { checkpoint, policyVersions } = about
  const facts: [string, string][] = [
    ['Application', `${escaped(about.appName)}<br><code>${about.app}</code>`],
    ['Period', `${moment(about.from)} to before ${moment(about.to)} UTC`],
    ['Policy in force', versionsOf(policyVersions)],
    ['Asked for by', `<code>${escaped(about.requestedBy)}</code>`],
    ['Made', `${moment(about.generatedAt)} UTC`],
    [
      'Audit log',
      checkpoint
        ? `checkpoint ${whole(checkpoint.number)} over ${whole(checkpoint.size)} records, sealed ${moment(checkpoint.sealedAt)} UTC`
        : 'nothing was sealed when the report was made',
    ],
  ]
  return `<header><p class="kind">Compliance report</p><h1>${escaped(periodOf(about))}</h1><dl>${facts
    .map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`)
    .join('')}</dl></header>`
}

function keyFigures({ decisions, reviews, payments, lists, privileged }: Summaries): string {
  const refused = decisions.byDay.reduce((total, { deny }) => total + deny, 0)
  const figures: [string, number][] = [
    ['decisions', decisions.total],
    ['of them refused', refused],
    ...(reviews
      ? ([
          ['reviews', reviews.total],
          ['still open', reviews.byAge.reduce((total, { open }) => total + open, 0)],
        ] as [string, number][])
      : []),
    ...(payments
      ? ([['payments settled', payments.reduce((total, { settled }) => total + settled, 0)]] as [string, number][])
      : []),
    ...(lists ? ([['list changes', lists.total]] as [string, number][]) : []),
    ...(privileged ? ([['privileged actions', privileged.total]] as [string, number][]) : []),
  ]
  return `<ul class="figures">${figures.map(([name, value]) => `<li><b>${whole(value)}</b>${name}</li>`).join('')}</ul>`
}

const outcomes: readonly Series[] = [
  { name: 'allowed', look: 'pale' },
  { name: 'to review', look: 'hatched' },
  { name: 'refused', look: 'dark' },
]
const wordOf: Record<Check['outcome'], string> = { allow: 'allowed', review: 'to review', deny: 'refused' }

function decisionsSection({ total, byDay, byOutcome }: Summaries['decisions']): string {
  const days = byDay.map(({ day, allow, review, deny }) => ({ label: dayLabel(day), values: [allow, review, deny] }))
  const chart = columnChart(
    {
      id: 'decisions-per-day',
      title: 'Decisions per day, by outcome',
      description: `${whole(total)} decisions on ${byDay.length} days: ${byOutcome.map(({ key, count }) => `${whole(count)} ${wordOf[key.outcome]}`).join(', ')}.`,
    },
    outcomes,
    days,
  )
  return section(
    'Decisions',
    'Each movement of value was decided on by the policy in force at that moment; the strictest of its rules counts. Days are in UTC.',
    figure('Decisions per day, by outcome', chart, total),
    table(
      ['Action', 'Outcome', 'Decisions#'],
      byOutcome.map(({ key, count }) => [escaped(key.action), wordOf[key.outcome], whole(count)]),
      ['Total', '', whole(total)],
    ),
  )
}

/** Bars that a chart shows; the table below it has all. */
const MOST_BARS = 12

function refusalsSection({ refusals }: Summaries['decisions']): string {
  const total = refusals.reduce((sum, { count }) => sum + count, 0)
  const chart = barChart(
    {
      id: 'refusals-by-rule',
      title: 'Refusals by reason',
      description: refusals.map(({ key, count }) => `${key.rule}, ${key.code}: ${whole(count)}`).join('; '),
    },
    refusals.slice(0, MOST_BARS).map(({ key, count }) => ({ label: key.code, value: count })),
  )
  return section(
    'Refusals',
    'A decision may be refused by several rules at once; each of them is counted.',
    figure('Refusals by reason code', chart, total),
    table(
      ['Rule', 'Reason code', 'Refusals#'],
      refusals.map(({ key, count }) => [escaped(key.rule), `<code>${escaped(key.code)}</code>`, whole(count)]),
      ['Total', '', whole(total)],
    ),
  )
}

function reviewsSection({ total, byAge, byOutcome }: NonNullable<Summaries['reviews']>): string {
  const chart = columnChart(
    {
      id: 'review-ages',
      title: 'Reviews by age',
      description: byAge.map(({ age, closed, open }) => `${age}: ${closed} closed, ${open} open`).join('; '),
    },
    [
      { name: 'closed', look: 'pale' },
      { name: 'open at the end of the period', look: 'dark' },
    ],
    byAge.map(({ age, closed, open }) => ({ label: age, values: [closed, open] })),
  )
  return section(
    'Reviews',
    'Payments that waited for an officer at some moment of the period. The age is the time until somebody decided, or until the end of the period.',
    figure('Reviews by age', chart, total),
    table(
      ['Outcome', 'Reviews#', 'Shortest#', 'Median#', 'Longest#'],
      byOutcome.map(({ outcome, reviews, shortest, median, longest }) => [
        escaped(outcome),
        whole(reviews),
        duration(shortest),
        duration(median),
        duration(longest),
      ]),
      ['Total', whole(total), '', '', ''],
    ),
  )
}

function paymentsSection(rows: readonly PaymentsOf[]): string {
  const settled = new Map<string, number>()
  for (const row of rows) settled.set(row.jurisdiction, (settled.get(row.jurisdiction) ?? 0) + row.settled)
  const bars = [...settled].sort(([, a], [, b]) => b - a)
  const total = bars.reduce((sum, [, count]) => sum + count, 0)
  const chart = barChart(
    {
      id: 'payments-by-jurisdiction',
      title: 'Settled payments by jurisdiction',
      description: bars.map(([place, count]) => `${placeOf(place)}: ${whole(count)}`).join('; '),
    },
    bars.slice(0, MOST_BARS).map(([place, value]) => ({ label: placeOf(place), value })),
  )
  return section(
    'Payments by jurisdiction',
    'By the jurisdiction of whoever paid, as it was attested when the payment was decided on; unknown where the policy did not ask for it, or nobody attested to it. Accepted: asked for and taken within the period, whatever became of it. Settled: shown by the chain within the period.',
    figure('Settled payments by jurisdiction', chart, total),
    table(
      ['Jurisdiction', 'Asset', 'Accepted#', 'Amount#', 'Settled#', 'Amount#'],
      rows.map(({ jurisdiction, symbol, chain, decimals, ...row }) => [
        escaped(placeOf(jurisdiction)),
        `${escaped(symbol)} <small>${escaped(chain)}</small>`,
        whole(row.accepted),
        decimal(row.acceptedAmount, decimals),
        whole(row.settled),
        decimal(row.settledAmount, decimals),
      ]),
      ...totalsOf(rows),
    ),
  )
}

/** A total for each asset: amounts of different ones do not add up. */
function totalsOf(rows: readonly PaymentsOf[]): string[][] {
  return [...new Set(rows.map(({ assetId }) => assetId))].map((id) => {
    const these = rows.filter(({ assetId }) => assetId === id)
    const { symbol, decimals } = these[0]!
    const add = (of: (row: PaymentsOf) => number) => whole(these.reduce((total, row) => total + of(row), 0))
    const amount = (of: (row: PaymentsOf) => bigint) =>
      decimal(
        these.reduce((total, row) => total + of(row), 0n),
        decimals,
      )
    return [
      'Total',
      escaped(symbol),
      add(({ accepted }) => accepted),
      amount(({ acceptedAmount }) => acceptedAmount),
      add(({ settled }) => settled),
      amount(({ settledAmount }) => settledAmount),
    ]
  })
}

const listsSection = ({ total, byList }: NonNullable<Summaries['lists']>): string =>
  section(
    'List changes',
    'What was put on lists, taken off them, and replaced by imports. Every change with its actor and reason is in list-changes.csv.',
    table(
      ['List', 'Change', 'Times#'],
      byList.map(({ key, count }) => [escaped(key.list), escaped(words(key.action)), whole(count)]),
      ['Total', '', whole(total)],
    ),
  )

const privilegedSection = ({ total, byAction, byActor, last }: NonNullable<Summaries['privileged']>): string =>
  section(
    'Privileged actions',
    'Changes of roles, keys, policies and lists, decisions on reviews, legal holds, and every word of a second person, with who did it.',
    `<div class="beside">${table(
      ['Action', 'Times#'],
      byAction.map(({ key, count }) => [escaped(words(key)), whole(count)]),
      ['Total', whole(total)],
    )}${table(
      ['Actor', 'Actions#'],
      byActor.slice(0, 20).map(({ key, count }) => [`<code>${escaped(key)}</code>`, whole(count)]),
      ['Total', whole(total)],
    )}</div>`,
    last.length === 0
      ? ''
      : `<h3>${last.length < total ? `The last ${last.length} of ${whole(total)}` : 'All of them'}</h3>${table(
          ['Time (UTC)', 'Action', 'Actor', 'Object'],
          last.map(({ at, action, actor, object }) => [
            `<span class="moment">${moment(at)}</span>`,
            escaped(words(action)),
            `<code>${escaped(actor)}</code>`,
            `<code>${escaped(object)}</code>`,
          ]),
        )}`,
  )

function verificationSection(about: AboutReport, files: readonly TextFile[]): string {
  const { checkpoint } = about
  const log = checkpoint
    ? `<p>It speaks of the audit log as of checkpoint ${whole(checkpoint.number)}, whose root is <code>${checkpoint.root}</code>. An export of the audit log (<code>provider audit export</code>) proves each record that these numbers rest on.</p>`
    : ''
  return section(
    'How to verify this report',
    `The report is a directory of files. Its manifest.json has the SHA-256 of each of them, this page included, and is signed (Ed25519) with the audit key “${about.key}”. With the public half of that key, which is to be had from the operator and not from the report, anybody can check it without a connection:`,
    '<pre>npm run provider -- reports verify DIRECTORY --key NAME:KEY</pre>',
    table(
      ['File', 'Rows#', 'Bytes#', 'SHA-256'],
      files.map(({ name, rows, seal }) => [
        escaped(name),
        rows === null ? '' : whole(rows),
        whole(seal.bytes),
        `<code class="hash">${seal.sha256}</code>`,
      ]),
    ),
    log,
    '<p>A signature tells of any change made since. It does not tell whether what was recorded was right, and whoever has both the database and the key could sign another report: what they cannot do is to agree with checkpoints that were kept elsewhere.</p>',
  )
}

const section = (title: string, says: string, ...content: string[]): string =>
  `<section><h2>${title}</h2><p>${escaped(says)}</p>${content.join('')}</section>`

const figure = (caption: string, chart: string, count: number): string =>
  count === 0
    ? '<p class="none">Nothing in this period.</p>'
    : `<figure><figcaption>${caption}</figcaption>${chart}</figure>`

/** A table of cells that are HTML already. A column whose name ends with # has numbers. Rows after the cells are totals. */
function table(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  ...totals: readonly string[][]
): string {
  if (rows.length === 0) return ''
  const isNumber = (index: number) => columns[index]!.endsWith('#')
  const line = (cells: readonly string[], tag: 'td' | 'th') =>
    `<tr>${cells.map((cell, index) => `<${tag}${tag === 'th' ? ' scope="col"' : ''}${isNumber(index) ? ' class="number"' : ''}>${cell}</${tag}>`).join('')}</tr>`
  const names = columns.map((name) => escaped(name.replace('#', '')))
  const foot = totals.length > 0 ? `<tfoot>${totals.map((cells) => line(cells, 'td')).join('')}</tfoot>` : ''
  return `<table><thead>${line(names, 'th')}</thead><tbody>${rows.map((cells) => line(cells, 'td')).join('')}</tbody>${foot}</table>`
}

const words = (action: string) => action.replaceAll('_', ' ').replace('.', ': ')
const moment = (at: string) => at.slice(0, 16).replace('T', ' ')
const versionsOf = (versions: readonly number[]): string =>
  versions.map((version) => (version === 0 ? 'none published' : `version ${version}`)).join(', ') ||
  'no decision was made'

const names = new Intl.DisplayNames('en', { type: 'region' })
const placeOf = (code: string): string => (code === 'unknown' ? 'unknown' : `${names.of(code)} (${code})`)

const dayLabel = (day: string): string => String(Number(day.slice(8)))

/** `October 2026`, or from when to when. */
function periodOf({ from, to }: Pick<AboutReport, 'from' | 'to'>): string {
  const [first, end] = [new Date(from), new Date(to)]
  const nextMonth = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1))
  const isMonth = from.slice(8) === '01T00:00:00.000Z' && end.getTime() === nextMonth.getTime()
  return isMonth
    ? first.toLocaleDateString('en', { month: 'long', year: 'numeric', timeZone: 'UTC' })
    : `${moment(from)} to ${moment(to)}`
}
