#!/bin/sh
# Redis as durable as it can be: every write is on disk before its response. `redis.sh --port=N`; its data is in TMPDIR.
exec redis-server --port "${1#--port=}" --bind 127.0.0.1 --dir "$TMPDIR" --save '' --appendonly yes --appendfsync always
