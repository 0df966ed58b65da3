import type { EndpointState } from '../../contract/endpoints.ts'
import type { States } from '../states.ts'

/** The life of an endpoint. The picture in the docs is drawn from it. */
export const endpointStates = {
  enabled: { by: { disabled: 'caller or clock', deleted: 'caller' }, says: 'it is told of what happens' },
  disabled: {
    by: { enabled: 'caller', deleted: 'caller' },
    says: 'it is told of nothing: somebody asked for that, it failed for three days, or it answered 410; what happens meanwhile waits',
  },
  deleted: { by: {}, says: 'it is told of nothing any more, and its secrets are gone' },
} as const satisfies States<EndpointState>
