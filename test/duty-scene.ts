import { connectAsync, type MqttClient } from 'mqtt'
import { expect } from 'vitest'
import type { ServiceUnderTest } from './service.ts'
import { goodPassword } from './test-api.ts'

/** Places, a crew, two elevators with a gateway, two orders that can wait, and somebody who may sign in. */
export async function furnishDutyRoom({ api, mqttPort, httpUrl }: ServiceUnderTest): Promise<MqttClient> {
  const add = (path: string, body: object) => api<{ password: string; url: string }>('POST', path, body)
  await add('/sites', { id: 'xihu', type: 'district', name: '西湖区' })
  const estates = { dongyuan: '东苑', cuiyuan: '翠苑一区', gudang: '古荡新村' }
  for (const [id, name] of Object.entries(estates)) {
    const contacts = [{ role: 'property', name: '李经理', phone: '0571-8888 0001', addresses: [] }]
    await add('/sites', { id, type: 'estate', name, parentId: 'xihu', contacts })
    await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        add('/sites', { id: `${id}-${index + 1}`, type: 'building', name: `${index + 1} 幢`, parentId: id }),
      ),
    )
  }
  await add('/teams', { id: 'crew-1', type: 'crew', name: '第1组' })
  await add('/teams', { id: 'duty-room', type: 'duty-room', name: '值班室' })
  await add('/members', { id: 'chen', teamId: 'duty-room', name: '陈值' })
  await add('/members', { id: 'zhang', teamId: 'crew-1', name: '张伟', phone: '138 0000 0001' })
  const { password } = await add('/gateways', { id: 'gw-7' })
  for (const [id, siteId, name] of [
    ['elv-1', 'dongyuan-7', '电梯 A'],
    ['elv-2', 'cuiyuan-3', '电梯 B'],
  ]) {
    const contacts = [{ role: 'car-phone', name: '轿厢', phone: '0571-8765 4321', addresses: [] }]
    await add('/devices', { id, kind: 'elevator', gatewayId: 'gw-7', siteId, name, contacts })
  }
  const caller = { name: '吴女士', phone: '139 1111 2222' }
  await add('/work-orders', { siteId: 'gudang-2', summary: '楼道有焦糊味', severity: 'urgent', reportedBy: caller })
  await add('/work-orders', {
    ...{ siteId: 'gudang-5', summary: '定期检查', severity: 'warning', type: 'planned' },
    finding: 'elevator/door-close-drift',
  })
  await add('/accounts', {
    id: 'duty',
    name: '值班员',
    memberships: [{ role: 'duty-room', scope: { sites: ['xihu'] } }],
  })
  const { url } = await add('/accounts/duty/invitation', {})
  const joined = await fetch(httpUrl + new URL(url).pathname, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ password: goodPassword, again: goodPassword }),
  })
  expect(joined.status).toBe(200)
  return connectAsync(`mqtt://127.0.0.1:${mqttPort}`, { clientId: 'gw-7', username: 'gw-7', password })
}

/** A car that stands between two floors with somebody in it, as a gateway tells it that was offline for two minutes. */
export async function trap(gateway: MqttClient, deviceId: string, withHistory = false): Promise<void> {
  const now = Date.now()
  const send = (agoSeconds: number, values: object) =>
    gateway.publishAsync(
      `liftwatt/v1/gw-7/${deviceId}/telemetry`,
      JSON.stringify({ at: now - agoSeconds * 1_000, values }),
      {
        qos: 1,
      },
    )
  for (let minutes = 24 * 60; withHistory && minutes > 5; minutes -= 5) {
    await send(minutes * 60, {
      floor: Math.round(8 + 7 * Math.sin(minutes / 11)),
      carSpeedMps: 0,
      doorZone: true,
      doorState: 'closed',
    })
  }
  for (let agoSeconds = 120; agoSeconds >= 0; agoSeconds -= 10) {
    const isMoving = agoSeconds > 100
    await send(agoSeconds, {
      ...{ carSpeedMps: isMoving ? 1.5 : 0, doorZone: false, doorState: 'closed', floor: 8 },
      passengerPresent: true,
    })
  }
}
