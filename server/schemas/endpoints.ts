import * as z from 'zod'
import type * as entity from '../contract/endpoints.ts'
import type { EventType } from '../contract/events.ts'
import { refuseTarget } from '../gateways/outbound/refuse-target.ts'

export const endpointShape = z.object({
  id: z.string(),
  appId: z.string().nullable(),
  url: z.string(),
  types: z.array(z.string()),
  description: z.string(),
  state: z.enum(['enabled', 'disabled', 'deleted']),
  disabledBecause: z.enum(['asked', 'failing', 'gone']).nullable(),
  disabledAt: z.date().nullable(),
  failingSince: z.date().nullable(),
  createdAt: z.date(),
})
export const endpoint: z.core.$ZodType<entity.Endpoint, entity.Endpoint> = endpointShape

export const endpointWithSecretShape = endpointShape.extend({ secret: z.string().nullable(), replayed: z.boolean() })
export const endpointWithSecret: z.core.$ZodType<entity.EndpointWithSecret, entity.EndpointWithSecret> =
  endpointWithSecretShape

export const deliveryState = z.enum(['waiting', 'delivered', 'failed'])

export const deliveryShape = z.object({
  id: z.string(),
  endpointId: z.string(),
  appId: z.string(),
  eventId: z.string(),
  type: z.string() as z.core.$ZodType<EventType, EventType>,
  state: deliveryState,
  attempts: z.number(),
  nextAttemptAt: z.date().nullable(),
  status: z.number().nullable(),
  failure: z.string().nullable(),
  createdAt: z.date(),
  endedAt: z.date().nullable(),
})
export const delivery: z.core.$ZodType<entity.Delivery, entity.Delivery> = deliveryShape

export const deliveryAttemptShape = z.object({
  number: z.number(),
  url: z.string(),
  startedAt: z.date(),
  milliseconds: z.number(),
  status: z.number().nullable(),
  failure: z.string().nullable(),
  response: z.string().nullable(),
})

export const deliveryLogShape = deliveryShape.extend({ body: z.string(), log: z.array(deliveryAttemptShape) })
export const deliveryLog: z.core.$ZodType<entity.DeliveryLog, entity.DeliveryLog> = deliveryLogShape

/** Its form. Whether it is a place where something is sent is known to the service alone. */
export const endpointUrl = z
  .string()
  .max(2_000)
  .refine((url) => refuseTarget(url, 'any') === null, { message: 'is an https:// URL without a user and a password' })

export const description = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must not have control characters')

export const pinged = z.object({ eventId: z.string() })
export const resent = z.object({ resent: z.number() })
