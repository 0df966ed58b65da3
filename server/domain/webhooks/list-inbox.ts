import { sql } from 'kysely'
import type { Page } from '../../contract/entities.ts'
import type { InboxState, InboxWebhook } from '../../contract/inbox.ts'
import type { Services } from '../../services.ts'
import { type PageRequest, pageOf, readCursor } from '../page.ts'
import { inboxColumns, inboxWebhookOf } from './inbox-webhook-of.ts'
import { inboxStates } from './states.ts'

/** Which webhooks, each condition left out for all. `from` is within, `to` is not. */
export interface InboxFilter {
  source?: string | undefined
  state?: InboxState | undefined
  type?: string | undefined
  from?: Date | undefined
  to?: Date | undefined
}

/**
 * Lists webhooks that came in, newest first.
 *
 * @throws INVALID_INPUT for a cursor that is not one of ours
 */
export async function listInbox(
  { db }: Pick<Services, 'db'>,
  { source, state, type, from, to, ...request }: InboxFilter & PageRequest,
): Promise<Page<InboxWebhook>> {
  const after = request.cursor ? readCursor(request.cursor) : null
  const states = (state ? [state] : Object.keys(inboxStates)) as InboxState[]
  // the newest of each state by its index, and of those the newest: no index may begin with the time
  const rows = await db
    .selectFrom(
      sql<{ state: InboxState }>`(values ${sql.join(states.map((one) => sql`(${one}::text)`))})`.as<'each'>(
        sql`each(state)`,
      ),
    )
    .crossJoinLateral((inbox) =>
      inbox
        .selectFrom('webhook_inbox')
        .select(inboxColumns)
        .select('received_at as created_at')
        .whereRef('webhook_inbox.state', '=', 'each.state')
        .$if(source !== undefined, (some) => some.where('provider', '=', source!))
        .$if(type !== undefined, (some) => some.where('type', '=', type!))
        .$if(from !== undefined, (some) => some.where('received_at', '>=', from!))
        .$if(to !== undefined, (some) => some.where('received_at', '<', to!))
        .$if(after !== null, (some) => some.where(sql<boolean>`(received_at, id) < (${after?.at}, ${after?.id})`))
        .orderBy('received_at', 'desc')
        .orderBy('id', 'desc')
        .limit(request.limit + 1)
        .as('webhook'),
    )
    .select([...inboxColumns.map((column) => `webhook.${column}` as const), 'webhook.created_at'])
    .orderBy('webhook.received_at', 'desc')
    .orderBy('webhook.id', 'desc')
    .limit(request.limit + 1)
    .execute()
  return pageOf(rows, request, inboxWebhookOf)
}
