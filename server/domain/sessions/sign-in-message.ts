import type { Address } from '../../contract/entities.ts'

/** What a message of ERC-4361 says. */
export interface SignInMessage {
  address: Address
  chainId: number
  /** The page, such as `https://app.example.com`. */
  origin: string
  statement: string
  nonce: string
  issuedAt: Date
  expiresAt: Date
}

/** Writes a message of ERC-4361. Its domain is the page's host, whatever that is: the page was let in by somebody who knows it. */
export const signInMessage = ({ address, chainId, origin, statement, nonce, issuedAt, expiresAt }: SignInMessage) =>
  `${new URL(origin).host} wants you to sign in with your Ethereum account:
${address}

${statement}

URI: ${origin}
Version: 1
Chain ID: ${chainId}
Nonce: ${nonce}
Issued At: ${issuedAt.toISOString()}
Expiration Time: ${expiresAt.toISOString()}`
