/** Loaded before the page: records when the page was usable, and the milliseconds until each input was visible. */
const probe = { usable: 0, waits: [] };
globalThis.probe = probe;

/** Calls `then` after the next frame is drawn. */
function afterFrame(then) {
  requestAnimationFrame(() => setTimeout(() => then()));
}

addEventListener("load", () => afterFrame(() => (probe.usable = performance.now())));
for (const type of ["keydown", "input", "click", "dblclick", "mousemove"]) {
  addEventListener(type, ({ timeStamp }) => afterFrame(() => probe.waits.push(performance.now() - timeStamp)), true);
}
