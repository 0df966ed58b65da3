import { type Address, BaseError, ContractFunctionZeroDataError, type PublicClient, parseAbi } from 'viem'

/** Where chains of Avalanche keep the list of who may put transactions on them. */
export const txAllowListAddress: Address = '0x0200000000000000000000000000000000000002'

/** `none` may not transact; the others may, and the last two may also change the list. */
export type SenderRole = 'none' | 'enabled' | 'admin' | 'manager'

/** As the list numbers them. */
export const senderRoles: readonly SenderRole[] = ['none', 'enabled', 'admin', 'manager']

/** How the list is asked. */
export const allowListAbi = parseAbi(['function readAllowList(address account) view returns (uint256 role)'])

/**
 * Nodes look at this list when a transaction comes, but not when they simulate one: without asking, a simulation says yes to what
 * the chain then refuses.
 *
 * @throws Error when the chain, against its configuration, has no such list
 */
export async function readAllowList(client: PublicClient, account: Address): Promise<SenderRole> {
  const call = {
    address: txAllowListAddress,
    abi: allowListAbi,
    functionName: 'readAllowList',
    args: [account],
  } as const
  const role = await client.readContract(call).catch((error) => {
    if (error instanceof BaseError && error.walk((cause) => cause instanceof ContractFunctionZeroDataError))
      throw new Error('The chain has no list of who may transact, though it is configured with one', { cause: error })
    throw error
  })
  const word = senderRoles[Number(role)]
  if (!word) throw new Error(`The chain says a role that is not known: ${role}`)
  return word
}
