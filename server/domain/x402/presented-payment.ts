import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import { getAddress, type Hash, type Hex, isAddress, maxUint256 } from 'viem'
import * as z from 'zod'
import { LONGEST_SIGNATURE } from '../../gateways/chain/accepts-signature.ts'
import type { TransferAuthorization } from '../../gateways/chain/transfer-authorization.ts'
import { decodedHeader } from './decoded-header.ts'
import { MalformedPayment } from './payment-error.ts'

/** A payment as its buyer presents it: read, and not yet believed. */
export interface PresentedPayment {
  x402Version: 1 | 2
  /** The offer that it says it meets. The first version says the scheme and the network alone. */
  accepted: { scheme: string; network: string; terms: AcceptedTerms | null }
  authorization: TransferAuthorization
  signature: Hex
  /** What the buyer calls the payment, so that it is never made twice. */
  identifier: string | null
  /** SHA-256 of what was signed and the signature. */
  hash: Buffer
}

/** What an offer says beside its scheme and network. */
export type AcceptedTerms = Record<'amount' | 'asset' | 'payTo', string> & {
  maxTimeoutSeconds: number
  extra: Record<string, unknown>
}

const address = z
  .string()
  .refine((text) => isAddress(text, { strict: false }), 'is no address')
  .transform((text) => getAddress(text))

const whole = z
  .string()
  .regex(/^(0|[1-9]\d{0,77})$/, 'is no whole number')
  .transform(BigInt)
  .refine((number) => number <= maxUint256, 'is too large')

const payload = z.object({
  signature: z
    .string()
    .regex(/^0x([0-9a-f]{2})+$/i, 'is not 0x and hex digits')
    .max(2 + 2 * LONGEST_SIGNATURE)
    .transform((text) => text.toLowerCase() as Hex),
  authorization: z.object({
    from: address,
    to: address,
    value: whole,
    validAfter: whole,
    validBefore: whole,
    nonce: z
      .string()
      .regex(/^0x[0-9a-f]{64}$/i, 'is not 0x and 64 hex digits')
      .transform((text) => text.toLowerCase() as Hash),
  }),
})

/** 16 to 128 letters, digits, `-` and `_`, as the extension has it. */
const identifier = z.string().regex(/^[\w-]{16,128}$/, 'is not 16 to 128 letters, digits, "-" and "_"')

const secondVersion = z.object({
  x402Version: z.literal(2),
  accepted: z.object({
    scheme: z.string(),
    network: z.string(),
    amount: z.string(),
    asset: z.string(),
    payTo: z.string(),
    maxTimeoutSeconds: z.number(),
    extra: z.record(z.string(), z.unknown()).nullish(),
  }),
  payload,
  extensions: z
    .object({
      'payment-identifier': z.object({ info: z.object({ id: identifier.optional() }) }).optional(),
    })
    .nullish(),
})

const firstVersion = z.object({ x402Version: z.literal(1), scheme: z.string(), network: z.string(), payload })

/**
 * Reads the header of a payment: PAYMENT-SIGNATURE of the protocol's second version, X-PAYMENT of the first.
 *
 * @throws MalformedPayment with what is wrong with it
 */
export function readPayment(header: string, version: 1 | 2): PresentedPayment {
  const read = (version === 2 ? secondVersion : firstVersion).safeParse(decodedHeader(header))
  if (!read.success) {
    const [{ path, message }] = read.error.issues as [z.core.$ZodIssue, ...z.core.$ZodIssue[]]
    throw new MalformedPayment(`${path.join('.') || 'It'}: ${message}`)
  }
  const payment = read.data
  const { authorization, signature } = payment.payload
  const common = { authorization, signature, hash: hashOf(authorization, signature) }
  if (payment.x402Version === 1) {
    const { scheme, network } = payment
    return { ...common, x402Version: 1, accepted: { scheme, network, terms: null }, identifier: null }
  }
  const { scheme, network, extra, ...terms } = payment.accepted
  return {
    ...common,
    x402Version: 2,
    accepted: { scheme, network, terms: { ...terms, extra: extra ?? {} } },
    identifier: payment.extensions?.['payment-identifier']?.info.id ?? null,
  }
}

function hashOf(authorization: TransferAuthorization, signature: Hex): Buffer {
  const text = Object.fromEntries(Object.entries(authorization).map(([name, value]) => [name, String(value)]))
  return createHash('sha256')
    .update(canonicalize({ ...text, signature })!)
    .digest()
}
