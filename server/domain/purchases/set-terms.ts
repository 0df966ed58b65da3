import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import type { BuyingPolicy, BuyingTerms } from '../../contract/purchases.ts'
import type { Services } from '../../services.ts'
import { insertApproval } from '../approvals/request-approval.ts'
import { append, emptyTrail, nextStep } from '../audit/trail.ts'
import { notFound } from '../domain-error.ts'
import { intentionOf, once } from '../idempotency.ts'
import type { AppPrincipal } from '../principal.ts'
import { putInForce } from './publish-terms.ts'
import { buyingPolicyColumns, buyingPolicyOf, isWithin, writeTerms } from './terms.ts'

/**
 * Writes the next version of what the app may buy. Terms that allow nothing new are in force with this commit; for others somebody else
 * has to approve them.
 *
 * @throws NOT_FOUND for an asset, IDEMPOTENCY_MISMATCH
 */
export async function setTerms(
  services: Services,
  principal: AppPrincipal,
  input: { terms: BuyingTerms; reason: string; idempotencyKey: string },
): Promise<BuyingPolicy & { replayed: boolean }> {
  const { appId } = principal
  const { terms, reason } = input
  const { id, replayed } = await once(
    services,
    intentionOf(principal, 'purchases.setPolicy', { ...input }),
    async (trx, policyId) => {
      await requireAssets(trx, terms)
      const at = services.clock.now()
      const before = await latest(trx, appId, 'published')
      const number = ((await latest(trx, appId))?.number ?? 0) + 1
      const written = writeTerms(terms)
      const drafted = nextStep(emptyTrail, {
        object: { type: 'buying_policy', id: policyId, appId },
        principal,
        type: 'buying_policy.drafted',
        at,
        data: { terms: JSON.parse(written), version: number },
      })
      const isLaxer = !isWithin(terms, before ? buyingPolicyOf(before) : nothing)
      const approval_id = isLaxer ? randomUUID() : null
      await trx
        .insertInto('buying_policy')
        .values({
          id: policyId,
          app_id: appId,
          number,
          state: 'draft',
          terms: written,
          approval_id,
          created_at: at,
          published_at: null,
          ...drafted.head,
        })
        .execute()
      await append(trx, drafted)
      const draft = { id: policyId, number, ...drafted.head }
      if (approval_id === null) await putInForce(trx, principal, { draft, before, appId, approval: null, at })
      else {
        const action = { type: 'purchases.policy', policyId } as const
        await insertApproval(trx, services, principal, { approvalId: approval_id, appId, action, reason })
      }
    },
  )
  const row = await services.db
    .selectFrom('buying_policy')
    .select(buyingPolicyColumns)
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return { ...buyingPolicyOf(row), replayed }
}

/** What may be bought without terms. */
const nothing: BuyingTerms = { sellers: [], assets: [], ways: [], windowSeconds: 60 }

function latest(trx: Kysely<Database>, appId: string, state?: 'published') {
  return trx
    .selectFrom('buying_policy')
    .select([...buyingPolicyColumns, 'version', 'audit_head'])
    .where('app_id', '=', appId)
    .$if(state !== undefined, (query) => query.where('state', '=', state!))
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** Terms about an asset that is not would allow nothing, without anybody's notice. @throws NOT_FOUND */
async function requireAssets(trx: Kysely<Database>, { assets }: BuyingTerms): Promise<void> {
  if (assets.length === 0) return
  const ids = assets.map(({ assetId }) => assetId)
  const known = await trx.selectFrom('asset').select('id').where('id', 'in', ids).execute()
  if (known.length < ids.length) throw notFound('asset')
}
