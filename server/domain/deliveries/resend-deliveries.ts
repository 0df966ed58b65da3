import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import type { DeliveryState } from '../../contract/endpoints.ts'
import type { Services } from '../../services.ts'
import { DomainError } from '../domain-error.ts'
import { endpointToChange } from '../endpoints/read-endpoint.ts'
import { toldOnceOf } from '../endpoints/told-once-of.ts'
import { writeEndpoint } from '../endpoints/write-endpoint.ts'
import { intentionOf, once } from '../idempotency.ts'
import type { Principal } from '../principal.ts'

/** How many deliveries one call sends again at most. */
const MOST = 5_000

/** What of an endpoint's deliveries is to be sent again: what all of these hold for, and at least one of them is given. */
export interface Resending {
  endpointId: string
  deliveryId?: string | undefined
  objectId?: string | undefined
  /** When they were written: from the first moment on, and before the second. */
  from?: Date | undefined
  to?: Date | undefined
  state?: Exclude<DeliveryState, 'waiting'> | undefined
  idempotencyKey: string
}

/**
 * Sends again, under the same id and with the same body, what an endpoint was sent before, or could not be sent. What waits anyway is
 * left as it is.
 *
 * @returns how many
 * @throws NOT_FOUND, ENDPOINT_DELETED, INVALID_INPUT for none of the limits, or more than 5,000 deliveries; IDEMPOTENCY_MISMATCH
 */
export async function resendDeliveries(
  services: Services,
  principal: Principal,
  input: Resending,
): Promise<{ resent: number }> {
  const { endpointId, deliveryId, objectId, from, to, state } = input
  if (!deliveryId && !objectId && !from && !to && !state)
    throw new DomainError(
      'INVALID_INPUT',
      'Say which deliveries: by "deliveryId", "objectId", "from", "to" or "state".',
    )
  const intention = intentionOf(principal, 'deliveries.resend', { ...input })
  const { id } = await once(services, intention, async (trx, requestId) => {
    const row = await endpointToChange(trx, principal, endpointId)
    const at = services.clock.now()
    const resent = await makeDue(trx, input, at)
    const limits = {
      delivery: deliveryId ?? null,
      object: objectId ?? null,
      from: from?.toISOString() ?? null,
      to: to?.toISOString() ?? null,
      state: state ?? null,
    }
    const data = { request: requestId, resent, ...limits }
    await writeEndpoint(trx, row, {}, { principal, type: 'endpoint.resent', at, data })
  })
  services.nudge.delivery(endpointId)
  const { data } = await toldOnceOf(services, endpointId, id)
  return { resent: Number(data.resent) }
}

async function makeDue(
  trx: Kysely<Database>,
  { endpointId, deliveryId, objectId, from, to, state }: Resending,
  at: Date,
): Promise<number> {
  const rows = await trx
    .updateTable('delivery')
    .set({ state: 'waiting', spent: 0, next_attempt_at: at, ended_at: null })
    .where('id', 'in', (found) => {
      let query = found
        .selectFrom('delivery')
        .select('id')
        .where('endpoint_id', '=', endpointId)
        .where('state', 'in', state ? [state] : ['delivered', 'failed'])
        .limit(MOST + 1)
      if (deliveryId) query = query.where('id', '=', deliveryId)
      if (objectId) query = query.where('object_id', '=', objectId)
      if (from) query = query.where('created_at', '>=', from)
      if (to) query = query.where('created_at', '<', to)
      return query
    })
    .returning('id')
    .execute()
  if (rows.length > MOST)
    throw new DomainError(
      'INVALID_INPUT',
      `These are more than ${MOST} deliveries. Take a shorter time, and then the next.`,
    )
  return rows.length
}
