import { type DecodeErrorResultReturnType, decodeErrorResult, type Hex } from 'viem'
import { refusals } from './abi.ts'
import { quoted } from './check.ts'
import type { RefusalReason } from './token-profile.ts'

/** Why a contract refused, in our words. */
export interface Refusal {
  code: RefusalReason
  message: string
}

/** Reads the data of a revert; null is a revert without any. What is not known is told as it is. */
export function readRefusal(data: Hex | null): Refusal {
  const said = data ? decoded(data) : null
  if (!said)
    return {
      code: 'REFUSED_BY_TOKEN',
      message: `It refuses without a reason that is known${data ? `: ${data.slice(0, 10)}` : ''}.`,
    }
  switch (said.errorName) {
    case 'Error':
      return refusalIn(said.args[0])
    case 'Panic':
      return {
        code: 'REFUSED_BY_TOKEN',
        message: `It panics (${said.args[0]}): it cannot count so much, or is broken.`,
      }
    case 'ERC7943CannotSend':
      return { code: 'HOLDER_MAY_NOT_SEND', message: `It does not let ${said.args[0]} send.` }
    case 'ERC7943CannotReceive':
      return { code: 'HOLDER_MAY_NOT_RECEIVE', message: `It does not let ${said.args[0]} receive.` }
    case 'ERC7943CannotTransact':
    case 'HolderNotWhitelisted':
      return { code: 'HOLDER_MAY_NOT_RECEIVE', message: `It does not let ${said.args[0]} take part.` }
    case 'ERC7943CannotTransfer':
    case 'TransferNotAllowed':
      return { code: 'TRANSFER_NOT_PERMITTED', message: 'Its own rule does not permit this transfer.' }
    case 'ERC7943InsufficientUnfrozenBalance':
      return {
        code: 'UNFROZEN_BALANCE_TOO_LOW',
        message: `${said.args[0]} has ${said.args[2]} that is not frozen, less than ${said.args[1]}.`,
      }
    case 'ERC20InsufficientBalance':
      return { code: 'BALANCE_TOO_LOW', message: `${said.args[0]} holds ${said.args[1]}, less than ${said.args[2]}.` }
    case 'ERC20InvalidSender':
    case 'ERC20InvalidReceiver':
    case 'NotAnAccount':
      return { code: 'ADDRESS_IS_ZERO', message: 'It does not take the zero address for an account.' }
    case 'EnforcedPause':
      return { code: 'TOKEN_PAUSED', message: 'It is paused.' }
    case 'ExpectedPause':
      return { code: 'TOKEN_NOT_PAUSED_YET', message: 'It is not paused.' }
    case 'AccessControlUnauthorizedAccount':
    case 'OwnableUnauthorizedAccount':
      return { code: 'SENDER_LACKS_TOKEN_ROLE', message: `${said.args[0]} has not the role that this takes.` }
  }
}

/** What T-REX and older tokens say, in their words. */
const sentences: readonly [said: RegExp, code: RefusalReason][] = [
  [/^Pausable: paused$/, 'TOKEN_PAUSED'],
  [/^Pausable: not paused$/, 'TOKEN_NOT_PAUSED_YET'],
  [/^wallet is frozen$/, 'WALLET_FROZEN'],
  [/^Insufficient Balance$/, 'UNFROZEN_BALANCE_TOO_LOW'],
  [/^sender balance too low$|^cannot burn more than balance$|exceeds balance$/, 'BALANCE_TOO_LOW'],
  [/^Transfer not possible$|^Compliance not followed$/, 'TRANSFER_NOT_PERMITTED'],
  [/^Identity is not verified\.$/, 'HOLDER_MAY_NOT_RECEIVE'],
  [/^AgentRole: caller does not have|^Ownable: caller is not|^AccessControl: account/, 'SENDER_LACKS_TOKEN_ROLE'],
  [/^Amount exceeds available balance$/, 'FREEZE_ABOVE_BALANCE'],
  [/^address stored already$/, 'HOLDER_ALREADY_ALLOWED'],
  [/^address not stored yet$/, 'HOLDER_NOT_ALLOWED_YET'],
  [/^invalid argument - no value/, 'AMOUNT_IS_ZERO'],
  [/^invalid argument - zero address$|the zero address$/, 'ADDRESS_IS_ZERO'],
]

function refusalIn(sentence: string): Refusal {
  const code = sentences.find(([said]) => said.test(sentence))?.[1] ?? 'REFUSED_BY_TOKEN'
  return { code, message: `It says: ${quoted(sentence)}` }
}

function decoded(data: Hex): DecodeErrorResultReturnType<typeof refusals> | null {
  try {
    return decodeErrorResult({ abi: refusals, data })
  } catch {
    return null
  }
}
