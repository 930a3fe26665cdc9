import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { House, ScriptedCharger } from './kit.ts'

const content = Buffer.from('not really firmware')

/** A released image that brings version 2.0. */
export async function image(house: House): Promise<string> {
  const token = (await readFile(path.join(house.place.dataDir, 'owner-token'), 'utf8')).trim()
  const query = new URLSearchParams({
    name: 'two.bin',
    vendor: 'Script',
    models: 'One',
    version: '2.0',
  })
  const uploaded = await fetch(
    `http://${house.place.operators}/api/v1/firmware?${query.toString()}`,
    {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/octet-stream',
      },
      body: content,
    },
  )
  const { id } = (await uploaded.json()) as { id: string }
  assert.equal(uploaded.status, 201)
  const released = await house.owner('POST', `/firmware/${id}/release`, { reason: 'conformance' })
  assert.ok(released.status < 300, JSON.stringify(released.body))
  return id
}

/** Fetches the image as a charger would. */
export async function downloads(location: string): Promise<void> {
  const response = await fetch(location)
  assert.equal(response.status, 200)
  assert.deepEqual(Buffer.from(await response.arrayBuffer()), content)
}

/** Tells these statuses one after the other. */
export async function tells(
  charger: ScriptedCharger,
  action: string,
  statuses: readonly string[],
  requestId?: number,
): Promise<void> {
  for (const status of statuses)
    await charger.say(action, requestId === undefined ? { status } : { status, requestId })
}
