/** Asks the compiler's language server, as an editor does: what could stand here? */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { compiler } from './tsc.ts'

/** A message of the protocol: a request, an answer to one, or a notification. */
interface Message {
  readonly jsonrpc: '2.0'
  readonly id?: number | string
  readonly method?: string
  readonly params?: unknown
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

/** An editor with one project open. */
export class Editor {
  private readonly server: ChildProcess
  private readonly waiting = new Map<number, (message: Message) => void>()
  private received = Buffer.alloc(0)
  private asked = 0
  private versions = new Map<string, number>()

  private constructor(folder: string) {
    this.server = spawn(process.execPath, [compiler, '--lsp', '--stdio'], {
      cwd: folder,
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    this.server.stdout!.on('data', (chunk: Buffer) => this.read(chunk))
  }

  /** Starts the server and greets it. */
  static async open(folder: string): Promise<Editor> {
    const editor = new Editor(folder)
    const uri = pathToFileURL(folder).href
    await editor.ask('initialize', {
      processId: process.pid,
      rootUri: uri,
      workspaceFolders: [{ uri, name: 'project' }],
      capabilities: { textDocument: { completion: { completionItem: { snippetSupport: false } } } },
    })
    editor.tell('initialized', {})
    return editor
  }

  /** Shows a file, with a text that need not be the one on disk. */
  show(file: string, text = readFileSync(file, 'utf8')): void {
    const uri = pathToFileURL(file).href
    const version = (this.versions.get(uri) ?? 0) + 1
    this.versions.set(uri, version)
    if (version === 1) {
      this.tell('textDocument/didOpen', { textDocument: { uri, languageId: 'typescript', version, text } })
    } else {
      this.tell('textDocument/didChange', { textDocument: { uri, version }, contentChanges: [{ text }] })
    }
  }

  /** What could stand at the place marked `|` in the last line of a text that is shown as the file. */
  async complete(file: string, marked: string): Promise<readonly string[]> {
    const at = marked.lastIndexOf('|')
    const text = marked.slice(0, at) + marked.slice(at + 1)
    this.show(file, text)
    const before = text.slice(0, at).split('\n')
    const result = (await this.ask('textDocument/completion', {
      textDocument: { uri: pathToFileURL(file).href },
      position: { line: before.length - 1, character: before.at(-1)!.length },
      context: { triggerKind: 1 },
    })) as { readonly items: readonly { readonly label: string }[] } | null
    return result?.items.map((item) => item.label.replace(/\?$/, '')) ?? []
  }

  /** Ends the server. */
  close(): void {
    this.server.kill()
  }

  private ask(method: string, params: unknown): Promise<unknown> {
    const id = ++this.asked
    this.send({ jsonrpc: '2.0', id, method, params })
    return new Promise((resolve, reject) => {
      this.waiting.set(id, ({ result, error }) => (error ? reject(new Error(error.message)) : resolve(result)))
    })
  }
  private tell(method: string, params: unknown): void {
    this.send({ jsonrpc: '2.0', method, params })
  }
  private send(message: Message): void {
    const body = JSON.stringify(message)
    this.server.stdin!.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  }
  private read(chunk: Buffer): void {
    this.received = Buffer.concat([this.received, chunk])
    for (;;) {
      const head = this.received.indexOf('\r\n\r\n')
      if (head === -1) return
      const length = Number(/Content-Length: (\d+)/i.exec(this.received.toString('latin1', 0, head))?.[1])
      if (this.received.length < head + 4 + length) return
      const message = JSON.parse(this.received.toString('utf8', head + 4, head + 4 + length)) as Message
      this.received = this.received.subarray(head + 4 + length)
      this.take(message)
    }
  }
  private take(message: Message): void {
    const { id, method } = message
    if (method === undefined) {
      this.waiting.get(id as number)?.(message)
      this.waiting.delete(id as number)
    } else if (id !== undefined) {
      // Asks of the server: settings are asked for as a list, and the rest may be answered with nothing.
      const items = (message.params as { readonly items?: readonly unknown[] } | undefined)?.items
      this.send({ jsonrpc: '2.0', id, result: items ? items.map(() => null) : null })
    }
  }
}
