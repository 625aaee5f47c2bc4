/** The second program of Python's introduction: four processes, each printing its name and a number. */
import { currentProcess, Process } from 'everycore';

function printNumber(number) {
  console.log(`${currentProcess().name}: ${number}`);
}

const processes = [1, 2, 3, 4].map((number) => new Process({ target: printNumber, args: [number] }));
for (const process of processes) await process.start();
for (const process of processes) await process.join();
console.log('Main process finished.');
