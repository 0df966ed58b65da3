/** How many deliveries to one endpoint this instance has on their way at once. */
const WIDTH = 8
/** How many it has at hand for that, so that claims are for many. */
const HAND = 32
/** Failures in a row after which an endpoint is left alone, but for one try now and then. */
const TOO_MANY = 10
/** The longest wait between two such tries, in first waits. */
const LONGEST = 60

interface Lane {
  atHand: number
  onTheWay: number
  /** Those at hand that wait for their turn. */
  queue: (() => void)[]
  failures: number
  /** In milliseconds of the process, while there are too many failures. */
  closedUntil: number
  /** Whether more was due than there was room for. */
  crowded: boolean
}

/**
 * Keeps endpoints from each other, as this instance sees them: each has so many deliveries on their way at most, and one that only
 * fails has one at a time, after waits that double. It is not hammered, and holds up nobody else.
 *
 * @param firstWait milliseconds
 */
export function endpointLanes(firstWait: number) {
  const lanes = new Map<string, Lane>()
  const laneOf = (endpointId: string): Lane => {
    const lane = lanes.get(endpointId) ?? {
      ...{ atHand: 0, onTheWay: 0, queue: [] },
      ...{ failures: 0, closedUntil: 0, crowded: false },
    }
    lanes.set(endpointId, lane)
    return lane
  }
  const isClosed = ({ failures, closedUntil }: Lane) => failures >= TOO_MANY && performance.now() < closedUntil
  const roomIn = (lane: Lane): number => {
    if (lane.failures >= TOO_MANY) return lane.atHand === 0 && !isClosed(lane) ? 1 : 0
    return lane.atHand <= HAND / 2 ? HAND - lane.atHand : 0
  }

  return {
    /** How many more deliveries may be taken to hand. */
    room: (endpointId: string): number => roomIn(laneOf(endpointId)),
    take(endpointId: string, count: number, crowded: boolean): void {
      const lane = laneOf(endpointId)
      lane.atHand += count
      lane.crowded = crowded
    },
    /** Waits until one at hand may set out. False: the endpoint is left alone by now. */
    async setOut(endpointId: string): Promise<boolean> {
      const lane = laneOf(endpointId)
      if (lane.onTheWay < WIDTH) lane.onTheWay++
      else await new Promise<void>((resolve) => lane.queue.push(resolve))
      return !isClosed(lane)
    },
    /** Answers whether there is room now for what there was none for. */
    comeBack(endpointId: string): boolean {
      const lane = laneOf(endpointId)
      lane.atHand--
      const next = lane.queue.shift()
      if (next) next()
      else lane.onTheWay--
      return lane.crowded && roomIn(lane) > 1
    },
    delivered(endpointId: string): void {
      laneOf(endpointId).failures = 0
    },
    failed(endpointId: string): void {
      const lane = laneOf(endpointId)
      lane.failures++
      if (lane.failures < TOO_MANY) return
      const wait = firstWait * Math.min(LONGEST, 2 ** Math.min(lane.failures - TOO_MANY, 10))
      lane.closedUntil = performance.now() + wait * (0.8 + 0.4 * Math.random())
    },
    /** Forgets those that have nothing at hand and did not fail last. */
    sweep(): void {
      for (const [endpointId, { atHand, failures }] of lanes)
        if (atHand === 0 && failures === 0) lanes.delete(endpointId)
    },
  }
}
