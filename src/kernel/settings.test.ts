import assert from 'node:assert/strict'
import test from 'node:test'
import { describeSettings, readSettings, type Settings } from './settings.ts'

const host = { folder: '/srv/ota', name: 'depot.example', pid: 7 }

function settingsOf(environment: Record<string, string>): Settings {
  const result = readSettings(environment, host)
  assert.ok(result.ok, result.ok ? '' : result.problems.join('\n'))
  return result.settings
}

function problemsOf(environment: Record<string, string>): readonly string[] {
  const result = readSettings(environment, host)
  return result.ok ? [] : result.problems
}

test('with nothing set, one process does everything on its own machine', () => {
  assert.deepEqual(settingsOf({}), {
    dataDir: '/srv/ota/data',
    databaseUrl: undefined,
    natsUrl: undefined,
    natsPrefix: 'ota',
    operatorAddress: { host: '127.0.0.1', port: 8080 },
    operatorUrl: undefined,
    trustedProxies: [],
    chargerAddress: { host: '0.0.0.0', port: 9000 },
    healthAddress: { host: '127.0.0.1', port: 9090 },
    lab: true,
    role: 'all',
    logLevel: 'info',
    nodeName: 'depot-example-7',
    fileAddress: { host: '0.0.0.0', port: 9001 },
    fileUrl: undefined,
    fileTlsCert: undefined,
    fileTlsKey: undefined,
    ftpAddress: undefined,
    ftpsAddress: undefined,
    ftpPassivePorts: undefined,
    sftpAddress: undefined,
    fileMaxBytes: 200_000_000,
    fileRetentionDays: 30,
    trace: 'chosen',
    traceKeepHours: 72,
    clockAlertSeconds: 60,
    firmwareMaxBytes: 500_000_000,
    interview: true,
    allowedChargerUrls: [],
    initialPolicy: undefined,
    chargerTlsAddress: undefined,
    chargerTlsCert: [],
    chargerTlsKey: [],
    securityProfiles: [1, 2, 3],
    chargerTrust: undefined,
    chargerCaCert: undefined,
    chargerCaKey: undefined,
    certificateOrganisation: undefined,
    certificateDays: 365,
    certificatesOverPlain: false,
    operatorTlsCert: undefined,
    operatorTlsKey: undefined,
    recordKey: undefined,
    recordName: undefined,
    recordReplacesKey: undefined,
    witnesses: [],
    witnessAddress: { host: '127.0.0.1', port: 8090 },
    witnessName: undefined,
    witnessLogs: [],
    siemReceiver: undefined,
    siemFormat: 'ocsf',
    siemCa: undefined,
    oidcIssuer: undefined,
    oidcClientId: undefined,
    oidcClientSecretFile: undefined,
    oidcScopes: 'openid profile email',
    oidcGroupClaim: 'groups',
    oidcRolesFile: undefined,
    oidcMfaAcr: [],
    oidcMfaAmr: [],
    oidcProvision: false,
  })
})

