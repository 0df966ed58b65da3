import { type Kysely, sql } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import type { DeliveryState } from '../../contract/endpoints.ts'
import type { Services } from '../../services.ts'
import { DomainError, notFound } from '../domain-error.ts'
import { reachOf } from '../endpoints/owner-of.ts'
import { endpointToChange, getEndpoint } from '../endpoints/read-endpoint.ts'
import { writeEndpoint } from '../endpoints/write-endpoint.ts'
import { intentionOf, once } from '../idempotency.ts'
import type { Principal } from '../principal.ts'

/** How many deliveries one call sends again at most. */
const MOST = 5_000

/** What is to be sent again: one delivery, or those of an object to any endpoint, or those to an endpoint. */
export interface Resending {
  deliveryId?: string | undefined
  objectId?: string | undefined
  endpointId?: string | undefined
  /** Of these, what was written from the first moment on, and before the second. */
  from?: Date | undefined
  to?: Date | undefined
  state?: Exclude<DeliveryState, 'waiting'> | undefined
  idempotencyKey: string
}

/**
 * Sends again, under the same id and with the same body, what endpoints were sent before, or could not be sent. What waits anyway is
 * left as it is.
 *
 * @returns how many
 * @throws NOT_FOUND, ENDPOINT_DELETED, INVALID_INPUT unless it is about one of the three, or for more than 5,000 deliveries;
 *   IDEMPOTENCY_MISMATCH
 */
export async function resendDeliveries(
  services: Services,
  principal: Principal,
  input: Resending,
): Promise<{ resent: number }> {
  const { deliveryId, objectId, endpointId, from, to, state } = input
  if ([deliveryId, objectId, endpointId].filter(Boolean).length !== 1)
    throw new DomainError('INVALID_INPUT', 'Name one of these: "deliveryId", "objectId" or "endpointId".')
  const endpointIds = await endpointsOf(services, principal, input)
  const { id } = await once(
    services,
    intentionOf(principal, 'deliveries.resend', { ...input }),
    async (trx, request) => {
      for (const each of endpointIds) {
        const row = await endpointToChange(trx, principal, each)
        const at = services.clock.now()
        const data = {
          request,
          resent: await makeDue(trx, each, input, at),
          delivery: deliveryId ?? null,
          object: objectId ?? null,
          from: from?.toISOString() ?? null,
          to: to?.toISOString() ?? null,
          state: state ?? null,
        }
        await writeEndpoint(trx, row, {}, { principal, type: 'endpoint.resent', at, data })
      }
    },
  )
  for (const each of endpointIds) services.nudge.delivery(each)
  const told = await services.db
    .selectFrom('event')
    .select('data')
    .where('object_id', 'in', endpointIds)
    .where(sql<string>`data->>'request'`, '=', id)
    .execute()
  return { resent: told.reduce((sum, { data }) => sum + Number(data.resent), 0) }
}

/** To which endpoints within the caller's reach it is to go. @throws NOT_FOUND */
async function endpointsOf(
  services: Pick<Services, 'db'>,
  principal: Principal,
  { deliveryId, objectId, endpointId }: Resending,
): Promise<string[]> {
  if (endpointId) return [(await getEndpoint(services, principal, { endpointId })).id]
  const appId = reachOf(principal)
  let query = services.db
    .selectFrom('delivery')
    .innerJoin('endpoint', 'endpoint.id', 'delivery.endpoint_id')
    .select('endpoint.id')
    .distinct()
  if (appId !== null) query = query.where('endpoint.app_id', '=', appId)
  // one that is named is answered about, of an object's those that are left
  query = deliveryId
    ? query.where('delivery.id', '=', deliveryId)
    : query.where('delivery.object_id', '=', objectId!).where('endpoint.state', '<>', 'deleted')
  const rows = await query.execute()
  if (rows.length === 0) throw notFound('delivery')
  return rows.map(({ id }) => id).sort()
}

async function makeDue(
  trx: Kysely<Database>,
  endpointId: string,
  { deliveryId, objectId, from, to, state }: Resending,
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
        .limit(MOST + 1)
      // in words, so that the index of those that failed is found
      query = state ? query.where('state', '=', sql.lit(state)) : query.where('state', 'in', ['delivered', 'failed'])
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
