import { x402Client, x402HTTPClient } from '@x402/core/client'
import type { PaymentRequired } from '@x402/core/types'
import { registerExactEvmScheme } from '@x402/evm/exact/client'
import type { PrivateKeyAccount } from 'viem/accounts'

/** A call that HTTPayer was asked to make, in its own words. */
export interface TargetCall {
  api_url: string
  method: string
  headers?: Record<string, string>
  json?: unknown
  data?: string | Record<string, string>
  params?: Record<string, string>
}

/** What one kind of chain's payment a target wants. */
export interface Wanted {
  scheme: string
  network: string
  maxAmountRequired: string
  asset: string
  payTo: string
  maxTimeoutSeconds: number
}

/** Calls APIs and pays those that ask for it by x402, in either version, from one account. */
export function createPayer(account: PrivateKeyAccount) {
  const client = registerExactEvmScheme(new x402Client(), { signer: account }).setSpendControls({
    allowedAssets: true,
    maxAmountPerPayment: false,
  })
  const http = new x402HTTPClient(client)

  const call = (target: TargetCall, more: Record<string, string> = {}): Promise<Response> => {
    const url = new URL(target.api_url)
    for (const [name, value] of Object.entries(target.params ?? {})) url.searchParams.set(name, value)
    const { json, data } = target
    const body = json !== undefined ? JSON.stringify(json) : data
    return fetch(url, {
      method: target.method,
      headers: { ...(json !== undefined && { 'content-type': 'application/json' }), ...target.headers, ...more },
      redirect: 'manual',
      ...(body !== undefined && { body: typeof body === 'string' ? body : new URLSearchParams(body) }),
    })
  }

  async function requiredBy(response: Response): Promise<PaymentRequired> {
    const body = await response.json().catch(() => undefined)
    return http.getPaymentRequiredResponse((name) => response.headers.get(name), body)
  }

  return {
    address: account.address,
    call,
    /** What a target wants for a call; null for nothing, with its answer. */
    async ask(target: TargetCall): Promise<{ wanted: Wanted } | { free: Response }> {
      const response = await call(target)
      if (response.status !== 402) return { free: response }
      const { accepts } = await requiredBy(response)
      const { amount, maxAmountRequired, ...rest } = accepts[0] as unknown as Wanted & { amount?: string }
      return { wanted: { ...rest, maxAmountRequired: amount ?? maxAmountRequired } }
    },
    /** Makes a call and pays what it costs. */
    async pay(target: TargetCall): Promise<Response> {
      const response = await call(target)
      if (response.status !== 402) return response
      const payload = await client.createPaymentPayload(await requiredBy(response))
      return call(target, http.encodePaymentSignatureHeader(payload))
    },
  }
}
