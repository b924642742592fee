import { createServer } from 'node:net'

/** Below those that the system gives to whoever asks for any (from 32768 on), so that no connection takes it meanwhile. */
const firstPort = 12_000
/** Workers of one run have ranges of their own. */
const portsOfWorker = 2_000

const from = firstPort + (Number(process.env.VITEST_POOL_ID ?? 0) % 10) * portsOfWorker
let next = Math.floor(Math.random() * portsOfWorker)

/** A TCP port on loopback that nobody listens on, and that nobody else is given: for a process that opens it later. */
export async function freePort(): Promise<number> {
  while (true) {
    const port = from + (next++ % portsOfWorker)
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
