import { type Address, type Hash, type Hex, parseAbi, parseEventLogs, type RpcLog } from 'viem'
import { formatLog } from 'viem/utils'
import { rpc } from './rpc.ts'

/** A token transfer that a chain shows. `amount` in base units. */
export interface Transfer {
  from: Address
  to: Address
  amount: bigint
  transactionHash: Hash
}

const abi = parseAbi(['event Transfer(address indexed from, address indexed to, uint256 value)'])

/** Every transfer of a token since the chain began, read from its logs and from nothing else. */
export async function readTransfers(url: string, token: Address): Promise<Transfer[]> {
  const filter = { address: token, fromBlock: '0x0' as Hex, toBlock: 'latest' }
  const logs = await rpc<RpcLog[]>(url, 'eth_getLogs', [filter])
  return parseEventLogs({ abi, logs: logs.map((log) => formatLog(log)) }).map(({ args, transactionHash }) => ({
    from: args.from,
    to: args.to,
    amount: args.value,
    transactionHash: transactionHash!,
  }))
}
