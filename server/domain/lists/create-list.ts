import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import { transaction } from '../../../db/transaction.ts'
import type { List, ListKind } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { append, emptyTrail, nextStep } from '../audit/trail.ts'
import { DomainError } from '../domain-error.ts'
import type { AppPrincipal, Principal } from '../principal.ts'
import { findList, type KnownList, listOf } from './list-of.ts'
import { beginListVersion, changingLists, type ListVersion } from './next-list-version.ts'

/**
 * Makes an empty list. One that is there already is answered with.
 *
 * @throws LIST_EXISTS if it is of another kind
 */
export const createList = (
  services: Pick<Services, 'db' | 'clock'>,
  principal: AppPrincipal,
  { name, kind }: { name: string; kind: ListKind },
): Promise<List> =>
  transaction(
    services.db,
    async (trx) => listOf(await openList(trx, services, principal, { appId: principal.appId, name, kind })),
    changingLists,
  )

/**
 * The list of this name, made if there is none.
 *
 * @throws LIST_EXISTS if it is of another kind
 */
export async function openList(
  trx: Kysely<Database>,
  { clock }: Pick<Services, 'clock'>,
  principal: Principal,
  { appId, name, kind }: { appId: string; name: string; kind: ListKind },
): Promise<KnownList> {
  const known = await findList(trx, appId, name)
  if (known && known.kind !== kind)
    throw new DomainError(
      'LIST_EXISTS',
      `The list "${name}" is there already, of the kind ${known.kind}. A list keeps its kind: choose another name.`,
      { kind: known.kind },
    )
  if (known) return known
  return insertList(trx, principal, { appId, name, kind }, await beginListVersion(trx, appId, clock.now()))
}

/** Writes a new list, its audit leaf and event. */
export async function insertList(
  trx: Kysely<Database>,
  principal: Principal,
  { appId, name, kind }: { appId: string; name: string; kind: ListKind },
  { version, at }: ListVersion,
): Promise<KnownList> {
  const id = randomUUID()
  const step = nextStep(emptyTrail, {
    object: { type: 'list', id, appId },
    principal,
    type: 'list.created',
    at,
    data: { kind, listVersion: String(version), name },
  })
  const row = { id, name, kind, snapshot_id: id, changed_in: version, created_at: at }
  await trx
    .insertInto('list')
    .values({ ...row, app_id: appId, ...step.head })
    .execute()
  await append(trx, step)
  return row
}
