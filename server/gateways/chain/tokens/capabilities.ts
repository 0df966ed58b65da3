import {
  encryptedOperations,
  type TokenCapabilities,
  type TokenOperationName,
  tokenOperations,
} from './token-profile.ts'

/** A permissioned token that can do these, and no other. */
export const capabilitiesOf = (able: Iterable<TokenOperationName>): TokenCapabilities => {
  const set = new Set<string>(able)
  return mapOf((name) => set.has(name))
}

/**
 * What an encrypted token can do: there is no freeze, no forced transfer, no pause and no list of holders in it. A converter wraps another token
 * and is minted and burned by deposits and withdrawals alone.
 */
export const encryptedCapabilities = ({ converter }: { converter: boolean }): TokenCapabilities => {
  const own = converter ? ['deposit', 'withdraw'] : ['private-mint', 'private-burn']
  return mapOf((name) => ['register', 'set-auditor', 'private-transfer', ...own].includes(name))
}

const mapOf = (able: (name: string) => boolean) =>
  Object.fromEntries(
    [...tokenOperations, ...encryptedOperations].map((name) => [name, able(name)]),
  ) as TokenCapabilities
