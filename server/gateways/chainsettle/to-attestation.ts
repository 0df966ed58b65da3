import { type Address, zeroHash } from 'viem'
import type { AssuranceLevel, AttestationEvidence, AttestationStatus, ComplianceAttestation } from '../attestations.ts'
import type { ChainView } from '../chain/chain-view.ts'
import { readJurisdiction } from '../jurisdictions/read-jurisdiction.ts'
import type { RegistrySettlement } from './read-settlements.ts'
import type { SettlementStatus } from './schemas.ts'

/** How settlements are understood; see `ChainsettleOptions`. */
export interface Reading {
  levels: Readonly<Record<string, AssuranceLevel>>
  validity: number | null
}

/** Where and when a settlement was read. */
export interface Place {
  chainId: number
  registry: Address
  subject: Address
  view: Pick<ChainView, 'blockNumber' | 'blockHash'>
  /** Our time or the block's, whichever is later: what either calls over is over. */
  now: Date
}

/**
 * What a settlement's numbers mean. The status is a proposal until it is final; a registry whose validators outvoted the proposal calls
 * it final all the same and leaves the status as it was proposed.
 */
export function statusOf(settlement: {
  status: SettlementStatus
  finalized: boolean
  agreeVotes: bigint
  disagreeVotes: bigint
}): AttestationStatus {
  if (settlement.status === 4) return 'rejected'
  if (settlement.status < 3 || !settlement.finalized) return 'pending'
  return settlement.disagreeVotes > settlement.agreeVotes ? 'rejected' : 'verified'
}

/** A settlement of the type docusign as an attestation about its counterparty. */
export function toAttestation(
  settlement: RegistrySettlement,
  { levels, validity }: Reading,
  { chainId, registry, subject, view, now }: Place,
  contradiction: AttestationEvidence['contradiction'] | null,
): ComplianceAttestation {
  const { idHash, timestamp, assetTag, docHash, validated, finalized } = settlement
  const network = `eip155:${chainId}` as const
  const level = Object.hasOwn(levels, assetTag) ? levels[assetTag]! : null
  const { country, label } = readJurisdiction(settlement.jurisdiction)
  const expiresAt = validity === null ? null : new Date(timestamp.getTime() + validity * 1000)
  const status = statusOf(settlement)
  return {
    attestationId: `${network}/${registry}/${idHash}`,
    provider: 'chainsettle',
    issuer: settlement.sender,
    subject: { address: subject, network },
    kind: level === null ? 'settlement' : 'kyc',
    status: status === 'verified' && expiresAt !== null && expiresAt <= now ? 'expired' : status,
    level: level ?? 0,
    ...(level !== null && { levelName: assetTag }),
    jurisdiction: country,
    ...(label !== null && { jurisdictionLabel: label, jurisdictionBasis: 'label' as const }),
    issuedAt: timestamp,
    ...(status === 'verified' && validated?.at && { verifiedAt: validated.at }),
    expiresAt,
    revokedAt: null,
    evidence: {
      network,
      registry,
      idHash,
      ...(validated && { txHash: validated.txHash }),
      finalized,
      ...(docHash !== zeroHash && { docHash }),
      blockNumber: view.blockNumber,
      blockHash: view.blockHash,
      ...(contradiction && { contradiction }),
    },
  }
}
