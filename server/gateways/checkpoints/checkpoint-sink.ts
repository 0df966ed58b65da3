/** A place outside of the database that keeps checkpoints, so that whoever rewrites the database cannot rewrite them. */
export interface CheckpointSink {
  /** Tells it from other places. May hold a secret: never logged. */
  destination: string
  /**
   * Hands over checkpoints, a line each, in order. They may come again after a crash; a place takes each once.
   *
   * @throws when it is not sure that it holds them all
   */
  put(checkpoints: readonly { number: number; line: string }[], signal?: AbortSignal): Promise<void>
}
