import type { Services } from '../../services.ts'
import { eventId } from '../events/event-of.ts'
import { intentionOf, once } from '../idempotency.ts'
import type { Principal } from '../principal.ts'
import { endpointToChange } from './read-endpoint.ts'
import { toldOnceOf } from './told-once-of.ts'
import { writeEndpoint } from './write-endpoint.ts'

/**
 * Sends an endpoint the event `endpoint.pinged`, the way all events go, whatever it is told of otherwise: what came of it is in its
 * deliveries. A disabled one gets it once it is enabled.
 *
 * @throws NOT_FOUND, ENDPOINT_DELETED, IDEMPOTENCY_MISMATCH
 */
export async function pingEndpoint(
  services: Services,
  principal: Principal,
  input: { endpointId: string; idempotencyKey: string },
): Promise<{ eventId: string }> {
  const { endpointId } = input
  const { id } = await once(
    services,
    intentionOf(principal, 'endpoints.ping', { ...input }),
    async (trx, requestId) => {
      const row = await endpointToChange(trx, principal, endpointId)
      const told = {
        principal,
        type: 'endpoint.pinged',
        at: services.clock.now(),
        data: { request: requestId },
      } as const
      await writeEndpoint(trx, row, {}, told)
    },
  )
  const { sequence } = await toldOnceOf(services, endpointId, id)
  return { eventId: eventId(endpointId, sequence) }
}
