/** Everything that must hold before a change lands, one step after the other; stops at the first failure. */
import { spawnSync } from 'node:child_process';

const steps = [
  ['lint', 'npm run -s lint'],
  ['build', 'npm run -s build'],
  ['dead code', 'npx knip --no-progress'],
  ['binary for this platform', 'npm run -s prebuilds'],
  ['package', 'npx publint --strict --pack false && npx attw --pack . --profile node16'],
  ['pack and install', 'npm run -s test:pack'],
  ['C++ under ASan and UBSan', 'npm run -s test:asan'],
  ['C++ under TSan', 'npm run -s test:tsan'],
];

for (const [name, command] of steps) {
  const began = performance.now();
  console.log(`\n── ${name}: ${command}`);
  const { status } = spawnSync(command, { shell: true, stdio: 'inherit' });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  if (status !== 0) {
    console.error(`── ${name} failed after ${seconds} s`);
    process.exit(1);
  }
  console.log(`── ${name}: good (${seconds} s)`);
}
console.log('\nall checks passed');
