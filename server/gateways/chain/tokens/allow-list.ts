import { type Address, parseAbi } from 'viem'
import { type SenderRole, txAllowListAddress } from '../allow-list.ts'
import { ChainUnavailable } from '../chain.ts'
import type { BlockView } from './block-view.ts'
import { evidenceOf, refuse, satisfy } from './check.ts'
import { question, readAll } from './questions.ts'
import type { TokenCheck } from './token-profile.ts'

const abi = parseAbi(['function readAllowList(address account) view returns (uint256)'])

const roles: readonly SenderRole[] = ['none', 'enabled', 'admin', 'manager']

/**
 * What a sender was on the chain's list of who may transact, at the view's block; null on a chain that has no list.
 *
 * @throws ChainUnavailable
 */
export async function senderRoleAt(view: BlockView, sender: Address): Promise<SenderRole | null> {
  const { role } = await readAll(view, { role: question(txAllowListAddress, abi, 'readAllowList', sender) })
  return role === undefined ? null : (roles[Number(role)] ?? 'none')
}

/**
 * Whether the chain takes transactions of this sender, who is the one that signs for it. `expected` says that the chain is known to have a
 * list, so that a node without one is not believed.
 *
 * @throws ChainUnavailable
 */
export async function checkAllowList(view: BlockView, sender: Address, expected: boolean): Promise<TokenCheck> {
  const role = await senderRoleAt(view, sender)
  const evidence = evidenceOf(view)
  if (role === null) {
    if (expected) throw new ChainUnavailable('The chain does not answer with its list of who may transact')
    return satisfy('tx-allow-list', 'TX_ALLOW_LIST_ABSENT', 'The chain lets everybody send transactions.', evidence)
  }
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
