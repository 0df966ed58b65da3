import type { Bench } from '../bench.ts'

/** A part of a bench, with options and figures of its own. Whatever it starts, it ends before the next part begins. */
export type Part<Name extends string> = Pick<Bench<Name>, 'options' | 'figures' | 'run'>

/** Gives the figures of a part their names as types. */
export const definePart = <Name extends string>(part: Part<Name>): Part<Name> => part
