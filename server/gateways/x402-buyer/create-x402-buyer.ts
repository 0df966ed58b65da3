import { encodePaymentSignatureHeader } from '@x402/core/http'
import type { PaymentPayload } from '@x402/core/types'
import { appendPaymentIdentifierToExtensions } from '@x402/extensions/payment-identifier'
import { type Hash, padHex, parseAbi, toEventSelector } from 'viem'
import { type ApiBuyer, MOST_OF_AN_ANSWER, NotAsked, type Offer, type Order } from '../api-buyer.ts'
import { ChainUnavailable } from '../chain/chain.ts'
import { chainViews } from '../chain/chain-view.ts'
import type { Chains } from '../chain/chains.ts'
import type { SigningKey } from '../local-signer/signing-key.ts'
import { NoAnswer, type Outbound, type PostFailure } from '../outbound/create-outbound.ts'
import { claimedIn, offersOf, type X402Terms } from './read-terms.ts'
import { signAuthorization } from './sign-authorization.ts'

export interface X402BuyerOptions {
  /** Holds what is paid with. Signs for nobody else. */
  key: SigningKey
  chains: Chains
  outbound: Outbound
}

const authorizationAbi = parseAbi([
  'function authorizationState(address authorizer, bytes32 nonce) view returns (bool)',
  'event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce)',
])
const authorizationUsed = toEventSelector(authorizationAbi[1])

/** Blocks in which the log of a payment is looked for: public nodes answer over at most so many. */
const LOOK_BACK = 2_000n

/** Milliseconds that a chain has for one look. */
const PATIENCE = 10_000

/** How a request ended of which nothing had left this machine. */
const unsent: readonly PostFailure[] = ['target_refused', 'not_found', 'refused', 'tls']

/**
 * Pays APIs that speak x402, in either version, by signed transfers (EIP-3009) of one key. A signature is good for one transfer, of this
 * amount, to this payee, until it ends, whoever has it: what became of it is read from the chain, and from nothing else.
 */
export function createX402Buyer({ key, chains, outbound }: X402BuyerOptions): ApiBuyer {
  const views = new Map(
    chains
      .all()
      .map(({ chainId, rpcUrl, confirmations }) => [
        chainId,
        chainViews({ chainId, rpcUrl, confirmations, timeout: 5_000 }),
      ]),
  )

  async function headersFor(
    { terms, ...offer }: Offer,
    { nonce, validBefore }: Order,
  ): Promise<Record<string, string>> {
    const { version, domain, accepted, resource, extensions } = terms as X402Terms
    const authorization = {
      from: key.address,
      to: offer.payee,
      value: offer.price,
      validAfter: 0n,
      validBefore: BigInt(Math.floor(validBefore.getTime() / 1000)),
      nonce,
    }
    const token = { address: offer.asset, chainId: offer.chainId, ...domain }
    const payload = {
      signature: await signAuthorization(key, token, authorization),
      authorization: {
        ...authorization,
        value: String(authorization.value),
        validAfter: String(authorization.validAfter),
        validBefore: String(authorization.validBefore),
      },
    }
    if (version === 1) {
      const { scheme, network } = accepted
      const text = JSON.stringify({ x402Version: 1, scheme, network, payload })
      return { 'x-payment': Buffer.from(text).toString('base64') }
    }
    const said = { x402Version: 2, resource, accepted, payload, extensions: withIdentifier(extensions, nonce) }
    return { 'payment-signature': encodePaymentSignatureHeader(said as unknown as PaymentPayload) }
  }

  return {
    way: 'direct',
    payer: key.address,

    async ask(request) {
      const answer = await outbound
        .request({ ...request, headers: { ...request.headers }, most: MOST_OF_AN_ANSWER })
        .catch((error) => {
          throw error instanceof NoAnswer ? new NotAsked(error.reason, noAnswer[error.reason], error) : error
        })
      if (answer.status >= 300 && answer.status < 400 && answer.status !== 304)
        throw new NotAsked(
          'redirected',
          'The API sends callers elsewhere, and nobody is followed. Name the URL that it sends them to.',
        )
      if (answer.status !== 402) return { free: answer }
      const offers = offersOf(answer)
      if (!offers) throw new NotAsked('not_x402', 'The API asks for a payment, but not by x402.')
      return { offers }
    },

    async pay(request, offer, order) {
      const headers = { ...request.headers, ...(await headersFor(offer, order)) }
      try {
        const answer = await outbound.request({ ...request, headers, most: MOST_OF_AN_ANSWER })
        return { kind: 'answered', answer, claimed: claimedIn(answer.headers), reference: null }
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error
        return unsent.includes(error.reason)
          ? { kind: 'unsent', reason: error.reason, message: noAnswer[error.reason] }
          : { kind: 'unknown', reference: null }
      }
    },

    async find({ chainId, asset, nonce, validBefore }) {
      const look = views.get(chainId)
      if (!look) throw new ChainUnavailable(`Chain ${chainId} is not configured any more`)
      const view = await look(AbortSignal.timeout(PATIENCE))
      const [isUsed] = await view.call([
        { address: asset, abi: authorizationAbi, functionName: 'authorizationState', args: [key.address, nonce] },
      ])
      if (!isUsed)
        return view.time >= validBefore
          ? { kind: 'unpaid', reason: 'not_taken', message: 'The seller has not taken the payment, and can no longer.' }
          : { kind: 'pending' }
      const topics = [authorizationUsed, padHex(key.address.toLowerCase() as `0x${string}`, { size: 32 }), nonce]
      const [used] = await view.logs({ address: asset, topics, blocks: LOOK_BACK })
      // a node that does not tell of its logs may do so later
      return used?.transactionHash ? { kind: 'paid', transaction: used.transactionHash } : { kind: 'pending' }
    },
  }
}

/** What the seller declared, said back to it; with an id of the purchase where it knows what that is, so that it can tell a repetition. */
function withIdentifier(extensions: unknown, nonce: Hash): unknown {
  if (typeof extensions !== 'object' || extensions === null) return undefined
  return appendPaymentIdentifierToExtensions(
    structuredClone(extensions) as Record<string, unknown>,
    `pay_${nonce.slice(2)}`,
  )
}

/** Sentences about requests without an answer. */
const noAnswer: Record<PostFailure, string> = {
  target_refused: 'The API is not at a public address.',
  not_found: 'The name of the API stands for no address.',
  timeout: 'The API did not answer in time.',
  reset: 'The API ended the connection without an answer.',
  refused: 'The API does not take connections.',
  tls: 'The certificate of the API is not believed.',
  unreachable: 'The API cannot be reached.',
}
