import { type RawBuilder, sql } from 'kysely'
import type { Address } from '../../contract/entities.ts'
import { emptyTrail, nextStep } from '../audit/trail.ts'
import type { Acceptance } from '../payments/acceptance.ts'
import type { Principal } from '../principal.ts'

/** An authorization that is taken with a payment, and the payer's wallet if the app does not know it yet. */
export interface TakenAuthorization {
  token: Address
  /** 32 bytes, in lower case. */
  nonce: string
  payloadHash: Buffer
  /** What the buyer calls the payment. */
  identifier: string | null
  payerWallet: NewPayerWallet | null
}

/** A wallet of somebody who pays without having signed in. */
export interface NewPayerWallet {
  audit: { body: Buffer; hash: Buffer }
  facts: string
}

/** The trail of a payer's wallet begins with the payment that it makes. */
export function newPayerWallet(
  principal: Principal,
  { id, appId, address, chainId, at }: { id: string; appId: string; address: Address; chainId: bigint; at: Date },
): NewPayerWallet {
  const { audit, event } = nextStep(emptyTrail, {
    object: { type: 'wallet', id, appId },
    principal,
    type: 'wallet.created',
    at,
    data: { address, chain: String(chainId), kind: 'external', owner: address, provider: 'none', user: null },
  })
  return { audit, facts: String(event.data) }
}

/** The part of the statement that writes acceptances (see `write-together.ts`) that takes their authorizations. */
export function taking(acceptances: readonly Acceptance[]): RawBuilder<unknown> {
  const authorizations = acceptances.flatMap(({ authorization, ...acceptance }) =>
    authorization ? [{ ...acceptance, ...authorization }] : [],
  )
  const payers = authorizations.flatMap(({ payerWallet, ...acceptance }) =>
    payerWallet ? [{ ...acceptance, ...payerWallet }] : [],
  )
  const column = <T>(of: (authorization: (typeof authorizations)[number]) => T): T[] => authorizations.map(of)
  const ofPayers = <T>(of: (payer: (typeof payers)[number]) => T): T[] => payers.map(of)
  return sql`taken as (
          insert into x402_payment (payment_id, app_id, paywall_id, chain_id, token, payer, nonce, payload_hash, identifier,
            created_at)
          select payment_id, app_id, paywall_id, chain_id, token, payer, nonce, payload_hash, identifier, now
          from unnest(${column((a) => a.id)}::uuid[], ${column((a) => a.intention.app_id)}::uuid[],
              ${column((a) => a.paywall.id)}::uuid[], ${column((a) => a.chainId)}::int8[], ${column((a) => a.token)}::text[],
              ${column((a) => a.payer)}::text[], ${column((a) => a.nonce)}::text[],
              ${column((a) => a.payloadHash)}::bytea[], ${column((a) => a.identifier)}::text[],
              ${column((a) => a.now)}::timestamptz[])
            as q (payment_id, app_id, paywall_id, chain_id, token, payer, nonce, payload_hash, identifier, now)
          join made on made_id = payment_id
        ), payers as (
          select payer_id, app_id, address, chain_id, now, body, hash, facts
          from unnest(${ofPayers((p) => p.id)}::uuid[], ${ofPayers((p) => p.walletId)}::uuid[],
              ${ofPayers((p) => p.intention.app_id)}::uuid[], ${ofPayers((p) => p.payer)}::text[],
              ${ofPayers((p) => p.chainId)}::int8[], ${ofPayers((p) => p.now)}::timestamptz[],
              ${ofPayers((p) => p.audit.body)}::bytea[], ${ofPayers((p) => p.audit.hash)}::bytea[],
              ${ofPayers((p) => p.facts)}::text[])
            as q (payment_id, payer_id, app_id, address, chain_id, now, body, hash, facts)
          join made on made_id = payment_id
        ), met as (
          insert into wallet (id, app_id, kind, provider, address, owner, chain_id, created_at, version, audit_head)
          select payer_id, app_id, 'external', 'none', address, address, chain_id, now, 1, hash from payers
        ),`
}
