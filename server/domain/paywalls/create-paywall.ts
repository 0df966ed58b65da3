import type { Address, Paywall } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { append, emptyTrail, nextStep } from '../audit/trail.ts'
import { notFound } from '../domain-error.ts'
import { intentionOf, once } from '../idempotency.ts'
import type { AppPrincipal } from '../principal.ts'
import { getPaywall } from './get-paywall.ts'
import { paywallFacts } from './paywall-of.ts'

/** A paywall to be opened. */
export interface NewPaywall {
  title: string
  assetId: string
  /** In base units of the asset. */
  price: bigint
  recipient: Address
  /** How long a payment buys access, in seconds; null is for ever. */
  accessSeconds: number | null
  expiresAt: Date | null
  idempotencyKey: string
}

/**
 * Opens a paywall. One that a merchant opens is theirs.
 *
 * @throws NOT_FOUND for the asset, IDEMPOTENCY_MISMATCH
 */
export async function createPaywall(
  services: Services,
  principal: AppPrincipal,
  input: NewPaywall,
): Promise<Paywall & { replayed: boolean }> {
  const { idempotencyKey: _, ...body } = input
  const asset = await services.db.selectFrom('asset').select('id').where('id', '=', input.assetId).executeTakeFirst()
  if (!asset) throw notFound('asset')
  const { id, replayed } = await once(
    services,
    intentionOf(principal, 'paywalls.create', { ...input }),
    async (trx, paywallId) => {
      const now = services.clock.now()
      const merchantId = principal.kind === 'user' ? principal.userId : null
      const paywall: Paywall = { id: paywallId, ...body, merchantId, state: 'open', createdAt: now, updatedAt: now }
      const step = nextStep(emptyTrail, {
        object: { type: 'paywall', id: paywallId, appId: principal.appId },
        principal,
        type: 'paywall.created',
        at: now,
        data: paywallFacts(paywall),
      })
      await trx
        .insertInto('paywall')
        .values({
          id: paywallId,
          app_id: principal.appId,
          merchant_id: merchantId,
          title: paywall.title,
          asset_id: paywall.assetId,
          price: paywall.price,
          recipient: paywall.recipient,
          access_seconds: paywall.accessSeconds === null ? null : BigInt(paywall.accessSeconds),
          state: paywall.state,
          expires_at: paywall.expiresAt,
          created_at: now,
          updated_at: now,
          ...step.head,
        })
        .execute()
      await append(trx, step)
    },
  )
  return { ...(await getPaywall(services, principal, { paywallId: id })), replayed }
}
