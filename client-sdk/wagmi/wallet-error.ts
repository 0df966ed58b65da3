import { ProviderServiceError } from '../index.ts'

/** What a wallet can do wrong, as the SDK tells it. */
type WalletErrorCode = 'WALLET_REJECTED' | 'WRONG_CHAIN' | 'WALLET_FAILED'

/** An error of a wallet. Nothing of what it was asked for is known to have happened; the same may be asked again. */
export const walletError = (code: WalletErrorCode, message: string, reason: string, cause?: unknown) =>
  new ProviderServiceError(
    message,
    { code, retryable: true, status: null, requestId: null, issues: [], details: { reason } },
    { cause },
  )

type Cause = Partial<Record<'name' | 'code' | 'message' | 'cause', unknown>>

/** The error and what caused it, innermost last. */
function causesOf(error: unknown): Cause[] {
  const causes: Cause[] = []
  for (let cause = error; typeof cause === 'object' && cause !== null && !causes.includes(cause); ) {
    causes.push(cause)
    cause = (cause as Cause).cause
  }
  return causes
}

/** EIP-1193, WalletConnect's, and what ethers makes of them. */
const rejections: readonly unknown[] = [4001, 5000, 'ACTION_REJECTED']

/** Whether the person said no. */
export const isRejection = (error: unknown): boolean =>
  causesOf(error).some(({ name, code }) => name === 'UserRejectedRequestError' || rejections.includes(code))

/** Whether the wallet is on another chain than it was asked to act on. */
export const isOfAnotherChain = (error: unknown): boolean =>
  causesOf(error).some(({ name }) => name === 'ChainMismatchError' || name === 'ConnectorChainMismatchError')

/** Whether the wallet cannot pay the chain's fee. */
export const isOutOfGas = (error: unknown): boolean =>
  causesOf(error).some(({ message }) => typeof message === 'string' && /insufficient funds/i.test(message))
