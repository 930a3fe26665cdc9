import assert from 'node:assert/strict'
import { downloads, image, tells } from './firmware.ts'
import { conformance } from './kit.ts'
import type { Received, ScriptedCharger } from './kit.ts'
import { charging, ends } from './words-20.ts'

interface Update {
  readonly requestId: number
  readonly firmware: {
    readonly location: string
    readonly signature: string
    readonly signingCertificate: string
    readonly installDateTime?: string
    readonly retrieveDateTime: string
  }
}

const notification = 'FirmwareStatusNotification'
const rebooted = {
  reason: 'FirmwareUpdate',
  chargingStation: { vendorName: 'Script', model: 'One', firmwareVersion: '2.0' },
} as const

conformance('2.0.1', 'secure firmware update', (house, conforms) => {
  async function begun(charger: ScriptedCharger, more: object = {}) {
    const ended = charger.command('firmware.update-signed', {
      image: await image(house),
      ...more,
    })
    const asked: Received<Update> = await charger.receives<Update>('UpdateFirmware')
    const { firmware } = asked.payload
    assert.ok(firmware.signature.length > 20)
    assert.match(firmware.signingCertificate, /BEGIN CERTIFICATE/)
    return { ended, asked, ...asked.payload }
  }

  const installing = ['Downloading', 'Downloaded', 'SignatureVerified', 'Installing']

  for (const [name, more, before] of [
    ['TC_L_01_CSMS Secure Firmware Update - Installation successful', {}, []],
    [
      'TC_L_02_CSMS Secure Firmware Update - InstallScheduled',
      { installAt: new Date(Date.now() + 60_000).toISOString() },
      ['InstallScheduled'],
    ],
    [
      'TC_L_03_CSMS Secure Firmware Update - DownloadScheduled',
      { retrieveAt: new Date(Date.now() + 60_000).toISOString() },
      ['DownloadScheduled'],
    ],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const { ended, asked, requestId, firmware } = await begun(charger, more)
      if ('installAt' in more) assert.equal(firmware.installDateTime, more.installAt)
      if ('retrieveAt' in more) assert.equal(firmware.retrieveDateTime, more.retrieveAt)
      asked.answer({ status: 'Accepted' })
      await tells(charger, notification, before, requestId)
      await downloads(firmware.location)
      await tells(charger, notification, [...installing, 'InstallRebooting'], requestId)
      await charger.say('BootNotification', rebooted)
      await tells(charger, notification, ['Installed'], requestId)
      assert.equal((await ended).state, 'succeeded')
    })

  for (const [name, word] of [
    ['TC_L_04_CSMS Secure Firmware Update - RevokedCertificate', 'RevokedCertificate'],
    ['TC_L_05_CSMS Secure Firmware Update - InvalidCertificate', 'InvalidCertificate'],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const { ended, asked } = await begun(charger)
      asked.answer({ status: word })
      assert.equal((await ended).state, 'refused')
    })

  for (const [name, statuses] of [
    [
      'TC_L_06_CSMS Secure Firmware Update - InvalidSignature',
      ['Downloading', 'Downloaded', 'InvalidSignature'],
    ],
    ['TC_L_07_CSMS Secure Firmware Update - DownloadFailed', ['Downloading', 'DownloadFailed']],
    [
      'TC_L_08_CSMS Secure Firmware Update - InstallVerificationFailed',
      [...installing, 'InstallVerificationFailed'],
    ],
    [
      'TC_L_09_CSMS Secure Firmware Update - InstallationFailed',
      [...installing, 'InstallationFailed'],
    ],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const { ended, asked, requestId } = await begun(charger)
      asked.answer({ status: 'Accepted' })
      await tells(charger, notification, statuses, requestId)
      assert.equal((await ended).state, 'failed')
    })

  conforms(
    'TC_L_13_CSMS Secure Firmware Update - Unable to download/install firmware with ongoing transaction -AllowNewSessionsPendingFirmwareUpdate is false',
    async () => {
      const charger = await house.charger()
      const transaction = await charging(charger)
      const { ended, asked, requestId } = await begun(charger)
      asked.answer({ status: 'Accepted' })
      await tells(charger, notification, ['DownloadScheduled'], requestId)
      await ends(charger, transaction)
      await tells(charger, notification, [...installing, 'InstallRebooting'], requestId)
      await charger.say('BootNotification', rebooted)
      assert.equal((await ended).state, 'succeeded')
    },
  )
})

