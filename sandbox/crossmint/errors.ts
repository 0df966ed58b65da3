import { decodeErrorResult, type Hex, parseAbi } from 'viem'
import type { ProviderFailure } from './records.ts'

/** An answer that is a refusal. `body` is what goes over the wire. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  readonly body: unknown
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    body: { message: string } & Record<string, unknown>,
    headers: Record<string, string> = {},
  ) {
    super(body.message)
    this.status = status
    this.body = body
    this.headers = headers
  }
}

/** A refusal of the common shape. */
export function refuse(status: number, message: string, code?: string): Refusal {
  return new Refusal(status, { error: true, message, ...(code && { code }) })
}

/** 422: the transaction would revert, so it was not made. */
export function refuseSimulation(failure: ProviderFailure): Refusal {
  return new Refusal(422, { error: failure, message: failure.message })
}

export function reverted(
  reason: string,
  options: { type?: 'contract_call' | 'wallet_authorization' | 'wallet_deployment'; data?: string; link?: string } = {},
): ProviderFailure {
  return {
    reason: 'execution_reverted',
    message: "Execution reverted, see 'revert' for details",
    revert: {
      type: options.type ?? 'contract_call',
      reason,
      ...(options.data && { reasonData: options.data }),
      ...(options.link && { explorerLink: options.link }),
    },
  }
}

const knownErrors = parseAbi([
  'error Error(string reason)',
  'error Panic(uint256 code)',
  'error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)',
  'error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)',
  'error ERC20InvalidReceiver(address receiver)',
  'error ERC20InvalidSender(address sender)',
  'error NotItself()',
])

/** Revert data in words: the sentence of the contract, the name and arguments of its error, or the bare data. */
export function revertReason(data: Hex | null): string {
  if (!data || data === '0x') return 'Reverted without a reason'
  try {
    const { errorName, args } = decodeErrorResult({ abi: knownErrors, data })
    if (errorName === 'Error') return String(args[0])
    return `${errorName}(${(args ?? []).join(', ')})`
  } catch {
    return data
  }
}
