import { getAddress, isAddress } from 'viem'
import * as z from 'zod'

// What HTTPayer answers, as its documentation has it. What is not read here may be whatever it is.

const address = z
  .string()
  .refine((text) => isAddress(text, { strict: false }))
  .transform((text) => getAddress(text))

/** A number of credits or USDC, as its decimal digits: nothing is computed with floats. */
const decimal = z
  .union([z.number().nonnegative(), z.string()])
  .transform(String)
  .refine((text) => /^\d{1,15}(\.\d{1,18})?$/.test(text))

const requirements = z.object({
  scheme: z.string(),
  network: z.string(),
  asset: address,
  payTo: address,
  maxTimeoutSeconds: z.number().int().positive().catch(60),
  maxAmountRequired: z
    .string()
    .regex(/^\d{1,78}$/)
    .transform(BigInt),
})

/** `POST /proxy/sim`. */
export const simulated = z.discriminatedUnion('requiresPayment', [
  z.object({
    requiresPayment: z.literal(true),
    targetPaymentRequirements: requirements,
    proxyFeeBreakdown: z.object({
      totalCreditsCharged: decimal,
      creditsPerUsdc: z.number().int().positive().default(1_000),
    }),
  }),
  z.object({ requiresPayment: z.literal(false), status: z.int().min(100).max(599), response: z.unknown() }),
])

/** The body of a 502, or of any other refusal. */
export const refusal = z.object({
  error: z.string().optional(),
  message: z.string().optional(),
  webhook_id: z.string().max(200).optional(),
})

const hash = z.string().regex(/^0x[0-9a-f]{64}$/i)

/** `GET /webhooks/{id}`: 202, 200 and 500. */
export const webhookStatus = z.discriminatedUnion('status', [
  z.object({ status: z.literal('pending') }),
  z.object({
    status: z.enum(['success', 'refund_confirmed', 'success_refunded', 'no_refund_needed']),
    txHash: hash.nullish().catch(null),
  }),
  z.object({ status: z.literal('failed'), errorType: z.string().default('internal_error') }),
])
