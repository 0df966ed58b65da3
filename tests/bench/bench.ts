/** One measured number, and what is asked of it. */
export interface Figure {
  says: string
  /** Empty for a ratio or a count. */
  unit: string
  atMost?: number
  atLeast?: number
  /** Wished for, not demanded: missing it does not fail the bench. */
  aim?: true
}

/** What a bench runs with. */
export interface Stage {
  /** Values of the bench's options, by name. */
  options: Record<string, number>
  /** Whatever is started goes on here: it is ended after the bench, and when the bench is interrupted. */
  stack: AsyncDisposableStack
  /** Tells the reader how far it is. */
  say(line: string): void
}

/** A measurement with its goals. `run` answers with a number for each of its figures. */
export interface Bench<Name extends string = string> {
  name: string
  says: string
  options: Record<string, { says: string; byDefault: number }>
  figures: Record<Name, Figure>
  run(stage: Stage): Promise<Record<Name, number>>
}

/** Gives the figures of a bench their names as types. */
export const defineBench = <Name extends string>(bench: Bench<Name>): Bench<Name> => bench

/** What `--json` prints. */
export interface Report {
  name: string
  figures: Record<string, number>
  goals: Record<string, { atMost?: number; atLeast?: number; aim?: true; met: boolean }>
  ok: boolean
}

/** Holds the figures of a run against the goals. */
export function reportOf({ name, figures: described }: Bench, measured: Record<string, number>): Report {
  const figures: Report['figures'] = {}
  const goals: Report['goals'] = {}
  for (const [figure, { atMost, atLeast, aim }] of Object.entries(described)) {
    const value = measured[figure]!
    figures[figure] = Number(value.toPrecision(6))
    if (atMost === undefined && atLeast === undefined) continue
    const met = value <= (atMost ?? Number.POSITIVE_INFINITY) && value >= (atLeast ?? Number.NEGATIVE_INFINITY)
    goals[figure] = {
      ...(atMost !== undefined && { atMost }),
      ...(atLeast !== undefined && { atLeast }),
      ...(aim && { aim }),
      met,
    }
  }
  return { name, figures, goals, ok: Object.values(goals).every(({ met, aim }) => met || aim) }
}
