import assert from 'node:assert/strict'
import { downloads, image, tells } from './firmware.ts'
import { conformance } from './kit.ts'

const rebooted = {
  chargePointVendor: 'Script',
  chargePointModel: 'One',
  firmwareVersion: '2.0',
} as const

conformance('1.6', 'firmware', (house, conforms) => {
  for (const [name, statuses, state] of [
    [
      'TC_044_1_CSMS FirmwareUpdate_DownloadAndInstall',
      ['Downloading', 'Downloaded', 'Installing'],
      'succeeded',
    ],
    ['TC_044_2_CSMS FirmwareUpdate_DownloadFailed', ['Downloading', 'DownloadFailed'], 'failed'],
    [
      'TC_044_3_CSMS FirmwareUpdate_InstallationFailed',
      ['Downloading', 'Downloaded', 'Installing', 'InstallationFailed'],
      'failed',
    ],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const ended = charger.command('firmware.update', { image: await image(house) })
      const asked = await charger.receives<{ location: string; retrieveDate: string }>(
        'UpdateFirmware',
      )
      assert.ok(Date.parse(asked.payload.retrieveDate) <= Date.now())
      asked.answer({})
      if (state === 'succeeded') await downloads(asked.payload.location)
      await tells(charger, 'FirmwareStatusNotification', statuses)
      if (state === 'succeeded') {
        await charger.say('BootNotification', rebooted)
        await tells(charger, 'FirmwareStatusNotification', ['Installed'])
      }
      assert.equal((await ended).state, state)
    })

  for (const [name, statuses, state] of [
    [
      'TC_080_CSMS SecureFirmwareUpdate',
      ['Downloading', 'Downloaded', 'SignatureVerified', 'Installing', 'InstallRebooting'],
      'succeeded',
    ],
    [
      'TC_081_CSMS SecureFirmwareUpdateInvalidSignature',
      ['Downloading', 'Downloaded', 'InvalidSignature'],
      'failed',
    ],
  ] as const)
    conforms(name, async () => {
      const charger = await house.charger()
      const ended = charger.command('firmware.update-signed', { image: await image(house) })
      const asked = await charger.receives<{ requestId: number; firmware: { signature: string } }>(
        'SignedUpdateFirmware',
      )
      assert.ok(asked.payload.firmware.signature.length > 20)
      asked.answer({ status: 'Accepted' })
      const { requestId } = asked.payload
      await tells(charger, 'SignedFirmwareStatusNotification', statuses, requestId)
      if (state === 'succeeded') await charger.say('BootNotification', rebooted)
      assert.equal((await ended).state, state)
    })
})
