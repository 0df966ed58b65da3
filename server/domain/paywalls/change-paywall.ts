import { transaction } from '../../../db/transaction.ts'
import type { Address, Paywall } from '../../contract/entities.ts'
import type { EventType } from '../../contract/events.ts'
import type { Services } from '../../services.ts'
import { append, nextStep } from '../audit/trail.ts'
import { DomainError, notFound } from '../domain-error.ts'
import { type AppPrincipal, confinedTo } from '../principal.ts'
import { paywallColumns, paywallFacts, paywallOf } from './paywall-of.ts'

/** What of an open paywall can change. What is absent stays. */
export interface PaywallPatch {
  title?: string | undefined
  /** In base units of the asset. */
  price?: bigint | undefined
  recipient?: Address | undefined
  accessSeconds?: number | null | undefined
  expiresAt?: Date | null | undefined
}

/**
 * Changes an open paywall. Payments accepted before keep what they were accepted for.
 *
 * @throws NOT_FOUND, PAYWALL_CLOSED if it is archived
 */
export const updatePaywall = (
  services: Services,
  principal: AppPrincipal,
  { paywallId, ...patch }: { paywallId: string } & PaywallPatch,
): Promise<Paywall> =>
  changePaywall(services, principal, paywallId, 'paywall.updated', (paywall) => {
    if (paywall.state === 'archived')
      throw new DomainError('PAYWALL_CLOSED', 'An archived paywall does not change any more. Create a new one.')
    return { ...paywall, ...Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) }
  })

/**
 * Closes a paywall for good: no further payment is accepted. Access bought before stays. Archiving twice answers the same.
 *
 * @throws NOT_FOUND
 */
export const archivePaywall = (
  services: Services,
  principal: AppPrincipal,
  { paywallId }: { paywallId: string },
): Promise<Paywall> =>
  changePaywall(services, principal, paywallId, 'paywall.archived', (paywall) =>
    paywall.state === 'archived' ? paywall : { ...paywall, state: 'archived' },
  )

/** Applies a change to a paywall of the caller's, in one commit with its audit leaf and event; `change` answers with the same object to change nothing. */
function changePaywall(
  services: Services,
  principal: AppPrincipal,
  paywallId: string,
  type: EventType,
  change: (paywall: Paywall) => Paywall,
): Promise<Paywall> {
  return transaction(
    services.db,
    async (trx) => {
      const paywalls = trx
        .selectFrom('paywall')
        .select([...paywallColumns, 'version', 'audit_head'])
        .where('id', '=', paywallId)
        .where('app_id', '=', principal.appId)
      const merchantId = confinedTo(principal, ['operator'])
      const row = await (merchantId ? paywalls.where('merchant_id', '=', merchantId) : paywalls).executeTakeFirst()
      if (!row) throw notFound('paywall')
      const before = paywallOf(row)
      const now = services.clock.now()
      const changed = change(before)
      if (changed === before) return before
      const after = { ...changed, updatedAt: now }
      const step = nextStep(row, {
        object: { type: 'paywall', id: paywallId, appId: principal.appId },
        principal,
        type,
        at: now,
        data: paywallFacts(after),
      })
      await trx
        .updateTable('paywall')
        .set({
          title: after.title,
          price: after.price,
          recipient: after.recipient,
          access_seconds: after.accessSeconds === null ? null : BigInt(after.accessSeconds),
          state: after.state,
          expires_at: after.expiresAt,
          updated_at: now,
          ...step.head,
        })
        .where('id', '=', paywallId)
        .execute()
      await append(trx, step)
      return after
    },
    // running a change again sets the same values, with one more leaf that says so
    { idempotent: true },
  )
}
