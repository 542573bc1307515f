// The socket to the hub: connects, notices silence, comes back with growing pauses. It knows frames, not what they say.

const PROTO = 1;
const FIRST_PAUSE = 500; // ms
const LONGEST_PAUSE = 30_000;
const PING_EVERY = 15_000;
const SILENCE = 10_000; // after a ping, until the connection counts as dead

/**
 * `hello()` gives the first frame's fields; `heard(frame)` gets every frame of the hub; `changed(phase, retryAt)` is told
 * "connecting", "online" (after the hub's welcome) or "waiting".
 */
export class Link {
  constructor(url, { hello, heard, changed }) {
    this.url = url;
    this.hello = hello;
    this.heard = heard;
    this.changed = changed;
    this.phase = "connecting";
    this.failures = 0;
    this.socket = null;
    this.retry = 0;
    this.pinger = 0;
    this.deadline = 0;
    addEventListener("online", () => this.connectNow());
    addEventListener("offline", () => this.socket?.close());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState !== "visible") return;
      if (this.phase === "online") this.ping(); // after a sleep the connection may be gone unnoticed
      else this.connectNow();
    });
    addEventListener("pageshow", (event) => {
      if (event.persisted) this.connectNow();
    });
  }

  /** Connect at once unless connected or connecting. */
  connectNow() {
    if (this.socket) return;
    clearTimeout(this.retry);
    this.enter("connecting");
    const socket = new WebSocket(this.url);
    this.socket = socket;
    this.expect();
    socket.onopen = () => socket.send(JSON.stringify({ t: "hello", proto: PROTO, ...this.hello() }));
    socket.onmessage = (event) => {
      if (socket !== this.socket) return;
      this.expectNothing();
      this.receive(JSON.parse(event.data));
    };
    socket.onclose = () => {
      if (socket === this.socket) this.lost();
    };
  }

  /** True if the frame was handed to an open connection. */
  send(frame) {
    if (this.phase !== "online" || this.socket.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** Leave this connection and make another at once. */
  restart() {
    const old = this.socket;
    this.lost();
    old?.close();
    this.connectNow();
  }

  receive(frame) {
    if (frame.t === "pong") return;
    if (frame.t === "welcome") {
      this.failures = 0;
      this.heard(frame);
      this.enter("online");
      this.pinger = setInterval(() => this.ping(), PING_EVERY);
      return;
    }
    if (frame.t === "refused" && this.phase !== "online") {
      const early = this.socket; // not let in: come back when the hub says so
      this.lost((frame.seconds ?? 0) * 1000);
      early.close();
      return;
    }
    if (frame.t === "bye") {
      const left = this.socket; // the hub stops for a moment, and says when to come back
      this.lost(frame.after ?? 0);
      left.close();
      return;
    }
    this.heard(frame);
  }

  ping() {
    if (this.send({ t: "ping", n: Date.now() })) this.expect();
  }

  expect() {
    clearTimeout(this.deadline);
    this.deadline = setTimeout(() => {
      const dead = this.socket;
      this.lost(); // close() alone would wait for the dead side's answer
      dead?.close();
    }, SILENCE);
  }

  expectNothing() {
    clearTimeout(this.deadline);
  }

  lost(least = 0) {
    clearInterval(this.pinger);
    this.expectNothing();
    clearTimeout(this.retry);
    this.socket = null;
    const ceiling = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.failures);
    this.failures += 1;
    const pause = Math.max(least, ceiling / 2) + (Math.random() * ceiling) / 2; // not all pages at once
    this.retry = setTimeout(() => this.connectNow(), pause);
    this.enter("waiting", Date.now() + pause);
  }

  enter(phase, retryAt = 0) {
    this.phase = phase;
    this.changed(phase, retryAt);
  }
}