conformance('2.0.1', 'a firmware update in place of another', (house, conforms) => {
  for (const [name, word, first, second] of [
    [
      'TC_L_10_CSMS Secure Firmware Update - AcceptedCanceled',
      'AcceptedCanceled',
      'failed',
      'succeeded',
    ],
    ['TC_L_11_CSMS Secure Firmware Update - Unable to cancel', 'Rejected', 'succeeded', 'refused'],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const params = { image: await image(house) }
      const one = charger.command('firmware.update-signed', params)
      const asked = await charger.receives<Update>('UpdateFirmware')
      asked.answer({ status: 'Accepted' })
      await tells(charger, notification, ['Downloading'], asked.payload.requestId)
      const two = charger.command('firmware.update-signed', { ...params, replace: true })
      const instead = await charger.receives<Update>('UpdateFirmware')
      instead.answer({ status: word })
      const goesOn = word === 'Rejected' ? asked : instead
      const { requestId } = goesOn.payload
      await tells(charger, notification, ['Downloading', 'Downloaded', 'Installing'], requestId)
      await charger.say('BootNotification', rebooted)
      await tells(charger, notification, ['Installed'], requestId)
      assert.deepEqual([(await one).state, (await two).state], [first, second])
    })
})

conformance('2.0.1', 'publishing firmware', (house, conforms) => {
  const notice = 'PublishFirmwareStatusNotification'

  for (const [name, statuses, state] of [
    [
      'TC_L_17_CSMS Publish Firmware - Published',
      ['Downloading', 'Downloaded', 'ChecksumVerified'],
      'succeeded',
    ],
    [
      'TC_L_24_CSMS Publish Firmware - Download failed',
      ['Downloading', 'DownloadFailed'],
      'failed',
    ],
    [
      'TC_L_19_CSMS Publish Firmware - Invalid Checksum',
      ['Downloading', 'Downloaded', 'InvalidChecksum'],
      'failed',
    ],
    [
      'TC_L_20_CSMS Publish Firmware - PublishFailed',
      ['Downloading', 'Downloaded', 'ChecksumVerified', 'PublishFailed'],
      'failed',
    ],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const ended = charger.command('firmware.publish', { image: await image(house) })
      const asked = await charger.receives<{ requestId: number; checksum: string }>(
        'PublishFirmware',
      )
      const { requestId, checksum } = asked.payload
      assert.match(checksum, /^[0-9a-f]{32}$/)
      asked.answer({ status: 'Accepted' })
      await tells(charger, notice, statuses, requestId)
      if (state === 'succeeded')
        await charger.say(notice, {
          status: 'Published',
          requestId,
          location: ['http://127.0.0.1/two.bin'],
        })
      assert.equal((await ended).state, state)
    })

  for (const [name, word, state] of [
    ['TC_L_21_CSMS Unpublish Firmware - Unpublished', 'Unpublished', 'succeeded'],
    ['TC_L_22_CSMS Unpublish Firmware - NoFirmware', 'NoFirmware', 'succeeded'],
    ['TC_L_23_CSMS Unpublish Firmware - Download Ongoing', 'DownloadOngoing', 'refused'],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const ended = charger.command('firmware.unpublish', { image: await image(house) })
      const asked = await charger.receives<{ checksum: string }>('UnpublishFirmware')
      assert.match(asked.payload.checksum, /^[0-9a-f]{32}$/)
      asked.answer({ status: word })
      assert.equal((await ended).state, state)
    })
})
