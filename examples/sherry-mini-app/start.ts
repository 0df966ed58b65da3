import {
  createPublicClient,
  createWalletClient,
  erc20Abi,
  formatUnits,
  type Hex,
  http,
  parseAbi,
  parseUnits,
} from 'viem'
import { buy, type Offer } from './buy.ts'
import { reader, sandboxKey } from './sandbox-key.ts'
import { walletOfKey } from './wallet-of-key.ts'

// `npm start`: buys the sandbox's paywall as a host of mini-apps would, with a development wallet.

const {
  PROVIDER_URL = 'http://127.0.0.1:4000',
  APP_URL = 'http://localhost:3000',
  PAYWALL_ID,
  RPC_URL,
  USDC,
  PRIVATE_KEY,
} = process.env
if (!PAYWALL_ID || !RPC_URL) {
  console.error('PAYWALL_ID and RPC_URL say what to buy, and on which chain: see README.md.')
  process.exit(2)
}

const key = (PRIVATE_KEY ?? sandboxKey) as Hex

// of the sandbox's USDC everybody takes what they need
if (USDC && !PRIVATE_KEY) {
  const [token, transport] = [USDC as Hex, http(RPC_URL)]
  const chain = createPublicClient({ transport, pollingInterval: 100 })
  const read = { address: token, abi: erc20Abi, functionName: 'balanceOf', args: [reader.address] } as const
  if ((await chain.readContract(read)) < parseUnits('100', 6)) {
    const abi = parseAbi(['function mint(address to, uint256 value)'])
    const args = [reader.address, parseUnits('1000', 6)] as const
    const wallet = createWalletClient({ account: reader, transport })
    const hash = await wallet.writeContract({ address: token, abi, functionName: 'mint', args, chain: null })
    await chain.waitForTransactionReceipt({ hash })
  }
  console.log(`${reader.address} has ${formatUnits(await chain.readContract(read), 6)} USDC`)
}

function tell({ title, label, description, chainId, to }: Offer): true {
  console.log(`${title}\n  ${label}: ${description}\n  signed for chain ${chainId}, to the contract ${to}`)
  return true
}

try {
  const { hash, claimUrl } = await buy({
    miniApp: `${PROVIDER_URL}/sherry/paywalls/${PAYWALL_ID}`,
    wallet: walletOfKey(key, RPC_URL),
    app: APP_URL,
    confirm: tell,
    signal: AbortSignal.timeout(60_000),
  })
  console.log(`Paid by ${hash}\nUnlock it, signed in with that wallet: ${claimUrl}`)
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
