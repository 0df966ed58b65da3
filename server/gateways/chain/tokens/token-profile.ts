import type { Address, Hex, Log } from 'viem'
import type { Check } from '../../../contract/entities.ts'
import type { BlockView } from './block-view.ts'

/** How a permissioned token tells who may move it. */
export const tokenStandards = ['erc-7943', 'erc-7943-draft', 'erc-3643', 'erc-1404', 'can-transfer'] as const
export type TokenStandard = (typeof tokenStandards)[number]

/** What can be done with a permissioned token, each by one call. */
export const tokenOperations = [
  'transfer',
  'mint',
  'burn',
  'freeze',
  'forced-transfer',
  'pause',
  'unpause',
  'allow',
  'disallow',
] as const
export type TokenOperationName = (typeof tokenOperations)[number]

/** What can be done with an encrypted token, and with no other. */
export const encryptedOperations = [
  'register',
  'set-auditor',
  'private-transfer',
  'private-mint',
  'private-burn',
  'deposit',
  'withdraw',
] as const

/** What a token can do. */
export type TokenCapabilities = Record<TokenOperationName | (typeof encryptedOperations)[number], boolean>

/** One action on a permissioned token. Amounts are in base units. */
export type TokenOperation =
  /** By the holder. */
  | { type: 'transfer'; from: Address; to: Address; amount: bigint }
  | { type: 'mint'; to: Address; amount: bigint }
  /** By the issuer, out of a holder's account: of what is frozen there as well. */
  | { type: 'burn'; from: Address; amount: bigint }
  /** `frozen` is what is to be frozen of the holder's balance afterwards, whatever is now; 0 unfreezes all of it. */
  | { type: 'freeze'; holder: Address; frozen: bigint }
  /** By the issuer, without the holder's leave: of what is frozen as well, and while the token is paused. */
  | { type: 'forced-transfer'; from: Address; to: Address; amount: bigint }
  | { type: 'pause' }
  | { type: 'unpause' }
  /** `identity` is what an ERC-3643 token knows a holder by: the identity contract, and an ISO 3166-1 numeric country. */
  | { type: 'allow'; holder: Address; identity?: { contract: Address; country: number } }
  | { type: 'disallow'; holder: Address }

/** The exact call that an operation is. */
export interface TokenCall {
  /** Who must make it: `msg.sender` of the token. */
  from: Address
  to: Address
  data: Hex
}

/** Why an operation would be carried out, or would not. */
export type TokenReason = SatisfiedReason | RefusalReason

export type SatisfiedReason =
  | 'OPERATION_SUPPORTED'
  | 'ACCOUNTS_VALID'
  | 'AMOUNT_ACCEPTED'
  | 'SENDER_ON_TX_ALLOW_LIST'
  | 'TX_ALLOW_LIST_ABSENT'
  | 'SENDER_IS_HOLDER'
  | 'SENDER_HAS_TOKEN_ROLE'
  | 'TOKEN_NOT_PAUSED'
  | 'TOKEN_IS_PAUSED'
  | 'HOLDER_MAY_SEND'
  | 'HOLDER_MAY_RECEIVE'
  | 'WALLETS_NOT_FROZEN'
  | 'BALANCE_SUFFICIENT'
  | 'FREEZE_WITHIN_BALANCE'
  | 'TRANSFER_PERMITTED'
  | 'HOLDER_IDENTIFIED'
  | 'SIMULATION_ACCEPTED'

