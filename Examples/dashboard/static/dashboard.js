"use strict";

const element = (id) => document.getElementById(id);
// The last two minutes of each figure.
const most = 120;
const past = { rate: [[]], latency: [[], [], []], fibers: [[]], connections: [[]] };
const kinds = ["", "second", "third"];

function note(name, values) {
  values.forEach((value, place) => {
    const series = past[name][place];
    series.push(value);
    if (series.length > most) series.shift();
  });
  draw(name);
}

function svg(tag, attributes, text) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== undefined) node.textContent = text;
  return node;
}

function draw(name) {
  const highest = Math.max(1, ...past[name].flat());
  const lines = past[name].map((series, place) => svg("polyline", {
    class: kinds[place],
    points: series.map((value, index) =>
      `${300 - (series.length - 1 - index) * 300 / (most - 1)},${98 - value / highest * 85}`).join(" "),
  }));
  element(`${name}-plot`).replaceChildren(
    svg("line", { x1: 0, y1: 98, x2: 300, y2: 98 }), svg("text", { x: 2, y: 10 }, highest.toFixed(0)), ...lines);
}

function row(worker, before, seconds) {
  const used = before ? (worker.cpu_seconds - before.cpu_seconds) / seconds * 100 : 0;
  const cells = [
    worker.pid, worker.state, worker.generation, worker.requests, worker.connections_open, worker.fibers,
    `${Math.max(0, used).toFixed(1)} %`, `${(worker.resident_bytes / 1048576).toFixed(1)} MB`,
  ];
  const line = document.createElement("tr");
  line.append(...cells.map((text) => {
    const cell = document.createElement("td");
    cell.textContent = text;
    return cell;
  }));
  return line;
}

let last = null;
function show(look) {
  const { status } = look;
  const now = performance.now();
  const milliseconds = ["p50_seconds", "p90_seconds", "p99_seconds"].map((name) => (look[name] ?? 0) * 1000);
  note("rate", [look.requests_per_second]);
  note("latency", milliseconds);
  note("fibers", [status.fibers]);
  note("connections", [status.connections_open]);
  element("rate").textContent = look.requests_per_second.toFixed(1);
  element("latency").textContent = milliseconds.map((value) => value.toFixed(1)).join(" / ") + "  (p50, p90, p99)";
  element("fibers").textContent = status.fibers;
  element("connections").textContent = `${status.connections_open} of ${status.connections_capacity}`;
  element("state").textContent =
    `greenfinch ${status.version}, ${status.workers_ready} of ${status.workers_wanted} ${status.worker_class} workers, up ${status.uptime_seconds} s`;
  const seconds = last ? (now - last.time) / 1000 : 1;
  element("workers").replaceChildren(...look.workers.map((worker) =>
    row(worker, last && last.workers.find((other) => other.pid === worker.pid), seconds)));
  last = { time: now, workers: look.workers };
}

const events = new EventSource("/events");
events.onmessage = (message) => show(JSON.parse(message.data));
// The browser comes again by itself.
events.onerror = () => { element("state").textContent = "not connected"; };

element("work").addEventListener("click", async () => {
  for (let round = 0; round < 50; round += 1) {
    await Promise.all(Array.from({ length: 4 }, () => fetch("/work", { cache: "no-store" })));
  }
});
