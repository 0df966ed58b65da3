/** Every way to misbehave over HTTP. */
export const faultModes = [
  /** The connection is cut without an answer. */
  'down',
  /** No answer for `delay`, and then a cut connection. */
  'hang',
  /** The right answer, `delay` late. */
  'slow',
  /** 500 with `{error}`. */
  'error',
  /** 502, with a balancer's page. */
  'bad-gateway',
  /** 200, with a page in place of JSON. */
  'garbage',
  /** The right answer, cut in the middle. */
  'truncated',
  /** A status that no generation has. Only where there is a status. */
  'unknown-status',
  /** 429 with `{error}`. */
  'rate-limited',
  /** What was asked is done, and the connection is cut. */
  'lost-answer',
] as const

export type FaultMode = (typeof faultModes)[number]

export interface FaultSpec {
  mode: FaultMode
  /** Such as `get_settlement_status`; any by default. */
  endpoint?: string
  /** How often it happens; until it is cleared by default. */
  count?: number
  /** Milliseconds, for the modes that wait: 30,000 by default. */
  delay?: number
}

export interface Fault {
  id: number
  spec: FaultSpec
  /** Null is without end. */
  left: number | null
  fired: number
}

export type Faults = ReturnType<typeof createFaults>

export function createFaults() {
  let faults: Fault[] = []
  let lastId = 0

  return {
    inject(spec: FaultSpec): Fault {
      const fault = { id: ++lastId, spec, left: spec.count ?? null, fired: 0 }
      faults.push(fault)
      return fault
    },

    /** The first fault that is due at this endpoint; it has happened then. */
    take(endpoint: string): { mode: FaultMode; delay: number } | null {
      const due = faults.find(
        ({ spec, left }) => left !== 0 && (spec.endpoint === undefined || spec.endpoint === endpoint),
      )
      if (!due) return null
      due.fired += 1
      if (due.left !== null) due.left -= 1
      return { mode: due.spec.mode, delay: due.spec.delay ?? 30_000 }
    },

    list: () => faults,

    clear(id?: number) {
      faults = id === undefined ? [] : faults.filter((fault) => fault.id !== id)
    },
  }
}
