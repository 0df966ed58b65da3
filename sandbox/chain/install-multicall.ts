import type { Hex } from 'viem'
import { batchAddress } from '../../server/gateways/chain/transfer-authorization.ts'
import { rpc } from './rpc.ts'

/** Puts Multicall3 where every public chain has it. */
export async function installMulticall(chainUrl: string): Promise<void> {
  // viem has it to ask chains that lack it, and exports it to nobody
  const { multicall3Bytecode }: { multicall3Bytecode: Hex } = await import(
    new URL('constants/contracts.js', import.meta.resolve('viem')).href
  )
  const code = await rpc<Hex>(chainUrl, 'eth_call', [{ data: multicall3Bytecode }, 'latest'])
  await rpc(chainUrl, 'anvil_setCode', [batchAddress, code])
}
