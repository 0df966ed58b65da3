import type { EndpointWithSecret } from '../../contract/endpoints.ts'
import type { Services } from '../../services.ts'
import { newSigningSecret } from '../deliveries/sign-webhook.ts'
import { intentionOf, once } from '../idempotency.ts'
import type { Principal } from '../principal.ts'
import { endpointToChange, getEndpoint } from './read-endpoint.ts'
import { writeEndpoint } from './write-endpoint.ts'

/** Milliseconds that the secret before signs beside the new one. */
const OVERLAP = 24 * 3_600_000

/**
 * Gives an endpoint a new secret, which is in this answer and nowhere else. The one before signs beside it for 24 hours; one that was
 * replaced before that ends at once, so that never more than two sign.
 *
 * @throws NOT_FOUND, ENDPOINT_DELETED, IDEMPOTENCY_MISMATCH
 */
export async function rotateEndpointSecret(
  services: Services,
  principal: Principal,
  input: { endpointId: string; idempotencyKey: string },
): Promise<EndpointWithSecret> {
  const { endpointId } = input
  const secret = newSigningSecret()
  const { replayed } = await once(
    services,
    intentionOf(principal, 'endpoints.rotateSecret', { ...input }),
    async (trx) => {
      const row = await endpointToChange(trx, principal, endpointId)
      const at = services.clock.now()
      const overlapEnds = new Date(at.getTime() + OVERLAP)
      const { number } = await trx
        .selectFrom('endpoint_secret')
        .select('number')
        .where('endpoint_id', '=', endpointId)
        .where('expires_at', 'is', null)
        .executeTakeFirstOrThrow()
      const secrets = trx.deleteFrom('endpoint_secret').where('endpoint_id', '=', endpointId)
      await secrets.where('number', '<', number).execute()
      await trx
        .updateTable('endpoint_secret')
        .set({ expires_at: overlapEnds })
        .where('endpoint_id', '=', endpointId)
        .where('number', '=', number)
        .execute()
      await trx
        .insertInto('endpoint_secret')
        .values({ endpoint_id: endpointId, number: number + 1, secret, created_at: at, expires_at: null })
        .execute()
      const data = { number: number + 1, previousUntil: overlapEnds.toISOString() }
      await writeEndpoint(trx, row, {}, { principal, type: 'endpoint.secret_rotated', at, data })
    },
  )
  const endpoint = await getEndpoint(services, principal, { endpointId })
  return { ...endpoint, secret: replayed ? null : secret, replayed }
}
