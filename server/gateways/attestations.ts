import type { Address, Hash, Hex } from 'viem'

export type AttestationKind = 'kyc' | 'kyb' | 'aml' | 'sanctions' | 'jurisdiction' | 'accreditation' | 'settlement'

/**
 * Only `verified` speaks for a subject. `pending`: begun, or not yet final; `rejected`: looked at and refused; `expired` and `revoked`:
 * it was verified once; `unknown`: the provider has no answer that can be told apart.
 */
export type AttestationStatus = 'pending' | 'verified' | 'rejected' | 'expired' | 'revoked' | 'unknown'

/** 0 is no assurance at all; what 1 to 3 mean is agreed on with the issuers and configured with the provider. */
export type AssuranceLevel = 0 | 1 | 2 | 3

/** What a jurisdiction was read from. `label`: somebody wrote it there, and nothing says how they know. */
export type JurisdictionBasis = 'citizenship' | 'residence' | 'document' | 'incorporation' | 'label'

/** Where the attestation can be read again by anybody. */
export interface AttestationEvidence {
  network: `eip155:${number}`
  /** The contract that holds it. */
  registry: Address
  /** Its key in that contract. */
  idHash: Hash
  /** The transaction that made it final, where the node could tell. */
  txHash?: Hash
  /** Whether the provider's own rules call it final. */
  finalized: boolean
  /** Of the document that was attested, as the issuer computed it. */
  docHash?: Hex
  /** The block that everything here was read at. */
  blockNumber: bigint
  blockHash: Hash
  /** What another interface of the same provider says of it, where that differs. It did not count. */
  contradiction?: { source: 'http'; status: AttestationStatus }
}

/** What a provider says about a subject. Holds no personal data. */
export interface ComplianceAttestation {
  /** The same for the same attestation in every answer. */
  attestationId: string
  provider: string
  /** Who vouches for it. */
  issuer: Address
  subject: { address: Address; network: `eip155:${number}`; ref?: string }
  kind: AttestationKind
  status: AttestationStatus
  level: AssuranceLevel
  /** The provider's own word for the level. */
  levelName?: string
  /** 1 to 10, where the provider has one. */
  riskScore?: number
  /** ISO 3166-1 alpha-2, upper case. Null: not told, a group of countries, or a word that is none. */
  jurisdiction: string | null
  /** The provider's own word for it, in upper case, such as `UK`, `EU` or `OTHER`. */
  jurisdictionLabel?: string
  jurisdictionBasis?: JurisdictionBasis
  issuedAt: Date
  verifiedAt?: Date
  /** Null where it knows no end. */
  expiresAt: Date | null
  revokedAt: Date | null
  evidence?: AttestationEvidence
}

/** Somebody outside who knows things about the owners of wallets. */
export interface AttestationProvider {
  readonly name: 'chainsettle' | 'eas'
  /**
   * Every attestation about a subject, newest first, whatever its status; none where the provider has none. Those of issuers that are
   * not accepted are left out: what a stranger writes must neither count nor hide what does.
   *
   * @throws AttestationsUnavailable, also when the signal is aborted
   */
  attestationsOf(subject: { address: Address }, signal: AbortSignal): Promise<ComplianceAttestation[]>
  /** Resolves when the provider answers, and is the one that was configured. @throws AttestationsUnavailable */
  ping(): Promise<void>
}

/**
 * The provider did not answer, or not sensibly. Nothing follows from it about the subject: it never means "no attestation".
 */
export class AttestationsUnavailable extends Error {
  override readonly name = 'AttestationsUnavailable'
  readonly provider: string
  readonly reason: UnavailableReason

  constructor(provider: string, reason: UnavailableReason, message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.provider = provider
    this.reason = reason
  }
}

/**
 * `aborted`: the caller gave up; `failing`: it answered with an error; `unreadable`: with something that is no answer; `too_many`: so many
 * attestations that somebody must have made them to be in the way.
 */
export type UnavailableReason =
  | 'aborted'
  | 'timeout'
  | 'unreachable'
  | 'failing'
  | 'unreadable'
  | 'wrong_chain'
  | 'too_many'

/** Newest first; of the same second, the one that was found later. */
export function newestFirst(attestations: readonly ComplianceAttestation[]): ComplianceAttestation[] {
  return attestations.toReversed().sort((one, other) => other.issuedAt.getTime() - one.issuedAt.getTime())
}
