import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** How a node misbehaves, whatever it is asked. */
export const nodeFaults = [
  'down', // cuts the connection
  'hang', // never answers
  'stall', // stops in the middle of the answer
  'truncated', // cuts the connection in the middle of the answer
  'failing', // 500
  'page', // 200 with HTML
  'not-rpc', // JSON, but none of JSON-RPC
  'refusing', // a JSON-RPC error
  'reverting', // contract calls revert
  'empty', // contract calls answer with nothing, as where there is no contract
  'other-chain', // is a node of another chain
] as const

export type NodeFault = (typeof nodeFaults)[number]

interface Call {
  id: number
  method: string
  params: unknown[]
}

export interface NodeDoor extends AsyncDisposable {
  /** Holds a key, as those of real nodes do. */
  url: string
  /** What is wrong now; null for nothing. */
  fault: NodeFault | null
  /** Changes the result of a call that went through. */
  rewrite: ((call: Call, result: unknown) => unknown) | null
  /** What was asked for, in order. */
  asked: Call[]
}

export const nodeKey = 'key-of-the-node-4f1c'

/** A door before a chain, for single requests and batches. */
export async function nodeDoor(chainUrl: string): Promise<NodeDoor> {
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const given = JSON.parse(body) as Call | Call[]
    door.asked.push(...[given].flat())
    if (spoil(response, door.fault)) return

    const answer = await fetch(chainUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    const answers = (await answer.json()) as { id: number; result?: unknown } | { id: number; result?: unknown }[]
    const calls = new Map([given].flat().map((call) => [call.id, call]))
    for (const each of [answers].flat()) {
      const call = calls.get(each.id)!
      if ('result' in each && door.rewrite) each.result = door.rewrite(call, each.result)
      Object.assign(each, changed(door.fault, call))
      if ('error' in each) delete each.result
    }
    send(response, answers)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const door: NodeDoor = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/${nodeKey}`,
    fault: null,
    rewrite: null,
    asked: [],
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return door
}

function spoil(response: ServerResponse, fault: NodeFault | null): boolean {
  if (fault === 'down') response.socket?.destroy()
  else if (fault === 'failing') response.writeHead(500, { 'content-type': 'text/plain' }).end('overloaded')
  else if (fault === 'page') response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Welcome</html>')
  else if (fault === 'not-rpc') send(response, { hello: 'world' })
  else if (fault === 'stall' || fault === 'truncated') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 })
    response.write('[{"jsonrpc":"2.0","id"', () => fault === 'truncated' && response.socket?.destroy())
  } else return fault === 'hang'
  return true
}

function changed(fault: NodeFault | null, { method }: Call): object {
  if (fault === 'refusing') return { error: { code: -32000, message: 'header not found' } }
  if (fault === 'other-chain' && method === 'eth_chainId') return { result: '0x1' }
  if (method !== 'eth_call') return {}
  if (fault === 'reverting') return { error: { code: 3, message: 'execution reverted', data: '0x' } }
  return fault === 'empty' ? { result: '0x' } : {}
}

function send(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
