import type { ReviewRow } from '../../../db/schema.ts'
import { BATCH, readInBatches } from '../audit/read-in-batches.ts'
import { isAfter, type Reading } from './reading.ts'
import type { TableFiles } from './table-files.ts'

/** A review as it stood at the end of the period. Ages are in whole seconds. */
interface ReviewedAt {
  outcome: ReviewRow['state']
  age: number
}

/** What the summary shows of reviews. */
export interface ReviewSummary {
  total: number
  byOutcome: { outcome: string; reviews: number; shortest: number; median: number; longest: number }[]
  byAge: { age: string; closed: number; open: number }[]
}

const HOUR = 3_600
const ages: readonly { age: string; below: number }[] = [
  { age: 'below 1 h', below: HOUR },
  { age: '1 to 4 h', below: 4 * HOUR },
  { age: '4 to 24 h', below: 24 * HOUR },
  { age: '1 to 2 d', below: 48 * HOUR },
  { age: '2 to 3 d', below: 72 * HOUR },
  { age: '3 d or more', below: Number.POSITIVE_INFINITY },
]

interface Row {
  id: string
  payment_id: string
  decision_id: string
  requested_by: string
  state: ReviewRow['state']
  created_at: Date
  /** The leaf of its last change. */
  body: Buffer
}

/**
 * Reads every review that was open at some moment of the period, oldest first, as it stood at the end of it, or stands now if that is
 * still to come: the age of one that was open is until then.
 */
export async function readReviews(reading: Reading, now: Date, files: TableFiles): Promise<ReviewSummary> {
  const { trx, one, appId, from, to } = reading
  const end = now < to ? now : to
  const add = files.table('reviews')
  const found: ReviewedAt[] = []
  const batches = readInBatches<Row>((after) =>
    one(() =>
      trx
        .selectFrom('review')
        .innerJoin('audit', (join) =>
          join.onRef('audit.stream', '=', 'review.id').onRef('audit.sequence', '=', 'review.version'),
        )
        .select(['review.id', 'payment_id', 'decision_id', 'requested_by', 'state', 'created_at', 'body'])
        .where('review.app_id', '=', appId)
        .where('created_at', '<', to)
        .where(isAfter('review', after))
        .orderBy('created_at')
        .orderBy('review.id')
        .limit(BATCH)
        .execute(),
    ),
  )
  for await (const rows of batches)
    for (const row of rows) {
      const { at, actor } = JSON.parse(row.body.toString()) as { at: string; actor: string }
      const closedAt = row.state === 'open' ? null : new Date(at)
      if (closedAt && closedAt < from) continue
      const isClosed = closedAt !== null && closedAt < end
      const outcome = isClosed ? row.state : 'open'
      const age = Math.floor(((isClosed ? closedAt : end).getTime() - row.created_at.getTime()) / 1000)
      found.push({ outcome, age })
      add({
        review: row.id,
        payment: row.payment_id,
        decision: row.decision_id,
        requested_by: row.requested_by,
        opened_at: row.created_at.toISOString(),
        outcome,
        decided_by: isClosed ? actor : null,
        closed_at: isClosed ? at : null,
        age_seconds: age,
      })
    }

  const summary = summaryOf(found)
  const addOutcome = files.table('reviews-by-outcome')
  for (const { outcome, reviews, shortest, median, longest } of summary.byOutcome)
    addOutcome({ outcome, reviews, shortest_seconds: shortest, median_seconds: median, longest_seconds: longest })
  const addAge = files.table('reviews-by-age')
  for (const age of summary.byAge) addAge(age)
  return summary
}

function summaryOf(found: readonly ReviewedAt[]): ReviewSummary {
  const outcomes = [...new Set(found.map(({ outcome }) => outcome))].sort()
  return {
    total: found.length,
    byOutcome: outcomes.map((outcome) => {
      const sorted = found.flatMap((one) => (one.outcome === outcome ? one.age : [])).sort((a, b) => a - b)
      return {
        outcome,
        reviews: sorted.length,
        shortest: sorted[0]!,
        median: sorted[(sorted.length - 1) >> 1]!,
        longest: sorted.at(-1)!,
      }
    }),
    byAge: ages.map(({ age, below }, index) => {
      const within = found.filter(
        (one) => one.age < below && one.age >= (ages[index - 1]?.below ?? Number.NEGATIVE_INFINITY),
      )
      const open = within.filter(({ outcome }) => outcome === 'open').length
      return { age, closed: within.length - open, open }
    }),
  }
}
