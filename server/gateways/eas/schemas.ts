import { decodeAbiParameters, type Hash, type Hex } from 'viem'
import type { AssuranceLevel, AttestationKind, JurisdictionBasis } from '../attestations.ts'

/** A schema that is understood, by the one field that its attestations have. */
export type EasSchema =
  | {
      uid: Hash
      /** Whether somebody is verified. Coinbase has it of accounts and of businesses. */
      field: 'bool verifiedAccount'
      kind: Extract<AttestationKind, 'kyc' | 'kyb' | 'aml' | 'sanctions' | 'accreditation'>
      level: AssuranceLevel
      levelName?: string
    }
  | {
      uid: Hash
      /** Where somebody is, by ISO 3166-1 alpha-2. Coinbase has it of the country of residence. */
      field: 'string verifiedCountry'
      basis: JurisdictionBasis
    }

/** @throws where the data are not what the schema says */
export function decodeAccount(data: Hex): boolean {
  const [verified] = decodeAbiParameters([{ type: 'bool' }], data)
  return verified
}

/** @throws where the data are not what the schema says */
export function decodeCountry(data: Hex): string {
  const [country] = decodeAbiParameters([{ type: 'string' }], data)
  return country
}
