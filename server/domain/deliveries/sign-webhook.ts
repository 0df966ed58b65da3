import { createHmac, randomBytes } from 'node:crypto'

const PREFIX = 'whsec_'

/** A new secret of an endpoint: 256 random bits in the form of Standard Webhooks. */
export const newSigningSecret = (): string => `${PREFIX}${randomBytes(32).toString('base64')}`

/** What is signed: the id of the event, the second of this try, and the body. */
export interface WebhookToSign {
  id: string
  /** Seconds since 1970. */
  timestamp: number
  body: string
}

/**
 * The header `webhook-signature` of Standard Webhooks: a signature by each secret, apart by spaces. Two while a secret is being
 * changed, so that the receiver may know either.
 */
export const signWebhook = (secrets: readonly string[], { id, timestamp, body }: WebhookToSign): string =>
  secrets
    .map((secret) => {
      const key = Buffer.from(secret.slice(PREFIX.length), 'base64')
      return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
    })
    .join(' ')
