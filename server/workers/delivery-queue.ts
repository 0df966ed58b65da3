import { type ClaimedDelivery, claimDeliveries, dueEndpoints } from '../domain/deliveries/claim-deliveries.ts'
import { noteHealth } from '../domain/deliveries/health.ts'
import { postponeDelivery, type Try, tryDelivery, tryWriter } from '../domain/deliveries/try-delivery.ts'
import type { Services } from '../services.ts'
import { endpointLanes } from './endpoint-lanes.ts'
import type { Queue } from './row-worker.ts'

/** What endpoints are to be told of. Its shards are the endpoints. */
export function deliveryQueue(services: Services): Queue<ClaimedDelivery, string> {
  const { waits, timeout } = services.patience.webhooks
  const lanes = endpointLanes(waits[0]!)
  // long enough for those before it at hand, and then for its own try
  const lease = 2 * timeout + services.patience.lease
  const writeTry = tryWriter(services)

  async function settle(delivery: ClaimedDelivery, tried: Try): Promise<void> {
    const { row, event } = delivery
    const { metrics, clock } = services
    const isDisabled = await noteHealth(services, delivery, tried)
    const wait = waits[row.spent]
    // what an endpoint did not get before it was disabled goes to it first when it is enabled
    const next = isDisabled ? clock.now() : wait === undefined ? null : new Date(clock.now().getTime() + jittered(wait))
    await writeTry({ delivery, tried, next: tried.failure === null ? null : next })
    metrics.deliveries.inc({ outcome: tried.failure ?? 'delivered' })
    if (tried.failure === null && row.attempts === 0)
      metrics.deliverySeconds.observe((clock.now().getTime() - event.createdAt.getTime()) / 1000)
  }

  return {
    name: 'deliveries',
    async dueShards() {
      lanes.sweep()
      return (await dueEndpoints(services)).filter((endpointId) => lanes.room(endpointId) > 0)
    },
    async claim(endpointId, limit) {
      const most = Math.min(limit, lanes.room(endpointId))
      if (most <= 0) {
        lanes.take(endpointId, 0, true)
        return []
      }
      const claimed = await claimDeliveries(services, { endpointId, limit: most, lease })
      lanes.take(endpointId, claimed.length, claimed.length === most)
      return claimed
    },
    async work(delivery) {
      const endpointId = delivery.row.endpoint_id
      let tried: Try | null = null
      const mayGo = await lanes.setOut(endpointId)
      try {
        // a try must be over before the claim is
        const inTime = delivery.claimedUntil.getTime() - services.clock.now().getTime() > timeout
        if (mayGo && inTime) tried = await tryDelivery(services, delivery)
        if (tried?.failure === null) lanes.delivered(endpointId)
        else if (tried) lanes.failed(endpointId)
      } finally {
        // the endpoint is free for the next one; what is left to do is between us and the database
        if (lanes.comeBack(endpointId)) services.nudge.delivery(endpointId)
      }
      if (tried) await settle(delivery, tried)
      else await postponeDelivery(services, delivery, 0)
    },
    giveBack: (delivery) => postponeDelivery(services, delivery, waits[0]!),
  }
}

/** So that what failed together does not come back together. */
const jittered = (wait: number): number => wait * (0.8 + 0.4 * Math.random())
