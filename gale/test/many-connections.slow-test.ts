import { testCrowds } from './support/http/http-crowd.ts';

testCrowds(2000);
