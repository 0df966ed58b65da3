import { type Address, type Hex, keccak256, recoverMessageAddress, toHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { readAddress } from './account.ts'
import { refuse } from './errors.ts'
import type { Signer, Wallet } from './records.ts'
import type { SignerConfig } from './schemas.ts'

/** The key that Crossmint itself holds for a project's `api-key` signers. */
export function custodian(projectId: string) {
  return privateKeyToAccount(keccak256(toHex(`sandbox custodian of ${projectId}`)))
}

/** A signer as it stands in answers, from one of the forms it has in requests. @throws Refusal 400 */
export function readSigner(projectId: string, given: SignerConfig | string): Signer {
  if (typeof given !== 'string') {
    if (given.type === 'api-key') return custodialSigner(projectId)
    return signer(given.type, given.address)
  }
  if (given === 'api-key' || given.startsWith('api-key:')) return custodialSigner(projectId)
  const [, type, text] = /^(external-wallet|server):(.+)$/.exec(given) ?? []
  const address = text ? readAddress(text) : null
  if (!address) throw refuse(400, `Signer '${given}' is not a valid signer locator for this wallet`)
  return signer(type as 'external-wallet' | 'server', address)
}

/** The one of the wallet's signers that a request names, its admin signer without a name. @throws Refusal 400 */
export function signerOf(wallet: Wallet, chain: string, locator: string | undefined): Signer {
  if (locator === undefined) return wallet.adminSigner
  const named = readSigner(wallet.projectId, locator)
  const delegated = wallet.delegatedSigners.filter(
    ({ removed, expiresAt, chains }) =>
      !removed && (expiresAt === null || Date.parse(expiresAt) > Date.now()) && chains[chain] !== undefined,
  )
  const found = [wallet.adminSigner, ...delegated].find((each) => each.locator === named.locator)
  if (!found) throw refuse(400, `Signer '${locator}' is not a valid signer for this wallet`)
  const { type, address } = found
  return { type, address, locator: found.locator }
}

/** What the signer's EIP-191 signature over raw bytes has to recover to. */
export async function recovers(signer: Signer, message: Hex, signature: Hex): Promise<boolean> {
  return recoverMessageAddress({ message: { raw: message }, signature }).then(
    (address) => address === signer.address,
    () => false,
  )
}

function signer(type: 'external-wallet' | 'server', address: Address): Signer {
  return { type, address, locator: `${type}:${address}` }
}

function custodialSigner(projectId: string): Signer {
  return { type: 'api-key', address: custodian(projectId).address, locator: 'api-key' }
}
