#!/bin/sh
# nchan, a module of nginx: each WebSocket publishes to one channel and subscribes to it. One process, so that its whole
# cost is counted. `TMPDIR=FOLDER sh nchan.sh --port=N`.
cat >"$TMPDIR/nginx.conf" <<CONF
load_module /usr/lib/nginx/modules/ngx_nchan_module.so;
daemon off;
master_process off;
worker_processes 1;
pid $TMPDIR/nginx.pid;
error_log stderr error;
events { worker_connections 19000; }
http {
  access_log off;
  client_body_temp_path $TMPDIR/body;
  proxy_temp_path $TMPDIR/proxy;
  fastcgi_temp_path $TMPDIR/fastcgi;
  uwsgi_temp_path $TMPDIR/uwsgi;
  scgi_temp_path $TMPDIR/scgi;
  server {
    listen 127.0.0.1:${1#--port=};
    location = / {
      nchan_pubsub websocket;
      nchan_channel_id all;
      nchan_message_buffer_length 128;
      nchan_subscriber_first_message newest;
    }
  }
}
CONF
exec nginx -e stderr -p "$TMPDIR" -c "$TMPDIR/nginx.conf"
