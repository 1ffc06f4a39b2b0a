import { dirname } from 'node:path';
import type { Dice } from './dice.ts';
import type { Timeline } from './timeline.ts';

/** Until a kernel writes back by itself what nobody has asked it to sync. */
const WRITE_BACK_MS = 5_000;
/** A file that is appended to is written back in pieces of so many bytes, which are no lines. */
const PIECE = 100;
/** Until a watcher hears of a change. */
const NOTICE_MS = 2;

interface FileNode {
  text: string;
  /** What survives a power failure of the host that wrote it last; undefined: not even its name. */
  durable: string | undefined;
  writer: string;
  /** Held open for appending: another host sees no more than what is durable. */
  isOpen: boolean;
  modifiedAt: number;
}

interface Watcher {
  readonly host: string;
  readonly onChange: (name: string) => void;
}

/**
 * The files of a study on a disk that several hosts share. All of it happens at once and never fails: faults
 * are the business of those who use it.
 */
export class Disk {
  private readonly timeline: Timeline;
  private readonly nodes = new Map<string, FileNode>();
  private readonly directories = new Map<string, Set<string>>();
  private readonly watchers = new Map<string, Set<Watcher>>();

  constructor(timeline: Timeline) {
    this.timeline = timeline;
  }

  exists(path: string): boolean {
    return this.nodes.has(path) || this.directories.has(path);
  }

  list(directory: string): string[] {
    const names = this.directories.get(directory);
    if (names === undefined) throw fileError('ENOENT', directory);
    return [...names];
  }

  /** A file as a host sees it. */
  read(path: string, host: string): string {
    const node = this.nodes.get(path);
    if (node === undefined) throw fileError(this.directories.has(path) ? 'EISDIR' : 'ENOENT', path);
    return node.isOpen && node.writer !== host ? (node.durable ?? '') : node.text;
  }

  modifiedAt(path: string): number {
    const node = this.nodes.get(path);
    if (node === undefined) throw fileError('ENOENT', path);
    return node.modifiedAt;
  }

  write(
    path: string,
    text: string,
    host: string,
    options: { isDurable?: boolean; isNew?: boolean } = {},
  ): void {
    if (!this.directories.has(dirname(path))) throw fileError('ENOENT', path);
    const before = this.nodes.get(path);
    if (options.isNew === true && before !== undefined) throw fileError('EEXIST', path);
    const durable = options.isDurable === true ? text : before?.durable;
    this.put(path, { text, durable, writer: host, isOpen: false, modifiedAt: this.timeline.now });
    if (options.isDurable !== true) this.writeBackLater(path);
  }

  /** Appends to a file that the host holds open. */
  append(path: string, text: string, host: string): void {
    if (!this.directories.has(dirname(path))) throw fileError('ENOENT', path);
    const before = this.nodes.get(path);
    const modifiedAt = this.timeline.now;
    this.put(path, {
      text: (before?.text ?? '') + text,
      durable: before?.durable,
      writer: host,
      isOpen: true,
      modifiedAt,
    });
    this.writeBackLater(path, PIECE);
    this.timeline.after(WRITE_BACK_MS / 2, () => this.writeBackLater(path));
  }

  sync(path: string): void {
    const node = this.nodes.get(path);
    if (node !== undefined) node.durable = node.text;
  }

  rename(from: string, to: string): void {
    if (this.directories.has(from)) {
      this.renameDirectory(from, to);
      return;
    }
    const node = this.nodes.get(from);
    if (node === undefined) throw fileError('ENOENT', from);
    this.drop(from);
    this.put(to, node);
    if (node.durable !== node.text) this.writeBackLater(to);
  }

  remove(path: string): void {
    for (const name of this.directories.get(path) ?? []) this.remove(`${path}/${name}`);
    if (this.directories.delete(path)) this.unlink(path);
    else if (this.nodes.has(path)) this.drop(path);
  }

  makeDirectory(directory: string): void {
    if (this.directories.has(directory)) return;
    const parent = dirname(directory);
    if (parent !== directory) this.makeDirectory(parent);
    this.directories.set(directory, new Set());
    if (parent !== directory) this.link(directory);
  }

  /** Whoever looks from a host hears of changes that were made on it. */
  watch(directory: string, watcher: Watcher): () => void {
    if (!this.directories.has(directory)) return () => undefined;
    const watchers = this.watchers.get(directory) ?? new Set();
    this.watchers.set(directory, watchers.add(watcher));
    return () => watchers.delete(watcher);
  }

  /** A host has lost its power: what it wrote and had not synced is there in part, or as it was before. */
  losePower(host: string, dice: Dice): void {
    for (const [path, node] of this.nodes) {
      node.isOpen = node.isOpen && node.writer !== host;
      if (node.writer !== host || node.durable === node.text) continue;
      const kept = node.durable ?? '';
      if (node.durable === undefined && dice.chance(0.3)) this.drop(path);
      else if (node.text.startsWith(kept)) {
        node.text = node.text.slice(0, dice.between(kept.length, node.text.length));
      } else if (dice.chance(0.5)) node.text = kept;
      node.durable = node.text;
    }
  }

  private renameDirectory(from: string, to: string): void {
    this.makeDirectory(to);
    for (const name of this.list(from)) this.rename(`${from}/${name}`, `${to}/${name}`);
    this.remove(from);
  }

  private put(path: string, node: FileNode): void {
    if (!this.nodes.has(path)) this.directories.get(dirname(path))?.add(nameOf(path));
    this.nodes.set(path, node);
    this.tell(path, node.writer);
  }

  private drop(path: string): void {
    const writer = this.nodes.get(path)!.writer;
    this.nodes.delete(path);
    this.unlink(path);
    this.tell(path, writer);
  }

  private link(path: string): void {
    this.directories.get(dirname(path))?.add(nameOf(path));
  }

  private unlink(path: string): void {
    this.directories.get(dirname(path))?.delete(nameOf(path));
  }

  private tell(path: string, host: string): void {
    const watchers = this.watchers.get(dirname(path));
    if (watchers === undefined || watchers.size === 0) return;
    for (const watcher of watchers) {
      if (watcher.host !== host) continue;
      this.timeline.after(NOTICE_MS, () => {
        if (watchers.has(watcher)) watcher.onChange(nameOf(path));
      });
    }
  }

  private writeBackLater(path: string, piece = 1): void {
    const whole = this.nodes.get(path)?.text;
    if (whole === undefined) return;
    const text = whole.slice(0, whole.length - (whole.length % piece));
    this.timeline.after(WRITE_BACK_MS, () => {
      const node = this.nodes.get(path);
      if (node === undefined || !node.text.startsWith(text)) return;
      if (node.durable === undefined || !node.durable.startsWith(text)) node.durable = text;
    });
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** What the file system throws: an error with a code. */
export function fileError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code, path });
}
