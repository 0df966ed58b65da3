import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import { transaction } from '../../../db/transaction.ts'
import { type ImportReport, verifyImportsIn } from './verify-imports.ts'
import { type LogEvidence, type LogReport, verifyLogIn } from './verify-log.ts'
import { type TrailReport, verifyTrailsIn } from './verify-trails.ts'

export interface AuditReport {
  trails: TrailReport
  log: LogReport
  imports: ImportReport
}

/**
 * Recomputes everything that proves the audit trail: the trail of each object, the log over all of them, and the hashes of imports,
 * which speak for their entries.
 */
export const verifyAudit = (db: Kysely<Database>, evidence: LogEvidence): Promise<AuditReport> =>
  // one snapshot: a service that runs on must not look like a fault
  transaction(db, (trx) => verifyAuditIn(trx, evidence), { idempotent: true })

/** The same in a transaction that there is. */
export async function verifyAuditIn(db: Kysely<Database>, evidence: LogEvidence): Promise<AuditReport> {
  const trails = await verifyTrailsIn(db)
  const log = await verifyLogIn(db, evidence)
  return { trails, log, imports: await verifyImportsIn(db) }
}
