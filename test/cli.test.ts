/** The command: what it prints, what it writes, and its exit codes. */
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { info } from 'everycore';
import { gaussianBlur, grayscale, Image, resize } from 'everycore/image';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const command = join(__dirname, '..', 'dist', 'cli', 'main.js');
const fixtures = join(__dirname, 'fixtures', 'codec');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'everycore-cli-'));
  mkdirSync(join(folder, 'photos', 'more'), { recursive: true });
  for (const name of ['rgb.png', 'gray.png', 'rgb.ppm']) copyFileSync(join(fixtures, name), join(folder, 'photos', name));
  copyFileSync(join(fixtures, 'rgba.png'), join(folder, 'photos', 'more', 'rgba.png'));
  writeFileSync(join(folder, 'photos', 'notes.txt'), 'not an image');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], { cwd: folder, encoding: 'utf8', timeout: 60_000 });
  return { status, stdout, stderr };
}

describe('everycore', () => {
  test('help, version, and a command there is none of', () => {
    expect(run('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('everycore image') });
    for (const name of ['info', 'image', 'bench']) {
      expect(run(name, '--help')).toMatchObject({ status: 0, stdout: expect.stringContaining(`everycore ${name}`) });
      expect(run('help', name).stdout).toBe(run(name, '--help').stdout);
    }
    expect(run('--version').stdout.trim()).toBe(info().version);
    expect(run()).toMatchObject({ status: 2 });
    expect(run('resize')).toMatchObject({ status: 2, stderr: expect.stringMatching(/no command "resize".*info, image, bench/) });
  });

  test('info', () => {
    const { version, isa, cpuCount } = info();
    const text = run('info').stdout;
    expect(text).toContain(version);
    expect(text).toContain(isa);
    expect(text).toMatch(/png/);
    expect(JSON.parse(run('info', '--json').stdout)).toMatchObject({ version, isa, cpuCount });
    expect(run('info', '--what')).toMatchObject({ status: 2, stderr: expect.stringContaining('--what') });
  });

  test('bench prints a table, and the same as JSON', () => {
    const { status, stdout } = run('bench', '--seconds', '1');
    expect(status).toBe(0);
    expect(stdout).toMatch(/kernel +TypeScript +1 thread/);
    expect(stdout).toMatch(/square.*ms.*×/);
    const rows = JSON.parse(run('bench', '--seconds', '0.5', '--json').stdout);
    for (const { typescript, oneThread, allThreads } of rows) expect(Math.min(typescript, oneThread, allThreads)).toBeGreaterThan(0);
  });
});

describe('everycore image', () => {
  test('files, a folder and globs; a summary and the same as a program', async () => {
    const clash = run('image', 'photos/rgb.png', 'photos/*.ppm', '--format', 'pam', '--out', 'a');
    expect(clash).toMatchObject({ status: 2, stdout: '', stderr: expect.stringMatching(/two outputs.*rgb\.pam/) });
    const done = run('image', 'photos/**/*.png', '--format', 'pam', '--out', 'a');
    expect(done.status).toBe(0);
    expect(done.stdout).toMatch(/3 done, 0 failed in .* images\/s, .* MB\/s/);
    expect(done.stdout).toContain("pipeline().pam().toDir('a')");
    expect(readdirSync(join(folder, 'a')).sort()).toEqual(['gray.pam', 'rgb.pam', 'rgba.pam']);
    expect((await Image.open(join(folder, 'a', 'rgba.pam'))).data).toEqual((await Image.open(join(fixtures, 'rgba.png'))).data);
    expect(run('image', 'photos', 'photos/[gr]*.png', '--out', 'b').stdout).toMatch(/3 done, 0 failed/);
    expect(readdirSync(join(folder, 'b')).sort()).toEqual(['gray.png', 'rgb.png', 'rgb.ppm']);
    expect(run('image', 'photos/more/{rgba,rgb}.p?g', '--out', 'b').stdout).toMatch(/1 done/);
  });

  test('what fails is listed and makes the exit code 1; the others are done', () => {
    writeFileSync(join(folder, 'photos', 'broken.png'), 'not a picture');
    const { status, stdout } = run('image', 'photos/gray.png', 'photos/broken.png', 'photos/missing.png', '--out', 'c');
    expect(status).toBe(1);
    expect(stdout).toMatch(/1 done, 2 failed/);
    expect(stdout).toMatch(/failed:\n.*broken\.png.*\n.*missing\.png.*ENOENT/);
    expect(readdirSync(join(folder, 'c'))).toEqual(['gray.png']);
    const json = JSON.parse(run('image', 'photos/gray.png', 'photos/broken.png', '--out', 'd', '--json', '--concurrency', '1').stdout);
    expect(json.summary).toMatchObject({ done: 1, failed: 1 });
    expect(json.results[0]).toMatchObject({ source: join('photos', 'gray.png'), path: join('d', 'gray.png') });
    expect(json.results[1].error).toContain('broken.png');
    rmSync(join(folder, 'photos', 'broken.png'));
  });

  test('steps are done in the order they are written', async () => {
    const { stdout } = run(
      'image',
      'photos/rgb.png',
      '--resize',
      '20x20',
      '--fit',
      'inside',
      '--blur',
      '1.5',
      '--grayscale',
      '--format',
      'png',
      '--out',
      'steps',
    );
    expect(stdout).toContain(
      "pipeline().resize({ width: 20, height: 20, fit: 'inside' }).gaussianBlur({ sigma: 1.5 }).grayscale().png().toDir('steps')",
    );
    const source = await Image.open(join(fixtures, 'rgb.png'));
    const expected = grayscale()(gaussianBlur({ sigma: 1.5 })(resize({ width: 20, height: 20, fit: 'inside' })(source)));
    expect((await Image.open(join(folder, 'steps', 'rgb.png'))).data).toEqual(expected.data);
    run('image', 'photos/rgb.png', '--grayscale', '--resize', '20', '--format', 'png', '--out', 'other');
    expect((await Image.open(join(folder, 'other', 'rgb.png'))).data).toEqual(resize({ width: 20 })(grayscale()(source)).data);
  });

  test.runIf(process.platform !== 'win32')('an interrupted run leaves whole files only', async () => {
    const large = Image.alloc(1500, 1000, 3);
    for (let i = 0; i < large.data.length; i++) large.data[i] = (i * i) >> 7;
    mkdirSync(join(folder, 'large'));
    const bytes = await large.encode('ppm');
    for (let i = 0; i < 40; i++) writeFileSync(join(folder, 'large', `${i}.ppm`), bytes);
    const child = spawn(process.execPath, [command, 'image', 'large', '--format', 'png', '--out', 'interrupted'], { cwd: folder, stdio: 'ignore' });
    const into = join(folder, 'interrupted');
    while (!existsSync(into) || readdirSync(into).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill('SIGINT');
    expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(130);
    const left = readdirSync(into);
    expect(left.length).toBeLessThan(40);
    for (const name of left) expect((await Image.open(join(into, name))).width).toBe(1500);
  });

  test('the program that is printed does the same', () => {
    const { stdout } = run('image', 'photos/rgb.png', 'photos/gray.png', '--resize', '9', '--format', 'png', '--out', 'same', '--concurrency', '1');
    const program = join(__dirname, 'support', `printed-${process.pid}.mjs`);
    const made = readdirSync(join(folder, 'same')).map((name) => readFileSync(join(folder, 'same', name)));
    rmSync(join(folder, 'same'), { recursive: true });
    try {
      // Beside the tests, where `everycore` is found.
      writeFileSync(program, stdout.slice(stdout.indexOf('import')));
      const again = spawnSync(process.execPath, [program, 'photos/rgb.png', 'photos/gray.png'], { cwd: folder, encoding: 'utf8' });
      expect(again).toMatchObject({ status: 0, stdout: '[]\n' });
    } finally {
      rmSync(program, { force: true });
    }
    expect(readdirSync(join(folder, 'same')).map((name) => readFileSync(join(folder, 'same', name)))).toEqual(made);
  });

  test.runIf(process.platform === 'linux')('an output folder that cannot be made is one sentence', () => {
    for (const out of ['/proc/no/such', '/dev/full', 'photos/gray.png/in']) {
      const { status, stderr } = run('image', 'photos/rgb.png', '--out', out);
      expect(stderr).toContain('cannot make the folder');
      expect(status).toBe(1);
    }
  });

  test('--dry-run says what would be done and does nothing', () => {
    const { status, stdout } = run('image', 'photos/gray.png', '--format', 'png', '--out', 'e', '--dry-run');
    expect(status).toBe(0);
    expect(stdout).toContain(`${join('photos', 'gray.png')} -> ${join('e', 'gray.png')}`);
    expect(stdout).toMatch(/decode[\s\S]*png[\s\S]*toDir/);
    expect(existsSync(join(folder, 'e'))).toBe(false);
    const json = JSON.parse(run('image', 'photos/gray.png', '--format', 'png', '--out', 'e', '--dry-run', '--json').stdout);
    expect(json.pipeline.steps).toEqual([{ encode: 'png' }, { toDir: 'e' }]);
  });

  test('mistakes are sentences that say what is wanted, and exit code 2', () => {
    const mistakes: [string[], RegExp][] = [
      [[], /name the files/],
      [['photos/gray.png'], /--out <folder>/],
      [['photos/*.xyz', '--out', 'f'], /no file matches "photos\/\*\.xyz"/],
      [['nowhere/*.png', '--out', 'f'], /no file matches "nowhere\/\*\.png"/],
      [['photos/gray.png', '--out', 'photos'], /over a source/],
      [['photos/gray.png', '--out', 'f', '--format', 'bmp'], /--format takes png, jpeg/],
      [
        ['photos/gray.png', '--out', 'f', '--quality', '80'],
        /--quality is for jpeg, webp, avif, not for png, which photos\/gray\.png stays: say another --format/,
      ],
      [['photos/gray.png', '--out', 'f', '--format', 'tiff', '--quality', '80'], /--quality is for jpeg, webp, avif, not for tiff/],
      [['photos/gray.png', '--out', 'f', '--format', 'jpg', '--lossless'], /--lossless is for webp, avif, not for jpeg/],
      [['photos/gray.png', '--out', 'f', '--format', 'jpeg', '--quality', '800'], /--quality takes a whole number from 1 to 100, got "800"/],
      [['photos/gray.png', '--out', 'f', '--resize', 'big'], /--resize takes a width/],
      [['photos/gray.png', '--out', 'f', '--fit', 'inside'], /go with --resize/],
      [['photos/gray.png', '--out', 'f', '--concurrency', '0'], /--concurrency takes a whole number from 1/],
      [['photos/gray.png', '--out', 'f', '--colour'], /--colour.*--resize, --fit/],
    ];
    for (const [args, message] of mistakes) {
      const { status, stderr } = run('image', ...args);
      expect(stderr).toMatch(message);
      expect(stderr).toContain('Try: everycore image --help');
      expect(status).toBe(2);
    }
    expect(existsSync(join(folder, 'f'))).toBe(false);
  });
});
