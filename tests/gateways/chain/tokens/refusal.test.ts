import { encodeErrorResult, maxUint256 } from 'viem'
import { expect, test } from 'vitest'
import { refusals } from '../../../../server/gateways/chain/tokens/abi.ts'
import { readRefusal } from '../../../../server/gateways/chain/tokens/refusal.ts'
import { alice, bob, roleId } from './support/world.ts'

const reverted = (errorName: string, args: readonly unknown[] = []) =>
  readRefusal(encodeErrorResult({ abi: refusals, errorName, args } as Parameters<typeof encodeErrorResult>[0]))

test.each([
  ['ERC7943CannotSend', [alice], 'HOLDER_MAY_NOT_SEND'],
  ['ERC7943CannotReceive', [alice], 'HOLDER_MAY_NOT_RECEIVE'],
  ['ERC7943CannotTransact', [alice], 'HOLDER_MAY_NOT_RECEIVE'],
  ['ERC7943CannotTransfer', [alice, bob, 1n], 'TRANSFER_NOT_PERMITTED'],
  ['ERC7943InsufficientUnfrozenBalance', [alice, 2n, 1n], 'UNFROZEN_BALANCE_TOO_LOW'],
  ['ERC20InsufficientBalance', [alice, 1n, 2n], 'BALANCE_TOO_LOW'],
  ['ERC20InvalidReceiver', [alice], 'ADDRESS_IS_ZERO'],
  ['EnforcedPause', [], 'TOKEN_PAUSED'],
  ['ExpectedPause', [], 'TOKEN_NOT_PAUSED_YET'],
  ['AccessControlUnauthorizedAccount', [alice, roleId('MINTER_ROLE')], 'SENDER_LACKS_TOKEN_ROLE'],
  ['OwnableUnauthorizedAccount', [alice], 'SENDER_LACKS_TOKEN_ROLE'],
  ['TransferNotAllowed', [alice, bob, maxUint256], 'TRANSFER_NOT_PERMITTED'],
  ['Panic', [0x11n], 'REFUSED_BY_TOKEN'],
])('%s is read as what it means', (name, args, code) => {
  expect(reverted(name, args)).toMatchObject({ code })
})

test.each([
  ['Pausable: paused', 'TOKEN_PAUSED'],
  ['Pausable: not paused', 'TOKEN_NOT_PAUSED_YET'],
  ['wallet is frozen', 'WALLET_FROZEN'],
  ['Insufficient Balance', 'UNFROZEN_BALANCE_TOO_LOW'],
  ['sender balance too low', 'BALANCE_TOO_LOW'],
  ['cannot burn more than balance', 'BALANCE_TOO_LOW'],
  ['ERC20: transfer amount exceeds balance', 'BALANCE_TOO_LOW'],
  ['Transfer not possible', 'TRANSFER_NOT_PERMITTED'],
  ['Identity is not verified.', 'HOLDER_MAY_NOT_RECEIVE'],
  ['AgentRole: caller does not have the Agent role', 'SENDER_LACKS_TOKEN_ROLE'],
  ['Amount exceeds available balance', 'FREEZE_ABOVE_BALANCE'],
  ['address stored already', 'HOLDER_ALREADY_ALLOWED'],
  ['address not stored yet', 'HOLDER_NOT_ALLOWED_YET'],
  ['invalid argument - no value transfer', 'AMOUNT_IS_ZERO'],
  ['nobody knows this', 'REFUSED_BY_TOKEN'],
])('“%s” is read as what it means', (sentence, code) => {
  expect(reverted('Error', [sentence])).toEqual({ code, message: `It says: “${sentence}”` })
})

test.each([null, '0x', '0x12', '0xdeadbeef', '0x08c379a0', `0x08c379a0${'ff'.repeat(64)}`] as const)(
  '%s tells nothing',
  (data) => {
    expect(readRefusal(data)).toMatchObject({ code: 'REFUSED_BY_TOKEN' })
  },
)
