import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Address, encodeFunctionData, type Hash, type Hex, parseAbi, recoverTransactionAddress } from 'viem'
import { type RpcCall, RpcError, rpc, rpcBatch } from '../chain/rpc.ts'
import { isOfRequest, type RequestFault, type RpcFault, words } from './faults.ts'

export interface ProxiedCall {
  id: number
  method: string
  params: readonly unknown[]
}

/** What may be changed at any time. */
export interface RpcProxySettings {
  /** The fault that befalls a call, if any. */
  plan: (call: ProxiedCall) => RpcFault | null
  /** Who may put transactions on the chain: everybody (null), some, or whom its precompile says. */
  allowList: null | readonly Address[] | 'precompile'
  /** How many blocks it is behind the chain. */
  lag: number
  /** Seconds that callers who come too often are told to wait. */
  retryAfter: number
}

/** A node of a chain, as it is over a network: it passes on what is asked of it, and misbehaves as it is told to. */
export interface RpcProxy extends AsyncDisposable {
  url: string
  settings: RpcProxySettings
  /** How often each method was asked for, and each fault really happened. */
  asked: Record<string, number>
  injected: Partial<Record<RpcFault, number>>
}

/** Starts a proxy before a chain. */
export async function startRpcProxy(target: string, settings: Partial<RpcProxySettings> = {}): Promise<RpcProxy> {
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const given = JSON.parse(body) as ProxiedCall | ProxiedCall[]
    await answer(proxy, target, given, response).catch(() => response.destroy()) // the chain is away
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy: RpcProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    settings: { plan: () => null, allowList: null, lag: 0, retryAfter: 1, ...settings },
    asked: {},
    injected: {},
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return proxy
}

async function answer(
  proxy: RpcProxy,
  target: string,
  given: ProxiedCall | ProxiedCall[],
  response: ServerResponse,
): Promise<void> {
  const planned = [given].flat().map((call) => {
    proxy.asked[call.method] = (proxy.asked[call.method] ?? 0) + 1
    return { call: { ...call, params: call.params ?? [] }, fault: proxy.settings.plan(call) }
  })
  const fault = planned.map((one) => one.fault).find(isOfRequest)
  if (fault) count(proxy, fault)
  if (fault && fault !== 'lost') return refuse(proxy, fault, response)

  const head = proxy.settings.lag > 0 ? Number(await rpc<Hex>(target, 'eth_blockNumber')) - proxy.settings.lag : null
  const answers: object[] = []
  // one after the other: what a batch holds reaches the chain in its order
  for (const one of planned) {
    const of = isOfRequest(one.fault) ? null : one.fault
    if (of) count(proxy, of)
    const result = await resultOf(proxy, target, one.call, of, head)
    const envelope = { jsonrpc: '2.0', id: one.call.id }
    answers.push(
      result instanceof RpcError
        ? {
            ...envelope,
            error: { code: result.code, message: result.message, ...(result.data && { data: result.data }) },
          }
        : { ...envelope, result },
    )
  }
  if (fault === 'lost') response.destroy()
  else send(response, 200, Array.isArray(given) ? answers : answers[0]!)
}

function refuse({ settings }: RpcProxy, fault: Exclude<RequestFault, 'lost'>, response: ServerResponse): void {
  if (fault === 'cut') response.destroy()
  else if (fault === 'limited')
    send(response, 429, { error: 'too many requests' }, { 'retry-after': String(settings.retryAfter) })
  else if (fault === 'bad-gateway') send(response, 502, { error: 'bad gateway' })
}

const refusal = (what: keyof typeof words) => new RpcError(-32_000, words[what], null)

async function resultOf(
  { settings }: RpcProxy,
  target: string,
  call: ProxiedCall,
  fault: RpcFault | null,
  head: number | null,
): Promise<unknown> {
  if (fault && fault in words && fault !== 'already-known') return refusal(fault as keyof typeof words)
  const isSent = call.method === 'eth_sendRawTransaction'
  if (isSent && !(await maySend(settings.allowList, target, call.params[0] as Hex))) return refusal('not-allowed')
  const asked = head === null ? call : behind(call, head)
  if (!asked) return refusal('unfinalized')
  if (fault === 'twice') await one(target, asked)
  const result = await one(target, asked)
  if (fault === 'already-known') return refusal(fault)
  if (fault === 'dropped' && isSent && !(result instanceof RpcError))
    await rpc(target, 'anvil_dropTransaction', [result as Hash])
  if (head === null) return result
  return call.method === 'eth_blockNumber' ? `0x${head.toString(16)}` : unseen(result, head)
}

async function one(target: string, { method, params }: RpcCall): Promise<unknown> {
  const [result] = await rpcBatch(target, [{ method, ...(params && { params }) }])
  return result
}

const abi = parseAbi(['function readAllowList(address account) view returns (uint256)'])

async function maySend(list: RpcProxySettings['allowList'], target: string, raw: Hex): Promise<boolean> {
  if (list === null) return true
  const sender = await recoverTransactionAddress({ serializedTransaction: raw as `0x02${string}` })
  if (list !== 'precompile') return list.some((one) => one.toLowerCase() === sender.toLowerCase())
  const data = encodeFunctionData({ abi, functionName: 'readAllowList', args: [sender] })
  const to = '0x0200000000000000000000000000000000000002'
  const role = await one(target, { method: 'eth_call', params: [{ to, data }, 'latest'] })
  return typeof role === 'string' && BigInt(role === '0x' ? 0 : role) !== 0n
}

/** Where the block stands among the parameters of the methods that are asked about one. */
const blockAt: Readonly<Record<string, number>> = {
  eth_getTransactionCount: 1,
  eth_getBalance: 1,
  eth_getCode: 1,
  eth_call: 1,
  eth_estimateGas: 1,
  eth_getBlockByNumber: 0,
}

/** The call as it is asked of a chain that has no block after `head`; null where it is about one. */
function behind(call: ProxiedCall, head: number): ProxiedCall | null {
  const place = blockAt[call.method]
  if (place === undefined) return call
  const block = call.params[place] ?? 'latest'
  if (typeof block === 'string' && block.startsWith('0x')) return Number(block) > head ? null : call
  if (typeof block !== 'string') return call
  return {
    ...call,
    params: [...call.params.slice(0, place), `0x${head.toString(16)}`, ...call.params.slice(place + 1)],
  }
}

/** The result as it is told by a node that has no block after `head`. */
function unseen(result: unknown, head: number): unknown {
  const block = (result as { blockNumber?: unknown } | null)?.blockNumber
  return typeof block === 'string' && Number(block) > head ? null : result
}

function count({ injected }: RpcProxy, fault: RpcFault): void {
  injected[fault] = (injected[fault] ?? 0) + 1
}

function send(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}
