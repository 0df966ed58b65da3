import type { EndpointRow } from '../../../db/schema.ts'
import { transaction } from '../../../db/transaction.ts'
import type { Endpoint } from '../../contract/endpoints.ts'
import type { Services } from '../../services.ts'
import { failUndeliverable } from '../deliveries/fail-undeliverable.ts'
import type { Principal } from '../principal.ts'
import { endpointOf } from './endpoint-of.ts'
import { endpointRow, endpointToChange } from './read-endpoint.ts'
import { requireTarget } from './require-target.ts'
import { placeOf, writeEndpoint } from './write-endpoint.ts'

/** What of an endpoint its owners change. What is absent stays. */
export interface EndpointChange {
  endpointId: string
  url?: string | undefined
  types?: string[] | undefined
  description?: string | undefined
}

/**
 * Changes where an endpoint is, what it is told of and what it is for. What already waits for it goes to the new URL.
 *
 * @throws NOT_FOUND, INVALID_INPUT for a URL that nothing is sent to, ENDPOINT_DELETED
 */
export function updateEndpoint(
  services: Services,
  principal: Principal,
  { endpointId, ...change }: EndpointChange,
): Promise<Endpoint> {
  if (change.url !== undefined) requireTarget(services, change.url)
  return transaction(
    services.db,
    async (trx) => {
      const row = await endpointToChange(trx, principal, endpointId)
      const { url = row.url, types = row.types, description = row.description } = change
      const told = { principal, type: 'endpoint.updated', at: services.clock.now() } as const
      const data = { url: placeOf(url), types, description }
      const patch = { url, types, description, failing_since: url === row.url ? row.failing_since : null }
      return endpointOf(await writeEndpoint(trx, row, patch, { ...told, data }))
    },
    { idempotent: true },
  )
}

/** Why an endpoint is disabled; `provided`: only if this is so of it as it is now, else it is left as it is. */
export interface Disabling {
  endpointId: string
  because?: 'asked' | 'failing' | 'gone'
  provided?: (row: EndpointRow) => boolean
}

/**
 * Tells an endpoint of nothing until it is enabled again; what happens meanwhile waits. One that is disabled is left as it is.
 *
 * @throws NOT_FOUND, ENDPOINT_DELETED
 */
export const disableEndpoint = (
  services: Pick<Services, 'db' | 'clock'>,
  principal: Principal,
  { endpointId, because = 'asked', provided = () => true }: Disabling,
): Promise<Endpoint> =>
  transaction(
    services.db,
    async (trx) => {
      const row = await endpointToChange(trx, principal, endpointId)
      if (row.state === 'disabled' || !provided(row)) return endpointOf(row)
      const at = services.clock.now()
      const patch = { state: 'disabled', disabled_because: because, disabled_at: at } as const
      const data = { because, url: placeOf(row.url), failingSince: row.failing_since?.toISOString() ?? null }
      return endpointOf(await writeEndpoint(trx, row, patch, { principal, type: 'endpoint.disabled', at, data }))
    },
    { idempotent: true },
  )

/**
 * Tells an endpoint of everything that it has missed, and of what happens from now on. One that is enabled is left as it is.
 *
 * @throws NOT_FOUND, ENDPOINT_DELETED
 */
export const enableEndpoint = (
  services: Pick<Services, 'db' | 'clock'>,
  principal: Principal,
  { endpointId }: { endpointId: string },
): Promise<Endpoint> =>
  transaction(
    services.db,
    async (trx) => {
      const row = await endpointToChange(trx, principal, endpointId)
      if (row.state === 'enabled') return endpointOf(row)
      const patch = { state: 'enabled', disabled_because: null, disabled_at: null, failing_since: null } as const
      const told = {
        principal,
        type: 'endpoint.enabled',
        at: services.clock.now(),
        data: { url: placeOf(row.url) },
      } as const
      return endpointOf(await writeEndpoint(trx, row, patch, told))
    },
    { idempotent: true },
  )

/** How many deliveries are ended at once. */
const LOT = 1_000

/**
 * Ends an endpoint: its secrets are deleted, and what waited for it has failed, of a long backlog within minutes. Deleting a deleted one
 * answers with it.
 *
 * @throws NOT_FOUND
 */
export async function deleteEndpoint(
  services: Pick<Services, 'db' | 'clock'>,
  principal: Principal,
  { endpointId }: { endpointId: string },
): Promise<Endpoint> {
  const deleted = await transaction(
    services.db,
    async (trx) => {
      const row = await endpointRow(trx, principal, endpointId)
      if (row.state === 'deleted') return endpointOf(row)
      const at = services.clock.now()
      await trx.deleteFrom('endpoint_secret').where('endpoint_id', '=', endpointId).execute()
      const patch = {
        state: 'deleted',
        disabled_because: row.disabled_because ?? 'asked',
        disabled_at: row.disabled_at ?? at,
      } as const
      const data = { url: placeOf(row.url) }
      return endpointOf(await writeEndpoint(trx, row, patch, { principal, type: 'endpoint.deleted', at, data }))
    },
    { idempotent: true },
  )
  // what is more than that the sweeper ends
  await failUndeliverable(services.db, services.clock.now(), LOT, endpointId)
  return deleted
}
