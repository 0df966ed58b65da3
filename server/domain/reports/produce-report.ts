import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import { atomically, transaction } from '../../../db/transaction.ts'
import type { ReportKind, ReportState } from '../../contract/reports.ts'
import type { Services } from '../../services.ts'
import { append, nextStep } from '../audit/trail.ts'
import { DomainError } from '../domain-error.ts'
import type { SystemPrincipal } from '../principal.ts'
import { type MadeReport, makeReport, type ReportKeys } from './make-report.ts'

const clockwork: SystemPrincipal = { kind: 'system', name: 'clock' }

type Facts = { manifest: string; content_id: string } | { failure: string }

/**
 * Makes a report that was asked for and stores its files, in parts; it is ready in one commit with its audit leaf and event. Does
 * nothing to one that is not asked for any more.
 *
 * Two may make the same: each writes files of its own, and those of whoever comes last are deleted.
 */
export async function produceReport(services: Services, keys: ReportKeys, { id }: { id: string }): Promise<void> {
  const { db, clock } = services
  const row = await db
    .selectFrom('report')
    .select(['id', 'app_id', 'kinds', 'period_from', 'period_to', 'requested_by', 'version', 'audit_head'])
    .where('id', '=', id)
    .where('state', '=', 'requested')
    .executeTakeFirst()
  if (!row) return
  const finish = (to: Exclude<ReportState, 'requested' | 'expired'>, facts: Facts, data: Record<string, unknown>) =>
    transaction(
      db,
      async (trx) => {
        const at = clock.now()
        const object = { type: 'report', id, appId: row.app_id } as const
        const type = to === 'ready' ? 'report.finished' : 'report.failed'
        const step = nextStep(row, { object, principal: clockwork, type, at, data })
        const changed = await trx
          .updateTable('report')
          .set({ state: to, ...facts, finished_at: at, next_attempt_at: null, ...step.head })
          .where('id', '=', id)
          .where('state', '=', 'requested')
          .where('version', '=', row.version)
          .returning('id')
          .executeTakeFirst()
        if (changed) await append(trx, step)
        return changed !== undefined
      },
      { idempotent: true },
    )

  let made: MadeReport
  try {
    const { app_id: appId, period_from: from, period_to: to, requested_by: requestedBy } = row
    const kinds = row.kinds as ReportKind[]
    made = await makeReport(db, { id, appId, kinds, from, to, requestedBy, now: clock.now() }, keys)
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    await finish('failed', { failure: error.message }, { failure: error.message })
    return
  }
  const contentId = randomUUID()
  await storeFiles(db, { reportId: id, contentId, at: clock.now() }, made)
  const { manifest } = made
  const hashes = Object.fromEntries(Object.entries(manifest.files).map(([name, { sha256 }]) => [name, sha256]))
  const facts = { manifest: JSON.stringify(manifest), content_id: contentId }
  await finish('ready', facts, { files: hashes, key: manifest.key, signature: manifest.signature })
  await deleteOthers(db, id)
}

interface Content {
  reportId: string
  contentId: string
  at: Date
}

async function storeFiles(
  db: Kysely<Database>,
  { reportId, contentId, at }: Content,
  { files }: MadeReport,
): Promise<void> {
  for (const { name, parts } of files)
    for (const [index, content] of parts.entries()) {
      const row = { report_id: reportId, content_id: contentId, name, part: index + 1, created_at: at }
      await atomically(
        db,
        (one) =>
          one
            .insertInto('report_file')
            .values({ ...row, content: content.toString() })
            .onConflict((conflict) => conflict.doNothing())
            .execute(),
        { idempotent: true },
      )
    }
}

/** Deletes what attempts wrote that came to nothing. */
const deleteOthers = (db: Kysely<Database>, reportId: string) =>
  atomically(
    db,
    (one) =>
      one
        .deleteFrom('report_file')
        .where('report_id', '=', reportId)
        .where('content_id', 'not in', (counting) =>
          counting
            .selectFrom('report')
            .select('content_id')
            .where('id', '=', reportId)
            .where('content_id', 'is not', null)
            .$castTo<{ content_id: string }>(),
        )
        .execute(),
    { idempotent: true },
  )
