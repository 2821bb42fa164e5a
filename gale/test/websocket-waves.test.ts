import { testFrames, testWaves } from './support/websocket/websocket-waves.ts';

testWaves(1000);
testFrames(200_000);
