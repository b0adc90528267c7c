/** In the page before anything else: when it was usable, and how long each input took to be seen. */
const probe = { usable: 0, waits: [] };
globalThis.probe = probe;

/** After the next frame is drawn. */
function afterFrame(then) {
  requestAnimationFrame(() => setTimeout(() => then()));
}

addEventListener("load", () => afterFrame(() => (probe.usable = performance.now())));
for (const type of ["keydown", "input", "click", "dblclick", "mousemove"]) {
  addEventListener(type, ({ timeStamp }) => afterFrame(() => probe.waits.push(performance.now() - timeStamp)), true);
}
