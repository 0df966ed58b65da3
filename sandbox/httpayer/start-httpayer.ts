import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { decodePaymentResponseHeader, encodePaymentResponseHeader } from '@x402/core/http'
import type { SettleResponse } from '@x402/core/types'
import { type Address, encodeFunctionData, erc20Abi } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { mintUsdc } from '../chain/deploy-contracts.ts'
import { sendAs } from '../chain/send-as.ts'
import { createPayer, type TargetCall, type Wanted } from './pay-target.ts'

/** How it misbehaves: with the next call of its proxy, or where the URL to call has `httpayer=MODE`. */
export const httpayerFaults = [
  /** The API is paid, and the connection cut. */
  'lost',
  /** The API is paid, and 502 with an id answered: the id tells of it after a few looks. */
  'late',
  /** 502 with an id, which tells that nothing was paid. */
  'unpaid',
  /** 502 with an id, which never tells. */
  'silent',
  /** 502 with an id, and the payment came back. */
  'refunded',
  'rate-limited',
  /** Pays half of the price to the payee, and says that it is paid. */
  'less',
  /** Pays somebody else, and says that it is paid. */
  'elsewhere',
  /** Says that it is paid without a transaction. */
  'unproven',
] as const

export type HttpayerFault = (typeof httpayerFaults)[number]

export interface HttpayerOptions {
  rpcUrl: string
  chainId: number
  apiKey: string
  /** Of the account of the key, in thousandths of a USDC; 10,000 by default. */
  credits?: number
  port?: number
}

/** What it knows of a call that ended without an answer. */
type Late = { left: number; answer: { status: number; body: object } }

export interface RunningHttpayer extends AsyncDisposable {
  /** What HTTPayer's base URL is replaced with. */
  url: string
  /** The account that it pays from. */
  payer: Address
  /** What the account of the key still has, in thousandths of a USDC. */
  readonly credits: number
  setCredits(credits: number): void
  /** The next call of the proxy ends so. */
  fail(fault: HttpayerFault): void
  /** What was asked of it, oldest first. */
  calls: { path: string; headers: IncomingMessage['headers']; body: unknown }[]
  stop(): Promise<void>
}

const FEE_PERCENT = 3n
const CREDITS_PER_USDC = 1_000

/**
 * An HTTPayer of our own, which speaks as the documented one and really pays: its proxy and what that would cost, limits, balances in both shapes,
 * and what became of calls that ended without an answer. It knows the sandbox's chain by the names of the first version of x402.
 */
