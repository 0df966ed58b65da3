import { type Address, getAddress, type Hash, type Hex } from 'viem'
import type { AttestationStatus, ComplianceAttestation } from '../attestations.ts'
import { type ChainView, dateOf, lastSecond } from '../chain/chain-view.ts'
import { readJurisdiction } from '../jurisdictions/read-jurisdiction.ts'
import { decodeAccount, decodeCountry, type EasSchema } from './schemas.ts'

/** An attestation as the contract holds it. Times in seconds; 0 is never. */
export interface EasAttestation {
  uid: Hash
  time: bigint
  expirationTime: bigint
  revocationTime: bigint
  recipient: Address
  attester: Address
  data: Hex
}

/** Where and when it was read. */
export interface Place {
  chainId: number
  eas: Address
  view: Pick<ChainView, 'blockNumber' | 'blockHash'>
  /** Our time or the block's, whichever is later: what either calls over is over. */
  now: Date
  txHash: Hash | null
}

/** @throws where a time or the data cannot be read */
export function toAttestation(
  attestation: EasAttestation,
  schema: EasSchema,
  { chainId, eas, view, now, txHash }: Place,
): ComplianceAttestation {
  const network = `eip155:${chainId}` as const
  const issuedAt = dateOf(attestation.time)
  const never = attestation.expirationTime === 0n || attestation.expirationTime > lastSecond
  const expiresAt = never ? null : dateOf(attestation.expirationTime)
  const revokedAt = attestation.revocationTime === 0n ? null : dateOf(attestation.revocationTime)
  const said = read(schema, attestation.data)
  const over = expiresAt !== null && expiresAt <= now
  const status = revokedAt ? 'revoked' : said.status === 'verified' && over ? 'expired' : said.status
  return {
    attestationId: `${network}/${eas}/${attestation.uid}`,
    provider: 'eas',
    issuer: attestation.attester,
    subject: { address: getAddress(attestation.recipient), network },
    ...said.facts,
    status,
    issuedAt,
    verifiedAt: issuedAt,
    expiresAt,
    revokedAt,
    evidence: {
      network,
      registry: eas,
      idHash: attestation.uid,
      ...(txHash && { txHash }),
      finalized: true, // there is nothing to wait for but the blocks, and those were waited for
      blockNumber: view.blockNumber,
      blockHash: view.blockHash,
    },
  }
}

type Facts = Pick<
  ComplianceAttestation,
  'kind' | 'level' | 'levelName' | 'jurisdiction' | 'jurisdictionLabel' | 'jurisdictionBasis'
>

function read(schema: EasSchema, data: Hex): { status: AttestationStatus; facts: Facts } {
  if (schema.field === 'bool verifiedAccount') {
    const { kind, level, levelName } = schema
    return {
      status: decodeAccount(data) ? 'verified' : 'rejected',
      facts: { kind, level, ...(levelName !== undefined && { levelName }), jurisdiction: null },
    }
  }
  const { country, label } = readJurisdiction(decodeCountry(data))
  return {
    status: label === null ? 'unknown' : 'verified',
    facts: {
      kind: 'jurisdiction',
      level: 0,
      jurisdiction: country,
      ...(label !== null && { jurisdictionLabel: label, jurisdictionBasis: schema.basis }),
    },
  }
}
