/**
 * @file Locks on folders, between processes: held, refused, given back, left by processes that were killed, raced for.
 */
import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs, {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isTemporary } from '../../src/files/atomic.js';
import { FileError } from '../../src/files/errors.js';
import { FolderLock, FolderLostError, LOCK_NAME, LockedError } from '../../src/files/lock.js';
import { ownIdentity } from '../../src/files/processes.js';
import type { Answer, Order } from './fixtures/locker.js';

const LOCKER = fileURLToPath(new URL('fixtures/locker.ts', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'lock-'));

/** Only Linux tells a process from a later one of the same number. */
const onLinux = (name: string, run: () => void | Promise<void>): void => {
  if (process.platform === 'linux') test(name, run);
  else test.skip(name);
};

/** A process that takes folders as it is told. */
class Locker {
  private constructor(readonly process: ChildProcess) {}

  static async start(): Promise<Locker> {
    const locker = new Locker(
      fork(LOCKER, { execArgv: ['--import', 'tsx'], stdio: ['pipe', 'pipe', 'inherit', 'ipc'] }),
    );
    await locker.answer();
    return locker;
  }

  get pid(): number {
    return this.process.pid ?? NaN;
  }

  /** @returns whether it has the folder now, or why not. */
  async take(folder: string): Promise<true | string> {
    const { refused } = await this.tell({ take: folder });
    return refused === undefined || `${refused.name}: ${refused.message}`;
  }

  async release(): Promise<void> {
    await this.tell({});
  }

  /** Resolves when a slow one stops. */
  async stopped(): Promise<void> {
    await once(this.process.stdout ?? this.process, 'data');
  }

  async kill(): Promise<void> {
    const exit = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await exit;
  }

  tell(order: Order): Promise<Answer> {
    this.process.send(order);
    return this.answer();
  }

  private async answer(): Promise<Answer> {
    const [answer] = (await once(this.process, 'message')) as [Answer];
    return answer;
  }
}

// Made at once, for it takes a while; those that a test ends are in no later one.
const start = (): Promise<Locker> => Locker.start();
const [one, two, three, four, five] = await Promise.all([start(), start(), start(), start(), start()]);

test.after(() => {
  for (const { process: child } of [one, two, three, four, five]) if (child.connected) child.disconnect();
  rmSync(root, { recursive: true });
});

let folders = 0;

/** A new folder, with this in its lock file. */
function folderWith(lock?: string): string {
  const folder = join(root, `folder-${++folders}`);
  mkdirSync(folder);
  if (lock !== undefined) writeFileSync(join(folder, LOCK_NAME), lock);
  return folder;
}

function lockOf(holder: { pid?: number; host?: string; born?: string; space?: string }): string {
  return JSON.stringify({ pid: process.pid, host: hostname(), born: 'in another life', ...holder });
}

const contentOf = (folder: string): string => readFileSync(join(folder, LOCK_NAME), 'utf8');

test('a folder that a process holds is refused to others, who are told its number', async () => {
  const folder = folderWith();
  assert.is(await one.take(folder), true);
  const refusal = `the folder ${folder} is in use by process ${one.pid}`;
  assert.is(await two.take(folder), `LockedError: ${refusal}`);
  assert.throws(
    () => FolderLock.acquire(folder),
    (error: unknown) => error instanceof LockedError && error.message === refusal,
  );
  assert.ok(FolderLock.isHeld(folder));
});

test('a folder given back is free: the next process has it, and the first does not get it again', async () => {
  const folder = folderWith();
  assert.is(await one.take(folder), true);
  await one.release();
  assert.not(FolderLock.isHeld(folder));
  assert.equal(readdirSync(folder), [], 'nothing is left');
  assert.is(await two.take(folder), true);
  assert.match(String(await one.take(folder)), `in use by process ${two.pid}`);
});

