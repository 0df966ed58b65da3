import { getAddress, isAddress } from 'viem'
import * as z from 'zod'
import { grantedRoles, scopes, tokenScopes } from '../contract/callers.ts'
import type { Address, ChainName, Hash, Page } from '../contract/entities.ts'
import { readSubject } from '../domain/lists/subject.ts'
import { USER_OWNER } from '../domain/wallets/open-wallet.ts'
import { LONGEST_SIGNATURE } from '../gateways/chain/accepts-signature.ts'

/** The largest amount an ERC-20 token can speak of. */
const MAX_AMOUNT = 2n ** 256n - 1n

/** An id of ours, in lower case however it was typed: answers, audit leaves and idempotency keys know one form of it. */
export const id = z.uuid('an id is a UUID such as 3f0c1f0e-6a1d-4b0a-9c53-0d8f6f1f2a11').toLowerCase()

/** Text that a database and a log can hold: trimmed, without control characters. */
const text = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must not have control characters')

export const name = text(120)
export const title = text(200)
export const reason = text(500)

/** An app's own reference to an owner: letters, digits and `._:-`, so that it never carries a name or a mail address. */
export const owner = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[\w.:-]+$/, 'use a reference of letters, digits, "_", ".", ":" and "-", not a name or a mail address')

/** A reference that an app gives a new wallet. */
export const ownerInput = owner.refine((value) => !value.startsWith(USER_OWNER), {
  message: `references that begin with "${USER_OWNER}" are of wallets that users opened for themselves`,
})

/** The origin of a page: scheme, host and port, as browsers write it. */
export const originInput = z
  .string()
  .max(250)
  .refine((value) => isOrigin(value), {
    message: 'an origin is such as https://app.example.com: lower case, no path; plain http for localhost only',
  })

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, origin } = new URL(text)
  const local = hostname === 'localhost' || hostname === '127.0.0.1' || hostname.endsWith('.localhost')
  return origin === text && (protocol === 'https:' || (protocol === 'http:' && local))
}

export const grantedRole = z.enum(grantedRoles)
export const scope = z.enum(scopes)
export const tokenScope = z.enum(tokenScopes)

export const nonce = z.string().regex(/^[0-9a-f]{32}$/, 'is not a nonce of auth.challenge')

/** A signature of an account. A contract's may be long: it can carry the code that deploys its wallet (ERC-6492). */
export const signature = z
  .string()
  .max(2 + 2 * LONGEST_SIGNATURE, 'is longer than 16 KiB')
  .regex(/^0x([0-9a-f]{2})+$/i, 'a signature is 0x and an even number of hex digits')
  .transform((text) => text as Hash)

/** The hash of a chain transaction. Comes out in lower case: logs are counted by it. */
export const transactionHash = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/i, 'the hash of a chain transaction is 0x and 64 hex digits')
  .toLowerCase()
  .transform((text) => text as Hash)

export const listName = z
  .string()
  .min(1)
  .max(60)
  .regex(/^[a-z0-9-]+$/, 'a list is named in lower-case letters, digits and "-"')

export const idempotencyKey = z
  .string()
  .min(8, 'at least 8 characters; a random UUID per intention is good')
  .max(200)
  .regex(/^[\x21-\x7e]+$/, 'printable ASCII without spaces')

/** An address in one case, or with a correct EIP-55 checksum. Comes out checksummed. */
export const addressInput = z
  .string()
  .refine((value) => isAddress(value, { strict: false }), {
    message: 'an address is 0x and 40 hex digits',
    abort: true,
  })
  .refine((value) => isAddress(value) || /^0x[0-9a-f]{40}$/.test(value), {
    message: 'its checksum is wrong: a character was mistyped or lost. Copy the address again.',
    abort: true,
  })
  .transform((value) => getAddress(value))
  .refine((value) => value !== '0x0000000000000000000000000000000000000000', {
    message: 'the zero address cannot be used',
  })

/** Who is on a list: an address as above, or a wallet or user of ours by their id. Comes out as it is stored. */
export const subjectInput = z
  .string()
  .max(60)
  .transform((text, context) => {
    const { subject, problem } = readSubject(text)
    if (subject !== null) return subject
    context.issues.push({ code: 'custom', input: text, message: problem })
    return z.NEVER
  })

/** An amount in base units, more than nothing and within 256 bits. */
export const amountInput = z.bigint().positive('must be more than 0').max(MAX_AMOUNT, 'does not fit 256 bits')

/** A moment that databases, logs and JavaScript agree on. */
export const momentInput = z.date().min(new Date(0)).max(new Date('9999-12-31T23:59:59.999Z'))

/** How long access lasts, in seconds: up to a hundred years. */
export const secondsInput = z
  .int()
  .min(1)
  .max(100 * 365 * 86_400)

export const chainId = z.int().min(1).max(Number.MAX_SAFE_INTEGER)

/** Where a list went on: the time and the id of the last row seen. */
const cursor = z
  .string()
  .regex(
    /^\d{1,15}\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
    'is not a cursor of this list: take "nextCursor" of the page before, or start without one',
  )

export const pageRequest = z.object({
  cursor: cursor.nullish(),
  limit: z.int().min(1).max(100).default(20),
})

export const address: z.core.$ZodType<Address, Address> = z.templateLiteral(['0x', z.string()])
export const hash: z.core.$ZodType<Hash, Hash> = z.templateLiteral(['0x', z.string()])
export const chain: z.core.$ZodType<ChainName, ChainName> = z.templateLiteral(['eip155:', z.int()])

export const pageOf = <T>(item: z.core.$ZodType<T, T>): z.core.$ZodType<Page<T>, Page<T>> =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() })
