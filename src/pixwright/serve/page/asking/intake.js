// Files come in by the window: dropped or pasted anywhere, or chosen. A folder goes to the batch, a sound to the shelf, a picture is opened.
import { by, listen, show, warn } from "../shared/dom.js";

const isSound = file => file.type.startsWith("audio/") || /\.(mp3|wav|flac|ogg|opus|m4a|aac)$/i.test(file.name);
const isPicture = file => file.type.startsWith("image/") || /\.(jpe?g|png|webp|tiff?|bmp|gif|hei[cf]|avif)$/i.test(file.name);

/** Pictures of a folder that was chosen or dropped, with their paths within it. */
const picturesOf = files => [...files].filter(one => isPicture(one.file) && !one.path.split("/").some(part => part.startsWith(".")));

async function walk(entry, path, found) {
  if (entry.isFile) {
    const file = await new Promise((done, failed) => entry.file(done, failed));
    found.push({ file, path: path + entry.name });
    return;
  }
  const reader = entry.createReader();
  // A folder is read in pieces, until a piece is empty.
  for (let piece; (piece = await new Promise((done, failed) => reader.readEntries(done, failed))).length;) {
    for (const inner of piece) await walk(inner, `${path}${entry.name}/`, found);
  }
}

const carriesFiles = event => [...(event.dataTransfer?.types ?? [])].includes("Files");

/** `open(file)`, `attach(file)` and `batch(files)` are what becomes of a file; `isOpen()` whether there is a picture; `version(id)` takes a version dragged from the history. */
export function watchFiles({ open, attach, batch, isOpen, version }) {
  const take = async (file, shelf) => {
    try {
      if (isSound(file) || shelf) await attach(file);
      else await open(file);
    } catch (error) { warn(error.message); }
  };
  const overShelf = event => isOpen() && Boolean(event.target.closest?.("#asking"));
  let depth = 0;
  const leave = () => { depth = 0; show(by("dropping"), false); };
  addEventListener("dragenter", event => { if (carriesFiles(event)) { depth++; show(by("dropping")); } });
  addEventListener("dragleave", event => { if (carriesFiles(event) && --depth <= 0) leave(); });
  addEventListener("dragover", event => {
    if (!carriesFiles(event) && !event.dataTransfer.types.includes("application/x-pixwright-version")) return;
    event.preventDefault();
    by("dropping").classList.toggle("low", overShelf(event));
    by("dropping-words").textContent = overShelf(event) ? "Attach it" : isOpen() ? "Drop to replace the picture" : "Drop to open it";
  });
  addEventListener("drop", async event => {
    const dragged = event.dataTransfer.getData("application/x-pixwright-version");
    if (dragged) { event.preventDefault(); if (event.target.closest("#stage")) version(dragged); return; }
    if (!carriesFiles(event)) return;
    event.preventDefault();
    leave();
    const shelf = overShelf(event);
    const entries = [...event.dataTransfer.items].map(item => item.webkitGetAsEntry?.()).filter(Boolean);
    const files = [...event.dataTransfer.files];
    if (entries.some(entry => entry.isDirectory) || (!shelf && files.filter(isPicture).length > 1)) {
      const found = [];
      try { for (const entry of entries) await walk(entry, "", found); }
      catch { warn("The folder could not be read."); return; }
      batch(picturesOf(found));
      return;
    }
    for (const file of files) await take(file, shelf);
  });
  addEventListener("paste", event => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    // In the text box a picture is something that the words speak of; elsewhere it is the picture.
    const shelf = isOpen() && event.target.closest?.("#asking");
    for (const file of files) take(file, Boolean(shelf));
  });
  by("file-input").addEventListener("change", event => { for (const file of event.target.files) take(file, false); event.target.value = ""; });
  by("attach-input").addEventListener("change", async event => { const files = [...event.target.files]; event.target.value = ""; for (const file of files) await take(file, true); });
  by("folder-input").addEventListener("change", event => {
    batch(picturesOf([...event.target.files].map(file => ({ file, path: file.webkitRelativePath || file.name }))));
    event.target.value = "";
  });
  for (const id of ["open", "choose"]) by(id).addEventListener("click", () => by("file-input").click());
  by("attach").addEventListener("click", () => by("attach-input").click());
  by("sample").addEventListener("click", async () => take(new File([await (await fetch("sample.jpg")).blob()], "coffee.jpg", { type: "image/jpeg" }), false));
  listen("reading", words => { show(by("reading"), Boolean(words)); by("reading-words").textContent = words; });
}
