import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

// Version 2.27 of Sherry's SDK is on no registry, and its proxy is closed: these two speak as its documents and its source say.

/** What came to a mini-app through the proxy. */
export interface Passed {
  method: string
  url: string
  headers: IncomingHttpHeaders
  body: string
}

export interface SherryProxy extends AsyncDisposable {
  url: string
  passed: Passed[]
}

/** The proxy that stands between hosts and mini-apps: takes the target from a header, and adds headers of its own. */
export async function startProxy(): Promise<SherryProxy> {
  const passed: Passed[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const target = request.headers['x-sherry-target-url'] as string
    const isExecute = request.headers['x-sherry-operation'] === 'execute'
    const query = new URL(target).searchParams
    const headers = {
      'x-sherry-proxy': 'true',
      'x-sherry-version': '1.0.0',
      'x-timestamp': String(Date.now()),
      ...(request.headers['content-type'] && { 'content-type': request.headers['content-type'] }),
      ...(isExecute && {
        'x-chain-id': query.get('chain') ?? '',
        'x-wallet-address': query.get('userAddress') ?? '',
      }),
    }
    passed.push({ method: request.method!, url: target, headers, body: body.toString('latin1') })
    const answer = await fetch(target, { method: request.method!, headers, ...(body.length > 0 && { body }) })
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' })
    response.end(await answer.text())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export interface NewerAction {
  label: string
  path: string
  chains: { source: number }
}

/** How that version's executor asks: all of it through the proxy, parameters in the query and in the body. */
export function newerExecutor(proxy: string, clientKey = 'a client key') {
  async function send(method: 'GET' | 'POST', target: string, operation: string, body?: string | FormData) {
    const response = await fetch(`${proxy}/proxy`, {
      method,
      headers: {
        'X-Sherry-Target-URL': target,
        'X-Sherry-Operation': operation,
        'X-Sherry-Client-Key': clientKey,
        ...(body instanceof FormData ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body !== undefined && { body }),
    })
    if (!response.ok) throw new Error(`HTTP ${response.status}: ${await response.text()}`)
    return response.json()
  }
  return {
    getMetadata: (url: string) => send('GET', url, 'fetch'),
    /** With a file it sends a form, as for actions that take files. */
    async execute(baseUrl: string, action: NewerAction, userAddress: string, file?: Blob) {
      const target = new URL(action.path, baseUrl)
      target.searchParams.set('userAddress', userAddress)
      target.searchParams.set('chain', String(action.chains.source))
      const context = { userAddress, sourceChain: action.chains.source }
      let body: string | FormData = JSON.stringify({ action: action.label, params: {}, context })
      if (file) {
        body = new FormData()
        body.set('file', file, 'a-file')
        body.set('_sdk_context', JSON.stringify(context))
      }
      const answer = await send('POST', target.href, 'execute', body)
      if (!answer.serializedTransaction?.startsWith('0x') || !['string', 'number'].includes(typeof answer.chainId))
        throw new Error('Invalid response format')
      return answer
    },
  }
}