test('a process does not get a folder twice, and may give it back twice', () => {
  const folder = folderWith();
  const lock = FolderLock.acquire(folder);
  assert.throws(() => FolderLock.acquire(folder), new RegExp(`in use by process ${process.pid}`));
  lock.release();
  const again = FolderLock.acquire(folder);
  lock.release();
  assert.ok(FolderLock.isHeld(folder), 'the second lock is not taken away by giving back the first');
  again.release();
  assert.not(FolderLock.isHeld(folder));
});

test('a lock that somebody else has made since is left alone', () => {
  const folder = folderWith();
  const lock = FolderLock.acquire(folder);
  writeFileSync(join(folder, LOCK_NAME), lockOf({ host: 'elsewhere' }));
  lock.release();
  assert.is(contentOf(folder), lockOf({ host: 'elsewhere' }));
});

onLinux('a lock is stale where its number is now another process’s', async () => {
  const folder = folderWith(lockOf({ pid: two.pid }));
  assert.not(FolderLock.isHeld(folder));
  assert.is(await one.take(folder), true);
});

test('a lock without a birth, of a system that does not tell it, goes by the number alone', () => {
  assert.ok(FolderLock.isHeld(folderWith(lockOf({ born: '' }))));
});

test('a lock of another host is refused with advice, and left alone', async () => {
  const content = lockOf({ pid: 7, host: 'node-12' });
  const folder = folderWith(content);
  const path = join(folder, LOCK_NAME);
  assert.is(
    await one.take(folder),
    `LockedError: the folder ${folder} is in use by process 7 on node-12; if that one no longer runs, delete ${path}`,
  );
  assert.ok(FolderLock.isHeld(folder));
  assert.is(contentOf(folder), content);
  rmSync(path);
  assert.is(await one.take(folder), true);
});

onLinux(
  'a lock of another PID namespace is refused with advice, and left alone: its number says nothing here',
  async () => {
    for (const pid of [2 ** 22 + 1, one.pid]) {
      const content = lockOf({ pid, space: 'pid:[1]', born: ownIdentity().born });
      const folder = folderWith(content);
      const where = 'in another container (PID namespace) of this host';
      assert.is(
        await one.take(folder),
        `LockedError: the folder ${folder} is in use by process ${pid} ${where}; if that one no longer runs, ` +
          `delete ${join(folder, LOCK_NAME)}`,
      );
      assert.ok(FolderLock.isHeld(folder));
      assert.is(contentOf(folder), content);
    }
  },
);

onLinux(
  'a lock of this PID namespace from before the machine was restarted is stale, unless it is a container’s',
  () => {
    const { space } = ownIdentity();
    const isFirst = space === 'pid:[4026531836]';
    const folder = folderWith(lockOf({ pid: 2 ** 22 + 1, space, born: 'another-boot/7' }));
    assert.is(FolderLock.isHeld(folder), !isFirst);
  },
);

onLinux('a process in a PID namespace of its own does not take a living lock', async () => {
  const folder = folderWith();
  assert.is(await one.take(folder), true);
  const lock = new URL('../../src/files/lock.ts', import.meta.url).href;
  const code =
    `import { FolderLock } from ${JSON.stringify(lock)};` +
    `try { FolderLock.acquire(${JSON.stringify(folder)}); console.log('taken'); } catch (error) { console.log(error.message); }`;
  const words = ['--import', 'tsx', '--input-type=module', '--eval', code];
  for (const more of [[], ['--mount-proc']]) {
    const { status, stdout, stderr } = spawnSync(
      'unshare',
      ['--user', '--map-root-user', '--pid', '--fork', ...more, process.execPath, ...words],
      { encoding: 'utf8' },
    );
    // Not every machine lets its users make namespaces.
    if (status === null || stderr.includes('unshare: ')) return;
    assert.match(stdout, /in use by process \d+ in another container \(PID namespace\)/, stderr);
  }
});

