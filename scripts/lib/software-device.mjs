/**
 * @file A software Vulkan device (Mesa's lavapipe) from the system's own packages, for machines without a usable GPU.
 *
 * Dawn needs dynamic indexing of sampled images, which lavapipe has in Mesa 25 but not in the 22.3 of Debian 12: there the
 * package comes from Debian's own backports.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, runQuietly } from './run.mjs';
import { makeTemporary } from './temporary.mjs';

const PACKAGES = ['mesa-vulkan-drivers', 'libvulkan1'];
const BACKPORTS = 'bookworm-backports';
const BACKPORTS_FILE = '/etc/apt/sources.list.d/zdim-gan-lab-backports.sources';
const DEBIAN_MIRROR = 'http://deb.debian.org/debian';
const DEBIAN_KEYS = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Other systems' packages, by the ID or ID_LIKE of /etc/os-release. */
const OTHER_SYSTEMS = {
  fedora: 'dnf install -y mesa-vulkan-drivers vulkan-loader',
  arch: 'pacman -S --needed vulkan-swrast vulkan-icd-loader',
  suse: 'zypper install -y libvulkan_lvp libvulkan1',
  debian: `apt-get install -y ${PACKAGES.join(' ')}`,
};

/**
 * @typedef {{ kind: 'apt', what: string, asRoot: string[], backports: boolean }} AptDevice
 * `asRoot` is what a command that needs root begins with.
 */

/** @returns {Record<string, string>} */
const osRelease = () => {
  if (!existsSync('/etc/os-release')) return {};
  const pairs = [...readFileSync('/etc/os-release', 'utf8').matchAll(/^(\w+)="?([^"\n]*)"?$/gm)];
  return Object.fromEntries(pairs.map(([, key, value]) => [key, value]));
};

/**
 * Debian 12 by backports, Debian 13 and Ubuntu 24.04 and newer by the stock package. Testing and unstable have no number.
 * @param {Record<string, string>} release
 */
const aptSource = ({ ID: id, VERSION_ID: version = 'Infinity' }) => {
  if (id === 'debian' && version === '12') return 'backports';
  if (id === 'debian' && Number(version) > 12) return 'stock';
  if (id === 'ubuntu' && Number(version) >= 24.04) return 'stock';
  return undefined;
};

/** @returns {string[] | undefined} undefined where root is not to be had without a password */
const rootPrefix = () => {
  if (process.getuid?.() === 0) return [];
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : undefined;
};

/** @returns {AptDevice | { kind: 'advice', advice: string }} */
export const softwareDevice = () => {
  /** @param {string} advice @returns {{ kind: 'advice', advice: string }} */
  const advise = (advice) => ({ kind: 'advice', advice });
  if (process.platform === 'darwin') return advise('Every Mac with Metal has one. To see more: npm run doctor');
  if (process.platform === 'win32') return advise('Update the graphics driver. To see more: npm run doctor');

  const release = osRelease();
  const source = aptSource(release);
  if (!source) {
    const names = [release.ID ?? '', ...(release.ID_LIKE ?? '').split(' ')];
    const known = Object.entries(OTHER_SYSTEMS).find(([name]) => names.some((each) => each.startsWith(name)));
    return advise(
      known
        ? `Install a software device (Mesa 25 is known to work, 22 to be too old):\n  sudo ${known[1]}`
        : 'Install a Vulkan driver for the GPU, or the software device lavapipe of Mesa 25 or newer.',
    );
  }
  const asRoot = rootPrefix();
  // Node's full path, because root's own path often lacks it.
  if (!asRoot)
    return advise(
      `Install a software device:\n  sudo ${process.execPath} ${join(ROOT, 'scripts', 'install-adapter.mjs')}`,
    );
  const what = `${PACKAGES.join(' and ')}${source === 'backports' ? ` from ${BACKPORTS}` : ''}`;
  return { kind: 'apt', what, asRoot, backports: source === 'backports' };
};

/** Apt's own view of its sources, whichever files and formats they are in; it sees only those it has fetched once. */
const aptIndexes = () => {
  const format = '$(RELEASE)|$(COMPONENT)|$(SIGNED_BY)|$(REPO_URI)';
  const { stdout } = spawnSync('apt-get', ['indextargets', '--format', format, 'Created-By: Packages'], {
    encoding: 'utf8',
  });
  return stdout.split('\n').map((line) => {
    const [release, component, keys, uri] = line.split('|');
    return { release, component, keys, uri };
  });
};

/** @param {AptDevice} device */
const addBackports = async ({ asRoot }) => {
  const indexes = aptIndexes().filter(({ component }) => component === 'main');
  if (indexes.some(({ release }) => release === BACKPORTS)) return;
  // The mirror that this machine already takes Debian 12 from: it may reach no other.
  const mirror = indexes.find(({ release, uri }) => release === 'bookworm' && /\/debian\/?$/.test(uri ?? ''));
  const keys = [mirror?.keys, DEBIAN_KEYS].find((path) => path && existsSync(path));
  const lines = ['Types: deb', `URIs: ${mirror?.uri ?? DEBIAN_MIRROR}`, `Suites: ${BACKPORTS}`, 'Components: main'];
  const folder = makeTemporary();
  const draft = join(folder, 'backports.sources');
  writeFileSync(draft, [...lines, ...(keys ? [`Signed-By: ${keys}`] : []), ''].join('\n'));
  await runQuietly('Adding the backports', [...asRoot, 'install', '-m', '644', draft, BACKPORTS_FILE]);
  rmSync(folder, { recursive: true });
  console.log(`Added ${BACKPORTS_FILE}`);
};

/** @param {AptDevice} device */
export const installSoftwareDevice = async (device) => {
  const apt = 'apt-get -o DPkg::Lock::Timeout=120';
  /** @param {string} script */
  const shell = (script) => [...device.asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'sh', '-c', script];
  if (device.backports) {
    await runQuietly('Updating the package lists', shell(`${apt} update`), { mayFail: true });
    await addBackports(device);
  }
  // Nothing that is there may be removed for the sake of these packages.
  const options = `-y --no-remove --no-install-recommends ${device.backports ? `-t ${BACKPORTS}` : ''}`;
  // One unreachable source of the machine's fails the update, yet need not concern these packages: the install decides,
  // and the log holds both.
  const script = `${apt} update; ${apt} install ${options} ${PACKAGES.join(' ')}`;
  await runQuietly('Installing the software device', shell(script));
};