test('what is set is taken', () => {
  const cases: [Record<string, string>, Partial<Settings>][] = [
    [{ OTA_DATA_DIR: '/var/lib/ota' }, { dataDir: '/var/lib/ota' }],
    [{ OTA_DATA_DIR: 'other' }, { dataDir: '/srv/ota/other' }],
    [{ OTA_DATA_DIR: '' }, { dataDir: '/srv/ota/data' }],
    [{ OTA_OPERATOR_ADDRESS: '0.0.0.0:80' }, { operatorAddress: { host: '0.0.0.0', port: 80 } }],
    [{ OTA_HEALTH_ADDRESS: '[::1]:9' }, { healthAddress: { host: '::1', port: 9 } }],
    [{ OTA_CHARGER_ADDRESS: 'localhost:0' }, { chargerAddress: { host: 'localhost', port: 0 } }],
    [{ OTA_LAB: 'off' }, { lab: false }],
    [{ OTA_DATABASE_URL: 'postgres://u:p@h/d' }, { databaseUrl: 'postgres://u:p@h/d', lab: false }],
    [{ OTA_DATABASE_URL: 'postgresql://h/d', OTA_LAB: 'on' }, { lab: true }],
    [
      { OTA_DATABASE_URL: 'postgres://u@localhost:5432/d?host=%2Frun%2Fpg' },
      { databaseUrl: 'postgres://u@localhost:5432/d?host=%2Frun%2Fpg' },
    ],
    [{ OTA_NATS_URL: 'nats://a:1,nats://b:2' }, { natsUrl: 'nats://a:1,nats://b:2', lab: true }],
    [
      { OTA_ROLE: 'gateway', OTA_NATS_URL: 'nats://a' },
      { role: 'gateway', lab: false },
    ],
    [
      { OTA_ROLE: 'control', OTA_NATS_URL: 'tls://a', OTA_DATABASE_URL: 'postgres://h/d' },
      { role: 'control', lab: false },
    ],
    [{ OTA_NATS_PREFIX: 'depot-2' }, { natsPrefix: 'depot-2' }],
    [
      { OTA_TRACE: 'all', OTA_TRACE_KEEP_HOURS: '8' },
      { trace: 'all', traceKeepHours: 8 },
    ],
    [{ OTA_CLOCK_ALERT_SECONDS: '5' }, { clockAlertSeconds: 5 }],
    [{ OTA_LOG_LEVEL: 'debug' }, { logLevel: 'debug' }],
    [{ OTA_NODE_NAME: 'east-1' }, { nodeName: 'east-1' }],
    [{ OTA_OPERATOR_ADDRESS: 'a:0', OTA_HEALTH_ADDRESS: 'a:0' }, {}],
    [{ OTA_FILE_ADDRESS: '127.0.0.1:0' }, { fileAddress: { host: '127.0.0.1', port: 0 } }],
    [{ OTA_FILE_URL: 'http://files.example/ota/' }, { fileUrl: 'http://files.example/ota' }],
    [
      { OTA_FILE_TLS_CERT: 'tls/cert.pem', OTA_FILE_TLS_KEY: '/etc/ota/key.pem' },
      { fileTlsCert: '/srv/ota/tls/cert.pem', fileTlsKey: '/etc/ota/key.pem' },
    ],
    [
      { OTA_FTP_ADDRESS: '0.0.0.0:21', OTA_FTP_PASSIVE_PORTS: '50000-50099' },
      {
        ftpAddress: { host: '0.0.0.0', port: 21 },
        ftpPassivePorts: { first: 50_000, last: 50_099 },
      },
    ],
    [{ OTA_SFTP_ADDRESS: '0.0.0.0:2222' }, { sftpAddress: { host: '0.0.0.0', port: 2222 } }],
    [
      { OTA_FILE_MAX_BYTES: '5000000', OTA_FILE_RETENTION_DAYS: '7' },
      { fileMaxBytes: 5_000_000, fileRetentionDays: 7 },
    ],
    [{ OTA_FIRMWARE_MAX_BYTES: '1000000' }, { firmwareMaxBytes: 1_000_000 }],
    [
      {
        OTA_OIDC_ISSUER: 'https://login.example/a',
        OTA_OIDC_CLIENT_ID: 'ota',
        OTA_OIDC_CLIENT_SECRET_FILE: 'secret',
        OTA_OIDC_MFA_ACR: 'gold, silver',
        OTA_OIDC_PROVISION: 'on',
      },
      {
        oidcIssuer: 'https://login.example/a',
        oidcClientId: 'ota',
        oidcClientSecretFile: '/srv/ota/secret',
        oidcMfaAcr: ['gold', 'silver'],
        oidcProvision: true,
      },
    ],
    [
      {
        OTA_CHARGER_ADDRESS: 'off',
        OTA_CHARGER_TLS_ADDRESS: '0.0.0.0:9443',
        OTA_CHARGER_TLS_CERT: 'ec.pem,/etc/ota/rsa.pem',
        OTA_CHARGER_TLS_KEY: 'ec.key, rsa.key',
      },
      {
        chargerAddress: undefined,
        lab: false,
        chargerTlsAddress: { host: '0.0.0.0', port: 9443 },
        chargerTlsCert: ['/srv/ota/ec.pem', '/etc/ota/rsa.pem'],
        chargerTlsKey: ['/srv/ota/ec.key', '/srv/ota/rsa.key'],
      },
    ],
    [{ OTA_SECURITY_PROFILES: '3, 2' }, { securityProfiles: [2, 3] }],
  ]
  for (const [environment, expected] of cases)
    assert.deepEqual({ ...settingsOf(environment), ...expected }, settingsOf(environment))
})

