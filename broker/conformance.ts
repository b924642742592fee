import { createServer, type Socket } from 'node:net'
import { Aedes, type AuthenticateError } from 'aedes'
import { createGuard, type GuardedSocket, type GuardLimits } from './guard.ts'

/**
 * The stream guard and aedes alone, on loopback, for third-party protocol suites: nothing of ours is behind it. Everybody
 * may do everything MQTT 3.1.1 has, but subscribe to `test/nosubscribe` (the suites ask for a topic that is refused).
 * @returns the port it listens on, and how to end it
 */
export async function startConformanceBroker(
  port: number,
  limits: GuardLimits,
): Promise<{ port: number; stop(): Promise<void> }> {
  const aedes = await Aedes.createBroker({
    maxClientsIdLength: 65_535,
    authenticate(client, _username, _password, done) {
      // [MQTT-3.1.3-8]: without an id there is no session to keep, so the client must ask for a clean one
      const unnamed = client.id.startsWith('aedes_') && !client.clean
      if (unnamed) done(Object.assign(new Error('empty client id'), { returnCode: 2 }) as AuthenticateError, false)
      else done(null, true)
    },
    authorizeSubscribe: (_client, subscription, done) =>
      done(null, subscription.topic === 'test/nosubscribe' ? null : subscription),
  })
  aedes.on('connackSent', (packet, client) => {
    if (packet.returnCode === 0) (client.conn as GuardedSocket).authenticated()
  })
  const emitter = aedes as unknown as NodeJS.EventEmitter
  for (const event of ['clientError', 'connectionError', 'error']) emitter.on(event, () => {})

  const guard = createGuard(limits, { now: () => performance.now(), onBreach: () => {} })
  const server = createServer({ noDelay: true }, (socket: Socket) => {
    const guarded = guard.admit(socket)
    if (guarded !== undefined) aedes.handle(guarded)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port }, resolve)
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    stop: () =>
      new Promise((resolve) => {
        server.close()
        aedes.close(resolve)
      }),
  }
}
