import type { Kysely } from 'kysely'
import type { BuyingPolicyRow, Database } from '../../../db/schema.ts'
import type { BuyingPublication } from '../../contract/purchases.ts'
import type { Services } from '../../services.ts'
import type { Asked } from '../approvals/actions.ts'
import { append, nextStep } from '../audit/trail.ts'
import { DomainError, notFound } from '../domain-error.ts'
import type { Principal } from '../principal.ts'

const columns = ['id', 'number', 'version', 'audit_head'] as const

type Version = Pick<BuyingPolicyRow, (typeof columns)[number]>

const inState = (trx: Kysely<Database>, appId: string, state: BuyingPolicyRow['state']) =>
  trx.selectFrom('buying_policy').select(columns).where('app_id', '=', appId).where('state', '=', state)

/**
 * The terms that are to be in force.
 *
 * @throws NOT_FOUND, NOTHING_TO_CHANGE when they were in force before, or later ones are: those may be stricter for a reason
 */
export async function draftedTerms(
  trx: Kysely<Database>,
  { appId, action }: Asked<BuyingPublication>,
): Promise<{ draft: Version; before: Version | undefined }> {
  const draft = await trx
    .selectFrom('buying_policy')
    .select([...columns, 'state'])
    .where('id', '=', action.policyId)
    .where('app_id', '=', appId)
    .executeTakeFirst()
  if (!draft) throw notFound('buying policy')
  const before = await inState(trx, appId, 'published').executeTakeFirst()
  if (draft.state !== 'draft' || (before && before.number > draft.number))
    throw new DomainError(
      'NOTHING_TO_CHANGE',
      `Version ${draft.number} of the terms was in force before, or later terms are. Set its terms anew.`,
    )
  return { draft, before }
}

/** Puts drafted terms in force, in place of those before. What is being paid goes on as it was allowed. */
export async function publishTerms(
  trx: Kysely<Database>,
  { clock }: Pick<Services, 'clock'>,
  principal: Principal,
  asked: Asked<BuyingPublication>,
): Promise<void> {
  const { draft, before } = await draftedTerms(trx, asked)
  await putInForce(trx, principal, { draft, before, appId: asked.appId, approval: asked.approvalId, at: clock.now() })
}

/** Writes that terms are in force, and that those before are no more. */
export async function putInForce(
  trx: Kysely<Database>,
  principal: Principal,
  change: { draft: Version; before: Version | undefined; appId: string; approval: string | null; at: Date },
): Promise<void> {
  const { draft, before, appId, approval, at } = change
  const moves = [
    ...(before ? [{ row: before, state: 'retired' as const }] : []),
    { row: draft, state: 'published' as const },
  ]
  for (const { row, state } of moves) {
    const step = nextStep(row, {
      object: { type: 'buying_policy', id: row.id, appId },
      principal,
      type: `buying_policy.${state}`,
      at,
      data: { approval, version: row.number },
    })
    await trx
      .updateTable('buying_policy')
      .set({ state, ...(state === 'published' && { published_at: at }), ...step.head })
      .where('id', '=', row.id)
      .execute()
    await append(trx, step)
  }
}
