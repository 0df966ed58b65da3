import type { Address } from 'viem'
import { erc1404, managed } from './abi.ts'
import { quoted, refuse, satisfy } from './check.ts'
import type { Inquiries } from './inquiries.ts'
import { managedToken, type Of } from './managed-token.ts'
import { type Inquiry, inquiry, question } from './questions.ts'
import type { TokenCapabilities, TokenProfile } from './token-profile.ts'

const rule = 'token-transfer-rule'

/** A token that tells by a number why a transfer is restricted, 0 where it is not, and has a sentence for each number. */
export const erc1404Token = (token: Address, capabilities: TokenCapabilities): TokenProfile =>
  managedToken(
    {
      standard: 'erc-1404',
      freezes: capabilities.freeze,
      transfer: (_, operation, ask) => [restriction(token, operation, ask)],
      mayReceive: (_, account, ask) =>
        capabilities.allow ? [ask.mayReceive(account, question(token, managed, 'isWhitelisted', account))] : [],
    },
    token,
    capabilities,
  )

function restriction(token: Address, { from, to, amount }: Of<'transfer'>, ask: Inquiries): Inquiry {
  const asked = question(token, erc1404, 'detectTransferRestriction', from, to, amount)
  return inquiry({ code: asked }, ({ code }) => {
    if (code === undefined || code > 255) return ask.unreadable(rule, 'whether it restricts this transfer')
    if (code === 0)
      return satisfy(rule, 'TRANSFER_PERMITTED', 'The token does not restrict this transfer.', ask.evidence)
    return inquiry({ said: question(token, erc1404, 'messageForTransferRestriction', code) }, ({ said }) =>
      refuse(
        rule,
        'TRANSFER_NOT_PERMITTED',
        `The token restricts this transfer (${code}): ${said ? quoted(said) : 'it does not say why'}`,
        'Satisfy the restriction, or have the issuer lift it.',
        ask.evidence,
      ),
    )
  })
}
