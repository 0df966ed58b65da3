import { decodePaymentRequiredHeader, decodePaymentResponseHeader } from '@x402/core/http'
import { getAddress, isAddress } from 'viem'
import * as z from 'zod'
import type { Hash } from '../../contract/entities.ts'
import type { ApiAnswer, Offer } from '../api-buyer.ts'
import { chainOfNetwork } from './networks.ts'

// What sellers write, read as strangers' words: only what is here is ever signed for.

const address = z
  .string()
  .refine((text) => isAddress(text, { strict: false }))
  .transform((text) => getAddress(text))
const amount = z
  .string()
  .regex(/^\d{1,78}$/)
  .transform(BigInt)
const seconds = z.number().int().min(1).max(86_400)
const extra = z
  .object({
    name: z.string().max(100).optional(),
    version: z.string().max(20).optional(),
    assetTransferMethod: z.string().optional(),
  })
  .loose()
  .nullish()

const requirements = z.looseObject({
  scheme: z.string(),
  network: z.string(),
  asset: address,
  payTo: address,
  maxTimeoutSeconds: seconds,
  extra,
})
const second = requirements.extend({ amount })
const first = requirements.extend({ maxAmountRequired: amount })
const secondVersion = z.looseObject({
  x402Version: z.literal(2),
  accepts: z.array(z.unknown()).max(50),
  resource: z.unknown().optional(),
  extensions: z.unknown().optional(),
})
const firstVersion = z.looseObject({ x402Version: z.literal(1), accepts: z.array(z.unknown()).max(50) })

/** What is signed and sent for an offer: in the seller's own words, where it must repeat them. */
export interface X402Terms {
  version: 1 | 2
  domain: { name: string; version: string }
  /** The seller's requirements, as they came. */
  accepted: Record<string, unknown>
  resource: unknown
  extensions: unknown
}

/** The offers of an answer with the status 402 that we can pay: the second version's before the first's. Null: it is no x402. */
export function offersOf({ headers, body }: ApiAnswer): Offer[] | null {
  const two = secondVersion.safeParse(decoded(headers['payment-required']))
  const one = firstVersion.safeParse(parsed(body.toString()))
  if (!two.success && !one.success) return null
  const { accepts = [], resource, extensions } = two.data ?? {}
  return [
    ...accepts.flatMap((each) => {
      const read = second.safeParse(each)
      return read.success ? offerOf(2, read.data, read.data.amount, each, { resource, extensions }) : []
    }),
    ...(one.data?.accepts ?? []).flatMap((each) => {
      const read = first.safeParse(each)
      return read.success ? offerOf(1, read.data, read.data.maxAmountRequired, each, {}) : []
    }),
  ]
}

function offerOf(
  version: 1 | 2,
  { scheme, network, asset, payTo, maxTimeoutSeconds, extra }: z.output<typeof requirements>,
  price: bigint,
  accepted: unknown,
  required: { resource?: unknown; extensions?: unknown },
): Offer[] {
  const chainId = chainOfNetwork(network)
  const isAuthorization = (extra?.assetTransferMethod ?? 'eip3009') === 'eip3009'
  if (scheme !== 'exact' || chainId === null || !isAuthorization || !extra?.name || !extra.version || price === 0n)
    return []
  const terms: X402Terms = {
    version,
    domain: { name: extra.name, version: extra.version },
    accepted: accepted as Record<string, unknown>,
    resource: required.resource,
    extensions: required.extensions,
  }
  return [{ chainId, asset, payee: payTo, price, fee: 0n, seconds: maxTimeoutSeconds, terms }]
}

/** The transaction that an answer to a payment speaks of, in either version's header. Believed when the chain shows it. */
export function claimedIn(headers: Readonly<Record<string, string>>): Hash | null {
  const text = headers['payment-response'] ?? headers['x-payment-response']
  if (!text) return null
  try {
    const { transaction } = decodePaymentResponseHeader(text)
    return /^0x[0-9a-f]{64}$/i.test(transaction) ? (transaction.toLowerCase() as Hash) : null
  } catch {
    return null
  }
}

function decoded(header: string | undefined): unknown {
  if (!header) return undefined
  try {
    return decodePaymentRequiredHeader(header)
  } catch {
    return undefined
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
