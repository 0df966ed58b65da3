import superjson from 'superjson'
import type { Meta } from '../../../server/auth/admit.ts'
import type { ErrorShape } from '../../../server/contract/errors.ts'
import { appRouter } from '../../../server/router.ts'

/** What the router says of one procedure. */
export interface Procedure {
  path: string
  type: 'query' | 'mutation' | 'subscription'
  for: Meta['for']
  scope: Meta['scope']
  /** Its input's schema by field; empty for a procedure without input. */
  fields: Record<string, { safeParse(value: unknown): { success: boolean } }>
}

/** Every procedure of the router, as it is: a new one appears here by itself. */
export const procedures: Procedure[] = Object.entries(
  appRouter._def.procedures as unknown as Record<string, RouterProcedure>,
).map(([path, { _def }]) => ({
  path,
  type: _def.type,
  for: _def.meta.for,
  scope: _def.meta.scope,
  fields: fieldsOf(_def.inputs[0]),
}))

type InputSchema = { shape?: Procedure['fields']; def?: { innerType?: InputSchema } }

interface RouterProcedure {
  _def: { type: Procedure['type']; meta: Meta; inputs: InputSchema[] }
}

/** The fields of an object schema, or of the one within a schema with a default. */
function fieldsOf(schema: InputSchema | undefined): Procedure['fields'] {
  return schema?.shape ?? (schema?.def?.innerType ? fieldsOf(schema.def.innerType) : {})
}

/** One answer over HTTP, read without the SDK. */
export interface Answer {
  status: number
  headers: Headers
  text: string
  /** The error, if the body is one of tRPC. */
  error: ErrorShape | null
  /** The result, if the body is one of tRPC. */
  data: unknown
}

export interface CallOptions {
  apiKey?: string | undefined
  method?: string
  headers?: Record<string, string>
}

/** Calls a procedure with an input that need not fit it, as the holder of an API key or with other headers. */
export const call = (
  url: string,
  { path, type }: Pick<Procedure, 'path' | 'type'>,
  input: unknown,
  as?: string | Record<string, string>,
) =>
  send(
    url,
    { path, type },
    JSON.stringify(superjson.serialize(input)),
    typeof as === 'object' ? { headers: as } : { apiKey: as },
  )

/** Calls a procedure with these very bytes as its input. */
export function send(
  url: string,
  { path, type }: Pick<Procedure, 'path' | 'type'>,
  payload: string,
  options: CallOptions = {},
): Promise<Answer> {
  const inBody = type === 'mutation'
  const query = inBody ? '' : `?input=${encodeURIComponent(payload)}`
  return request(`${url}/trpc/${path}${query}`, inBody ? payload : undefined, {
    method: inBody ? 'POST' : 'GET',
    ...options,
  })
}

export async function request(
  url: string,
  body: string | undefined,
  { apiKey, method = 'POST', headers }: CallOptions = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(apiKey && { authorization: `Bearer ${apiKey}` }),
      ...headers,
    },
    ...(body !== undefined && { body }),
  })
  return readAnswer(response)
}

/** Of a stream, only how it begins. */
export async function readAnswer(response: Response): Promise<Answer> {
  const { status, headers } = response
  const isStream = headers.get('content-type')?.startsWith('text/event-stream')
  const text = isStream ? await beginningOf(response) : await response.text()
  let json: { error?: unknown; result?: { data: unknown } } = {}
  try {
    json = JSON.parse(text)
  } catch {
    // not one of tRPC: the text tells
  }
  return {
    status,
    headers,
    text,
    error: json?.error ? superjson.deserialize<ErrorShape>(json.error as never) : null,
    data: json?.result ? superjson.deserialize(json.result.data as never) : null,
  }
}

async function beginningOf(response: Response): Promise<string> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  while (!/^event: connected\n.*\n/m.test(text)) {
    const { done, value } = await reader.read()
    if (done) break
    text += value
  }
  await reader.cancel()
  return text
}
