import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A call of one of a scheduler's commands. */
export interface Call {
  readonly program: string;
  readonly args: readonly string[];
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What was given on standard input, without the newlines at its end. */
  readonly input: string;
}

/** What the command prints, and its exit code. */
export interface Reply {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export function prints(stdout: string): Reply {
  return { code: 0, stdout, stderr: '' };
}

export function complains(stderr: string, code: number, stdout = ''): Reply {
  return { code, stdout, stderr };
}

const BIN = fileURLToPath(new URL('../bin', import.meta.url));

/** What answers the commands in `test/fakes/bin` that are called with its environment. */
export class CommandServer {
  private readonly directory: string;
  private readonly answer: (call: Call) => Reply;
  private readonly roundTripMs: number;
  private server: Server | undefined;
  private port = 0;
  private losing = 0;

  constructor(directory: string, answer: (call: Call) => Reply, roundTripMs = 0) {
    this.directory = directory;
    this.answer = answer;
    this.roundTripMs = roundTripMs;
  }

  /** A process's environment in which the commands are found, and lead here. */
  environment(base: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    const path = [BIN, base.PATH ?? ''].join(delimiter);
    return { ...base, PATH: path, FAKE_SCHEDULER_DIR: this.directory };
  }

  async bringUp(): Promise<void> {
    this.server = createServer((socket) => this.serve(socket));
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('no port to listen at');
    this.port = address.port;
    writeFileSync(join(this.directory, 'port'), `${this.port}\n`);
  }

  /** Nobody answers any more. */
  async takeDown(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (server !== undefined) await new Promise((closed) => server.close(closed));
  }

  /** The next call is served, but the connection breaks before the answer. */
  loseNextAnswer(): void {
    this.losing++;
  }

  /** A mistake of the fake's own must not look like a scheduler's silence. */
  private reply(call: Call): Reply {
    try {
      return this.answer(call);
    } catch (error) {
      return complains(`the fake has failed: ${(error as Error).stack}\n`, 70);
    }
  }

  private serve(socket: Socket): void {
    const chunks: Buffer[] = [];
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      if (chunk.at(-1) !== 0) return;
      const call = readCall(Buffer.concat(chunks).toString('utf8'));
      if (call === undefined) return;
      const reply = this.reply(call);
      if (this.losing > 0) {
        this.losing--;
        socket.destroy();
      } else if (this.roundTripMs > 0) setTimeout(() => send(socket, reply), this.roundTripMs);
      else send(socket, reply);
    });
  }
}

/** Reads a call as client.sh sends it; undefined while a part of it is missing. */
function readCall(text: string): Call | undefined {
  const words = text.split('\0');
  const [program, directory, argCount] = words;
  const argsEnd = 3 + Number(argCount);
  const environmentEnd = argsEnd + 1 + Number(words[argsEnd]);
  // The last word is what follows the last NUL.
  if (words.length !== environmentEnd + 2) return undefined;
  const variables = words.slice(argsEnd + 1, environmentEnd).map((variable): [string, string] => {
    const equals = variable.indexOf('=');
    return [variable.slice(0, equals), variable.slice(equals + 1)];
  });
  return {
    program: program!,
    directory: directory!,
    args: words.slice(3, argsEnd),
    environment: Object.fromEntries(variables),
    input: words[environmentEnd]!,
  };
}

function send(socket: Socket, { code, stdout, stderr }: Reply): void {
  socket.end(`${code} ${Buffer.byteLength(stdout)} ${Buffer.byteLength(stderr)}\n${stdout}${stderr}`);
}
