import { claimWebhooks } from '../../server/domain/webhooks/inbox.ts'
import type { Services } from '../../server/services.ts'
import { dueShards } from '../../server/workers/due-shards.ts'
import { inboxQueue } from '../../server/workers/inbox-queue.ts'

/** Looks into every webhook that is due, once, as the workers do. */
export async function workInbox(services: Services): Promise<void> {
  const queue = inboxQueue(services)
  for (const shard of await dueShards(services, 'webhook_inbox'))
    for (const row of await claimWebhooks(services, shard, 100))
      await queue.work(row).catch((error) => queue.giveBack(row, error))
}
