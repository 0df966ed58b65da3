import { type Address, encodeAbiParameters, encodeFunctionData, keccak256, toHex } from 'viem'
import { rpc } from '../chain/rpc.ts'
import { sendAs } from '../chain/send-as.ts'
import txAllowListContract from '../contracts/compiled/TxAllowList.json' with { type: 'json' }
import { txAllowListAbi } from './abi.ts'

/** Where an Avalanche L1 has the precompile that says who may send transactions. */
export const txAllowListAddress: Address = '0x0200000000000000000000000000000000000002'

const ADMIN = toHex(2, { size: 32 })

/** Gives a chain a list of who may send transactions, with one admin, as a genesis does. It lists; this chain refuses nobody by it. */
export async function installAllowList(url: string, admin: Address): Promise<void> {
  const slot = keccak256(encodeAbiParameters([{ type: 'address' }, { type: 'uint256' }], [admin, 0n]))
  await rpc(url, 'anvil_setCode', [txAllowListAddress, txAllowListContract.deployedBytecode])
  await rpc(url, 'anvil_setStorageAt', [txAllowListAddress, slot, ADMIN])
}

/** Gives an account a role on the list. @throws Error when the sender may not */
export async function setAllowListRole(
  url: string,
  sender: Address,
  role: 'setNone' | 'setEnabled' | 'setManager' | 'setAdmin',
  account: Address,
): Promise<void> {
  const data = encodeFunctionData({ abi: txAllowListAbi, functionName: role, args: [account] })
  await sendAs(url, sender, [{ to: txAllowListAddress, data }])
}
