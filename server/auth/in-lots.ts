import { type RateLimiterAbstract, RateLimiterRes } from 'rate-limiter-flexible'

interface Lot {
  left: number
  /** In milliseconds since 1970. */
  endsAt: number
  forgetting: NodeJS.Timeout
}

/**
 * Counts calls on a counter that is far away, `size` points at a time. What is left of a lot is kept here until the counter's window
 * ends, and those who call for one caller while a lot is drawn wait for that lot together: the counter is asked once for `size`
 * calls, however many come at once.
 *
 * The arithmetic: every call that passes was counted before it passes, so no more than the limit pass in a window, over all
 * instances. The last lot of a window may reach over the limit; as much of it as lies within is used. So on one instance the limit
 * is exact. Of several, each may hold up to `size - 1` points that the others cannot use, and the limit seems reached that much
 * early: with three instances and lots of a fiftieth, at 96 % of it or later.
 *
 * @throws RateLimiterRes for a caller that is refused, with the time to the end of its window, and whatever `counter` throws
 */
export function inLots(counter: RateLimiterAbstract, size: number): (caller: string) => Promise<void> {
  const lots = new Map<string, Lot>()
  const draws = new Map<string, Promise<Lot>>()

  return async (caller) => {
    let lot = lots.get(caller)
    if (lot && lot.endsAt <= Date.now()) lot = undefined
    // whoever waited for a lot may take of it though its window ended meanwhile: the call came, and was counted, within it
    while (!lot?.left) lot = await (draws.get(caller) ?? draw(caller))
    lot.left--
    if (lot.left === 0) forget(caller, lot)
  }

  function draw(caller: string): Promise<Lot> {
    const drawing = drawNow(caller).finally(() => draws.delete(caller))
    draws.set(caller, drawing)
    return drawing
  }

  async function drawNow(caller: string): Promise<Lot> {
    const { left, milliseconds } = await ask(caller)
    const lot: Lot = {
      left,
      endsAt: Date.now() + milliseconds,
      forgetting: setTimeout(() => forget(caller, lot), milliseconds).unref(),
    }
    lots.set(caller, lot)
    return lot
  }

  async function ask(caller: string): Promise<{ left: number; milliseconds: number }> {
    try {
      const { msBeforeNext } = await counter.consume(caller, size)
      return { left: size, milliseconds: msBeforeNext }
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal
      // nothing consumed: the counter knew the caller as refused, and did not count
      const within = refusal.consumedPoints > 0 ? counter.points + size - refusal.consumedPoints : 0
      if (within <= 0) throw refusal
      return { left: within, milliseconds: refusal.msBeforeNext }
    }
  }

  function forget(caller: string, lot: Lot): void {
    clearTimeout(lot.forgetting)
    if (lots.get(caller) === lot) lots.delete(caller)
  }
}
