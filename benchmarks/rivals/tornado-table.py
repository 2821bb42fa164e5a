"""Renders rows.html of tornado.template: reads a line {"rows": [...], "seconds": n}, writes {"text": ..., "micros": ...} for each."""
import json
import sys
import time

from tornado.template import Template

template = Template(
    "<table>{% for row in rows %}<tr><td>{{ row['id'] }}</td><td>{{ row['name'] }}</td>"
    "<td>{{ row['price'] }}</td><td>{{ row['note'] }}</td></tr>{% end %}</table>"
)

rows = []
for line in sys.stdin:
    order = json.loads(line)
    rows = order.get("rows", rows)
    text = template.generate(rows=rows).decode()
    count = 0
    began = time.perf_counter()
    began_cpu = time.process_time()
    while time.perf_counter() - began < order["seconds"]:
        template.generate(rows=rows)
        count += 1
    micros = (time.process_time() - began_cpu) * 1e6 / max(count, 1)
    print(json.dumps({"text": text, "micros": micros}), flush=True)
