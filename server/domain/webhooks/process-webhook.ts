import type { WebhookRow } from '../../../db/schema.ts'
import type { Services } from '../../services.ts'
import { heardOf, namedBy } from '../transactions/heard-of.ts'
import { fileWebhook } from './inbox.ts'

/**
 * Does what a stored webhook asks for: it is a hint, and makes the transactions it speaks of due. What it says of them is not
 * believed. A body that means nothing to us is filed as `rejected`, and kept.
 */
export async function processWebhook(services: Services, webhook: WebhookRow): Promise<void> {
  const reading = services.readWebhook(webhook.body)
  if (reading.kind === 'unreadable') return fileWebhook(services, webhook, 'rejected', reading.because)
  if (reading.kind === 'irrelevant')
    return fileWebhook(services, webhook, 'processed', `nothing to do for ${reading.type}`)

  const { reference, transactionHash } = reading
  let found = reference ? await heardOf(services, { provider: webhook.provider, reference }) : []
  if (found.length === 0 && transactionHash) found = await heardOf(services, { transactionHash })
  const about = found.length > 0 ? found : await namedBy(services, webhook.provider, reading)
  await fileWebhook(services, webhook, 'processed', `${found.length} transactions looked at`, about)
}
