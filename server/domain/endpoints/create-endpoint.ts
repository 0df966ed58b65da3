import { type Kysely, sql } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import type { EndpointWithSecret } from '../../contract/endpoints.ts'
import type { Services } from '../../services.ts'
import { getApp } from '../apps/get-app.ts'
import { append, emptyTrail, nextStep } from '../audit/trail.ts'
import { newSigningSecret } from '../deliveries/sign-webhook.ts'
import { DomainError } from '../domain-error.ts'
import { intentionOf, once } from '../idempotency.ts'
import { PLATFORM, type Principal } from '../principal.ts'
import { getEndpoint } from './read-endpoint.ts'
import { requireTarget } from './require-target.ts'
import { placeOf } from './write-endpoint.ts'

/** How many endpoints an app, or the platform, has at most. */
export const MOST_ENDPOINTS = 20

/** What the platform's operators are told of by their endpoints, unless they say otherwise: what needs a person. */
const alerts = ['*.attention', 'endpoint.disabled', 'report.failed']

/** An endpoint to be made. */
export interface NewEndpoint {
  /** Null: the platform's. */
  appId: string | null
  url: string
  /** Absent: everything of an app; of the platform's, what needs a person. */
  types?: string[] | undefined
  description: string
  idempotencyKey: string
}

/**
 * Makes an endpoint, which is told of what happens from now on. Its secret is in this answer and nowhere else.
 *
 * @throws NOT_FOUND, INVALID_INPUT for a URL that nothing is sent to, TOO_MANY_ENDPOINTS, IDEMPOTENCY_MISMATCH
 */
export async function createEndpoint(
  services: Services,
  principal: Principal,
  input: NewEndpoint,
): Promise<EndpointWithSecret> {
  const { appId, url, types = appId === null ? alerts : ['*'], description } = input
  if (appId !== null) await getApp(services, { appId })
  requireTarget(services, url)
  const secret = newSigningSecret()
  const { id, replayed } = await once(
    services,
    intentionOf(principal, 'endpoints.create', { ...input }),
    async (trx, endpointId) => {
      await requireRoom(trx, appId)
      const at = services.clock.now()
      const step = nextStep(emptyTrail, {
        object: { type: 'endpoint', id: endpointId, appId: appId ?? PLATFORM },
        principal,
        type: 'endpoint.created',
        at,
        data: { url: placeOf(url), types, description },
      })
      await trx
        .insertInto('endpoint')
        .values({
          id: endpointId,
          app_id: appId,
          url,
          types,
          description,
          state: 'enabled',
          disabled_because: null,
          disabled_at: null,
          failing_since: null,
          created_at: at,
          ...step.head,
        })
        .execute()
      await trx
        .insertInto('endpoint_secret')
        .values({ endpoint_id: endpointId, number: 1, secret, created_at: at, expires_at: null })
        .execute()
      await insertCursors(trx, endpointId, appId)
      await append(trx, step)
    },
  )
  const endpoint = await getEndpoint(services, principal, { endpointId: id })
  return { ...endpoint, secret: replayed ? null : secret, replayed }
}

async function requireRoom(trx: Kysely<Database>, appId: string | null): Promise<void> {
  const rows = await trx
    .selectFrom('endpoint')
    .select('id')
    .where('app_id', appId === null ? 'is' : '=', appId)
    .where('state', '<>', 'deleted')
    .limit(MOST_ENDPOINTS)
    .execute()
  if (rows.length === MOST_ENDPOINTS)
    throw new DomainError(
      'TOO_MANY_ENDPOINTS',
      `There are ${MOST_ENDPOINTS} endpoints already. Delete one, or let one of them be told of more types.`,
    )
}

/** It begins behind the last place of the feed; the platform's in the feed of every app. */
async function insertCursors(trx: Kysely<Database>, endpointId: string, appId: string | null): Promise<void> {
  const apps = appId === null ? await trx.selectFrom('app').select('id').execute() : [{ id: appId }]
  const ids = appId === null ? [PLATFORM, ...apps.map(({ id }) => id)] : [appId]
  await sql`
    insert into endpoint_cursor (endpoint_id, app_id, position)
    select ${endpointId}, app_id, coalesce((select max(position) from event_position where event_position.app_id = q.app_id), 0)
    from unnest(${ids}::uuid[]) as q (app_id)`.execute(trx)
}

/** A new app's feed is one that the platform's endpoints are told of, from its beginning. */
export async function followNewApp(trx: Kysely<Database>, appId: string): Promise<void> {
  const endpoints = await trx
    .selectFrom('endpoint')
    .select('id')
    .where('app_id', 'is', null)
    .where('state', '<>', 'deleted')
    .execute()
  if (endpoints.length === 0) return
  await trx
    .insertInto('endpoint_cursor')
    .values(endpoints.map(({ id }) => ({ endpoint_id: id, app_id: appId, position: 0n })))
    .execute()
}
