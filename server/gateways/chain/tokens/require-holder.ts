import { type Address, isAddressEqual } from 'viem'
import { type TokenOperation, TokenRefused } from './token-profile.ts'

/** A transfer moves what belongs to who calls it, whoever is meant. @throws TokenRefused SENDER_NOT_HOLDER */
export function requireHolder(operation: TokenOperation, sender: Address): void {
  if (operation.type === 'transfer' && !isAddressEqual(operation.from, sender))
    throw new TokenRefused('SENDER_NOT_HOLDER', `${sender} is not the holder ${operation.from}.`)
}