export type RefusalReason =
  | 'OPERATION_NOT_SUPPORTED_BY_TOKEN'
  | 'ADDRESS_IS_ZERO'
  | 'AMOUNT_IS_ZERO'
  | 'SUPPLY_EXCEEDED'
  | 'SENDER_NOT_ON_TX_ALLOW_LIST'
  | 'SENDER_NOT_NAMED'
  | 'SENDER_NOT_HOLDER'
  | 'SENDER_LACKS_TOKEN_ROLE'
  | 'TOKEN_PAUSED'
  | 'TOKEN_NOT_PAUSED_YET'
  | 'TOKEN_PAUSED_ALREADY'
  | 'HOLDER_MAY_NOT_SEND'
  | 'HOLDER_MAY_NOT_RECEIVE'
  | 'WALLET_FROZEN'
  | 'BALANCE_TOO_LOW'
  | 'UNFROZEN_BALANCE_TOO_LOW'
  | 'FREEZE_ABOVE_BALANCE'
  | 'TRANSFER_NOT_PERMITTED'
  | 'IDENTITY_REQUIRED'
  | 'HOLDER_ALREADY_ALLOWED'
  | 'HOLDER_NOT_ALLOWED_YET'
  /** The contract did not answer a question that its standard says it answers. */
  | 'TOKEN_UNREADABLE'
  /** It refuses the exact call, for a reason of its own. */
  | 'REFUSED_BY_TOKEN'

/** One question that was put to the chain about an operation, and what it found; `evidence` names the block. */
export type TokenCheck = Check & { outcome: 'allow' | 'deny'; code: TokenReason }

/** What happened to a token, by its logs. Amounts are in base units. */
export type TokenEvent = { logIndex: number } & (
  | { type: 'transferred'; from: Address; to: Address; amount: bigint }
  | { type: 'minted'; to: Address; amount: bigint }
  | { type: 'burned'; from: Address; amount: bigint }
  /** Says of a `transferred` beside it that it was without the holder's leave. */
  | { type: 'forced'; from: Address; to: Address; amount: bigint }
  /** So much is frozen from then on. */
  | { type: 'frozen'; holder: Address; frozen: bigint }
  /** So much more is frozen, or less where it is negative. */
  | { type: 'frozen-changed'; holder: Address; change: bigint }
  | { type: 'wallet-frozen' | 'wallet-unfrozen'; holder: Address }
  | { type: 'paused' | 'unpaused'; by: Address }
  | { type: 'allowed' | 'disallowed'; holder: Address }
)

/** Whether a receipt shows that an operation had its effect. */
export type EffectProof = { proven: true; logIndex: number } | { proven: false }

/**
 * One permissioned token, spoken to in its standard. Every method that takes a view asks about the moment of that view alone,
 * and throws `ChainUnavailable` when the chain does not answer.
 */
export interface TokenProfile {
  readonly standard: TokenStandard
  readonly token: Address
  readonly capabilities: TokenCapabilities
  /**
   * Asks everything that the token can tell about the operation as called by `sender`: every check with its result, in one request
   * or a few. It names the reasons; whether the chain accepts is for `simulate` to say.
   */
  checks(view: BlockView, operation: TokenOperation, sender: Address): Promise<TokenCheck[]>
  /**
   * The exact call. Where a standard only knows changes (ERC-3643 of what is frozen), it leads from the state in this view to what is asked
   * for: another change before it is mined makes it miss.
   *
   * @throws TokenRefused OPERATION_NOT_SUPPORTED_BY_TOKEN, SENDER_NOT_HOLDER, IDENTITY_REQUIRED, TOKEN_UNREADABLE
   */
  prepare(view: BlockView, operation: TokenOperation, sender: Address): Promise<TokenCall>
}

/** What a receipt is read for. */
export type TokenLog = Pick<Log, 'address' | 'topics' | 'data' | 'logIndex'>

/** There is no such call, or no such token. `code` says why. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused'
  readonly code: RefusalReason | ProbeReason

  constructor(code: TokenRefused['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** Why an address is not taken for the token that somebody says is there. */
export type ProbeReason =
  | 'NO_CODE'
  | 'NOT_A_TOKEN'
  /** It accepts calls of functions that no token has, so nothing can be told from its answers. */
  | 'ANSWERS_EVERYTHING'
  | 'NO_KNOWN_STANDARD'
  | 'OTHER_KIND'
  | 'OTHER_STANDARD'
  | 'OTHER_DECIMALS'
