/** A program for the tests of options: prints its one option. */
import { defineOptions } from 'gale';

const options = defineOptions({ port: { type: 'integer', default: 80, help: 'TCP port' } });
console.log(options.parse(process.argv.slice(2)).port);