test('a lock file has its content from its first moment on', () => {
  const folder = folderWith();
  const { linkSync } = fs;
  let seen = '';
  fs.linkSync = (from, to) => {
    assert.not(existsSync(to), 'nothing is there before');
    linkSync(from, to);
    seen = readFileSync(to, 'utf8');
  };
  syncBuiltinESMExports();
  try {
    FolderLock.acquire(folder).release();
  } finally {
    fs.linkSync = linkSync;
    syncBuiltinESMExports();
  }
  assert.equal(JSON.parse(seen), ownIdentity());
  assert.equal(readdirSync(folder), []);
});

test('without hard links a folder is locked all the same', () => {
  const folder = folderWith();
  const { linkSync } = fs;
  fs.linkSync = () => {
    throw Object.assign(new Error('no links here'), { code: 'EPERM' });
  };
  syncBuiltinESMExports();
  try {
    const lock = FolderLock.acquire(folder);
    assert.equal(readdirSync(folder), [LOCK_NAME]);
    assert.throws(() => FolderLock.acquire(folder), /in use by process/);
    lock.ensureHeld();
    lock.release();
  } finally {
    fs.linkSync = linkSync;
    syncBuiltinESMExports();
  }
  assert.equal(readdirSync(folder), []);
});

/** What can happen to a folder while its process is at work, and what that process is told. */
const LOSSES: Readonly<Record<string, readonly [happen: (folder: string) => void, message: RegExp]>> = {
  'moved away': [
    (folder) => renameSync(folder, `${folder}-moved`),
    /it was moved away or removed while it was written; /,
  ],
  removed: [(folder) => rmSync(folder, { recursive: true }), /it was moved away or removed/],
  'removed, and made again': [
    (folder) => {
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
    },
    /it was moved away or removed/,
  ],
  'moved away, and taken by another process': [
    (folder) => {
      renameSync(folder, `${folder}-moved`);
      mkdirSync(folder);
      writeFileSync(join(folder, LOCK_NAME), lockOf({ pid: 4711 }));
    },
    /it was replaced while it was written, and is in use by process 4711; nothing more is written$/,
  ],
  'replaced by a copy': [
    (folder) => {
      cpSync(folder, `${folder}-copy`, { recursive: true });
      renameSync(folder, `${folder}-moved`);
      renameSync(`${folder}-copy`, folder);
    },
    /it was replaced while it was written; /,
  ],
  'without its lock': [(folder) => rmSync(join(folder, LOCK_NAME)), /it was moved away or removed/],
};

for (const [what, [happen, message]] of Object.entries(LOSSES)) {
  test(`a folder that was ${what} is no longer the process's, and nothing in it is touched`, () => {
    const folder = folderWith();
    const lock = FolderLock.acquire(folder);
    lock.ensureHeld();
    happen(folder);
    const before = existsSync(folder) ? readdirSync(folder) : undefined;
    assert.throws(lock.ensureHeld, (error: unknown) => {
      return error instanceof FolderLostError && message.test(error.message) && error.message.includes(folder);
    });
    lock.release();
    assert.equal(existsSync(folder) ? readdirSync(folder) : undefined, before);
  });
}

for (const content of [
  '',
  '{"pid":12',
  '\0\0\0\0',
  'null',
  '[]',
  '{}',
  JSON.stringify({ pid: '12', host: hostname(), born: '' }),
  JSON.stringify({ pid: -1, host: hostname(), born: '' }),
  JSON.stringify({ pid: 1e300, host: hostname(), born: '' }),
  JSON.stringify({ pid: 12, host: null, born: '' }),
]) {
  test(`a lock file of ${JSON.stringify(content)} counts as being written at first, and then as left behind`, async () => {
    const folder = folderWith(content);
    assert.is(await one.take(folder), `LockedError: another process is just taking the folder ${folder}`);
    assert.is(contentOf(folder), content);
    const aMinuteAgo = Date.now() / 1000 - 60;
    utimesSync(join(folder, LOCK_NAME), aMinuteAgo, aMinuteAgo);
    assert.not(FolderLock.isHeld(folder));
    assert.is(await one.take(folder), true);
  });
}

