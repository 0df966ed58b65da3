import { isProviderError } from '@provider-service/client'
import { encodeFunctionData, type Hex, parseAbi, toHex } from 'viem'
import { assetsById } from '@/lib/catalogue.ts'
import { rpc } from '@/lib/chain.ts'
import { asVisitor } from '@/lib/service.ts'
import { settings } from '@/lib/settings.ts'

const abi = parseAbi(['function mint(address to, uint256 value)'])

/** How much of a token one gets at a time: a hundred, and some of the chain's own coin. */
const WHOLE_TOKENS = 100n
const COIN = toHex(10n ** 18n)

/** Gives the visitor's wallet some of a token, in the sandbox, where everybody may mint. `{ walletId, assetId }` */
export async function POST(request: Request): Promise<Response> {
  const { sandbox, chains } = settings()
  if (!sandbox) return new Response(null, { status: 404 })
  try {
    const { walletId, assetId } = (await request.json()) as { walletId: string; assetId: string }
    // the service says whether it is theirs
    const [wallet, assets] = await Promise.all([(await asVisitor()).wallets.get.query({ walletId }), assetsById()])
    const asset = assets.get(assetId)
    const chain = chains.find(({ id }) => asset?.chain === `eip155:${id}`)
    if (!asset || !chain) return new Response('There is no such token here.', { status: 404 })
    const from = `0x${crypto.randomUUID().replaceAll('-', '').padStart(40, '0')}`
    await rpc(chain, 'anvil_impersonateAccount', [from])
    await rpc(chain, 'anvil_setBalance', [from, COIN])
    if (
      wallet.kind === 'external' &&
      BigInt(await rpc<Hex>(chain, 'eth_getBalance', [wallet.address, 'latest'])) < 10n ** 17n
    )
      await rpc(chain, 'anvil_setBalance', [wallet.address, COIN])
    const args = [wallet.address, WHOLE_TOKENS * 10n ** BigInt(asset.decimals)] as const
    const data = encodeFunctionData({ abi, functionName: 'mint', args })
    const hash = await rpc<Hex>(chain, 'eth_sendTransaction', [{ from, to: asset.address, data }])
    for (const deadline = Date.now() + 10_000; !(await rpc(chain, 'eth_getTransactionReceipt', [hash])); ) {
      if (Date.now() > deadline) return new Response('The chain took too long.', { status: 504 })
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    return Response.json({ hash })
  } catch (error) {
    if (!isProviderError(error)) throw error
    return new Response(error.message, { status: error.status ?? 502 })
  }
}
