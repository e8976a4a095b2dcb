// Pointers, wheels and fingers -> what they mean: the tool in hand, moving the picture, zooming it.
const DRAG = 6;
const NOTCH = 120;
const WHEEL_ZOOM = 0.0016;
const PINCH_ZOOM = 0.01;
const BURST = 250;

/** A wheel turns in notches, a trackpad glides. Chromium and Safari say notches of 120; Firefox counts a mouse's wheel in lines. */
function isMouseWheel(event) {
  if (event.deltaMode !== 0) return true;
  return event.deltaX === 0 && event.wheelDeltaY !== 0 && Math.abs(event.wheelDeltaY ?? 0) % NOTCH === 0;
}

/** `tool()` is what is in hand: {down, move, up, cancel, hover, leave, touchPans}. `changed()` is called when the picture has moved. */
export class Gestures {
  constructor(canvas, viewport, tool, changed) {
    Object.assign(this, { canvas, viewport, tool, changed });
    this.fingers = new Map();
    this.action = null;
    this.space = this.over = false;
    this.gliding = 0;
    canvas.addEventListener("pointerdown", event => this.#down(event));
    canvas.addEventListener("pointermove", event => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, event => this.#up(event, end === "pointercancel"));
    canvas.addEventListener("pointerenter", () => { this.over = true; });
    canvas.addEventListener("pointerleave", () => { this.over = false; if (!this.action) tool().leave?.(); });
    canvas.addEventListener("wheel", event => this.#wheel(event), { passive: false });
    canvas.addEventListener("contextmenu", event => { if (event.ctrlKey || event.altKey) event.preventDefault(); });
    window.addEventListener("blur", () => this.holdSpace(false));
    // Safari's own pinch would zoom the whole page.
    for (const name of ["gesturestart", "gesturechange"]) canvas.addEventListener(name, event => event.preventDefault());
  }

  holdSpace(held) { this.space = held; this.canvas.classList.toggle("panning", held); }

  #at(event) {
    const { left, top } = this.canvas.getBoundingClientRect();
    const x = event.clientX - left, y = event.clientY - top;
    return { ...this.viewport.toPicture(x, y), screen: { x, y }, touch: event.pointerType === "touch" };
  }

  #down(event) {
    if (event.button === 2) return;
    event.preventDefault();
    this.canvas.focus({ preventScroll: true });
    this.canvas.setPointerCapture(event.pointerId);
    const point = this.#at(event);
    this.fingers.set(event.pointerId, point.screen);
    if (this.fingers.size === 2) {
      if (this.action === "tool") this.tool().cancel?.();
      this.action = "pinch";
      this.spread = this.#spread();
    } else if (this.fingers.size > 2) {
      return;
    } else if (event.button === 1 || this.space || this.tool().pans) {
      this.action = "pan";
    } else if (point.touch && this.tool().touchPans) {
      this.action = "tap";
      this.start = point;
    } else {
      this.action = "tool";
      this.tool().down(point, event);
    }
    this.canvas.classList.toggle("grabbing", this.action === "pan");
  }

  #move(event) {
    const point = this.#at(event), last = this.fingers.get(event.pointerId);
    if (!last) { if (event.pointerType !== "touch") this.tool().hover?.(point, event); return; }
    this.fingers.set(event.pointerId, point.screen);
    if (this.action === "tap" && Math.hypot(point.screen.x - this.start.screen.x, point.screen.y - this.start.screen.y) > DRAG) this.action = "pan";
    if (this.action === "pinch") this.#pinch();
    else if (this.action === "pan") { this.viewport.pan(point.screen.x - last.x, point.screen.y - last.y); this.changed(); }
    else if (this.action === "tool") {
      // A fast stroke has more points than frames.
      const between = event.getCoalescedEvents?.() ?? [];
      for (const one of between.length ? between : [event]) this.tool().move(this.#at(one), event);
    }
  }

  #up(event, cancelled) {
    const point = this.#at(event);
    if (!this.fingers.delete(event.pointerId)) return;
    if (this.action === "tap" && !cancelled) { this.tool().down(this.start, event); this.tool().up(point, event); }
    else if (this.action === "tool") cancelled ? this.tool().cancel?.() : this.tool().up(point, event);
    // What is left of a pinch is no stroke.
    this.action = this.fingers.size ? "pinched" : null;
    this.canvas.classList.remove("grabbing");
  }

  #spread() {
    const [a, b] = [...this.fingers.values()];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, apart: Math.max(1, Math.hypot(a.x - b.x, a.y - b.y)) };
  }

  #pinch() {
    if (this.fingers.size !== 2) return;
    const now = this.#spread();
    this.viewport.pan(now.x - this.spread.x, now.y - this.spread.y);
    this.viewport.zoom(now.apart / this.spread.apart, now.x, now.y);
    this.spread = now;
    this.changed();
  }

  #wheel(event) {
    event.preventDefault();
    const { x, y } = this.#at(event).screen;
    // The end of a glide may look like a notch: what began as one stays one.
    const gliding = event.timeStamp - this.gliding < BURST;
    const lines = event.deltaMode === 1 ? 40 : 1;
    if (event.ctrlKey || event.metaKey) this.viewport.zoom(Math.exp(-event.deltaY * lines * (Math.abs(event.deltaY) < 50 ? PINCH_ZOOM : WHEEL_ZOOM)), x, y);
    else if (!gliding && isMouseWheel(event)) this.viewport.zoom(Math.exp(-event.deltaY * lines * WHEEL_ZOOM), x, y);
    else { this.gliding = event.timeStamp; this.viewport.pan(-event.deltaX, -event.deltaY); }
    this.changed();
  }
}
