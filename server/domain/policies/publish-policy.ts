import type { Kysely } from 'kysely'
import type { Database, PolicyRow } from '../../../db/schema.ts'
import type { PolicyPublication } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import type { Asked } from '../approvals/actions.ts'
import { append, nextStep } from '../audit/trail.ts'
import { DomainError, notFound } from '../domain-error.ts'
import { nextListVersion } from '../lists/next-list-version.ts'
import type { Principal } from '../principal.ts'
import { readRules } from './policy-of.ts'
import { requireSubjects } from './require-subjects.ts'

const columns = ['id', 'number', 'state', 'rules', 'version', 'audit_head'] as const

/**
 * The draft that is to be published.
 *
 * @throws NOT_FOUND, also for an asset or an allow list that a rule names, NOTHING_TO_CHANGE for a version that is not a draft
 */
export async function draftToPublish(
  trx: Kysely<Database>,
  { appId, action }: Asked<PolicyPublication>,
): Promise<Pick<PolicyRow, (typeof columns)[number]>> {
  const row = await trx
    .selectFrom('policy')
    .select(columns)
    .where('id', '=', action.policyId)
    .where('app_id', '=', appId)
    .executeTakeFirst()
  if (!row) throw notFound('policy')
  if (row.state !== 'draft')
    throw new DomainError(
      'NOTHING_TO_CHANGE',
      `Version ${row.number} is ${row.state} already. Draft a new version with its rules.`,
    )
  await requireSubjects(trx, appId, readRules(row.rules))
  return row
}

/** Puts a draft in force, in place of the version before it. What was decided on that one no longer holds. */
export async function publishPolicy(
  trx: Kysely<Database>,
  { clock }: Services,
  principal: Principal,
  asked: Asked<PolicyPublication>,
): Promise<void> {
  const draft = await draftToPublish(trx, asked)
  const now = clock.now()
  const { appId, approvalId } = asked
  const before = await trx
    .selectFrom('policy')
    .select(columns)
    .where('app_id', '=', appId)
    .where('state', '=', 'published')
    .executeTakeFirst()
  const rulesVersion = await nextListVersion(trx, appId, now)
  const moves = [
    ...(before ? [{ row: before, state: 'retired' as const }] : []),
    { row: draft, state: 'published' as const },
  ]
  for (const { row, state } of moves) {
    const step = nextStep(row, {
      object: { type: 'policy', id: row.id, appId },
      principal,
      type: `policy.${state}`,
      at: now,
      data: { approval: approvalId, rulesVersion: String(rulesVersion), version: row.number },
    })
    await trx
      .updateTable('policy')
      .set({ state, ...(state === 'published' && { published_at: now }), ...step.head })
      .where('id', '=', row.id)
      .execute()
    await append(trx, step)
  }
}
