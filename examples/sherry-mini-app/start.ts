import type { Hex } from 'viem'
import { buy, type Offer } from './buy.ts'
import { fundReader, readerKey } from './sandbox-reader.ts'
import { settings } from './settings.ts'
import { walletOfKey } from './wallet-of-key.ts'

// `npm start`: buys the sandbox's paywall as a host of mini-apps would, with a development wallet or the one of PRIVATE_KEY.

const { miniApp, app, rpcUrl, usdc } = settings
const key = process.env.PRIVATE_KEY as Hex | undefined

function tell({ title, label, description, chainId, to }: Offer): true {
  console.log(`${title}\n  ${label}: ${description}\n  signed for chain ${chainId}, to the contract ${to}`)
  return true
}

try {
  if (!key && usdc) await fundReader(rpcUrl, usdc)
  const wallet = walletOfKey(key ?? readerKey, rpcUrl)
  const { hash, claimUrl } = await buy({ miniApp, wallet, app, confirm: tell, signal: AbortSignal.timeout(60_000) })
  console.log(`Paid by ${hash}\nUnlock it, signed in with that wallet: ${claimUrl}`)
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
