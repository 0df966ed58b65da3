import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import type { Address } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { append, emptyTrail, nextStep } from '../audit/trail.ts'
import type { AppPrincipal } from '../principal.ts'

/** The app's wallet of a key that signs here: made when it is first asked for. Answers with its id. */
export async function agentWallet(
  trx: Kysely<Database>,
  { clock }: Pick<Services, 'clock'>,
  principal: AppPrincipal,
  address: Address,
): Promise<string> {
  const { appId } = principal
  const known = await trx
    .selectFrom('wallet')
    .select('id')
    .where('app_id', '=', appId)
    .where('kind', '=', 'treasury')
    .where('address', '=', address)
    .executeTakeFirst()
  if (known) return known.id
  const [id, now] = [randomUUID(), clock.now()]
  const step = nextStep(emptyTrail, {
    object: { type: 'wallet', id, appId },
    principal,
    type: 'wallet.created',
    at: now,
    data: { address, kind: 'treasury', owner: address, provider: 'local', user: null },
  })
  await trx
    .insertInto('wallet')
    .values({
      id,
      app_id: appId,
      kind: 'treasury',
      provider: 'local',
      address,
      owner: address,
      user_id: null,
      created_at: now,
      ...step.head,
    })
    .execute()
  await append(trx, step)
  return id
}
