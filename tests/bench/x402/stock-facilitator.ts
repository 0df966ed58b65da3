import { x402Facilitator } from '@x402/core/facilitator'
import { toFacilitatorEvmSigner } from '@x402/evm'
import { registerExactEvmScheme } from '@x402/evm/exact/facilitator'
import { createWalletClient, type Hex, http, publicActions } from 'viem'
import { nonceManager, privateKeyToAccount } from 'viem/accounts'
import { avalancheFuji } from 'viem/chains'

/** The facilitator of the packages as their documents wire it, with a manager of nonces, without which few of those sent together land. */
export function stockFacilitator(rpcUrl: string, key: Hex): x402Facilitator {
  const account = privateKeyToAccount(key, { nonceManager })
  const wallet = createWalletClient({
    account,
    chain: avalancheFuji,
    transport: http(rpcUrl),
    pollingInterval: 20,
  }).extend(publicActions)
  const facilitator = new x402Facilitator()
  const signer = toFacilitatorEvmSigner({
    address: account.address,
    readContract: (call) => wallet.readContract(call as Parameters<typeof wallet.readContract>[0]),
    verifyTypedData: (data) => wallet.verifyTypedData(data as Parameters<typeof wallet.verifyTypedData>[0]),
    writeContract: (call) => wallet.writeContract(call as unknown as Parameters<typeof wallet.writeContract>[0]),
    sendTransaction: (call) => wallet.sendTransaction(call as Parameters<typeof wallet.sendTransaction>[0]),
    waitForTransactionReceipt: (which) => wallet.waitForTransactionReceipt(which),
    getCode: (where) => wallet.getCode(where),
  })
  registerExactEvmScheme(facilitator, { signer, networks: `eip155:${avalancheFuji.id}` })
  return facilitator
}
