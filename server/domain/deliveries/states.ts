import type { DeliveryState } from '../../contract/endpoints.ts'
import type { States } from '../states.ts'

/** The life of a delivery. The picture in the docs is drawn from it. */
export const deliveryStates = {
  waiting: { by: { delivered: 'endpoint', failed: 'clock' }, says: 'it is to be tried, at once or again' },
  delivered: { by: { waiting: 'caller' }, says: 'the endpoint answered with a 2xx' },
  failed: { by: { waiting: 'caller' }, says: 'every try failed, over three days, or the endpoint was deleted' },
} as const satisfies States<DeliveryState>
