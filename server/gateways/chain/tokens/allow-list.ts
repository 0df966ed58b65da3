import { type Address, parseAbi } from 'viem'
import type { BlockView } from './block-view.ts'
import { evidenceOf, refuse, satisfy } from './check.ts'
import { question, readAll } from './questions.ts'
import type { TokenCheck } from './token-profile.ts'

/** Where an Avalanche L1 keeps who may send transactions, if it restricts that. */
export const txAllowList: Address = '0x0200000000000000000000000000000000000002'

export const txAllowListAbi = parseAbi([
  'function readAllowList(address account) view returns (uint256)',
  'function setNone(address account)',
  'function setEnabled(address account)',
  'function setManager(address account)',
  'function setAdmin(address account)',
  'event RoleSet(uint256 indexed role, address indexed account, address indexed sender, uint256 oldRole)',
])

export type AllowListRole = 'none' | 'enabled' | 'admin' | 'manager'

const roles: readonly AllowListRole[] = ['none', 'enabled', 'admin', 'manager']

/**
 * The account's role on the chain's list of senders; null on a chain that lets everybody send. A node does not consult the list in calls and
 * gas estimates, only when a transaction is sent, so nothing else tells before.
 *
 * @throws ChainUnavailable
 */
export async function readAllowList(view: BlockView, account: Address): Promise<AllowListRole | null> {
  const { role } = await readAll(view, { role: question(txAllowList, txAllowListAbi, 'readAllowList', account) })
  return role === undefined ? null : (roles[Number(role)] ?? 'none')
}

/** Whether the chain takes transactions of this sender, who is the one that signs for the chain. @throws ChainUnavailable */
export async function checkAllowList(view: BlockView, sender: Address): Promise<TokenCheck> {
  const role = await readAllowList(view, sender)
  const evidence = evidenceOf(view)
  if (role === null)
    return satisfy('tx-allow-list', 'TX_ALLOW_LIST_ABSENT', 'The chain lets everybody send transactions.', evidence)
  if (role === 'none')
    return refuse(
      'tx-allow-list',
      'SENDER_NOT_ON_TX_ALLOW_LIST',
      `The chain takes no transactions of ${sender}.`,
      'Have an admin of the chain enable the sender on its list of who may send transactions.',
      evidence,
    )
  return satisfy('tx-allow-list', 'SENDER_ON_TX_ALLOW_LIST', `The sender ${sender} is ${role} on the chain.`, evidence)
}
