import { type Address, createPublicClient, createWalletClient, erc20Abi, http, parseAbi, parseUnits, toHex } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'

/** The sandbox's reader: the wallet of a development chain whose key everybody knows. */
export const reader = mnemonicToAccount('test test test test test test test test test test test junk', {
  addressIndex: 7,
})
export const readerKey = toHex(reader.getHdKey().privateKey!)

const ENOUGH = parseUnits('100', 6)

/** Sees to it that the reader has 100 of the sandbox's USDC at least: everybody takes what they need. */
export async function fundReader(rpcUrl: string, usdc: Address): Promise<void> {
  const transport = http(rpcUrl)
  const chain = createPublicClient({ transport, pollingInterval: 100 })
  const held = await chain.readContract({
    address: usdc,
    abi: erc20Abi,
    functionName: 'balanceOf',
    args: [reader.address],
  })
  if (held >= ENOUGH) return
  const hash = await createWalletClient({ account: reader, transport }).writeContract({
    address: usdc,
    abi: parseAbi(['function mint(address to, uint256 value)']),
    functionName: 'mint',
    args: [reader.address, 10n * ENOUGH],
    chain: null,
  })
  await chain.waitForTransactionReceipt({ hash })
}
