/**
 * @file How much memory is free, by the files of Linux, and what is done where that is not enough.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { freeMemory, MEMORY_VARIABLE } from '../../../src/host/node/memory.js';

const GIB = 2 ** 30;
const MEMINFO = 'MemTotal:       16777216 kB\nMemFree:         1048576 kB\nMemAvailable:    8388608 kB\n';

/** What is free where a machine has these files. */
function free(files: Readonly<Record<string, string>>): number | undefined {
  return freeMemory((path) => files[path], 'linux');
}

test('without control groups, what the machine can give: caches are free', () => {
  assert.is(free({ '/proc/meminfo': MEMINFO }), 8 * GIB);
});

test('where the system does not say, nothing is known', () => {
  assert.is(free({}), undefined);
  assert.is(
    freeMemory(() => undefined, 'darwin'),
    undefined,
  );
  assert.ok((freeMemory(() => undefined, 'win32') ?? 0) > 0);
});

test('the tightest control group counts, of version 2, without its cached files', () => {
  const files = {
    '/proc/meminfo': MEMINFO,
    '/proc/self/cgroup': '0::/user.slice/job:7\n',
    '/sys/fs/cgroup/user.slice/memory.max': `${4 * GIB}\n`,
    '/sys/fs/cgroup/user.slice/memory.current': `${3 * GIB}\n`,
    '/sys/fs/cgroup/user.slice/memory.stat': `anon ${GIB}\ninactive_file ${GIB}\nactive_file ${GIB / 2}\n`,
    '/sys/fs/cgroup/user.slice/job:7/memory.max': 'max\n',
    '/sys/fs/cgroup/user.slice/job:7/memory.current': '17\n',
  };
  assert.is(free(files), 2.5 * GIB);
});

test('in a container of version 1 only the root is there; a limit beyond all memory is none', () => {
  const of = (limit: string): number | undefined =>
    free({
      '/proc/meminfo': MEMINFO,
      '/proc/self/cgroup': '9:name=systemd:/docker/0a\n4:cpu,memory:/docker/0a\n',
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': `${limit}\n`,
      '/sys/fs/cgroup/memory/memory.usage_in_bytes': `${GIB}\n`,
      '/sys/fs/cgroup/memory/memory.stat': `active_file 1\ntotal_active_file ${GIB / 4}\ntotal_inactive_file 0\n`,
    });
  assert.is(of((2 * GIB).toString()), 1.25 * GIB);
  assert.is(of('9223372036854771712'), 8 * GIB);
  assert.is(of((GIB / 2).toString()), 0, 'never below nothing');
});

test('a limit on addresses counts, less what is mapped', () => {
  const limits = `Limit  Soft Limit  Hard Limit  Units\nMax address space         ${6 * GIB}  unlimited  bytes\n`;
  const status = 'Name:\tnode\nVmSize:\t 2097152 kB\n';
  assert.is(free({ '/proc/meminfo': MEMINFO, '/proc/self/limits': limits, '/proc/self/status': status }), 4 * GIB);
  assert.is(
    free({ '/proc/meminfo': MEMINFO, '/proc/self/limits': 'Max address space  unlimited unlimited bytes' }),
    8 * GIB,
  );
});

test('a share of the memory is no more than there is', () => {
  const before = process.env[MEMORY_VARIABLE];
  try {
    for (const [told, expected] of [
      [GIB.toString(), GIB],
      [(99 * GIB).toString(), 8 * GIB],
      ['much', 8 * GIB],
      ['', 8 * GIB],
    ] as const) {
      process.env[MEMORY_VARIABLE] = told;
      assert.is(free({ '/proc/meminfo': MEMINFO }), expected);
    }
  } finally {
    if (before === undefined) Reflect.deleteProperty(process.env, MEMORY_VARIABLE);
    else process.env[MEMORY_VARIABLE] = before;
  }
});

test('on Linux itself, something is free', () => {
  if (process.platform === 'linux') assert.ok((freeMemory() ?? 0) > 0);
});

test.run();
