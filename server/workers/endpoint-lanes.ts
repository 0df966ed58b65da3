/** How many deliveries to one endpoint this instance has on their way at once. */
const WIDTH = 8
/** Failures in a row after which an endpoint is left alone, but for one try now and then. */
const TOO_MANY = 10
/** The longest wait between two such tries, in first waits. */
const LONGEST = 60

interface Lane {
  onTheWay: number
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
    const lane = lanes.get(endpointId) ?? { onTheWay: 0, failures: 0, closedUntil: 0, crowded: false }
    lanes.set(endpointId, lane)
    return lane
  }

  return {
    /** How many more deliveries may set out. */
    room(endpointId: string): number {
      const { onTheWay, failures, closedUntil } = laneOf(endpointId)
      if (failures < TOO_MANY) return WIDTH - onTheWay
      return onTheWay === 0 && performance.now() >= closedUntil ? 1 : 0
    },
    setOut(endpointId: string, count: number, crowded: boolean): void {
      const lane = laneOf(endpointId)
      lane.onTheWay += count
      lane.crowded = crowded
    },
    /** Answers whether there is room now for what there was none for. */
    comeBack(endpointId: string): boolean {
      const lane = laneOf(endpointId)
      lane.onTheWay--
      return lane.crowded && lane.failures < TOO_MANY
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
    /** Forgets those that have nothing on their way and did not fail last. */
    sweep(): void {
      for (const [endpointId, { onTheWay, failures }] of lanes)
        if (onTheWay === 0 && failures === 0) lanes.delete(endpointId)
    },
  }
}
