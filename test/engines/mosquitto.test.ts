import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWithEngine } from './describe.ts'
import { mosquittoPub, mosquittoSub, type RunningMosquitto, startMosquitto } from './mosquitto.ts'

await describeWithEngine('mosquitto', 'a real mosquitto and its clients', () => {
  let broker: RunningMosquitto
  beforeAll(async () => {
    broker = await startMosquitto()
  })
  afterAll(() => broker.stop())

  test('mosquitto_sub receives what mosquitto_pub sends', async () => {
    const at = ['-h', '127.0.0.1', '-p', String(broker.port), '-q', '1', '-t', 'liftwatt/v1/gw-7/elv-1/telemetry']
    // Retained, so that the subscriber may come late.
    const sent = await mosquittoPub([...at, '-r', '-m', '{"speed":1.6}'])
    const received = await mosquittoSub([...at, '-C', '1', '-W', '20'])

    expect(sent).toMatchObject({ exitCode: 0, stderr: '' })
    expect(received).toMatchObject({ exitCode: 0, stdout: '{"speed":1.6}\n' })
  })

  test('a client that finds nobody says so', async () => {
    const other = await startMosquitto()
    await other.stop()
    const refused = await mosquittoPub(['-h', '127.0.0.1', '-p', String(other.port), '-t', 'a', '-m', 'b'])

    expect(refused.exitCode).not.toBe(0)
    expect(refused.stderr).toContain('Connection refused')
  })
})
