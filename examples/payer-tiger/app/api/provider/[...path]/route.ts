import { serviceProxy } from '@provider-service/client/next'
import { settings } from '@/lib/settings.ts'

/** The calls of our pages, passed on to the service. The address is read when the first one comes: a build knows no environment. */
const proxy = () => serviceProxy({ url: settings().providerUrl })

export const GET = (request: Request): Promise<Response> => proxy().GET(request)
export const POST = (request: Request): Promise<Response> => proxy().POST(request)
