import { sql } from 'kysely'
import type { Delivery, DeliveryState } from '../../contract/endpoints.ts'
import type { Page } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { DomainError } from '../domain-error.ts'
import { reachOf } from '../endpoints/owner-of.ts'
import { getEndpoint } from '../endpoints/read-endpoint.ts'
import { type PageRequest, page } from '../page.ts'
import type { Principal } from '../principal.ts'
import { deliveryColumns, deliveryOf } from './delivery-of.ts'

/** Which deliveries: to an endpoint, of an object, or both. */
export interface DeliveryQuestion extends PageRequest {
  endpointId?: string | undefined
  objectId?: string | undefined
  state?: DeliveryState | undefined
}

/**
 * Lists what went and is to go to endpoints within the caller's reach, newest first.
 *
 * @throws NOT_FOUND, INVALID_INPUT for neither an endpoint nor an object
 */
export async function listDeliveries(
  services: Services,
  principal: Principal,
  { endpointId, state, objectId, ...request }: DeliveryQuestion,
): Promise<Page<Delivery>> {
  if (!endpointId && !objectId)
    throw new DomainError('INVALID_INPUT', 'Name an endpoint or an object: "endpointId", "objectId".')
  if (endpointId) await getEndpoint(services, principal, { endpointId })
  const appId = reachOf(principal)
  let query = services.db.selectFrom('delivery').select(deliveryColumns)
  if (endpointId) query = query.where('endpoint_id', '=', endpointId)
  else if (appId !== null)
    query = query.where('endpoint_id', 'in', (its) =>
      its.selectFrom('endpoint').select('id').where('app_id', '=', appId),
    )
  if (objectId) query = query.where('object_id', '=', objectId)
  // in words, so that the index of those that failed is found
  if (state) query = query.where('state', '=', sql.lit(state))
  return page(query, 'delivery', request, deliveryOf)
}
