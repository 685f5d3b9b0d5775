"use strict";

const element = (id) => document.getElementById(id);
let socket = null;
let wait = 500;

// Nothing that somebody said is taken for markup: textContent.
function show(event) {
  if (event.kind === "present") {
    element("present").replaceChildren(...event.names.map((name) => {
      const item = document.createElement("li");
      item.textContent = name;
      return item;
    }));
    return;
  }
  const item = document.createElement("li");
  const name = document.createElement("b");
  const worker = document.createElement("small");
  name.textContent = event.name;
  worker.textContent = `worker ${event.worker}`;
  item.append(name, " ", event.text, worker);
  element("said").append(item);
  item.scrollIntoView();
}

function connect(room, name) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  socket = new WebSocket(
    `${scheme}://${location.host}/rooms/${encodeURIComponent(room)}/socket?name=${encodeURIComponent(name)}`);
  socket.onopen = () => {
    wait = 500;
    element("said").replaceChildren();
    state(`in ${room} as ${name}`, true);
  };
  socket.onmessage = (message) => show(JSON.parse(message.data));
  // The server was reloaded, or the network is away: come again, later each time.
  socket.onclose = () => {
    state("not connected", false);
    setTimeout(() => connect(room, name), wait);
    wait = Math.min(wait * 2, 10000);
  };
}

function state(text, isConnected) {
  element("state").textContent = text;
  for (const part of element("say").elements) part.disabled = !isConnected;
}

element("enter").addEventListener("submit", (event) => {
  event.preventDefault();
  if (socket) { socket.onclose = null; socket.close(); }
  connect(element("room").value, element("name").value);
});

element("say").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = element("text");
  if (text.value) socket.send(text.value);
  text.value = "";
});

// A link may say where to: /rooms/lobby?name=Eve
const path = location.pathname.match(/^\/rooms\/([^/]+)$/);
if (path) element("room").value = decodeURIComponent(path[1]);
const given = new URLSearchParams(location.search).get("name");
if (given) {
  element("name").value = given;
  connect(element("room").value, given);
}
