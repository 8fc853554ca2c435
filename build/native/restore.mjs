// Restores ONNX Runtime's native libraries from the npm package that package-lock.json pins by integrity hash.
//
//   node restore.mjs <destination> <rid>=<path inside the package>=<file name> ...
//
// Works in a private folder and publishes each library by rename: builds that run at once, or one that was
// interrupted, never leave half a file under a final name. A failure prints one line, "OM####: what and what to do".
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const lockFolder = dirname(fileURLToPath(import.meta.url));
const packageFolder = join('node_modules', 'onnxruntime-node', 'bin', 'napi-v6');
const folderPrefix = '.restore-';
const [destination, ...libraries] = process.argv.slice(2);

class RestoreError extends Error {
    constructor(code, message) {
        super(message);
        this.code = code;
    }
}

function install(folder) {
    for (const file of ['package.json', 'package-lock.json']) {
        copyFileSync(join(lockFolder, file), join(folder, file));
    }
    // The default pauses between retries make an unreachable registry look like a hang.
    const options = ['--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund', '--no-progress',
        '--loglevel=error', '--fetch-retry-mintimeout=500', '--fetch-retry-maxtimeout=4000'];
    // npm is a batch file on Windows, which only a shell can start.
    const npm = spawnSync(['npm', 'ci', ...options].join(' '), { cwd: folder, shell: true, encoding: 'utf8' });
    if (npm.status === 127 || npm.status === 9009 || npm.error) {
        throw new RestoreError('OM5001', 'npm was not found on the PATH. It restores ONNX Runtime\'s native libraries: '
            + 'install Node.js 18 or newer, which brings npm, and build again.');
    }
    if (npm.status !== 0) {
        const reason = (npm.stderr + npm.stdout).split('\n').map(line => line.replace(/^npm (error|ERR!)/, '').trim())
            .filter(line => line && !line.includes('complete log of this run')).slice(0, 4).join(' | ');
        throw new RestoreError('OM5002', `npm could not install onnxruntime-node (${reason}). Check that the npm registry `
            + 'can be reached from here (npm config get registry, proxy settings) and build again.');
    }
}

function publish(folder, library) {
    const [rid, path, name] = library.split('=');
    const source = join(folder, packageFolder, path);
    if (!existsSync(source)) {
        throw new RestoreError('OM5003', `the installed onnxruntime-node holds no ${path} for ${rid}. The version in `
            + 'build/native/package.json and the list in build/NativeLibrary.targets do not fit together: correct one of them.');
    }
    const target = join(destination, rid, name);
    mkdirSync(dirname(target), { recursive: true });
    // npm dates every file 1985; MSBuild compares this date with the lock file's.
    const now = new Date();
    utimesSync(source, now, now);
    renameSync(source, target);
}

// A build that was killed cannot clean up. An hour is longer than any restore takes, so a live one is never hit.
function removeAbandoned() {
    for (const name of readdirSync(destination).filter(entry => entry.startsWith(folderPrefix))) {
        const abandoned = join(destination, name);
        const status = statSync(abandoned, { throwIfNoEntry: false });
        if (status && Date.now() - status.mtimeMs > 3600_000) {
            rmSync(abandoned, { recursive: true, force: true });
        }
    }
}

let folder;
try {
    mkdirSync(destination, { recursive: true });
    removeAbandoned();
    folder = mkdtempSync(join(destination, folderPrefix));
    install(folder);
    libraries.forEach(library => publish(folder, library));
} catch (error) {
    const code = error instanceof RestoreError ? error.code : 'OM5004';
    console.log(`${code}: ${error.message}`);
    process.exitCode = 1;
} finally {
    if (folder) {
        rmSync(folder, { recursive: true, force: true });
    }
}
