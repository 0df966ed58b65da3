import type { Environment } from './environment.ts'
import { signatureHeader, verifyCallback } from './gateways/chainsettle/verify-callback.ts'
import { hmac } from './gateways/webhooks/hmac.ts'
import { type HeaderPrefix, readWebhookSecret, standardWebhooks } from './gateways/webhooks/standard-webhooks.ts'
import type { Verify } from './gateways/webhooks/verify.ts'
import type { WebhookSource } from './webhook-sources-setting.ts'

/** Somebody who sends us webhooks, to `/webhooks/<name>`. */
export interface InboundSource {
  name: string
  verify: Verify
  /** What it says of itself and is needed, for whoever sent it without. */
  headers: string
  /** Bytes that a body may have. */
  limit: number
  /** Whether it takes what nobody signed, as often as one network may call. */
  isOpen: boolean
}

/** Real ones are about 1 kB. */
const LIMIT = 256 * 1024
/** Real ones are about 100 bytes, and anybody may send them where there is no key. */
const CALLBACK_LIMIT = 16 * 1024

/** Everybody whom the environment names. */
export function inboundSources({
  webhookKeys,
  webhookSources,
  attestations: { chainsettle, callbackKeys },
}: Pick<Environment, 'webhookKeys' | 'webhookSources' | 'attestations'>): InboundSource[] {
  const usual = { limit: LIMIT, isOpen: false }
  const callbacks = {
    name: 'chainsettle',
    verify: verifyCallback(callbackKeys),
    headers: `${signatureHeader}: t=SECONDS,v1=HEX`,
    limit: CALLBACK_LIMIT,
    isOpen: callbackKeys.length === 0,
  }
  return [
    { name: 'crossmint', ...signedWith(webhookKeys, 'svix'), ...usual },
    ...(chainsettle ? [callbacks] : []),
    ...webhookSources.map((source) => ({ name: source.name, ...schemeOf(source), ...usual })),
  ]
}

function schemeOf(source: WebhookSource): Pick<InboundSource, 'verify' | 'headers'> {
  if (source.scheme !== 'hmac')
    return signedWith(source.secrets.map(readWebhookSecret), source.scheme === 'svix' ? 'svix' : 'webhook')
  const { header, idField = null, secrets } = source
  return {
    verify: hmac({ keys: secrets.map((secret) => Buffer.from(secret)), header, idField }),
    headers: `${header}: t=SECONDS,v1=HEX`,
  }
}

const signedWith = (keys: readonly Buffer[], prefix: HeaderPrefix) => ({
  verify: standardWebhooks(keys, prefix),
  headers: `${prefix}-id, ${prefix}-timestamp and ${prefix}-signature`,
})
