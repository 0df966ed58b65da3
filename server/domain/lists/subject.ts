import type { Kysely } from 'kysely'
import { getAddress } from 'viem'
import type { Database } from '../../../db/schema.ts'
import type { Address } from '../../contract/entities.ts'
import { notFound } from '../domain-error.ts'

/** Who is meant: exactly one of them. */
export interface SubjectInput {
  address?: Address | undefined
  walletId?: string | undefined
  userId?: string | undefined
}

/** A subject as it is stored and shown: a checksummed address, `wallet:<id>` or `user:<id>`. */
export const subjectOf = ({ address, walletId, userId }: SubjectInput): string =>
  address ?? (walletId ? `wallet:${walletId}` : `user:${userId}`)

/** A subject that was read, or what is wrong with its text. */
export type SubjectReading = { subject: string; problem: null } | { subject: null; problem: string }

const isReference = /^(wallet|user):[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const isAddress = /^0x[0-9a-fA-F]{40}$/

/** Reads a subject as people write it: in one case, or with a correct checksum. */
export function readSubject(text: string): SubjectReading {
  const lower = text.toLowerCase()
  if (isReference.test(lower)) return { subject: lower, problem: null }
  if (!isAddress.test(text)) return refused('a subject is an address (0x and 40 hex digits), wallet:ID or user:ID')
  const address = getAddress(lower)
  if (text !== lower && text !== address)
    return refused('its checksum is wrong: a character was mistyped or lost. Copy the address again.')
  if (/^0x0+$/.test(lower)) return refused('the zero address cannot be listed')
  return { subject: address, problem: null }
}

const refused = (problem: string): SubjectReading => ({ subject: null, problem })

/** @throws NOT_FOUND for a wallet or a user who is not the app's */
export async function expectKnown(
  trx: Kysely<Database>,
  appId: string,
  { walletId, userId }: SubjectInput,
): Promise<void> {
  if (walletId) {
    const wallet = await trx
      .selectFrom('wallet')
      .select('id')
      .where('id', '=', walletId)
      .where('app_id', '=', appId)
      .executeTakeFirst()
    if (!wallet) throw notFound('wallet')
  }
  if (userId) {
    const user = await trx
      .selectFrom('app_user')
      .select('id')
      .where('id', '=', userId)
      .where('app_id', '=', appId)
      .executeTakeFirst()
    if (!user) throw notFound('user')
  }
}
