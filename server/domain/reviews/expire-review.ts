import { transaction } from '../../../db/transaction.ts'
import type { Services } from '../../services.ts'
import type { SystemPrincipal } from '../principal.ts'
import { advance } from '../transactions/advance.ts'
import { closeReview } from './close-review.ts'
import { trailColumns } from './get-review.ts'
import { heldPayment } from './held-payment.ts'

const clockwork: SystemPrincipal = { kind: 'system', name: 'clock' }

/** Ends a review that nobody decided on in time, and the payment that waited for it. Does nothing to one that has time or was decided. */
export async function expireReview(services: Services, { id }: { id: string }): Promise<void> {
  const row = await services.db
    .selectFrom('review')
    .select(trailColumns)
    .where('id', '=', id)
    .where('state', '=', 'open')
    .where('expires_at', '<=', services.clock.now())
    .executeTakeFirst()
  if (!row) return
  const held = await heldPayment(services, row.payment_id)
  // the payment was taken back: only the review is left to end
  if (!held) {
    await transaction(
      services.db,
      (trx) => closeReview(trx, row, clockwork, { to: 'expired', note: row.note, at: services.clock.now() }),
      { idempotent: true },
    )
    return
  }
  await advance(services, held.transaction, {
    to: 'expired',
    principal: clockwork,
    facts: {
      failure_reason: 'REVIEW_EXPIRED',
      failure_message: 'No compliance officer decided on it in time.',
      refusal_id: row.decision_id,
    },
    nextAttemptAt: null,
    alongside: async (trx, at) => {
      await closeReview(trx, row, clockwork, { to: 'expired', note: row.note, at })
    },
  })
}
