import type { WebhookRow } from '../../../db/schema.ts'
import { readCallback } from '../../gateways/chainsettle/read-callback.ts'
import type { Services } from '../../services.ts'
import { heardOfAttestation } from '../compliance/heard-of-attestation.ts'
import { heardOf, namedBy } from '../transactions/heard-of.ts'
import { fileWebhook } from './inbox.ts'

type Handle = (services: Services, webhook: WebhookRow) => Promise<void>

/**
 * Does what a stored webhook asks for. It is a hint: what it says of anything is not believed, but makes us look. A body that means
 * nothing to us is filed as `rejected`, and kept; so is what a source sends that nothing here waits for, as `processed`.
 */
export const processWebhook: Handle = (services, webhook) => (handlers.get(webhook.provider) ?? keep)(services, webhook)

/** Makes the transactions due that it speaks of. */
const ofCrossmint: Handle = async (services, webhook) => {
  const heard = services.readWebhook(webhook.body)
  if (heard.kind === 'unreadable') return fileWebhook(services, webhook, 'rejected', heard.because)
  if (heard.kind === 'irrelevant') return fileWebhook(services, webhook, 'processed', 'nothing to do for its type')

  const { reference, transactionHash } = heard
  let found = reference ? await heardOf(services, { provider: 'crossmint', reference }) : []
  if (found.length === 0 && transactionHash) found = await heardOf(services, { transactionHash })
  const about = found.length > 0 ? found : await namedBy(services, 'crossmint', heard)
  await fileWebhook(services, webhook, 'processed', `${found.length} transactions looked at`, about)
}

/** Has the settlement read again that it speaks of. */
const ofChainsettle: Handle = async (services, webhook) => {
  const callback = readCallback(webhook.body)
  if (!callback) return fileWebhook(services, webhook, 'rejected', 'its body is not a callback', null)
  const known = await heardOfAttestation(services, callback.idHash)
  await fileWebhook(services, webhook, 'processed', known ? 'read again' : 'no such settlement', null)
}

const keep: Handle = (services, webhook) => fileWebhook(services, webhook, 'processed', 'kept to be read', null)

const handlers: ReadonlyMap<string, Handle> = new Map([
  ['crossmint', ofCrossmint],
  ['chainsettle', ofChainsettle],
])