test('what is wrong is said in a sentence that names the variable', () => {
  const cases: [Record<string, string>, RegExp][] = [
    [{ OTA_OPERATOR_ADDRESS: '8080' }, /^OTA_OPERATOR_ADDRESS must be host:port.*, not "8080"$/],
    [{ OTA_OPERATOR_ADDRESS: 'a:70000' }, /^OTA_OPERATOR_ADDRESS must be host:port/],
    [{ OTA_CHARGER_ADDRESS: '::1:80' }, /^OTA_CHARGER_ADDRESS must be host:port/],
    [{ OTA_HEALTH_ADDRESS: 'a b:80' }, /^OTA_HEALTH_ADDRESS must be host:port/],
    [{ OTA_LAB: 'yes' }, /^OTA_LAB must be on or off, not "yes"$/],
    [{ OTA_ROLE: 'both' }, /^OTA_ROLE must be one of all, gateway, control, witness, not "both"$/],
    [{ OTA_LOG_LEVEL: 'loud' }, /^OTA_LOG_LEVEL must be one of trace, .*, not "loud"$/],
    [{ OTA_NODE_NAME: 'a.b' }, /^OTA_NODE_NAME must be 1 to 64 letters/],
    [{ OTA_NATS_URL: 'http://a' }, /^OTA_NATS_URL must be an URL like nats:/],
    [{ OTA_NATS_URL: 'nats://a,b' }, /^OTA_NATS_URL must be an URL like nats:/],
    [{ OTA_NATS_PREFIX: 'a.b' }, /^OTA_NATS_PREFIX must be .*, not "a.b"$/],
    [{ OTA_DATABASE_URL: 'mysql://h/d' }, /^OTA_DATABASE_URL must be an URL like postgres:/],
    [{ OTA_DATA_DIRECTORY: 'x' }, /^OTA_DATA_DIRECTORY is not .* did you mean OTA_DATA_DIR\?$/],
    [{ OTA_NAT_URL: 'nats://a' }, /^OTA_NAT_URL is not a setting; did you mean OTA_NATS_URL\?$/],
    [{ OTA_ROLE: 'gateway' }, /^OTA_ROLE=gateway needs OTA_NATS_URL/],
    [{ OTA_ROLE: 'witness' }, /^OTA_ROLE=witness needs OTA_WITNESS_LOGS/],
    [{ OTA_WITNESSES: 'https://w' }, /^OTA_WITNESSES must be a verifier key, a space and an URL/],
    [{ OTA_RECORD_REPLACES_KEY: 'x' }, /^OTA_RECORD_REPLACES_KEY must be the 8 hexadecimal/],
    [{ OTA_ROLE: 'control', OTA_NATS_URL: 'nats://a' }, /^OTA_ROLE=control needs OTA_DATABASE_URL/],
    [
      { OTA_ROLE: 'gateway', OTA_NATS_URL: 'nats://a', OTA_LAB: 'on' },
      /^OTA_LAB=on needs the control part/,
    ],
    [{ OTA_CHARGER_ADDRESS: 'off' }, /^OTA_CHARGER_ADDRESS=off needs OTA_CHARGER_TLS_ADDRESS$/],
    [{ OTA_CHARGER_TLS_ADDRESS: 'h:1' }, /^OTA_CHARGER_TLS_ADDRESS needs OTA_CHARGER_TLS_CERT/],
    [
      { OTA_CHARGER_TLS_CERT: 'a,b', OTA_CHARGER_TLS_KEY: 'a' },
      /need as many files as each other$/,
    ],
    [{ OTA_CHARGER_CA_KEY: 'a' }, /^OTA_CHARGER_CA_CERT and OTA_CHARGER_CA_KEY need each other$/],
    [{ OTA_SECURITY_PROFILES: '0,1' }, /^OTA_SECURITY_PROFILES must be 1, 2 and 3, those that/],
    [
      { OTA_OIDC_ISSUER: 'https://login.example', OTA_OIDC_CLIENT_ID: 'ota' },
      /^OTA_OIDC_ISSUER needs OTA_OIDC_CLIENT_SECRET_FILE$/,
    ],
    [{ OTA_OIDC_ISSUER: 'http://login.example' }, /^OTA_OIDC_ISSUER must begin with https/],
    [{ OTA_OIDC_SCOPES: 'profile' }, /^OTA_OIDC_SCOPES must be .* openid among them/],
    [{ OTA_FILE_URL: 'ftp://files.example' }, /^OTA_FILE_URL must be an URL like https:/],
    [{ OTA_FILE_URL: 'http://u:p@h' }, /^OTA_FILE_URL must be an URL without a password/],
    [{ OTA_FILE_MAX_BYTES: '200MB' }, /^OTA_FILE_MAX_BYTES must be a whole number from 1000 to/],
    [{ OTA_FILE_RETENTION_DAYS: '0' }, /^OTA_FILE_RETENTION_DAYS must be a whole number from 1/],
    [{ OTA_FTP_PASSIVE_PORTS: '50-40' }, /^OTA_FTP_PASSIVE_PORTS must be first-last/],
    [{ OTA_FILE_TLS_CERT: 'a.pem' }, /^OTA_FILE_TLS_CERT and OTA_FILE_TLS_KEY need each other$/],
    [
      { OTA_FILE_TLS_CERT: 'a', OTA_FILE_TLS_KEY: 'b', OTA_FILE_URL: 'http://h' },
      /^OTA_FILE_URL must begin with https/,
    ],
    [
      { OTA_FTPS_ADDRESS: '0.0.0.0:990', OTA_FTP_PASSIVE_PORTS: '1-2' },
      /^OTA_FTPS_ADDRESS needs OTA_FILE_TLS_CERT$/,
    ],
    [{ OTA_FTP_ADDRESS: '0.0.0.0:21' }, /^OTA_FTP_ADDRESS needs OTA_FTP_PASSIVE_PORTS$/],
    [
      { OTA_SFTP_ADDRESS: '127.0.0.1:9001' },
      /^OTA_FILE_ADDRESS and OTA_SFTP_ADDRESS must not be the same address$/,
    ],
    [
      { OTA_OPERATOR_ADDRESS: '127.0.0.1:9000' },
      /^OTA_OPERATOR_ADDRESS and OTA_CHARGER_ADDRESS must not be the same address$/,
    ],
  ]
  for (const [environment, expected] of cases) {
    const problems = problemsOf(environment)
    assert.equal(problems.length, 1, `${JSON.stringify(environment)}: ${problems.join('; ')}`)
    assert.match(problems[0]!, expected)
  }
})

