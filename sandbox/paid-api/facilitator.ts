import { randomBytes } from 'node:crypto'
import { x402Facilitator } from '@x402/core/facilitator'
import { toFacilitatorEvmSigner } from '@x402/evm'
import { ExactEvmScheme } from '@x402/evm/exact/facilitator'
import { ExactEvmSchemeV1 } from '@x402/evm/exact/v1/facilitator'
import { type Abi, type Address, createPublicClient, encodeFunctionData, type Hash, http } from 'viem'
import { sendAs } from '../chain/send-as.ts'

/** Puts payments of x402 on a chain, for sellers who have no facilitator of their own. */
export type Facilitator = Pick<x402Facilitator, 'verify' | 'settle'>

/** The chain's name in the first version of the protocol, which knows chains by names alone. */
export const FIRST_VERSIONS_NAME = 'avalanche-fuji'

/** A facilitator that sends each payment as a new account, so that none waits for the nonce of another. */
export function createFacilitator(rpcUrl: string, chainId: number): Facilitator {
  const client = createPublicClient({ transport: http(rpcUrl), cacheTime: 0, pollingInterval: 20 })
  const from: Address = `0x${randomBytes(20).toString('hex')}`
  const send = async (to: Address, data: Hash): Promise<Hash> => {
    const [hash] = await sendAs(rpcUrl, `0x${randomBytes(20).toString('hex')}`, [{ to, data }])
    return hash!
  }
  const signer = toFacilitatorEvmSigner({
    address: from,
    readContract: ({ address, abi, functionName, args = [] }) =>
      client.readContract({ address, abi: abi as Abi, functionName, args }),
    verifyTypedData: (claim) => client.verifyTypedData(claim as Parameters<typeof client.verifyTypedData>[0]),
    writeContract: ({ address, abi, functionName, args }) =>
      send(address, encodeFunctionData({ abi: abi as Abi, functionName, args: [...args] })),
    sendTransaction: ({ to, data }) => send(to, data),
    waitForTransactionReceipt: ({ hash }) => client.waitForTransactionReceipt({ hash }),
    getCode: ({ address }) => client.getCode({ address }),
  })
  return new x402Facilitator()
    .register(`eip155:${chainId}`, new ExactEvmScheme(signer))
    .registerV1(FIRST_VERSIONS_NAME as `${string}:${string}`, new ExactEvmSchemeV1(signer))
}
