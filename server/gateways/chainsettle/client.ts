import type { Address, Hash } from 'viem'
import * as schemas from './schemas.ts'
import type { Transport } from './transport.ts'

/** Which of its interfaces Chainsettle answers by. The first is not spoken: its settlements have no `idHash`. */
export type Generation = 2 | 3

/** `network` and `settlementType` in Chainsettle's words. */
export interface NewSettlement {
  settlementId: string
  settlementType: string
  network: string
  userEmail: string
  recipientEmail?: string
  /** In units of the currency; it makes a whole number of millionths of it. */
  amount?: number
  counterparty: Address
  witness?: Address
  /** What the settlement is about; of which form depends on its type. */
  details?: unknown
}

export interface CallOptions {
  signal?: AbortSignal
}

/**
 * Chainsettle's HTTP interface, an operation each, as it is. One request a call; nothing is repeated. No operation has a key for
 * idempotency: after the outcome `unknown`, look the settlement up. Every operation throws `ChainsettleError`.
 *
 * The third generation has `health` and `registerSettlement` alone; what else there is to know is on the chain.
 */
export type ChainsettleClient = ReturnType<typeof createClient>

const nobody: Address = '0x0000000000000000000000000000000000000000'

export function createClient({ send }: Transport, generation: Generation = 2) {
  return {
    generation,

    health: ({ signal }: CallOptions = {}) =>
      send({
        operation: 'health',
        method: 'GET',
        path: generation === 3 ? '/utils/health' : '/api/health',
        answer: schemas.health,
        signal,
      }),

    /** Its registries and networks, by its own word: compare it with what is configured, never trust it instead. */
    config: ({ signal }: CallOptions = {}) =>
      send({ operation: 'config', method: 'GET', path: '/api/config', answer: schemas.config, signal }),

    settlementTypes: ({ signal }: CallOptions = {}) =>
      send({
        operation: 'settlementTypes',
        method: 'GET',
        path: '/api/settlement_types',
        answer: schemas.settlementTypes,
        signal,
      }),

    validatorList: (network: string, { signal }: CallOptions = {}) =>
      send({
        operation: 'validatorList',
        method: 'GET',
        path: `/api/validator_list?${new URLSearchParams({ network })}`,
        answer: schemas.validatorList,
        signal,
      }),

    initAttest: (settlement: NewSettlement, { signal }: CallOptions = {}) =>
      send({
        operation: 'initAttest',
        method: 'POST',
        path: '/api/init_attest',
        body: {
          settlement_id: settlement.settlementId,
          user_email: settlement.userEmail,
          settlement_type: settlement.settlementType,
          network: settlement.network,
          amount: settlement.amount ?? 0,
          witness: settlement.witness ?? nobody,
          counterparty: settlement.counterparty,
          details: settlement.details ?? '',
          recipient_email: settlement.recipientEmail ?? '',
        },
        answer: schemas.initiated,
        signal,
      }),

    attest: (idHash: Hash, { signal }: CallOptions = {}) =>
      send({
        operation: 'attest',
        method: 'POST',
        path: '/api/attest',
        body: { id_hash: bare(idHash) },
        answer: schemas.attested,
        signal,
      }),

    getSettlementStatus: (idHash: Hash, { signal }: CallOptions = {}) =>
      send({
        operation: 'getSettlementStatus',
        method: 'GET',
        path: `/api/get_settlement_status/${bare(idHash)}`,
        answer: schemas.settlementStanding,
        signal,
      }),

    getSettlement: async (idHash: Hash, { signal }: CallOptions = {}) => {
      const answer = await send({
        operation: 'getSettlement',
        method: 'GET',
        path: `/api/get_settlement/${bare(idHash)}`,
        answer: schemas.settlement,
        signal,
      })
      return answer.data
    },

    /** Has DocuSign's sandbox sign a document: for trials. */
    simulateSigning: (envelope: { envelopeId: string; recipientId: string }, { signal }: CallOptions = {}) =>
      send({
        operation: 'simulateSigning',
        method: 'POST',
        path: '/api/simulate_signing',
        body: { envelope_id: envelope.envelopeId, recipient_id: envelope.recipientId },
        answer: schemas.acknowledged,
        signal,
      }),

    storeSalt: (
      stored: { idHash: Hash; salt: Hash; email: string; recipientEmail: string },
      { signal }: CallOptions = {},
    ) =>
      send({
        operation: 'storeSalt',
        method: 'POST',
        path: '/api/store_salt',
        body: {
          id_hash: bare(stored.idHash),
          salt: bare(stored.salt),
          email: stored.email,
          recipient_email: stored.recipientEmail,
        },
        answer: schemas.acknowledged,
        signal,
      }),

    /** The third generation: tells Chainsettle of a settlement that is on the chain already, under `idHashOf(salt, settlementId)`. */
    registerSettlement: (
      known: { salt: Hash; settlementId: string; recipientEmail: string },
      { signal }: CallOptions = {},
    ) =>
      send({
        operation: 'registerSettlement',
        method: 'POST',
        path: '/settlement/register_settlement',
        body: { salt: known.salt, settlement_id: known.settlementId, recipient_email: known.recipientEmail },
        answer: schemas.registered,
        signal,
      }),
  }
}

/** Chainsettle's own client sends hashes as it was given them, without `0x`. */
const bare = (hash: Hash) => hash.slice(2)
