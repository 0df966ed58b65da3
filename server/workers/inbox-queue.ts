import type { WebhookRow } from '../../db/schema.ts'
import { claimWebhooks, postponeWebhook } from '../domain/webhooks/inbox.ts'
import { processWebhook } from '../domain/webhooks/process-webhook.ts'
import type { Services } from '../services.ts'
import { dueShards } from './due-shards.ts'
import type { Queue } from './row-worker.ts'

/** Webhooks that were stored and wait to be processed. */
export const inboxQueue = (services: Services): Queue<WebhookRow> => ({
  name: 'inbox',
  dueShards: () => dueShards(services, 'webhook_inbox'),
  claim: (shard, limit) => claimWebhooks(services, shard, limit),
  work: (row) => processWebhook(services, row),
  giveBack: (row) => postponeWebhook(services, row),
})
