import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import test from 'node:test'
import { newSignerKey } from '../../proof/keys.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { testDatabase } from '../kit/database.ts'
import { ownerOf, productProcess } from '../kit/product-process.ts'
import {
  appendTo,
  cutOff,
  exportAsItLies,
  temporaryFolder,
  trustIn,
  verifyText,
} from '../kit/record.ts'

interface State {
  readonly checkpoint: { readonly size: number } | null
  readonly witnesses: readonly {
    readonly cosigned: number | null
    readonly trouble: string | null
  }[]
}

test('a witness cosigns the record, and neither an older nor another history of it', async (t) => {
  const { url, sql, database } = await testDatabase(t)
  const folder = await temporaryFolder(t)
  const keyFile = path.join(folder, 'record-key')
  const key = newSignerKey('example.com/record', 'log')
  const witnessKey = newSignerKey('witness.example.com', 'witness')
  await writeFile(keyFile, key.secretText)

  const witness = await productProcess(t, {
    OTA_ROLE: 'witness',
    OTA_WITNESS_LOGS: key.text,
  })
  await writeFile(path.join(witness.place.dataDir, 'witness-key'), witnessKey.secretText)
  await witness.start()
  const product = await productProcess(t, {
    OTA_DATABASE_URL: url,
    OTA_RECORD_KEY: keyFile,
    OTA_WITNESSES: `${witnessKey.text} http://${witness.place.witness}`,
  })
  await product.start()
  const owner = ownerOf(product.place)

  async function state(is: (state: State) => boolean, what: string): Promise<State> {
    const deadline = performance.now() + 30_000
    for (;;) {
      const now = (await owner('GET', '/audit/checkpoint')).body as State
      if (is(now)) return now
      assert.ok(performance.now() < deadline, `${what}: ${JSON.stringify(now)} ${witness.log()}`)
      await pause(50)
    }
  }
  const append = (count: number, reason: string) =>
    appendTo(database, systemClock, count, { reason })

  await append(30, 'as it was')
  const { rows } = await sql<{ size: number }>('select size from audit_head')
  const before = rows[0]!.size
  await append(30, 'as it was')
  const cosigned = await state(
    ({ checkpoint, witnesses }) =>
      checkpoint !== null &&
      checkpoint.size > before + 20 &&
      witnesses[0]?.cosigned === checkpoint.size,
    'everything is cosigned',
  )
  const trust = trustIn(key.text, { witnesses: [witnessKey] })
  const verdict = await verifyText(await exportAsItLies(sql, key.text), trust)
  assert.deepEqual(verdict.findings, [])
  assert.deepEqual(
    verdict.cosigned.map(({ witness }) => witness),
    ['witness.example.com'],
  )

  await product.kill()
  await cutOff({ sql }, before)
  await assert.rejects(product.start(), /this is an older database/)

  // Whoever puts back the data folder as well is noticed by the witness alone.
  await rm(path.join(product.place.dataDir, 'record-signed'))
  await product.start()
  await state(({ witnesses }) => /it has cosigned/.test(witnesses[0]?.trouble ?? ''), 'a shrink')
  assert.match(product.log(), /ALERT/)

  await append(cosigned.checkpoint!.size, 'another history')
  await state(({ witnesses }) => /answers 422/.test(witnesses[0]?.trouble ?? ''), 'a fork')
  // A longer tree without a proof is for the server to explain: it proves nothing against it.
  const metrics = await fetch(`http://${witness.place.health}/metrics`)
  assert.match(await metrics.text(), /ota_witness_refusals_total 0/)
  const forked = await verifyText(await exportAsItLies(sql, key.text), trust)
  assert.match(forked.findings[0]?.wrong ?? '', /has not cosigned it/)
})
