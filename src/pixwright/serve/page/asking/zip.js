// Files -> one ZIP archive (APPNOTE 6.3.10), stored and not compressed: pictures are compressed already. At most 4 GiB and 65,535 files.
const LOCAL = 0x04034b50, CENTRAL = 0x02014b50, END = 0x06054b50;
const UTF8 = 0x0800;
const MOST_BYTES = 0xffffffff, MOST_FILES = 0xffff;

const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

function crc32(bytes) {
  let value = ~0;
  for (const byte of bytes) value = table[(value ^ byte) & 255] ^ (value >>> 8);
  return ~value >>> 0;
}

/** Little-endian numbers: [bytes, value], ... */
function packed(...fields) {
  const view = new DataView(new ArrayBuffer(fields.reduce((sum, [size]) => sum + size, 0)));
  let at = 0;
  for (const [size, value] of fields) {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size;
  }
  return view.buffer;
}

export class Zip {
  constructor() { this.parts = []; this.central = []; this.count = 0; this.at = 0; this.names = new Set(); }

  /** Two files of one name: the second gets a number. */
  #free(name) {
    const [, stem, ending] = /^(.*?)(\.[^./]*)?$/s.exec(name);
    let free = name;
    for (let number = 2; this.names.has(free); number++) free = `${stem}-${number}${ending ?? ""}`;
    this.names.add(free);
    return free;
  }

  async add(name, blob, when = new Date()) {
    const bytes = new Uint8Array(await blob.arrayBuffer()), label = new TextEncoder().encode(this.#free(name));
    if (this.count >= MOST_FILES || this.at + bytes.length > MOST_BYTES) throw new Error("The archive is full: 4 GiB or 65,535 files.");
    const time = (when.getHours() << 11) | (when.getMinutes() << 5) | (when.getSeconds() >> 1);
    const day = (Math.max(0, when.getFullYear() - 1980) << 9) | ((when.getMonth() + 1) << 5) | when.getDate();
    const common = [[2, UTF8], [2, 0], [2, time], [2, day], [4, crc32(bytes)], [4, bytes.length], [4, bytes.length], [2, label.length], [2, 0]];
    const head = packed([4, LOCAL], [2, 20], ...common);
    this.central.push(packed([4, CENTRAL], [2, 20], [2, 20], ...common, [2, 0], [2, 0], [2, 0], [4, 0], [4, this.at]), label);
    this.parts.push(head, label, blob);
    this.at += head.byteLength + label.length + bytes.length;
    this.count++;
  }

  blob() {
    const size = this.central.reduce((sum, part) => sum + part.byteLength, 0);
    const end = packed([4, END], [2, 0], [2, 0], [2, this.count], [2, this.count], [4, size], [4, this.at], [2, 0]);
    return new Blob([...this.parts, ...this.central, end], { type: "application/zip" });
  }
}
