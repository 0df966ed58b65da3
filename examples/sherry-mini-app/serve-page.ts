import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))

/** Serves the page of the host, put together into one script. */
export async function servePage(port: number): Promise<{ url: string; server: Server }> {
  const bundle = await rolldown({ input: here('page.ts'), platform: 'browser', logLevel: 'silent' })
  const { output } = await bundle.generate({ format: 'es', minify: true, codeSplitting: false })
  await bundle.close()
  const files: Record<string, { type: string; body: string }> = {
    '/': { type: 'text/html; charset=utf-8', body: await readFile(here('page.html'), 'utf8') },
    '/page.js': { type: 'text/javascript; charset=utf-8', body: output[0].code },
  }
  const server = createServer((request, response) => {
    const file = files[request.url!.split('?')[0]!]
    response
      .writeHead(file ? 200 : 404, { 'content-type': file?.type ?? 'text/plain' })
      .end(file?.body ?? 'nothing here')
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return { url: `http://localhost:${(server.address() as AddressInfo).port}`, server }
}
