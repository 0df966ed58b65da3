import type { Address } from 'viem'
import { erc7943, erc7943Draft } from './abi.ts'
import type { Permission } from './inquiries.ts'
import { type ManagedStandard, managedToken, type Of } from './managed-token.ts'
import { type Question, question } from './questions.ts'
import type { TokenCapabilities, TokenProfile } from './token-profile.ts'

type MayTakePart = (token: Address, account: Address) => Question<boolean>

/**
 * ERC-7943. Its `canTransfer` is true for more than the balance: that is no permission, so the balance is asked for apart.
 */
const standardWith = (
  standard: 'erc-7943' | 'erc-7943-draft',
  canSend: MayTakePart,
  canReceive: MayTakePart,
): ManagedStandard => ({
  standard,
  freezes: true,
  transfer: (token, operation, ask) => [
    ask.maySend(operation.from, canSend(token, operation.from)),
    ask.mayReceive(operation.to, canReceive(token, operation.to)),
    ask.permitted(canTransfer(token, operation)),
  ],
  mayReceive: (token, account, ask) => [ask.mayReceive(account, canReceive(token, account))],
})

const final = standardWith(
  'erc-7943',
  (token, account) => question(token, erc7943, 'canSend', account),
  (token, account) => question(token, erc7943, 'canReceive', account),
)

const canTransact: MayTakePart = (token, account) => question(token, erc7943Draft, 'canTransact', account)
const draft = standardWith('erc-7943-draft', canTransact, canTransact)

/** A token after ERC-7943 as it is final. */
export const erc7943Token = (token: Address, capabilities: TokenCapabilities): TokenProfile =>
  managedToken(final, token, capabilities)

/** A token after ERC-7943 as it was before March 2026. */
export const erc7943DraftToken = (token: Address, capabilities: TokenCapabilities): TokenProfile =>
  managedToken(draft, token, capabilities)

function canTransfer(token: Address, { from, to, amount }: Of<'transfer'>): Question<Permission> {
  const { decode, ...asked } = question(token, erc7943, 'canTransfer', from, to, amount)
  return { ...asked, decode: (data) => ({ permitted: decode(data), because: null }) }
}