test('everything that is wrong is said at once', () => {
  const problems = problemsOf({ OTA_LAB: 'x', OTA_ROLE: 'y', OTA_LOG: 'z' })
  assert.deepEqual(
    problems.map((problem) => problem.split(' ', 1)[0]),
    ['OTA_LOG', 'OTA_LAB', 'OTA_ROLE'],
  )
})

test('a wrong address of the database does not show its password', () => {
  const [problem] = problemsOf({ OTA_DATABASE_URL: 'mysql://root:hunter2@h/d' })
  assert.doesNotMatch(problem!, /hunter2/)
})

test('variables of the command line tool and of the tests are let be', () => {
  assert.deepEqual(problemsOf({ OTA_TOKEN: 'x', OTA_TEST_NATS_URL: 'y', HOME: '/root' }), [])
})

test('every setting is described', () => {
  const described = describeSettings()
  assert.equal(described.length, Object.keys(settingsOf({})).length)
  for (const { name, default: byDefault, values, meaning } of described)
    for (const text of [name, byDefault, values, meaning]) assert.notEqual(text, '')
})

test('the public address has no path, and proxies are addresses or networks', () => {
  assert.equal(
    settingsOf({ OTA_OPERATOR_URL: 'https://ota.example.com/' }).operatorUrl,
    'https://ota.example.com',
  )
  assert.match(problemsOf({ OTA_OPERATOR_URL: 'https://ota.example.com/a' })[0]!, /without a path/)
  assert.deepEqual(settingsOf({ OTA_TRUSTED_PROXIES: '10.0.0.5, fd00::/8' }).trustedProxies, [
    '10.0.0.5',
    'fd00::/8',
  ])
  for (const text of ['all', '10.0.0.0/33', '10.0.0.5/8/8', 'proxy.example.com'])
    assert.match(problemsOf({ OTA_TRUSTED_PROXIES: text })[0]!, /addresses or networks/, text)
})
