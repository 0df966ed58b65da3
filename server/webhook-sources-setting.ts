import * as z from 'zod'
import { readWebhookSecret } from './gateways/webhooks/standard-webhooks.ts'

/** Sources that the service knows by itself, each with settings of its own. */
const own = ['crossmint', 'chainsettle']

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'is lower-case letters, digits and "-", at most 40')
  .refine((text) => !own.includes(text), 'is a source that has its own variable')

const whsec = z.string().refine((secret) => {
  try {
    return readWebhookSecret(secret)
  } catch {
    return false
  }
}, 'is whsec_ and base64 of at least 16 bytes')

const secrets = <Schema extends z.ZodType>(secret: Schema) => z.array(secret).min(1).max(5)

/** Who else may send webhooks, to `/webhooks/NAME`; what they send is stored, and kept to be read. */
export const webhookSourcesSetting = z
  .array(
    z.discriminatedUnion('scheme', [
      z.strictObject({ name, scheme: z.enum(['standard-webhooks', 'svix']), secrets: secrets(whsec) }),
      z.strictObject({
        name,
        scheme: z.literal('hmac'),
        /** That carries `t=<seconds>,v1=<hex>`. */
        header: z
          .string()
          .regex(/^[A-Za-z][A-Za-z0-9-]{0,79}$/, 'is the name of a header')
          .transform((text) => text.toLowerCase()),
        /** The field of the body that an event is known by; without it, by what was signed. */
        idField: z.string().min(1).max(60).optional(),
        secrets: secrets(z.string().min(16, 'has 16 characters or more')),
      }),
    ]),
  )
  .max(50)
  .refine((sources) => new Set(sources.map((source) => source.name)).size === sources.length, 'names one source twice')

export type WebhookSource = z.output<typeof webhookSourcesSetting>[number]
