import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { decodePaymentSignatureHeader, encodePaymentRequiredHeader, encodePaymentResponseHeader } from '@x402/core/http'
import type { PaymentPayload, PaymentRequired, PaymentRequirements, SettleResponse } from '@x402/core/types'
import { type Address, getAddress } from 'viem'
import { createFacilitator, FIRST_VERSIONS_NAME } from './facilitator.ts'

export interface PaidApiOptions {
  rpcUrl: string
  chainId: number
  /** What it takes: USDC of the sandbox, or a token with its domain and EIP-3009. */
  token: Address
  /** Who is paid. */
  payee: Address
  /** A free one by default. */
  port?: number
}

/** What somebody asked of it. */
export interface PaidCall {
  method: string
  path: string
  headers: Record<string, string | string[] | undefined>
  body: string
  /** Whether a payment came with it. */
  paid: boolean
}

export interface PaidApi extends AsyncDisposable {
  url: string
  payee: Address
  /** What was asked of it, oldest first. */
  calls: PaidCall[]
  stop(): Promise<void>
}

/** What a URL asks for, as `?price=20000&fault=lost`. */
interface Wish {
  price: string
  seconds: number
  versions: (1 | 2)[]
  payee: Address
  fault: string | null
}

/**
 * A paid API of somebody else's, which takes x402 in both versions. `GET /weather` costs 10,000 base units; a query changes that: `price`,
 * `seconds` for a payment, `version` 1 or 2 alone, `payee`, and how it misbehaves, `fault`:
 *
 * `free` asks for nothing · `redirect` sends callers to `to` · `lost` is paid and answers nothing · `failing` is paid and answers 500 ·
 * `unsettled` answers without taking the payment · `refusing` takes no payment · `slow` answers after `wait` milliseconds · `rising` asks for
 * more each time · `liar` names `hash` as the transaction · `large` answers 400,000 bytes · `binary` answers what is no text
 */
export async function startPaidApi({ rpcUrl, chainId, token, payee, port = 0 }: PaidApiOptions): Promise<PaidApi> {
  const facilitator = createFacilitator(rpcUrl, chainId)
  const calls: PaidCall[] = []
  const asked = new Map<string, number>()

  const requirementsOf = (wish: Wish): PaymentRequirements => ({
    scheme: 'exact',
    network: `eip155:${chainId}`,
    amount: wish.price,
    asset: token,
    payTo: wish.payee,
    maxTimeoutSeconds: wish.seconds,
    extra: { name: 'USD Coin', version: '2' },
  })
  const firstVersionOf = (wish: Wish, resource: string) => {
    const { amount, ...rest } = requirementsOf(wish)
    const described = { resource, description: 'The weather', mimeType: 'application/json' }
    return { ...rest, network: FIRST_VERSIONS_NAME, maxAmountRequired: amount, ...described, outputSchema: null }
  }

  function wishOf({ searchParams: query, pathname }: URL, isPaid: boolean): Wish {
    const fault = query.get('fault')
    // a payment is of the price that was asked last
    const count = (asked.get(pathname) ?? 0) - (isPaid ? 1 : 0)
    const price = BigInt(query.get('price') ?? 10_000) * (fault === 'rising' ? BigInt(count + 1) : 1n)
    const version = query.get('version')
    return {
      price: String(price),
      seconds: Number(query.get('seconds') ?? 60),
      versions: version === '1' ? [1] : version === '2' ? [2] : [1, 2],
      payee: getAddress(query.get('payee') ?? payee),
      fault,
    }
  }

  function demand(response: ServerResponse, url: URL, wish: Wish, error?: string): void {
    const { pathname } = url
    asked.set(pathname, (asked.get(pathname) ?? 0) + 1)
    const resource = { url: url.href, description: 'The weather', mimeType: 'application/json' }
    const said = error ? { error } : {}
    const required: PaymentRequired = { x402Version: 2, ...said, resource, accepts: [requirementsOf(wish)] }
    const body = { x402Version: 1, ...said, accepts: [firstVersionOf(wish, url.href)] }
    response.writeHead(402, {
      'content-type': 'application/json',
      ...(wish.versions.includes(2) && { 'payment-required': encodePaymentRequiredHeader(required) }),
    })
    response.end(JSON.stringify(wish.versions.includes(1) ? body : {}))
  }

  /** Takes a payment. An answer without `success` says why not. */
  async function take(payload: PaymentPayload, wish: Wish, resource: string): Promise<SettleResponse> {
    const requirements = (
      payload.x402Version === 1 ? firstVersionOf(wish, resource) : requirementsOf(wish)
    ) as PaymentRequirements
    const { isValid, invalidReason } = await facilitator.verify(payload, requirements)
    if (isValid) return facilitator.settle(payload, requirements)
    return { success: false, errorReason: invalidReason ?? 'invalid', transaction: '', network: requirements.network }
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`)
    const first = request.headers['x-payment']
    const header = request.headers['payment-signature'] ?? first
    const wish = wishOf(url, header !== undefined)
    const body = await textOf(request)
    calls.push({
      method: request.method!,
      path: `${url.pathname}${url.search}`,
      headers: request.headers,
      body,
      paid: header !== undefined,
    })
    if (wish.fault === 'redirect') return void response.writeHead(302, { location: url.searchParams.get('to')! }).end()
    if (wish.fault === 'free') return answer(response, 200, 'application/json', JSON.stringify({ weather: 'free' }))
    if (typeof header !== 'string') return demand(response, url, wish)
    if (wish.fault === 'refusing') return demand(response, url, wish, 'not today')

    const payload = decodePaymentSignatureHeader(header)
    const wait = Number(url.searchParams.get('wait') ?? 0)
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
    const settled =
      wish.fault === 'unsettled'
        ? { success: true, transaction: '', network: `eip155:${chainId}` as const }
        : await take(payload, wish, url.href)
    if (!settled.success) return demand(response, url, wish, settled.errorReason)
    if (wish.fault === 'lost') return void response.socket?.destroy()
    const claimed = wish.fault === 'liar' ? url.searchParams.get('hash')! : settled.transaction
    const name = first === header ? 'x-payment-response' : 'payment-response'
    if (claimed)
      response.setHeader(name, encodePaymentResponseHeader({ ...settled, transaction: claimed } as SettleResponse))
    if (wish.fault === 'failing') return answer(response, 500, 'text/plain', 'It rains in the server room.')
    if (wish.fault === 'large') return answer(response, 200, 'text/plain', 'x'.repeat(400_000))
    if (wish.fault === 'binary')
      return answer(response, 200, 'image/png', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0]))
    answer(response, 200, 'application/json', JSON.stringify({ weather: 'sunny', asked: body || null }))
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy())
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const stop = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, payee, calls, stop, [Symbol.asyncDispose]: stop }
}

function answer(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { 'content-type': type }).end(body)
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
