import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import { transaction } from '../../../db/transaction.ts'
import type { Checkpoint } from '../../contract/audit.ts'
import { checkpointColumns, checkpointOf } from '../audit/checkpoint.ts'
import { type AuditKey, type PublicKeys, textOfPublicKey } from '../audit/keys.ts'
import { oneAtATime } from '../audit/read-in-batches.ts'
import { notFound } from '../domain-error.ts'
import { type ReportKind, reportKinds } from './kinds.ts'
import { type ReportManifest, signManifest, textOfManifest } from './manifest.ts'
import { type DecisionSummary, readDecisions } from './read-decisions.ts'
import { type ListSummary, readListChanges } from './read-list-changes.ts'
import { type PaymentsOf, readPayments } from './read-payments.ts'
import { type PrivilegedSummary, readPrivilegedActions } from './read-privileged-actions.ts'
import { type ReviewSummary, readReviews } from './read-reviews.ts'
import type { Reading } from './reading.ts'
import { renderPage } from './render-page.ts'
import { tableFiles } from './table-files.ts'
import { type TextFile, textFile } from './text-file.ts'

/** What is to be in a report. */
export interface ReportRequest {
  id: string
  appId: string
  kinds: readonly ReportKind[]
  /** From this moment on, and before that one. */
  from: Date
  to: Date
  requestedBy: string
  now: Date
}

/** What signs reports, and what their signatures are checked with. */
export interface ReportKeys {
  key: AuditKey
  publicKeys: PublicKeys
}

/** Everything that the page sums up. Null: it was not asked for. */
export interface Summaries {
  decisions: DecisionSummary
  reviews: ReviewSummary | null
  payments: PaymentsOf[] | null
  lists: ListSummary | null
  privileged: PrivilegedSummary | null
}

export interface MadeReport {
  manifest: ReportManifest
  /** The manifest among them, as the last. */
  files: TextFile[]
}

/**
 * Makes a report: every number in it is read from the tables in one transaction, which sees one moment.
 *
 * @throws NOT_FOUND for an app that there is not, TOO_LARGE
 */
export async function makeReport(
  db: Kysely<Database>,
  request: ReportRequest,
  { key, publicKeys }: ReportKeys,
): Promise<MadeReport> {
  const read = await transaction(db, (trx) => readAll(trx, request), { idempotent: true })
  const { appName, checkpoint, summaries } = read
  const { id, appId, from, to, kinds, requestedBy, now } = request
  const about = {
    v: 1 as const,
    report: id,
    app: appId,
    appName,
    from: from.toISOString(),
    to: to.toISOString(),
    kinds: reportKinds.filter((kind) => kinds.includes(kind)),
    requestedBy,
    generatedAt: now.toISOString(),
    policyVersions: summaries.decisions.policyVersions,
    checkpoint,
  }
  const page = textFile('report.html')
  for (const piece of renderPage({ ...about, key: key.id }, summaries, read.files)) page.write(piece)
  const files = [...read.files, page.end(null)]
  const manifest = signManifest(
    {
      ...about,
      files: Object.fromEntries(files.map(({ name, seal, rows }) => [name, { ...seal, rows }])),
      publicKeys: Object.fromEntries([...publicKeys].map(([name, each]) => [name, textOfPublicKey(each)])),
    },
    key,
  )
  const last = textFile('manifest.json')
  last.write(textOfManifest(manifest))
  return { manifest, files: [...files, last.end(null)] }
}

interface ReadAll {
  appName: string
  checkpoint: Checkpoint | null
  summaries: Summaries
  files: TextFile[]
}

async function readAll(trx: Kysely<Database>, { appId, kinds, from, to, now }: ReportRequest): Promise<ReadAll> {
  // what only reads is in nobody's way
  await sql`set transaction read only`.execute(trx)
  const app = await trx.selectFrom('app').select('name').where('id', '=', appId).executeTakeFirst()
  if (!app) throw notFound('app')
  const checkpoint = await trx
    .selectFrom('audit_checkpoint')
    .select(checkpointColumns)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst()
  const reading: Reading = { trx, one: oneAtATime(), appId, from, to }
  const filesOf = (kind: ReportKind) => (kinds.includes(kind) ? tableFiles(kind, { appId, from, to }) : null)
  const [decisions, refusals, reviews] = [filesOf('decisions'), filesOf('refusals'), filesOf('reviews')]
  const [lists, privileged, payments] = [
    filesOf('list-changes'),
    filesOf('privileged-actions'),
    filesOf('payments-by-jurisdiction'),
  ]
  const summaries: Summaries = {
    decisions: await readDecisions(reading, { decisions, refusals }),
    reviews: reviews && (await readReviews(reading, now, reviews)),
    payments: payments && (await readPayments(reading, payments)),
    lists: lists && (await readListChanges(reading, lists)),
    privileged: privileged && (await readPrivilegedActions(reading, privileged)),
  }
  const files = [decisions, refusals, reviews, lists, privileged, payments].flatMap((each) => each?.end() ?? [])
  return { appName: app.name, checkpoint: checkpoint ? checkpointOf(checkpoint) : null, summaries, files }
}
