import type { Delivery, DeliveryState } from '../../contract/endpoints.ts'
import type { Page } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { getEndpoint } from '../endpoints/read-endpoint.ts'
import { type PageRequest, page } from '../page.ts'
import type { Principal } from '../principal.ts'
import { deliveryColumns, deliveryOf } from './delivery-of.ts'

/** Which deliveries of an endpoint. */
export interface DeliveryQuestion extends PageRequest {
  endpointId: string
  state?: DeliveryState | undefined
  objectId?: string | undefined
}

/** Lists what went and is to go to an endpoint, newest first. @throws NOT_FOUND */
export async function listDeliveries(
  services: Services,
  principal: Principal,
  { endpointId, state, objectId, ...request }: DeliveryQuestion,
): Promise<Page<Delivery>> {
  await getEndpoint(services, principal, { endpointId })
  let query = services.db.selectFrom('delivery').select(deliveryColumns).where('endpoint_id', '=', endpointId)
  if (state) query = query.where('state', '=', state)
  if (objectId) query = query.where('object_id', '=', objectId)
  return page(query, 'delivery', request, deliveryOf)
}
