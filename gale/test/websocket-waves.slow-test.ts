import { testFrames, testWaves } from './support/websocket/websocket-waves.ts';

testWaves(5000);
testFrames(1_000_000);
