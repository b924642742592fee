import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls, createServer, type SecureVersion, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createGateway } from '../simulators/gateway.ts'
import { freePort } from './free-port.ts'
import { addGateway, connectPacket, rawClient, whenClosed } from './raw-mqtt.ts'
import { eventually, type ServiceUnderTest, startService } from './service.ts'

const directory = mkdtempSync(join(tmpdir(), 'liftwatt-tls-'))
afterAll(() => rmSync(directory, { recursive: true }))

interface Certificate {
  readonly certFile: string
  readonly keyFile: string
  readonly cert: Buffer
  readonly key: Buffer
}

/** Self-signed, for 127.0.0.1; undefined without the program `openssl`: Node can make keys, but no certificates. */
function makeCertificate(name: string): Certificate | undefined {
  const keyFile = join(directory, `${name}.key`)
  const certFile = join(directory, `${name}.crt`)
  const kind = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1']
  const names = ['-addext', 'subjectAltName=IP:127.0.0.1']
  try {
    execFileSync('openssl', ['req', ...kind, ...names, '-keyout', keyFile, '-out', certFile], { stdio: 'pipe' })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw cause
  }
  return { certFile, keyFile, cert: readFileSync(certFile), key: readFileSync(keyFile) }
}

const ours = makeCertificate('ours')
const another = makeCertificate('another')
const title = 'the MQTT door over TLS'

if (ours === undefined || another === undefined)
  describe.skip(`${title} (no openssl)`, () => test('is closed to the old'))
else describe(title, () => tlsTests(ours, another))

function tlsTests(certificate: Certificate, foreign: Certificate): void {
  let service: ServiceUnderTest
  let port: number
  beforeAll(async () => {
    port = await freePort()
    const { certFile, keyFile } = certificate
    service = await startService({
      environment: { MQTTS_PORT: String(port), TLS_CERT: certFile, TLS_KEY: keyFile, LOG_LEVEL: 'debug' },
    })
  })
  afterAll(() => service?.remove())

  /** The version that was agreed on, or the code of what went wrong. */
  async function handshake(to: number, version: SecureVersion): Promise<string> {
    const socket = connectTls({
      host: '127.0.0.1',
      port: to,
      ca: certificate.cert,
      minVersion: version,
      maxVersion: version,
      ciphers: 'DEFAULT@SECLEVEL=0', // else this very client would refuse what is old
    })
    try {
      await once(socket, 'secureConnect')
      return socket.getProtocol() ?? 'none'
    } catch (cause) {
      return (cause as NodeJS.ErrnoException).code ?? String(cause)
    } finally {
      socket.destroy()
    }
  }

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('a gateway that speaks %s delivers its readings', async (version) => {
    expect(await handshake(port, version)).toBe(version)
    const id = `gw-${version.replace('.', '-')}`
    const socket = connectTls({
      host: '127.0.0.1',
      port,
      ca: certificate.cert,
      minVersion: version,
      maxVersion: version,
    })
    await once(socket, 'secureConnect')
    const client = rawClient(socket)
    client.send(connectPacket(await addGateway(service, id)))
    expect((await client.answer('connack')).returnCode).toBe(0)
    await client.pings()
    client.leave()
  })

  test('the reference gateway trusts our certificate when it is told to, and no other', async () => {
    const { password } = await addGateway(service, 'gw-tls')
    const url = `mqtts://127.0.0.1:${port}`
    const gateway = await createGateway({ url, gatewayId: 'gw-tls', password, ca: certificate.cert.toString() })
    await gateway.record('meter-tls', { at: Date.now(), values: { volts: 230 } })
    await gateway.drained()
    await gateway.stop()
    await eventually('the reading is stored', async () => {
      return (await service.list('/devices/meter-tls/readings')).length === 1
    })

    for (const ca of [undefined, foreign.cert.toString()]) {
      const wary = await createGateway({ url, gatewayId: 'gw-tls', password, ...(ca && { ca }) })
      await expect(wary.connected(5_000)).rejects.toThrow(/certificate/)
      await wary.stop()
    }
  })

  test.each(['TLSv1', 'TLSv1.1'] as const)('A5: %s is refused in the handshake', async (version) => {
    const lenient = createServer({ ...certificate, minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' })
    await once(lenient.listen(0, '127.0.0.1'), 'listening')
    // the client could, where it is let
    expect(await handshake((lenient.address() as AddressInfo).port, version)).toBe(version)
    lenient.close()

    expect(await handshake(port, version)).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION')
  })

  test('A5: MQTT without TLS on this port is cut before any MQTT byte', async () => {
    const gateway = await addGateway(service, 'gw-plain')
    const socket = connectTcp({ host: '127.0.0.1', port })
    const received: Buffer[] = []
    socket.on('data', (chunk) => received.push(chunk)).on('error', () => {})
    const { default: mqtt } = await import('mqtt-packet')
    socket.write(mqtt.generate(connectPacket(gateway)))
    await whenClosed(socket)
    expect(Buffer.concat(received).includes(Buffer.from([0x20, 2, 0]))).toBe(false) // a CONNACK
  })

  test('A5: TLS on the port without TLS gets nowhere', async () => {
    expect(await handshake(service.mqttPort, 'TLSv1.3')).toBe('ECONNRESET')
  })

  test('A5: those who never begin, or never end, their handshake are cut, and others are served meanwhile', async () => {
    const silent = Array.from({ length: 50 }, () => connectTcp({ host: '127.0.0.1', port }).on('error', () => {}))
    const half = Array.from({ length: 50 }, () => connectTcp({ host: '127.0.0.1', port }).on('error', () => {}))
    for (const socket of half) socket.write(Buffer.from('16030100a5010000', 'hex'))
    const all = [...silent, ...half]
    const closed = Promise.all(all.map((socket) => whenClosed(socket.resume())))

    expect(await handshake(port, 'TLSv1.3')).toBe('TLSv1.3')
    await closed
    expect(await handshake(port, 'TLSv1.3')).toBe('TLSv1.3')
  })

  test('over TLS too, a packet that claims too much is cut, and a wrong password refused', async () => {
    const gateway = await addGateway(service, 'gw-guarded')
    const dial = async () => {
      const socket: TLSSocket = connectTls({ host: '127.0.0.1', port, ca: certificate.cert })
      await once(socket, 'secureConnect')
      return rawClient(socket)
    }
    const greedy = await dial()
    greedy.send(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]))
    await greedy.closed()
    expect(greedy.received).toEqual([])

    const guesser = await dial()
    guesser.send(connectPacket({ id: gateway.id, password: 'wrong' }))
    expect((await guesser.answer('connack')).returnCode).toBe(4)
    guesser.leave()
  })

  test('a certificate that is not there, or not its key, is named, and nothing starts', async () => {
    const start = (certFile: string, keyFile: string) =>
      startService({
        directory: join(directory, 'data'),
        environment: { MQTTS_PORT: '0', TLS_CERT: certFile, TLS_KEY: keyFile },
      })
    await expect(start(join(directory, 'none.crt'), certificate.keyFile)).rejects.toThrow('none.crt')
    await expect(start(certificate.certFile, foreign.keyFile)).rejects.toThrow(/key/)
  })
}
