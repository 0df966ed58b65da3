import type { WebhookRow } from '../../db/schema.ts'
import { buryWebhook, claimWebhooks, postponeWebhook, TRIES } from '../domain/webhooks/inbox.ts'
import { processWebhook } from '../domain/webhooks/process-webhook.ts'
import type { Services } from '../services.ts'
import { dueShards } from './due-shards.ts'
import type { Queue } from './row-worker.ts'

/** Webhooks that were stored and wait to be processed. */
export const inboxQueue = (services: Services): Queue<WebhookRow> => ({
  name: 'inbox',
  dueShards: () => dueShards(services, 'webhook_inbox'),
  claim: (shard, limit) => claimWebhooks(services, shard, limit),
  // what ends the process of whoever looks into it is given back by nobody
  work: (row) => (row.attempts > TRIES ? buryWebhook(services, row, 'CLAIM_ENDED') : processWebhook(services, row)),
  giveBack: (row, error) => postponeWebhook(services, row, error),
})