test('a number that no process can have is no living process', async () => {
  assert.is(await one.take(folderWith(lockOf({ pid: 2 ** 50 }))), true);
});

test('a folder that does not exist cannot be taken', () => {
  const folder = join(root, 'nowhere');
  assert.throws(
    () => FolderLock.acquire(folder),
    (error: unknown) => error instanceof FileError && error.message.includes(join(folder, LOCK_NAME)),
  );
  assert.not(FolderLock.isHeld(folder));
});

test('of many processes that race for a stale lock exactly one wins, each time', async () => {
  const racers = [one, two, three, four, five];
  for (let round = 0; round < 60; round++) {
    const folder = folderWith(lockOf({ pid: two.pid }));
    const results = await Promise.all(racers.map((racer) => racer.take(folder)));
    assert.is(results.filter((result) => result === true).length, 1, `round ${round}: ${results.join('\n')}`);
    for (const result of results) assert.ok(result === true || result.startsWith('LockedError: '), String(result));
    assert.equal(readdirSync(folder), [LOCK_NAME]);
  }
});

onLinux('a process that is slow to remove a stale lock does not remove what another has made since', async () => {
  const folder = folderWith(lockOf({ pid: two.pid }));
  const [slow, ...others] = [three, one, two, four, five] as const;
  const results: (true | string)[] = [];
  const answer = slow.tell({ take: folder, slowly: true });
  const over = answer.then(() => 'over' as const);
  // At each stop of the slow one, another tries.
  while ((await Promise.race([over, slow.stopped()])) !== 'over') {
    const other = others[results.length];
    if (other !== undefined) results.push(await other.take(folder));
    slow.process.stdin?.write('.');
  }
  assert.ok(results.length > 0, 'it was stopped');
  const { refused } = await answer;
  results.push(refused === undefined || refused.message);
  assert.is(results.filter((result) => result === true).length, 1, results.join('\n'));
  assert.equal(readdirSync(folder), [LOCK_NAME]);
});

onLinux('a process killed while it removes a stale lock is in nobody’s way', async () => {
  const folder = folderWith(lockOf({ pid: two.pid }));
  three.process.send({ take: folder } satisfies Order);
  await three.stopped();
  await three.kill();
  assert.is(await one.take(folder), true);
  assert.match(String(await two.take(folder)), `in use by process ${one.pid}`);
  const others = readdirSync(folder).filter((name) => name !== LOCK_NAME);
  assert.ok(others.every(isTemporary), `what is left is cleared away as unfinished files are: ${others.join()}`);
});

test('a folder whose holder was killed is free at once', async () => {
  const folder = folderWith();
  assert.is(await four.take(folder), true);
  await four.kill();
  assert.ok(existsSync(join(folder, LOCK_NAME)), 'the lock is left');
  assert.not(FolderLock.isHeld(folder));
  assert.is(await one.take(folder), true);
  assert.is(await two.take(folder), `LockedError: the folder ${folder} is in use by process ${one.pid}`);
});

onLinux('a killed process holds nothing even before its parent has looked after it', async () => {
  const folder = folderWith();
  assert.is(await five.take(folder), true);
  const exit = once(five.process, 'exit');
  five.process.kill('SIGKILL');
  // Without a turn of the event loop, so that it stays a zombie.
  while (!readFileSync(`/proc/${five.pid}/stat`, 'utf8').includes(') Z ')) continue;
  assert.not(FolderLock.isHeld(folder));
  FolderLock.acquire(folder).release();
  await exit;
});

test('a process that ends gives its folders back', async () => {
  const folder = folderWith();
  assert.is(await two.take(folder), true);
  const exit = once(two.process, 'exit');
  two.process.disconnect();
  await exit;
  assert.equal(readdirSync(folder), []);
});

test.run();
