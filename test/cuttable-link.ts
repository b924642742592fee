import { connect, createServer, type Socket } from 'node:net'

/** A way to the service that can be cut as a cable is: nobody is told, bytes only stop to come. */
export interface CuttableLink {
  readonly url: string
  cut(): void
  mend(): void
  stop(): Promise<void>
}

export async function startCuttableLink(httpUrl: string): Promise<CuttableLink> {
  const { hostname, port } = new URL(httpUrl)
  const sockets = new Set<Socket>()
  let isCut = false
  const server = createServer((socket) => {
    const other = connect(Number(port), hostname)
    for (const [one, end] of [
      [socket, other],
      [other, socket],
    ] as const) {
      sockets.add(one)
      one.on('data', (bytes) => end.write(bytes))
      one.on('error', () => end.destroy())
      one.on('close', () => {
        sockets.delete(one)
        end.destroy()
      })
      if (isCut) one.pause()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the link has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut() {
      isCut = true
      for (const socket of sockets) socket.pause()
    },
    mend() {
      isCut = false
      for (const socket of sockets) socket.resume()
    },
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
