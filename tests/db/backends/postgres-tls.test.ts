/** Connections with TLS: rows come through a stream like any other, where plain sockets read into bytes of their own. */
import { type AddressInfo, connect, createServer } from 'node:net'
import { TLSSocket } from 'node:tls'
import { expect, test } from 'vitest'
import { openPostgresDriver } from '../../../src/db/backends/postgres/driver.ts'
import { POSTGRES_URL } from './postgres.ts'

/** For this test alone; it vouches for nothing. */
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgB0Kev278Y1EfxbIq
YqiWjjziHqcuCoxb0aOryBmv0oWhRANCAAQrKF9kQRzzzz9W49OPr+PJXClxSyGN
xeMQcLJpY8iXJOVo5izKvHREc8ARAxw9r0mQElesgvgxU/mCKjl+v/gr
-----END PRIVATE KEY-----`
const cert = `-----BEGIN CERTIFICATE-----
MIIBfjCCASWgAwIBAgIUK11kcbPCaU9dIY9CNylsTiixtvgwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTE5MTc1NloYDzIxMjYxMDI4
MTkxNzU2WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQrKF9kQRzzzz9W49OPr+PJXClxSyGNxeMQcLJpY8iXJOVo5izKvHRE
c8ARAxw9r0mQElesgvgxU/mCKjl+v/gro1MwUTAdBgNVHQ4EFgQUPDv1CXA1uOp2
7XB6eHI4NJEOOeEwHwYDVR0jBBgwFoAUPDv1CXA1uOp27XB6eHI4NJEOOeEwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiBW+8563FZEWsRuq5gMc/rX
F3k5j9XsbtZa5LDNyaHOKgIgbJDZSnmWI/UoyBxQA+O324IB05PkmZprvI/xoKxZ
JPM=
-----END CERTIFICATE-----`

/** A server that takes TLS off: it answers the request for it, and passes the rest on. */
async function withTls<T>(work: (url: string) => Promise<T>): Promise<T> {
  const target = new URL(POSTGRES_URL)
  const server = createServer((raw) => {
    raw.once('data', () => {
      raw.write('S')
      const inside = new TLSSocket(raw, { isServer: true, key, cert })
      const outside = connect(Number(target.port || 5432), target.hostname)
      const end = (): void => {
        inside.destroy()
        outside.destroy()
      }
      inside.on('error', end).on('close', end).pipe(outside).on('error', end).on('close', end).pipe(inside)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = new URL(POSTGRES_URL)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  try {
    return await work(url.href)
  } finally {
    server.close()
  }
}

test('rows, errors and chunks come through TLS', async () => {
  await withTls(async (url) => {
    const driver = await openPostgresDriver({ engine: 'postgres', url, options: { ssl: 'no-verify' } }, 'default')
    const statement = (sql: string) => ({
      sql,
      slots: [0],
      encoders: [null],
      rows: true,
      writes: false,
      bulk: null,
    })
    try {
      const many = statement("SELECT i, repeat('é', 30), i / 4.0::float8 FROM generate_series(1, $1::int) i")
      for (let round = 0; round < 3; round++) {
        const rows = await driver.reader.rows(many, ['3000'])
        expect(rows).toHaveLength(3000)
        expect(rows[2998]).toEqual([2999, 'é'.repeat(30), 749.75])
      }
      await expect(driver.reader.rows(statement('SELECT 1 / $1::int'), ['0'])).rejects.toMatchObject({ code: '22012' })
      const sizes: number[] = []
      for await (const rows of driver.reader.iterate(many, ['2500'], 1000)) sizes.push(rows.length)
      expect(sizes).toEqual([1000, 1000, 500])
    } finally {
      await driver.close()
    }
  })
})
