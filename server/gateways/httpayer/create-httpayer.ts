import type { Hash } from '../../contract/entities.ts'
import { type ApiBuyer, type Asked, NotAsked, type Outcome } from '../api-buyer.ts'
import { NoAnswer, type PostFailure } from '../outbound/create-outbound.ts'
import { chainOfNetwork } from '../x402-buyer/networks.ts'
import { claimedIn } from '../x402-buyer/read-terms.ts'
import { createHttpayerClient, type HttpayerOptions, HttpayerRefused, HttpayerUnreadable, parse } from './client.ts'
import { refusal } from './schemas.ts'

/** USDC has six decimals wherever HTTPayer pays with it. */
const UNITS_OF_A_USDC = 1_000_000n

/** How a call ended of which nothing had left this machine. */
const unsent: readonly PostFailure[] = ['not_found', 'refused', 'tls']

/** What HTTPayer refuses before it calls anybody. */
const refusals: Record<number, { reason: string; message: string }> = {
  401: { reason: 'httpayer_key', message: 'HTTPayer does not know our key.' },
  402: { reason: 'httpayer_credits', message: 'Our credits at HTTPayer are used up.' },
  429: { reason: 'httpayer_limit', message: 'Our limit of calls or of money for a day at HTTPayer is reached.' },
}

/** What HTTPayer says of a payment that it has not made, or got back. */
const unpaid = {
  reason: 'httpayer_not_paid',
  message: 'HTTPayer has not paid the seller, or was paid back.',
} as const

/**
 * Pays APIs from our credits at HTTPayer (its proxy mode). It has no way to repeat a call safely and none to say the most that may be paid:
 * a call is made once, and what was paid is compared with the offer on the chain.
 */
export function createHttpayer(options: HttpayerOptions): ApiBuyer & { close(): void } {
  const client = createHttpayerClient(options)

  return {
    way: 'httpayer',
    payer: null,

    async ask(request): Promise<Asked> {
      const simulation = await client.simulateProxy(request).catch((error) => {
        throw notAsked(error)
      })
      if (!simulation.requiresPayment) {
        const { status, response } = simulation
        const isText = typeof response === 'string'
        const headers = { 'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json' }
        const body = Buffer.from(isText ? response : (JSON.stringify(response) ?? ''))
        return { free: { status, headers, body, truncated: false } }
      }
      const { targetPaymentRequirements: wanted, proxyFeeBreakdown: charged } = simulation
      const chainId = chainOfNetwork(wanted.network)
      if (wanted.scheme !== 'exact' || chainId === null) return { offers: [] }
      const price = wanted.maxAmountRequired
      const total = unitsOf(charged.totalCreditsCharged, charged.creditsPerUsdc)
      const { asset, payTo: payee, maxTimeoutSeconds: seconds } = wanted
      return {
        offers: [{ chainId, asset, payee, price, fee: total > price ? total - price : 0n, seconds, terms: null }],
      }
    },

    async pay(request): Promise<Outcome> {
      try {
        const answer = await client.proxy(request)
        const { status, headers, body } = answer
        const claimed = claimedIn(headers)
        const said = status >= 400 ? refusal.safeParse(parse(body)).data : undefined
        const reference = headers['x-httpayer-webhook'] ?? (status === 502 ? said?.webhook_id : undefined) ?? null
        const refused = refusals[status]
        if (refused && !claimed && !reference) return { kind: 'unsent', ...refused }
        if (status === 502 && !claimed) return { kind: 'unknown', reference }
        return { kind: 'answered', answer, claimed, reference }
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error
        return unsent.includes(error.reason)
          ? { kind: 'unsent', reason: 'httpayer_unreachable', message: 'HTTPayer cannot be reached.' }
          : { kind: 'unknown', reference: null }
      }
    },

    async find({ reference, claimed }) {
      if (claimed) return { kind: 'paid', transaction: claimed }
      if (!reference) return { kind: 'unknown' }
      const found = await client.status(reference)
      if (!found || found.status === 'pending') return { kind: 'pending' }
      if (found.status === 'failed')
        return found.errorType === 'refund_failed' ? { kind: 'unknown' } : { kind: 'unpaid', ...unpaid }
      if (found.status === 'refund_confirmed' || found.status === 'success_refunded')
        return { kind: 'unpaid', ...unpaid }
      if (found.txHash) return { kind: 'paid', transaction: found.txHash.toLowerCase() as Hash }
      return found.status === 'success' ? { kind: 'unknown' } : { kind: 'unpaid', ...unpaid }
    },

    close: client.close,
  }
}

function notAsked(error: unknown): unknown {
  if (error instanceof HttpayerRefused) {
    const known = refusals[error.status]
    return known
      ? new NotAsked(known.reason, known.message, error)
      : new NotAsked('httpayer_refused', 'HTTPayer could not ask the API what it costs.', error)
  }
  if (error instanceof HttpayerUnreadable || error instanceof NoAnswer)
    return new NotAsked('httpayer_unreachable', 'HTTPayer does not answer, or not as documented.', error)
  return error
}

/** What so many credits are worth, in base units of USDC, rounded up. */
export function unitsOf(credits: string, creditsPerUsdc: number): bigint {
  const [whole = '', part = ''] = credits.split('.')
  const worth = BigInt(whole + part) * UNITS_OF_A_USDC
  const divisor = BigInt(creditsPerUsdc) * 10n ** BigInt(part.length)
  return (worth + divisor - 1n) / divisor
}
