import { type Address, decodeAbiParameters, type Hex, size } from 'viem'
import { erc7943, managed } from './abi.ts'
import type { Permission } from './inquiries.ts'
import { managedToken } from './managed-token.ts'
import { question } from './questions.ts'
import type { TokenCapabilities, TokenProfile } from './token-profile.ts'

/** A token of no standard but a `canTransfer` that says yes or no, some with a sentence why. */
export const canTransferToken = (token: Address, capabilities: TokenCapabilities): TokenProfile =>
  managedToken(
    {
      standard: 'can-transfer',
      freezes: capabilities.freeze,

      transfer: (_, { from, to, amount }, ask) => {
        const asked = question(token, erc7943, 'canTransfer', from, to, amount)
        return [ask.permitted({ ...asked, decode: decodePermission })]
      },

      mayReceive: (_, account, ask) =>
        capabilities.allow ? [ask.mayReceive(account, question(token, managed, 'isWhitelisted', account))] : [],
    },
    token,
    capabilities,
  )

/** Yes or no, whether or not something follows. @throws whatever the data is no answer by */
export function decodePermission(data: Hex): Permission {
  const [permitted] = decodeAbiParameters([{ type: 'bool' }], data)
  return { permitted, because: size(data) > 32 ? sentenceIn(data) : null }
}

function sentenceIn(data: Hex): string | null {
  try {
    return decodeAbiParameters([{ type: 'bool' }, { type: 'string' }], data)[1] || null
  } catch {
    return null // something else follows, as in ERC-1400
  }
}
