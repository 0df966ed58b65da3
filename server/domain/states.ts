/** Who may move an object from one state to another. */
export type Cause =
  | 'caller'
  | 'another person'
  | 'officer'
  | 'officer or compliance'
  | 'compliance'
  | 'dispatcher'
  | 'payer'
  | 'payer or dispatcher'
  | 'payer or chain'
  | 'tracker'
  | 'provider'
  | 'chain'
  | 'clock'
  | 'inbox'
  | 'operator'
  | 'caller or clock'
  | 'endpoint'
  | 'terms'
  | 'chain or provider'
  | 'seller'

/** A law of states: for each, what it says to a person, and which states may follow by whose doing. */
export type States<State extends string> = {
  readonly [From in State]: { readonly says: string; readonly by: Partial<Readonly<Record<State, Cause>>> }
}

/** Whether the law lets `from` become `to`. */
export const mayBecome = <State extends string>(states: States<State>, from: State, to: State): boolean =>
  states[from].by[to] !== undefined
