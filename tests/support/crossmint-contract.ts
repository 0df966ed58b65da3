import { readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'

/** One request to Crossmint and its answer, as the simulator's journal has them. */
export interface ContractExchange {
  method: string
  /** With its query; with or without `/api` before it. */
  path: string
  requestBody: unknown
  /** Null when no answer came. */
  status: number | null
  responseBody: unknown
}

export interface CrossmintContract {
  /** What is wrong with it by Crossmint's OpenAPI file; empty when all is well. */
  validateExchange(exchange: ContractExchange): string[]
}

/** Answers that the file leaves out although they occur: wrong key, missing scope, too fast, broken. */
const undocumented = new Set([401, 403, 429, 500, 502, 503, 504])

/** Answered like another status that the file does have: an existing wallet is 200 and looks like a new one. */
const sameAs: Readonly<Record<number, number>> = { 200: 201, 201: 200 }

interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  required?: boolean
}

interface Operation {
  parameters?: Parameter[]
  requestBody?: { content: Record<string, unknown> }
  responses: Record<string, { content?: Record<string, unknown> }>
}

interface OpenApi {
  paths: Record<string, Record<string, Operation>>
}

/** The contract in the file that `CROSSMINT_OPENAPI` names; null, and said so, without it. */
export function crossmintContract(): CrossmintContract | null {
  const file = process.env.CROSSMINT_OPENAPI
  if (file) return readContract(file)
  console.warn('NOT RUN: validation against the OpenAPI file of Crossmint, because CROSSMINT_OPENAPI does not name it')
  return null
}

function readContract(file: string): CrossmintContract {
  const document = JSON.parse(readFileSync(file, 'utf8')) as OpenApi
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false })
  addFormats.default(ajv)
  ajv.addSchema(toJsonSchema(document) as object, 'crossmint')
  const routes = Object.entries(document.paths).map(([template, operations]) => ({
    template,
    operations,
    matches: new RegExp(`^${template.replace(/\{[^}]+\}/g, '[^/]+')}$`),
  }))
  const compiled = new Map<string, ValidateFunction>()

  function check(pointer: readonly string[], value: unknown, what: string): string[] {
    const reference = `crossmint#/${pointer.map(escapePointer).join('/')}`
    let validate = compiled.get(reference)
    if (!validate) {
      validate = ajv.compile({ $ref: reference })
      compiled.set(reference, validate)
    }
    if (validate(value)) return []
    const errors = validate.errors!.map(({ instancePath, message }) => `${instancePath || '/'} ${message}`)
    return [`${what}: ${[...new Set(errors)].slice(0, 12).join('; ')}`]
  }

  function checkQuery(pointer: readonly string[], operation: Operation, query: URLSearchParams): string[] {
    const parameters = (operation.parameters ?? []).map((parameter, index) => ({ ...parameter, index }))
    const known = parameters.filter((parameter) => parameter.in === 'query')
    const strangers = [...query.keys()].filter((name) => !known.some((parameter) => parameter.name === name))
    return [
      ...strangers.map((name) => `query: unknown parameter ${name}`),
      ...known.flatMap(({ index, name, required }) => {
        const value = query.get(name)
        if (value === null) return required ? [`query: ${name} is missing`] : []
        return check([...pointer, 'parameters', `${index}`, 'schema'], value, `query parameter ${name}`)
      }),
    ]
  }

  return {
    validateExchange({ method, path, requestBody, responseBody, status }) {
      const { pathname, searchParams } = new URL(path.replace(/^\/api(?=\/)/, ''), 'http://crossmint')
      const route = routes.find(({ matches }) => matches.test(pathname))
      const verb = method.toLowerCase()
      const operation = route?.operations[verb]
      if (!route || !operation) return [`${method} ${pathname} is not an operation of Crossmint`]

      const pointer = ['paths', route.template, verb]
      const problems = checkQuery(pointer, operation, searchParams)
      if (operation.requestBody) {
        problems.push(...check([...pointer, 'requestBody', ...jsonContent], requestBody, 'request'))
      } else if (requestBody !== null && requestBody !== undefined) {
        problems.push('request: has a body, and should have none')
      }

      if (status === null) return problems
      const success = status >= 200 && status < 300
      const documented = [status, ...(success ? [sameAs[status]] : [])].find((code) => operation.responses[`${code}`])
      if (documented !== undefined) {
        if (operation.responses[`${documented}`]!.content) {
          problems.push(
            ...check([...pointer, 'responses', `${documented}`, ...jsonContent], responseBody, `answer ${status}`),
          )
        }
      } else if (success || !(undocumented.has(status) || route.template.endsWith('/transfers'))) {
        problems.push(`answer ${status}: the operation does not have it`)
      }
      return problems
    },
  }
}

const jsonContent = ['content', 'application/json', 'schema']

function escapePointer(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))
}

/** What OpenAPI 3.0 says differently from JSON Schema: `nullable`, and exclusive limits as flags. */
function toJsonSchema(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(toJsonSchema)
  if (typeof node !== 'object' || node === null) return node
  const { discriminator, example, nullable, properties, ...rest } = node as Record<string, unknown>
  const schema = mapValues(rest, toJsonSchema)
  if (properties) schema.properties = mapValues(properties, toJsonSchema) // their names are no words of the language
  for (const [flag, limit] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    if (typeof schema[flag] !== 'boolean') continue
    if (schema[flag]) schema[flag] = schema[limit]
    else delete schema[flag]
  }
  return nullable === true ? { anyOf: [schema, { type: 'null' }] } : schema
}

function mapValues(object: object, change: (value: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]))
}
