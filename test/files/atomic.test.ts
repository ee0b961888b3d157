import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isTemporary, removeTemporaries, writeAtomically } from '../../src/files/atomic.js';
import { FileError } from '../../src/files/errors.js';
import { marksOf, ownIdentity } from '../../src/files/processes.js';
import { slow } from '../support/slow.js';

async function withFolder(body: (folder: string) => void | Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gan-lab-atomic-'));
  try {
    await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What writing there must fail with. */
function failure(path: string, content = 'new'): string {
  try {
    writeAtomically(path, content);
  } catch (error) {
    assert.instance(error, FileError);
    return error instanceof Error ? error.message : '';
  }
  throw new Error(`${path} was written`);
}

test('content is there whole, text as UTF-8, and nothing beside it', () =>
  withFolder((folder) => {
    const path = join(folder, 'file');
    const bytes = Uint8Array.from({ length: 3_000_000 }, (_, i) => i % 251);
    for (const content of ['', 'a\r\nä😀', bytes, new Uint8Array(0), bytes.subarray(1000, 1010), Buffer.from('b')]) {
      writeAtomically(path, content);
      assert.is(Buffer.compare(readFileSync(path), Buffer.from(content)), 0);
      assert.equal(readdirSync(folder), ['file']);
    }
  }));

test('a link is followed, and what it leads to is replaced', () =>
  withFolder((folder) => {
    const [path, link] = [join(folder, 'file'), join(folder, 'link')];
    writeFileSync(path, 'old');
    symlinkSync('file', link);
    writeAtomically(link, 'new');
    assert.is(readFileSync(path, 'utf8'), 'new');
    assert.ok(lstatSync(link).isSymbolicLink());
  }));

test('what is no regular file is not replaced by one', () =>
  withFolder((folder) => {
    assert.match(failure('/dev/null'), /cannot write \/dev\/null: it is no regular file/);
    assert.not.ok(lstatSync('/dev/null').isFile());
    assert.match(failure(folder), /it is a folder/);
  }));

test('a name may look like anything', () =>
  withFolder((folder) => {
    const names = ['.hidden', '.x.1.tmp', 'two\nlines', 'ä 😀', '-rf', '...'].sort();
    for (const name of names) writeAtomically(join(folder, name), name);
    assert.equal(readdirSync(folder).sort(), names);
    for (const name of names) assert.is(readFileSync(join(folder, name), 'utf8'), name);
  }));

test('a folder that is missing is named, and not made', () =>
  withFolder((folder) => {
    const path = join(folder, 'none', 'file');
    assert.is(failure(path), `cannot write ${path}: it does not exist (ENOENT)`);
    assert.equal(readdirSync(folder), []);
  }));

test('a folder in the place of the file stays, and no temporary with it', () =>
  withFolder((folder) => {
    for (const inside of [[], ['kept']]) {
      const path = join(folder, `folder${inside.length}`);
      mkdirSync(path);
      for (const name of inside) writeFileSync(join(path, name), 'x');
      assert.match(failure(path), `cannot write ${path}: it is a folder`);
      assert.equal(readdirSync(path), inside);
    }
    assert.equal(readdirSync(folder).sort(), ['folder0', 'folder1']);
  }));

test('a file in the place of a folder, and a name that is too long, are told as what they are', () =>
  withFolder((folder) => {
    writeFileSync(join(folder, 'file'), 'old');
    assert.match(failure(join(folder, 'file', 'x')), /a part of its path is a file, not a folder \(ENOTDIR\)/);
    assert.match(failure(join(folder, 'n'.repeat(300))), /its name is too long \(ENAMETOOLONG\)/);
    assert.equal(readdirSync(folder), ['file']);
  }));

test('what a killed process left does not disturb the next write, and is left to the cleaner', () =>
  withFolder((folder) => {
    const left = `.file.${process.pid}.tmp`;
    writeFileSync(join(folder, left), 'much longer than the new content');
    writeAtomically(join(folder, 'file'), 'new');
    assert.is(readFileSync(join(folder, 'file'), 'utf8'), 'new');
    assert.equal(readdirSync(folder).sort(), [left, 'file']);
  }));

test('a name may be as long as the file system takes', () =>
  withFolder((folder) => {
    // Bytes, not characters: the last ones take three each.
    for (const name of ['n'.repeat(243), 'n'.repeat(244), 'n'.repeat(250), 'n'.repeat(255), '数'.repeat(85)]) {
      assert.ok(Buffer.byteLength(name) <= 255);
      for (const content of ['old', 'new']) writeAtomically(join(folder, name), content);
      assert.is(readFileSync(join(folder, name), 'utf8'), 'new');
    }
    assert.is(readdirSync(folder).length, 5, 'no temporary is left');
    assert.match(failure(join(folder, 'n'.repeat(256))), /its name is too long \(ENAMETOOLONG\)/);
    assert.is(readdirSync(folder).length, 5);
  }));

test('pieces are written as they come, and none is kept where one fails', () =>
  withFolder((folder) => {
    const path = join(folder, 'file');
    function* pieces(fails: boolean): Generator<Uint8Array> {
      yield Buffer.from('one, ');
      assert.ok(readdirSync(folder).some(isTemporary), 'the first is asked for while the file is written');
      if (fails) throw new Error('no more');
      yield Buffer.from('two');
    }
    writeAtomically(path, pieces(false));
    assert.is(readFileSync(path, 'utf8'), 'one, two');
    assert.throws(() => writeAtomically(path, pieces(true)), /no more/);
    assert.is(readFileSync(path, 'utf8'), 'one, two');
    assert.equal(readdirSync(folder), ['file']);
  }));

test('isTemporary knows the names that writing uses, and no others', () => {
  for (const name of ['.state.123.tmp', '..hidden.1.tmp', '.two\nlines.7.tmp', '.a.b.c.99999.tmp']) {
    assert.ok(isTemporary(name), name);
  }
  for (const name of ['state.123.tmp', '.state.tmp', '.state.12a.tmp', '.state.123.tmp2', '.state.123.tmp\n', '.tmp']) {
    assert.not(isTemporary(name), name);
  }
});

/** What this process would write now; with another owner where that is told. */
function temporaryName(marks: Partial<{ place: string; birth: string; pid: number }> = {}): string {
  const own = { ...marksOf(ownIdentity()), pid: process.pid };
  const { place, birth, pid } = { ...own, ...marks };
  return `.report.html.0-${place}-${birth}.${pid}.tmp`;
}

const GONE = 2 ** 22 + 1;
const ANOTHER = '0123abcd';

test('removeTemporaries removes those of processes that are gone, and leaves all else', () =>
  withFolder((folder) => {
    const gone = [
      // Older versions noted the number alone; this one never writes such names.
      `.b.json.${GONE}.tmp`,
      `.c.${process.pid}.tmp`,
      temporaryName({ pid: GONE }),
      // The number is another process's now.
      ...(process.platform === 'linux' ? [temporaryName({ birth: ANOTHER })] : []),
    ];
    const others = [
      ...['a', 'a.1.tmp', '.lock', '.a.tmp', '.a.b.tmp', 'run.json'],
      `.alive.${process.ppid}.tmp`,
      temporaryName(),
      temporaryName({ place: ANOTHER, pid: GONE }),
    ];
    for (const name of [...gone, ...others]) writeFileSync(join(folder, name), name);
    const old = temporaryName({ place: ANOTHER, birth: ANOTHER });
    writeFileSync(join(folder, old), 'of another host, two days ago');
    const twoDaysAgo = Date.now() / 1000 - 48 * 3600;
    utimesSync(join(folder, old), twoDaysAgo, twoDaysAgo);
    mkdirSync(join(folder, `.folder.${GONE}.tmp`));
    mkdirSync(join(folder, 'inner'));
    writeFileSync(join(folder, 'inner', `.a.${GONE}.tmp`), '');
    removeTemporaries(folder);
    assert.equal(readdirSync(folder).sort(), [...others, `.folder.${GONE}.tmp`, 'inner'].sort());
    assert.equal(readdirSync(join(folder, 'inner')), [`.a.${GONE}.tmp`]);
  }));

test('in a folder that others use as well, only names of this program go', () =>
  withFolder((folder) => {
    const [ours, older] = [temporaryName({ pid: GONE }), `.samples.png.${GONE}.tmp`];
    const theirs = `.notes.txt.${GONE}.tmp`;
    for (const name of [ours, older, theirs]) writeFileSync(join(folder, name), '');
    removeTemporaries(folder, ['samples.png']);
    assert.equal(readdirSync(folder), [theirs]);
  }));

test('a folder that is not there has no temporaries', () =>
  withFolder((folder) => removeTemporaries(join(folder, 'nowhere'))));

// --- Processes that fail or die while they write

const ATOMIC = new URL('../../src/files/atomic.ts', import.meta.url).href;
const script = (body: string): string[] => [
  ...['--import', 'tsx', '--input-type=module', '--eval'],
  `import { writeAtomically } from ${JSON.stringify(ATOMIC)}; ${body}`,
];

test('when there is no room for all of it, the old content stays and the part goes', () => {
  if (process.platform === 'win32') return;
  return withFolder((folder) => {
    const path = join(folder, 'file');
    writeFileSync(path, 'old');
    const code = `
      try { writeAtomically(${JSON.stringify(path)}, new Uint8Array(4_000_000)); console.log('written'); }
      catch (error) { console.log(error.name, error.message); }`;
    // A limit on the size of files stands in for a full disk: some of the bytes are written, then no more.
    const limited = ['-c', 'ulimit -f 100 && exec "$0" "$@"', process.execPath, ...script(code)];
    const { stdout, stderr } = spawnSync('sh', limited, {
      encoding: 'utf8',
      env: { ...process.env, TSX_DISABLE_CACHE: '1' },
    });
    assert.match(stdout, /^FileError cannot write .*EFBIG/, stderr);
    assert.is(readFileSync(path, 'utf8'), 'old');
    assert.equal(readdirSync(folder), ['file']);
  });
});

slow('a reader never finds half a file, nor does anybody after the writer was killed', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'file');
    const size = 300_000;
    /** Its only byte value. */
    const look = (): number | undefined => {
      const bytes = readFileSync(path);
      assert.is(bytes.length, size);
      assert.ok(bytes.equals(Buffer.alloc(size, bytes[0])), 'parts of two contents');
      return bytes[0];
    };
    for (let round = 0; round < 3; round++) {
      const code = `for (let i = 0; ; i++) writeAtomically(${JSON.stringify(path)}, new Uint8Array(${size}).fill(i));`;
      const writer = spawn(process.execPath, script(code), { stdio: 'ignore' });
      const ended = once(writer, 'exit');
      const seen = new Set<number | undefined>();
      const deadline = Date.now() + 60_000;
      try {
        while (seen.size < 5) {
          assert.ok(Date.now() < deadline && writer.exitCode === null, `${seen.size} contents were seen`);
          if (existsSync(path)) seen.add(look());
          await sleep(1);
        }
      } finally {
        writer.kill('SIGKILL');
        await ended;
      }
      look();
      for (const name of readdirSync(folder)) assert.ok(name === basename(path) || isTemporary(name), name);
      removeTemporaries(folder);
      assert.equal(readdirSync(folder), ['file']);
    }
  }),
);

test.run();
