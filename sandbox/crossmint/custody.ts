import { encodeAbiParameters, keccak256, numberToHex } from 'viem'
import { sendAsOperator } from '../chain/operator.ts'
import { rpc } from '../chain/rpc.ts'
import { createAccountData } from './account.ts'
import type { Wallet } from './records.ts'
import { custodian } from './signers.ts'
import type { SimulatedChain } from './simulator.ts'

const signersSlot = 1n // of SmartAccount's `signers`

/** Lets Crossmint's own key act for a wallet that somebody else owns, by writing it into the account: for a fault only. */
export async function becomeCustodian(chain: SimulatedChain, wallet: Wallet): Promise<void> {
  const { address } = custodian(wallet.projectId)
  await sendAsOperator(chain.rpcUrl, [{ to: chain.factory, data: createAccountData(wallet) }])
  const slot = keccak256(encodeAbiParameters([{ type: 'address' }, { type: 'uint256' }], [address, signersSlot]))
  await rpc(chain.rpcUrl, 'anvil_setStorageAt', [wallet.address, slot, numberToHex(2 ** 48 - 1, { size: 32 })])
}
