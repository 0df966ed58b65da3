/** From when until when an entry counts: from `validFrom` on, and no longer at `validUntil`. Null is without end. */
export interface Period {
  validFrom: Date | null
  validUntil: Date | null
}

/** Whether it counts at a time. */
export const isValid = ({ validFrom, validUntil }: Period, at: Date): boolean =>
  (validFrom === null || validFrom <= at) && (validUntil === null || at < validUntil)

/** Whether, from `now` on, one period counts whenever another does. */
export function covers(wide: Period, narrow: Period, now: Date): boolean {
  if (narrow.validUntil !== null && narrow.validUntil <= now) return true
  const from = narrow.validFrom !== null && narrow.validFrom > now ? narrow.validFrom : now
  return (
    (wide.validFrom === null || wide.validFrom <= from) &&
    (wide.validUntil === null || (narrow.validUntil !== null && narrow.validUntil <= wide.validUntil))
  )
}
