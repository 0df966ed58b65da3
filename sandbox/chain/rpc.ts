/** One JSON-RPC request, without its envelope. */
export interface RpcCall {
  method: string
  params?: readonly unknown[]
}

/** The node understood and refused. `data` is the revert data of a call, when there is some. */
export class RpcError extends Error {
  override readonly name = 'RpcError'
  readonly code: number
  readonly data: `0x${string}` | null

  constructor(code: number, message: string, data: `0x${string}` | null) {
    super(message)
    this.code = code
    this.data = data
  }
}

interface RpcAnswer {
  id: number
  result?: unknown
  error?: { code: number; message: string; data?: unknown }
}

/** Sends the calls as one HTTP request. Answers stand in the order of the calls; a refused one is an `RpcError` in its place. */
export async function rpcBatch(url: string, calls: readonly RpcCall[], timeout = 10_000): Promise<unknown[]> {
  if (calls.length === 0) return []
  const body = calls.map(({ method, params = [] }, id) => ({ jsonrpc: '2.0', id, method, params }))
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(timeout),
  })
  if (!response.ok) throw new Error(`The chain at ${url} answered ${response.status}`)
  const answers = (await response.json()) as RpcAnswer[]
  const results: unknown[] = new Array(calls.length)
  for (const answer of answers) results[answer.id] = answer.error ? toError(answer.error) : answer.result
  return results
}

/** Sends one call. @throws RpcError when the node refuses it. */
export async function rpc<Result>(url: string, method: string, params: readonly unknown[] = []): Promise<Result> {
  const [result] = await rpcBatch(url, [{ method, params }])
  if (result instanceof RpcError) throw result
  return result as Result
}

/** The result of one call of a batch. @throws RpcError when it was refused. */
export function resultOf<Result>(answer: unknown): Result {
  if (answer instanceof RpcError) throw answer
  return answer as Result
}

function toError({ code, message, data }: NonNullable<RpcAnswer['error']>): RpcError {
  return new RpcError(code, message, typeof data === 'string' && data.startsWith('0x') ? (data as `0x${string}`) : null)
}
