import { atomically } from '../../../db/transaction.ts'
import type { Services } from '../../services.ts'
import { disableEndpoint } from '../endpoints/change-endpoint.ts'
import type { ClaimedDelivery } from './claim-deliveries.ts'
import type { Try } from './try-delivery.ts'

/** Milliseconds of nothing but failures after which an endpoint is disabled. */
export const PATIENCE_WITH_ENDPOINTS = 3 * 86_400_000

/**
 * Remembers since when an endpoint fails, and disables one that is gone or has failed for three days: with the event
 * `endpoint.disabled`, as everything that happens. What its URL of before answered says nothing of the one that it has now.
 *
 * @returns whether it is disabled
 */
export async function noteHealth(
  services: Pick<Services, 'db' | 'clock'>,
  { row: { endpoint_id: endpointId }, url, failingSince }: ClaimedDelivery,
  { status, failure, startedAt }: Try,
): Promise<boolean> {
  if (failure === null) {
    if (failingSince !== null) await writeFailingSince(services, { endpointId, url }, null)
    return false
  }
  if (failingSince === null) await writeFailingSince(services, { endpointId, url }, startedAt)
  const failingFor = failingSince === null ? 0 : startedAt.getTime() - failingSince.getTime()
  const because = status === 410 ? 'gone' : failingFor >= PATIENCE_WITH_ENDPOINTS ? 'failing' : null
  if (because === null) return false
  const { state } = await disableEndpoint(
    services,
    { kind: 'system', name: 'deliveries' },
    {
      endpointId,
      because,
      provided: (row) =>
        row.url === url && (because === 'gone' || row.failing_since?.getTime() === failingSince?.getTime()),
    },
  )
  return state === 'disabled'
}

const writeFailingSince = (
  { db }: Pick<Services, 'db'>,
  { endpointId, url }: { endpointId: string; url: string },
  failingSince: Date | null,
): Promise<unknown> =>
  atomically(
    db,
    (one) =>
      one
        .updateTable('endpoint')
        .set({ failing_since: failingSince })
        .where('id', '=', endpointId)
        .where('url', '=', url)
        .where('failing_since', failingSince === null ? 'is not' : 'is', null)
        .execute(),
    { idempotent: true },
  )
