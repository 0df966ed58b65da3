import type { CheckRecord, DecisionRow } from '../../../db/schema.ts'
import { BATCH, readInBatches } from '../audit/read-in-batches.ts'
import { isAfter, type Reading, tally } from './reading.ts'
import type { TableFiles } from './table-files.ts'

export type Outcome = DecisionRow['outcome']

/** What the summary shows of decisions and refusals. */
export interface DecisionSummary {
  total: number
  byOutcome: { key: { action: string; outcome: Outcome }; count: number }[]
  /** Every day of the period, in UTC. */
  byDay: { day: string; allow: number; review: number; deny: number }[]
  refusals: { key: { rule: string; code: string }; count: number }[]
  /** The versions of the policy that were met, in order; 0 is none. */
  policyVersions: number[]
}

const columns = [
  'id',
  'action',
  'outcome',
  'subject',
  'checks',
  'list_version',
  'policy_number',
  'commitment',
  'created_at',
] as const

type Row = Pick<DecisionRow, (typeof columns)[number]>

/** Reads every decision of the period, oldest first, and fills the tables of decisions and of refusals, where they are wanted. */
export async function readDecisions(
  reading: Reading,
  { decisions, refusals }: { decisions: TableFiles | null; refusals: TableFiles | null },
): Promise<DecisionSummary> {
  const { trx, one, appId, from, to } = reading
  const addDecision = decisions?.table('decisions')
  const addRefusal = refusals?.table('refusals')
  const byOutcome = tally<{ action: string; outcome: Outcome }>()
  const byRule = tally<{ rule: string; code: string }>()
  const byDay = new Map(daysOf(from, to).map((day) => [day, { day, allow: 0, review: 0, deny: 0 }]))
  const versions = new Set<number>()
  let total = 0

  const batches = readInBatches<Row>((after) =>
    one(() =>
      trx
        .selectFrom('decision')
        .select(columns)
        .where('app_id', '=', appId)
        .where('created_at', '>=', from)
        .where('created_at', '<', to)
        .where(isAfter('decision', after))
        .orderBy('created_at')
        .orderBy('id')
        .limit(BATCH)
        .execute(),
    ),
  )
  for await (const rows of batches)
    for (const row of rows) {
      total++
      versions.add(row.policy_number ?? 0)
      byOutcome.add({ action: row.action, outcome: row.outcome })
      byDay.get(dayOf(row.created_at))![row.outcome]++
      addDecision?.({
        ...common(row),
        outcome: row.outcome,
        codes: codesOf(row),
        wallet: row.subject.wallet ?? null,
        commitment: row.commitment?.toString('hex') ?? null,
      })
      for (const check of refusalsIn(row)) {
        byRule.add({ rule: check.rule, code: check.code })
        const { rule, code, list, message, remedy, evidence = null } = check
        addRefusal?.({ ...common(row), rule, code, list, message, remedy, evidence })
      }
    }

  const addOutcome = decisions?.table('decisions-by-outcome')
  for (const { key, count } of byOutcome.entries()) addOutcome?.({ ...key, decisions: count })
  const addDay = decisions?.table('decisions-by-day')
  for (const day of byDay.values()) addDay?.(day)
  const addRule = refusals?.table('refusals-by-rule')
  for (const { key, count } of byRule.entries()) addRule?.({ ...key, refusals: count })
  return {
    total,
    byOutcome: byOutcome.entries(),
    byDay: [...byDay.values()],
    refusals: byRule.entries(),
    policyVersions: [...versions].sort((a, b) => a - b),
  }
}

const common = (row: Row) => ({
  decision: row.id,
  at: row.created_at.toISOString(),
  action: row.action,
  policy_version: row.policy_number ?? 0,
  rules_version: row.list_version,
  payer: row.subject.payer ?? null,
  recipient: row.subject.recipient ?? null,
  asset: row.subject.asset ?? null,
  amount: row.subject.amount ?? null,
  details: detailsIn(row),
})

/** What a decision was on beside who, what and how much, such as whose tokens were to be frozen; as JSON. */
function detailsIn({ subject }: Row): string | null {
  const { payer: _p, recipient: _r, wallet: _w, user: _u, asset: _a, amount: _m, ...details } = subject
  return Object.keys(details).length > 0 ? JSON.stringify(details) : null
}

/** The codes of the rules that were not satisfied. */
const codesOf = ({ checks }: Row): string | null =>
  checks
    .filter(({ outcome }) => outcome !== 'allow')
    .map(({ code }) => code)
    .join(' ') || null

/** What refused: of a refusal, the rules that did. */
const refusalsIn = ({ outcome, checks }: Row): CheckRecord[] =>
  outcome === 'deny' ? checks.filter((check) => check.outcome === 'deny') : []

const DAY = 86_400_000
const dayOf = (at: Date): string => at.toISOString().slice(0, 10)

/** The days in UTC that a period touches. */
function daysOf(from: Date, to: Date): string[] {
  const first = Math.floor(from.getTime() / DAY)
  const last = Math.floor((to.getTime() - 1) / DAY)
  return Array.from({ length: last - first + 1 }, (_, index) => dayOf(new Date((first + index) * DAY)))
}
