import type { OrderEvent, WorkOrder } from '../../core/incident.ts'
import type { Notice, Recipient } from '../../core/notice.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { recordEvent } from '../evidence/chain.ts'
import { latestTimeOf } from '../life/transitions.ts'
import { isOnItsWay, noticesOf, notify, notifyRecipients, type Occasion, ownCrew, placeOf, wasTold } from './notify.ts'

/**
 * An order ended in another one: whoever has set out by it reads who has that one now, and those who were told of it beside the crew where it
 * goes on. Whoever was called to help is called to that one.
 * A contact, and a crew that was told and has not answered, are told of their own order alone.
 * @param into as it goes on, by now with the crew that has it
 */
export async function tellMerged(unit: Operations, merged: WorkOrder, into: WorkOrder, now: number): Promise<void> {
  const occasion = `merged ${merged.id}`
  const heard = { occasion }
  if (merged.technicianId !== null) {
    const isTaken = into.technicianId !== null && into.teamId !== null && into.teamId !== merged.teamId
    const recipients = await ownCrew(unit, merged, now)
    await notifyRecipients(unit, { order: into, reason: isTaken ? 'handed-over' : 'merged', recipients, heard, now })
  }
  const letters = await noticesOf(unit, merged.id)
  const told = letters.filter(wasTold).map(({ recipient }) => recipient)
  const insurers = told.filter(({ party }) => party === 'insurer-inspector' || party === 'insurer-parts')
  await notifyRecipients(unit, { order: into, reason: 'merged', recipients: insurers, heard, now })
  const contacts = told.filter(({ party }) => party === 'property' || party === 'tenant')
  const waiting = await crewThatWaits(unit, merged, into, told, now)
  await notifyRecipients(unit, { order: merged, reason: 'merged', recipients: [...contacts, ...waiting], heard, now })
  await callAgain(unit, letters, merged, into, heard, now)
}

/** Those of its crew who were told of the order that ended and have not answered, where that crew has not the one that goes on. */
async function crewThatWaits(
  unit: Operations,
  merged: WorkOrder,
  into: WorkOrder,
  told: readonly Recipient[],
  now: number,
): Promise<Recipient[]> {
  if (merged.technicianId !== null || merged.teamId === into.teamId) return []
  const places = new Set(told.map(placeOf))
  return (await ownCrew(unit, merged, now)).filter((recipient) => places.has(placeOf(recipient)))
}

/** Those who were called to help, also where the call has not left yet. */
async function callAgain(
  unit: Operations,
  letters: readonly Notice[],
  merged: WorkOrder,
  into: WorkOrder,
  heard: Occasion,
  now: number,
): Promise<void> {
  const written = letters.filter(isOnItsWay)
  const called = written.map(({ recipient }) => recipient).filter(({ party }) => party === 'next-crew')
  const recipients = called.filter(({ teamId }) => teamId !== into.teamId && teamId !== merged.teamId)
  if (recipients.length === 0) return
  const events = await unit.orderEvents(merged.id)
  const call = events.findLast(({ data }) => data.action === 'ask-for-help')
  if (call === undefined || into.restoredAt !== null) {
    await notifyRecipients(unit, { order: into, reason: 'merged', recipients, heard, now })
    return
  }
  const { actor, data } = call
  const said = typeof data.note === 'string' ? { note: data.note } : {}
  const event = { action: 'ask-for-help', ...said, mergedOrderId: merged.id }
  await recordEvent(unit, into.id, { at: Math.max(now, latestTimeOf(into)), type: 'escalated', actor, data: event })
  const answers = events.slice(events.indexOf(call)).filter(({ data }) => data.comes === true)
  const comes = ({ name }: Recipient) => answers.some(({ data }) => data.by === name)
  const words = { ...heard, ...(said.note !== undefined && { said: said.note }) }
  const asked = recipients.filter((recipient) => !comes(recipient))
  await notifyRecipients(unit, { order: into, reason: 'escalated', recipients: asked, heard: words, now })
  await notifyRecipients(unit, { order: into, reason: 'merged', recipients: recipients.filter(comes), heard, now })
  for (const answer of answers) await bringAnswer(unit, answer, merged, into, now)
}

/** Whoever said that they come does, and the crew that goes on hears of them, unless it was told before. */
async function bringAnswer(
  unit: Operations,
  { actor, data: { by, note } }: OrderEvent,
  merged: WorkOrder,
  into: WorkOrder,
  now: number,
): Promise<void> {
  const data = { action: 'note', by, note, comes: true, mergedOrderId: merged.id }
  await recordEvent(unit, into.id, { at: Math.max(now, latestTimeOf(into)), type: 'noted', actor, data })
  if (into.teamId === merged.teamId) return
  const heard = { occasion: `merged ${merged.id} ${by}`, said: [by, note].filter(Boolean).join(': ') }
  await notify(unit, { order: into, reason: 'help-comes', parties: ['crew'], heard, now })
}