export async function startHttpayer(options: HttpayerOptions): Promise<RunningHttpayer> {
  const { rpcUrl, apiKey } = options
  const payer = createPayer(privateKeyToAccount(generatePrivateKey()))
  await mintUsdc(rpcUrl, { to: payer.address, amount: 1_000_000_000n })
  // in micro-USDC, as the chain has it
  let credits = BigInt(options.credits ?? 10_000) * 1_000n
  let next: HttpayerFault | null = null
  const late = new Map<string, Late>()
  const calls: RunningHttpayer['calls'] = []

  const feeOf = (price: bigint) => (price * FEE_PERCENT + 99n) / 100n

  function faultOf({ api_url }: TargetCall): HttpayerFault | null {
    const magic = new URL(api_url).searchParams.get('httpayer') as HttpayerFault | null
    const fault = next ?? magic
    next = null
    return fault
  }

  async function simulate(target: TargetCall): Promise<Answer> {
    const asked = await payer.ask(target)
    if ('free' in asked) {
      const text = await asked.free.text()
      return json(200, { requiresPayment: false, status: asked.free.status, response: parse(text) ?? text })
    }
    const { wanted } = asked
    const price = BigInt(wanted.maxAmountRequired)
    const network = networkNamed(wanted.network)
    return json(200, {
      requiresPayment: true,
      targetPaymentRequirements: { ...wanted, network },
      proxyFeeBreakdown: proxyFees(price),
    })
  }

  const proxyFees = (price: bigint) => ({
    targetAmount: Number(price) / 1e6,
    proxyFee: Number(feeOf(price)) / 1e6,
    totalCreditsCharged: Number(price + feeOf(price)) / CREDITS_PER_USDC,
    proxyFeePercentage: Number(FEE_PERCENT),
    feeModel: '3% with $0 minimum',
    creditsPerUsdc: CREDITS_PER_USDC,
  })
  const networkNamed = (network: string) => (network === `eip155:${options.chainId}` ? 'avalanche-fuji' : network)

  async function proxy(target: TargetCall): Promise<Answer | null> {
    const fault = faultOf(target)
    if (fault === 'rate-limited') return json(429, { error: 'Too Many Requests', message: 'Daily limit reached' })
    if (fault === 'unpaid')
      return postponed({ status: 500, body: { status: 'failed', error: 'refused', errorType: 'payment_failed' } })
    if (fault === 'silent') return postponed({ status: 202, body: { status: 'pending' } }, Number.POSITIVE_INFINITY)
    const asked = await payer.ask(target)
    if ('free' in asked) return passed(asked.free)
    const price = BigInt(asked.wanted.maxAmountRequired)
    const charge = price + feeOf(price)
    if (charge > credits) return json(402, { error: 'Insufficient credits' })
    credits -= charge
    if (fault === 'less') return claiming(await transfer(asked.wanted, price / 2n))
    if (fault === 'elsewhere') return claiming(await transfer({ ...asked.wanted, payTo: payer.address }, price))
    const response = await payer.pay(target)
    const paid = response.headers.get('payment-response') ?? response.headers.get('x-payment-response')
    if (!paid) credits += charge
    const hash = paid ? decodePaymentResponseHeader(paid).transaction : null
    const network = networkNamed(asked.wanted.network)
    if (fault === 'lost') return null
    if (fault === 'late')
      return postponed({ status: 200, body: { status: 'success', txHash: hash, network, message: 'paid' } })
    if (fault === 'refunded') {
      credits += charge
      return postponed({
        status: 200,
        body: { status: 'refund_confirmed', txHash: hash, network, message: 'refunded' },
      })
    }
    if (response.status === 402)
      return postponed({ status: 500, body: { status: 'failed', error: 'refused', errorType: 'payment_failed' } })
    const answer = await passed(response)
    if (fault === 'unproven') for (const name of ['payment-response', 'x-payment-response']) delete answer.headers[name]
    return answer
  }

  /** 502 with an id that tells of the outcome, after two looks by default. */
  function postponed(answer: Late['answer'], left = 2): Answer {
    const id = randomUUID()
    late.set(id, { left, answer })
    const message = 'Upstream API refused payment after 3 attempts'
    return json(502, { error: 'Bad Gateway', message, webhook_id: id })
  }

  async function transfer({ payTo, asset }: Wanted, amount: bigint): Promise<string> {
    const data = encodeFunctionData({ abi: erc20Abi, functionName: 'transfer', args: [payTo as Address, amount] })
    const [hash] = await sendAs(rpcUrl, payer.address, [{ to: asset as Address, data }])
    return hash!
  }

  const claiming = (transaction: string): Answer => {
    const said = { success: true, transaction, network: 'avalanche-fuji' } as unknown as SettleResponse
    const answer = json(200, { weather: 'sunny' })
    return { ...answer, headers: { ...answer.headers, 'x-payment-response': encodePaymentResponseHeader(said) } }
  }

  async function serve(request: IncomingMessage): Promise<Answer | null> {
    const { pathname } = new URL(request.url ?? '/', 'http://httpayer')
    const body = parse(await textOf(request)) as TargetCall | undefined
    calls.push({ path: pathname, headers: request.headers, body })
    const isOurs = request.headers['x-api-key'] === apiKey
    const name = `${request.method} ${pathname}`
    if (name === 'GET /limits')
      return json(200, {
        relay: { mainnet: 1_000, testnet: 100, per_wallet_daily_limit: 100 },
        proxy: { mainnet: 5_000, testnet: 500, per_account_daily_limit: 500 },
        unit: 'USDC',
        reset_time: '00:00 UTC',
      })
    if (!isOurs) return json(401, { error: 'Unauthorized: invalid API key' })
    if (name === 'POST /proxy') return proxy(body!)
    if (name === 'POST /proxy/sim') return simulate(body!)
    const left = Number(credits) / CREDITS_PER_USDC
    if (name === 'GET /balance')
      return json(200, {
        account_id: 'sandbox',
        mainnet: { credits_balance: left, daily_limit: 500, daily_spend: 0, daily_remaining: 500 },
        testnet: { daily_limit_usd: 500, today_spent_usd: 0, remaining_usd: 500 },
      })
    if (name === 'GET /v1/credits/balance')
      return json(200, {
        key_prefix: apiKey.slice(0, 8),
        daily_cap: 500,
        daily_spent: 0,
        daily_remaining: 500,
        effective_available: left,
      })
    const [, id] = /^\/webhooks\/(.+)$/.exec(pathname) ?? []
    const known = id ? late.get(id) : undefined
    if (!known) return json(404, { error: 'Not found' })
    if (known.left-- > 0) return json(202, { status: 'pending' })
    return json(known.answer.status, known.answer.body)
  }

  const server = createServer((request, response) => {
    serve(request).then(
      (answer) => (answer ? send(response, answer) : response.socket?.destroy()),
      (error) => send(response, json(500, { error: String(error) })),
    )
  })
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  const stop = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    payer: payer.address,
    calls,
    get credits() {
      return Number(credits) / CREDITS_PER_USDC
    },
    setCredits(value) {
      credits = BigInt(value) * 1_000n
    },
    fail(fault) {
      next = fault
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

interface Answer {
  status: number
  headers: Record<string, string>
  body: string | Buffer
}

const json = (status: number, body: object): Answer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

/** The target's own answer, as it is. */
async function passed(response: Response): Promise<Answer> {
  const headers = Object.fromEntries(
    [...response.headers].filter(
      ([name]) => !/^(content-length|content-encoding|connection|keep-alive|transfer-encoding)$/.test(name),
    ),
  )
  return { status: response.status, headers, body: Buffer.from(await response.arrayBuffer()) }
}

const send = (response: ServerResponse, { status, headers, body }: Answer) =>
  response.writeHead(status, headers).end(body)

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
