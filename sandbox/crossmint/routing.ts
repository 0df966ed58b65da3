import { type Endpoint, endpoints } from './endpoints.ts'

const routes = endpoints.map((endpoint) => ({ endpoint, parts: endpoint.route.split('/') }))

export interface Match {
  endpoint: Endpoint
  params: Record<string, string>
}

/** The endpoint of a path below `/api`; null when there is none. */
export function match(method: string, path: string): Match | null {
  const given = path.split('/')
  for (const { endpoint, parts } of routes) {
    if (endpoint.method !== method || parts.length !== given.length) continue
    const params: Record<string, string> = {}
    const fits = parts.every((part, index) => {
      if (!part.startsWith('{')) return part === given[index]
      const value = decode(given[index]!)
      params[part.slice(1, -1)] = value
      return value !== ''
    })
    if (fits) return { endpoint, params }
  }
  return null
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
