/** What a process has used. */
export interface Usage {
  /** Processor seconds spent so far. */
  cpu: number
  /** Bytes in use. */
  memory: number
  /** Transactions run again. */
  retries: number
}

/** Reads what the service says of itself. */
export async function usageOf(serviceUrl: string): Promise<Usage> {
  const text = await (await fetch(`${serviceUrl}/metrics`)).text()
  const metric = (name: string) =>
    [...text.matchAll(new RegExp(`^${name}(?:{.*})? (\\S+)$`, 'gm'))].reduce((sum, [, value]) => sum + Number(value), 0)
  return {
    cpu: metric('process_cpu_seconds_total'),
    memory: metric('process_resident_memory_bytes'),
    retries: metric('database_retries_total'),
  }
}
