import { afterAll, expect, test } from 'vitest'
import { describeWithEngine } from './describe.ts'
import { type RunningInfluxd, startInfluxd } from './influxd.ts'

await describeWithEngine('influxd', 'a real InfluxDB 1.x', () => {
  const started: RunningInfluxd[] = []
  afterAll(() => Promise.all(started.map((influxd) => influxd.remove())))

  async function start(options?: Parameters<typeof startInfluxd>[0]) {
    const influxd = await startInfluxd(options)
    started.push(influxd)
    return influxd
  }

  test('keeps a written point, through an outage on the same port', async () => {
    const influxd = await start()
    await query(influxd, 'CREATE DATABASE liftwatt')
    const write = () =>
      fetch(`${influxd.url}/write?db=liftwatt&precision=ms`, {
        method: 'POST',
        body: 'elevator,id=elv-1 speed=1.6 1000',
      })
    expect((await write()).status).toBe(204)

    await influxd.stop()
    await expect(write()).rejects.toThrow()
    await influxd.start()

    expect(await query(influxd, 'SELECT speed FROM elevator')).toMatchObject({
      results: [{ series: [{ name: 'elevator', values: [[1_000, 1.6]] }] }],
    })
  })

  test('lets only its administrator in when authentication is on', async () => {
    const influxd = await start({ admin: { username: 'root', password: "it's" } })

    expect(await query(influxd, 'SHOW DATABASES')).toHaveProperty('error')
    expect(await query(influxd, 'SHOW DATABASES', "root:it's")).toHaveProperty('results')
  })
})

async function query({ url }: RunningInfluxd, q: string, login?: string): Promise<unknown> {
  const headers: Record<string, string> = login ? { authorization: `Basic ${btoa(login)}` } : {}
  const body = new URLSearchParams({ db: 'liftwatt', epoch: 'ms', q })
  return (await fetch(`${url}/query`, { method: 'POST', headers, body })).json()
}
