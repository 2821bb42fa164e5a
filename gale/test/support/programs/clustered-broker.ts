/** A program that uses `node:cluster` itself, without `runProgram`: its worker creates a MemoryBroker, whose log goes to standard output. */
import cluster from 'node:cluster';
import { MemoryBroker } from 'gale';

if (cluster.isPrimary) cluster.fork();
else {
  await new MemoryBroker().close();
  cluster.worker?.disconnect();
}
