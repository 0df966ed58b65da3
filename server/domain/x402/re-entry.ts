import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { getAddress, type Hex, hashMessage, isAddress } from 'viem'
import * as z from 'zod'
import { atomically } from '../../../db/transaction.ts'
import type { Address } from '../../contract/entities.ts'
import { LONGEST_SIGNATURE } from '../../gateways/chain/accepts-signature.ts'
import type { Clock, Services } from '../../services.ts'
import { signInMessage } from '../sessions/sign-in-message.ts'
import { chainName } from '../wire.ts'
import { decodedHeader } from './decoded-header.ts'
import { MalformedPayment } from './payment-error.ts'
import { type Purchase, readPurchase } from './purchase.ts'
import type { Sale } from './read-sale.ts'
import type { Seller } from './seller.ts'

/** What somebody signs who has paid before, to be let in again: the extension `sign-in-with-x`. */
export interface EntryQuestion {
  domain: string
  uri: string
  statement: string
  version: '1'
  nonce: string
  issuedAt: string
  expirationTime: string
}

/** Milliseconds that a question may be answered in. */
const OPEN_FOR = 5 * 60_000

const statement = 'Show that you have paid for this. It costs nothing and moves nothing.'

/** A new question. Nothing is kept of it: that it is ours shows in its nonce. */
export function entryQuestion({ secret }: Seller, clock: Clock, resource: string): EntryQuestion {
  const issuedAt = clock.now()
  const random = randomBytes(12).toString('hex')
  return {
    domain: new URL(resource).host,
    uri: resource,
    statement,
    version: '1',
    nonce: `${random}${markOf(secret, random, resource, issuedAt)}`,
    issuedAt: issuedAt.toISOString(),
    expirationTime: new Date(issuedAt.getTime() + OPEN_FOR).toISOString(),
  }
}

const markOf = (secret: string, random: string, resource: string, issuedAt: Date): string =>
  createHmac('sha256', secret)
    .update(`entry to ${resource} asked at ${issuedAt.toISOString()} ${random}`)
    .digest('hex')
    .slice(0, 40)

const answer = z.object({
  domain: z.string(),
  address: z
    .string()
    .refine((text) => isAddress(text, { strict: false }), 'is no address')
    .transform((text) => getAddress(text)),
  uri: z.string(),
  version: z.literal('1'),
  chainId: z.string(),
  nonce: z.string().regex(/^[0-9a-f]{64}$/, 'is none of ours'),
  issuedAt: z.iso.datetime(),
  expirationTime: z.iso.datetime(),
  statement: z.literal(statement),
  signature: z
    .string()
    .regex(/^0x([0-9a-f]{2})+$/i, 'is not 0x and hex digits')
    .max(2 + 2 * LONGEST_SIGNATURE)
    .transform((text) => text as Hex),
})

type EntryAnswer = z.output<typeof answer>

/** Reads the header SIGN-IN-WITH-X. @throws MalformedPayment */
export function readEntry(header: string): EntryAnswer {
  const read = answer.safeParse(decodedHeader(header))
  if (read.success) return read.data
  const [{ path, message }] = read.error.issues as [z.core.$ZodIssue, ...z.core.$ZodIssue[]]
  throw new MalformedPayment(`${path.join('.') || 'It'}: ${message}`)
}

/** Why somebody is not let in, in the extension's words; `nothing_bought` is ours. */
export type EntryRefusal =
  | 'invalid_siwx_domain_mismatch'
  | 'invalid_siwx_expired'
  | 'invalid_siwx_nonce'
  | 'invalid_siwx_signature'
  | 'invalid_siwx_unsupported_chain'
  | 'invalid_siwx_uri_mismatch'
  | 'nothing_bought'

/**
 * Lets somebody in who has paid: a question of ours, answered once and in time, with the signature of the wallet that paid, a contract's
 * too.
 *
 * @throws ChainUnavailable
 */
export async function enterAgain(
  services: Services,
  seller: Seller,
  { sale, market }: Sale,
  resource: string,
  entry: EntryAnswer,
): Promise<Purchase | EntryRefusal> {
  if (entry.domain !== new URL(resource).host) return 'invalid_siwx_domain_mismatch'
  if (entry.uri !== resource) return 'invalid_siwx_uri_mismatch'
  if (entry.chainId !== chainName(sale.chain_id)) return 'invalid_siwx_unsupported_chain'
  const now = services.clock.now()
  const issuedAt = new Date(entry.issuedAt)
  const expiresAt = new Date(issuedAt.getTime() + OPEN_FOR)
  if (expiresAt.toISOString() !== entry.expirationTime || expiresAt <= now) return 'invalid_siwx_expired'
  if (!isOurs(seller.secret, entry, issuedAt)) return 'invalid_siwx_nonce'

  const { address, nonce, signature } = entry
  const chainId = market.chain.chainId
  const message = signInMessage({ address, chainId, origin: resource, statement, nonce, issuedAt, expiresAt })
  const claim = { account: address, hash: hashMessage(message), signature }
  if (!(await market.chain.acceptsSignature(claim))) return 'invalid_siwx_signature'
  if (!(await useNonce(services, nonce, expiresAt))) return 'invalid_siwx_nonce'
  const paymentId = await boughtBy(services, sale.paywall_id, address, now)
  return paymentId ? readPurchase(services, paymentId) : 'nothing_bought'
}

function isOurs(secret: string, { nonce, uri }: EntryAnswer, issuedAt: Date): boolean {
  const mark = markOf(secret, nonce.slice(0, 24), uri, issuedAt)
  return timingSafeEqual(Buffer.from(nonce.slice(24)), Buffer.from(mark))
}

/** False: it was answered before. */
async function useNonce({ db }: Services, nonce: string, expires_at: Date): Promise<boolean> {
  // unlike most, this is not repeated after a lost answer: it would meet itself
  const used = await atomically(db, (one) =>
    one
      .insertInto('x402_nonce')
      .values({ nonce, expires_at })
      .onConflict((conflict) => conflict.column('nonce').doNothing())
      .returning('nonce')
      .executeTakeFirst(),
  )
  return used !== undefined
}

/** The payment by which the owner of an address has access now; of several, the one that lasts longest. */
async function boughtBy({ db }: Services, paywallId: string, address: Address, now: Date): Promise<string | null> {
  const row = await db
    .selectFrom('access')
    .innerJoin('wallet', 'wallet.id', 'access.wallet_id')
    .select('access.payment_id')
    .where('wallet.address', '=', address)
    .where('access.paywall_id', '=', paywallId)
    .where('access.revoked_at', 'is', null)
    .where(({ or, eb }) => or([eb('access.expires_at', 'is', null), eb('access.expires_at', '>', now)]))
    .orderBy('access.expires_at', (order) => order.desc().nullsFirst())
    .limit(1)
    .executeTakeFirst()
  return row?.payment_id ?? null
}
