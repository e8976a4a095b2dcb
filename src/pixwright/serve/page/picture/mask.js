// A mask at the size of the preview: alpha 255 = marked. The picture may be far larger; the server brings the mask to its size.
export class Mask {
  constructor(width, height, scale) {
    this.canvas = new OffscreenCanvas(width, height);
    this.ink = this.canvas.getContext("2d", { willReadFrequently: true });
    this.scale = scale;
    this.changed = 0;
    this.filled = false;
  }

  get width() { return this.canvas.width; }
  get height() { return this.canvas.height; }

  /** A stroke between two points of the picture, `size` pixels of the picture wide. */
  stroke(from, to, size, erase) {
    const { ink, scale } = this;
    ink.globalCompositeOperation = erase ? "destination-out" : "source-over";
    ink.strokeStyle = "#fff";
    ink.lineCap = ink.lineJoin = "round";
    ink.lineWidth = Math.max(1, size * scale);
    ink.beginPath();
    ink.moveTo(from.x * scale, from.y * scale);
    ink.lineTo(to.x * scale + 0.01, to.y * scale);
    ink.stroke();
    ink.globalCompositeOperation = "source-over";
    this.changed++;
  }

  /** Put another mask's canvas in (`add`), take it out (`take`) or be it alone (`only`). */
  combine(other, how) {
    const { ink } = this;
    if (how === "only") ink.clearRect(0, 0, this.width, this.height);
    ink.globalCompositeOperation = how === "take" ? "destination-out" : "source-over";
    ink.drawImage(other, 0, 0, this.width, this.height);
    ink.globalCompositeOperation = "source-over";
    this.changed++;
    this.count();
  }

  invert() {
    const { ink } = this;
    ink.globalCompositeOperation = "source-out";
    ink.fillStyle = "#fff";
    ink.fillRect(0, 0, this.width, this.height);
    ink.globalCompositeOperation = "source-over";
    this.changed++;
    this.count();
  }

  clear() { this.ink.clearRect(0, 0, this.width, this.height); this.filled = false; this.changed++; }

  /** One byte a pixel, for undo. */
  alpha() {
    const rgba = this.ink.getImageData(0, 0, this.width, this.height).data;
    const alpha = new Uint8Array(this.width * this.height);
    for (let i = 0, j = 3; i < alpha.length; i++, j += 4) alpha[i] = rgba[j];
    return alpha;
  }

  restore(alpha) {
    const image = new ImageData(this.width, this.height);
    image.data.fill(255);
    for (let i = 0, j = 3; i < alpha.length; i++, j += 4) image.data[j] = alpha[i];
    this.ink.putImageData(image, 0, 0);
    this.changed++;
    this.count();
  }

  /** Measure whether anything is marked, and how much: a share of the picture. */
  count() {
    let sum = 0;
    for (const value of this.alpha()) sum += value > 127 ? 1 : 0;
    this.share = sum / (this.width * this.height);
    this.filled = sum > 0;
  }

  at(point) {
    const x = Math.floor(point.x * this.scale), y = Math.floor(point.y * this.scale);
    return x >= 0 && y >= 0 && x < this.width && y < this.height && this.ink.getImageData(x, y, 1, 1).data[3] > 127;
  }

  /** White on black, without alpha: what every reader of masks takes for "edit here". */
  async file() {
    const flat = new OffscreenCanvas(this.width, this.height);
    const ink = flat.getContext("2d", { alpha: false });
    ink.fillStyle = "#000";
    ink.fillRect(0, 0, this.width, this.height);
    ink.drawImage(this.canvas, 0, 0);
    return flat.convertToBlob({ type: "image/png" });
  }
}

/** A grey picture of the server (white = marked) as a canvas whose alpha is the mask. */
export async function maskFrom(url, signal) {
  const reply = await fetch(url, { signal });
  if (!reply.ok) throw new Error(`The mask could not be fetched (${reply.status}).`);
  const bitmap = await createImageBitmap(await reply.blob());
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const ink = canvas.getContext("2d", { willReadFrequently: true });
  ink.drawImage(bitmap, 0, 0);
  const image = ink.getImageData(0, 0, canvas.width, canvas.height);
  for (let i = 0; i < image.data.length; i += 4) {
    image.data[i + 3] = image.data[i];
    image.data[i] = image.data[i + 1] = image.data[i + 2] = 255;
  }
  ink.putImageData(image, 0, 0);
  bitmap.close();
  return canvas;
}

const MOST_STEPS = 40;

/** Undo and redo of strokes and clicks, over both masks. It knows nothing of edits. */
export class MaskHistory {
  constructor() { this.done = []; this.undone = []; }

  /** To be called before masks change. `note` is kept with the step, and handed back. */
  keep(masks, note) {
    this.done.push(MaskHistory.#saved(masks, note));
    if (this.done.length > MOST_STEPS) this.done.shift();
    this.undone = [];
  }

  /** Take the last step's masks back, as though it had not begun. */
  abandon() {
    const step = this.done.pop();
    for (const [mask, alpha] of step?.saved ?? []) mask.restore(alpha);
  }

  undo(note) { return MaskHistory.#swap(this.done, this.undone, note); }
  redo(note) { return MaskHistory.#swap(this.undone, this.done, note); }

  static #saved(masks, note) { return { saved: masks.map(mask => [mask, mask.alpha()]), note }; }

  static #swap(from, to, note) {
    const step = from.pop();
    if (!step) return null;
    to.push(MaskHistory.#saved(step.saved.map(([mask]) => mask), note));
    for (const [mask, alpha] of step.saved) mask.restore(alpha);
    return step;
  }
}
