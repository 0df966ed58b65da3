import type { PoolClient } from 'pg'

const mark = /^\s*\/\* prepared: ([\w-]+) \*\//

/**
 * Has a connection parse and plan a statement once that begins with the comment `prepared: name`. For the few that run for every
 * request: planning costs the database more than running them. They name their columns, so that a migration under a running
 * service leaves their plans valid.
 */
export function prepareMarked(client: PoolClient): void {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown
  const marked = (first: unknown, values: unknown, ...rest: unknown[]) => {
    const name = typeof first === 'string' ? mark.exec(first)?.[1] : undefined
    return name ? query({ name, text: first, values }, ...rest) : query(first, values, ...rest)
  }
  client.query = marked as typeof client.query
}
