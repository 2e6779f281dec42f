/** The least that answers: what a start costs whatever is loaded. */
import { createServer } from 'node:http'

createServer((_, response) => response.end('{"message":"Hello, World!"}')).listen(Number(process.env.PORT), '127.0.0.1')
